"""Our reading of Scala's files against another's: Surge's tuning-library, wherever the two mean to agree.

They do not where the formal octave or an entry differs from the scale's size: the library refuses some and moves the
pattern elsewhere for others; `test_published_vectors_of_a_mapping` holds us to Scala's own meaning.
"""
import math
from dataclasses import replace

import pytest
import tuning_library
from hypothesis import given
from hypothesis import strategies as st

from live.tuning.ascl import parse_ascl
from live.tuning.scala import keyboard_text, parse_keyboard, parse_scale, scale_text
from live.tuning.scale import Scale
from live.tuning.systems import bohlen_pierce, equal, euler_fokker, harmonics, nest, prime_time_twins, subharmonics
from live.tuning.tuning import Keyboard, Tuning

SCALES = [equal(12), equal(19), bohlen_pierce(True), euler_fokker([3, 5, 7]), harmonics(7, 14), subharmonics(9, 18),
          prime_time_twins(), nest(equal(5), harmonics(4, 8)), Scale((0.0, 700.0, 300.0, 900.0, 1300.0), 1250.0)]
KEYBOARDS = [
    Keyboard((), 0, 127, 60, 69, 440.0), Keyboard((), 0, 127, 48, 70, 466.16),
    Keyboard((0, 1, 2, 3, 4), 0, 127, 60, 62, 300.0), Keyboard((0, None, 1, None, 2), 0, 127, 60, 60, 261.0),
    Keyboard((1, 0), 0, 127, 61, 64, 250.0)]


def theirs(scl, kbm):
    told = tuning_library.Tuning(tuning_library.parse_scl_data(scl), tuning_library.parse_kbm_data(kbm))
    return [told.frequency_for_midi_note(key) if told.is_midi_note_mapped(key) else math.nan
            for key in range(128)]


def ours(scl, kbm):
    return Tuning(parse_scale(scl), parse_keyboard(kbm)).frequencies.tolist()


@pytest.mark.parametrize('scale', SCALES, ids=lambda scale: scale.name)
@pytest.mark.parametrize('keyboard', KEYBOARDS, ids=lambda keyboard: f'{len(keyboard.degrees)} keys')
def test_every_key_sounds_the_same(scale, keyboard):
    scl, kbm = scale_text(scale), keyboard_text(replace(keyboard, octave_degree=len(scale.cents)))
    assert ours(scl, kbm) == pytest.approx(theirs(scl, kbm), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize('text', ['81/64', '408.0', '408.', '5', '-5.0', '10/20', '100.0 cents', '100.0 C#',
                                  '5/4   E\\'])
def test_every_example_of_the_specification_is_read_the_same(text):
    scl = f'x\n2\n{text}\n2/1\n'
    tone = tuning_library.parse_scl_data(scl).tones[0]
    assert parse_scale(scl).cents[1] == pytest.approx(tone.cents, abs=1e-9)


PITCHES = st.one_of(st.builds('{}/{}'.format, st.integers(1, 9999), st.integers(1, 9999)),
                    st.floats(0, 2400).map('{:.6f}'.format))


@given(st.lists(PITCHES, min_size=1, max_size=24), st.integers(0, 127), st.integers(0, 127), st.floats(20, 2000))
def test_any_scale_on_any_key_sounds_the_same(pitches, middle, reference_key, reference):
    scl = '\n'.join(['! x.scl', 'x', str(len(pitches)), *pitches]) + '\n'
    kbm = f'0\n0\n127\n{middle}\n{reference_key}\n{reference:.6f}\n0\n'
    for mine, other in zip(ours(scl, kbm), theirs(scl, kbm)):
        assert not 1e-3 < other < 1e6 or mine == pytest.approx(other, rel=1e-6)


def test_middle_c_of_a_file_with_directives_is_surge_s_too():
    scale, keyboard = parse_ascl('x\n2\n600.\n1200.\n! @ABL REFERENCE_PITCH 3 1 370\n')
    assert Tuning(scale, keyboard).frequency(60) == pytest.approx(370 / 2 ** .5)
