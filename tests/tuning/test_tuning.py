"""Tuning: keys to Hz and back, mappings, what MIDI retunes."""
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.tuning.scale import Scale, ScaleError, ratio_cents
from live.tuning.systems import bohlen_pierce, equal, harmonics
from live.tuning.tuning import Keyboard, Tuning

MAPPED = Tuning(Scale((0,), 100), Keyboard((0, 4, None, 4), 0, 127, 62, 62, 293.664768, 12))
SCALES = st.builds(Scale, st.lists(st.floats(-2400, 2400), max_size=20).map(lambda cents: (0.0, *cents)),
                   st.floats(-2400, 2400))
DEGREES = st.lists(st.one_of(st.none(), st.integers(-30, 30)), max_size=15).map(lambda degrees: (0, *degrees))
KEYBOARDS = st.builds(Keyboard, st.one_of(st.just(()), DEGREES), st.integers(0, 60), st.integers(61, 127),
                      st.just(60), st.just(60), st.floats(1, 20000), st.integers(-5, 30))


@pytest.mark.parametrize('tuning, key, hz', [
    (Tuning(), 70, 466.16), (Tuning(), 82, 932.32), (Tuning(), 70.5, 466.16 * 2 ** (1 / 24)),
    (Tuning(keyboard=Keyboard(reference_key=69, reference=440)), 60, 261.6255653),
    (Tuning(equal(24)), 71, 466.16 * 2 ** (1 / 24)), (Tuning(bohlen_pierce()), 83, 466.16 * 3),
    (Tuning(harmonics(7, 14)), 71, 466.16 * 8 / 7), (Tuning(harmonics(7, 14)), 69, 466.16 * 13 / 14),
    (Tuning(harmonics(1, 128), Keyboard(middle=0, reference_key=0, reference=3.14)), 99, 314),
    (Tuning(keyboard=Keyboard(reference_key=69.5, reference=440)), 70, 440 * 2 ** (1 / 24))])
def test_keys_sound_where_the_tuning_says(tuning, key, hz):
    assert tuning.frequency(key) == pytest.approx(hz, rel=1e-9)


@pytest.mark.parametrize('key, hz', [(62, 293.664768), (63, 369.994423), (65, 369.994423), (66, 587.329536)])
def test_published_vectors_of_a_mapping(key, hz):
    assert MAPPED.frequency(key) == pytest.approx(hz, abs=1e-6)


@pytest.mark.parametrize('key', [64, 60, 63.5, 64.5, -1, 128, math.nan, math.inf])
def test_unmapped_key_has_no_frequency(key):
    assert math.isnan(MAPPED.frequency(key))


@pytest.mark.parametrize('degrees, octave, key, degree', [
    ((), 88, 72, 12),               # linear, whatever the formal octave
    ((0, 2, 4, 5, 7), 0, 65, 12),   # 0: the whole scale
    ((0, 2, 4, 5, 7), 12, 65, 12), ((0, 2, 4, 5, 7), 7, 65, 7), ((0, 2, 4, 5, 7), 12, 59, -5), ((0, 15), 12, 61, 15),
    ((0, -1), 12, 61, -1)])
def test_mapping_plays_a_degree_and_repeats(degrees, octave, key, degree):
    keyboard = Keyboard(degrees, middle=60, reference_key=60, reference=100, octave_degree=octave)
    assert Tuning(equal(12), keyboard).frequency(key) == pytest.approx(100 * 2 ** (degree / 12))


def test_reference_key_may_lie_outside_the_keys_that_play():
    tuning = Tuning(keyboard=Keyboard(first=60, last=72, reference_key=81, reference=880))
    assert math.isnan(tuning.frequency(81)) and tuning.frequency(69) == pytest.approx(440)


def test_unmapped_reference_key_is_refused():
    with pytest.raises(ScaleError, match='the reference key 61 is not mapped'):
        Tuning(keyboard=Keyboard((0, None), middle=60, reference_key=61))


@pytest.mark.parametrize('reference', [0, -1, math.inf, math.nan])
def test_reference_that_is_no_frequency_is_refused(reference):
    with pytest.raises(ScaleError, match='is not above 0'):
        Tuning(keyboard=Keyboard(reference=reference))


@pytest.mark.parametrize('tuning', [Tuning(), Tuning(equal(19)), Tuning(bohlen_pierce()), Tuning(harmonics(8, 16))])
def test_nearest_key_of_a_key_is_that_key(tuning):
    assert [tuning.nearest_key(tuning.frequency(key) * 1.001) for key in range(128)] == list(range(128))


@given(SCALES, KEYBOARDS, st.floats(-1e6, 1e6))
def test_every_mapped_key_has_a_finite_frequency(scale, keyboard, key):
    frequency = Tuning(scale, keyboard).frequency(key)
    assert math.isnan(frequency) or 0 < frequency < math.inf


@given(SCALES, KEYBOARDS, st.floats(allow_nan=True))
def test_nearest_key_is_always_a_key(scale, keyboard, frequency):
    assert Tuning(scale, keyboard).nearest_key(frequency) in range(128)


@given(st.integers(0, 127), st.floats(0, 1, exclude_max=True))
def test_key_between_two_keys_lies_between_them(key, part):
    tuning = Tuning(harmonics(5, 11))
    assert tuning.frequency(key) <= tuning.frequency(key + part) * 1.000001 <= tuning.frequency(key + 1) * 1.00001


def test_degrees_for_the_sound_are_at_most_128_and_evenly_taken():
    assert Tuning(equal(128)).scale_cents().size == 128
    cents = Tuning(equal(144)).scale_cents()
    assert cents.size == 72 and np.diff(cents) == pytest.approx(np.full(71, 1200 / 72))


def test_scale_of_one_pitch_repeats_nowhere():
    tuning = Tuning(Scale((0.0,), 0.0))
    assert tuning.period_cents == 0 and tuning.scale_cents().tolist() == [0]
    assert tuning.frequency(0) == tuning.frequency(127) == 466.16
    assert tuning.snap([1.0, 1e4], 50.0).tolist() == [50, 50]


def test_frequencies_snap_to_the_scale_on_a_root():
    snapped = Tuning(harmonics(4, 8)).snap([99, 101, 124, 260, 0, -5, np.nan], 100)
    assert snapped[:4] == pytest.approx([100, 100, 125, 250]) and snapped[4:6].tolist() == [0, -5]
    assert np.isnan(snapped[6])


def test_degrees_upwards_from_a_root():
    assert Tuning(harmonics(4, 8)).degrees_hz(400) == pytest.approx([400, 500, 600, 700])


def test_degree_0_has_the_root_s_frequency():
    tuning = Tuning(harmonics(8, 16), Keyboard(middle=60, reference_key=64, reference=300))
    assert tuning.root == pytest.approx(200) == tuning.frequency(60)


def test_retuned_key_sounds_at_its_own_pitch_and_the_others_stay():
    tuning = Tuning().retuned({60: 69.0})
    assert tuning.frequency(60) == pytest.approx(440) and tuning.frequency(61) == Tuning().frequency(61)


def test_unmapped_key_sounds_once_it_is_retuned():
    assert MAPPED.retuned({64: 57.0}).frequency(64) == pytest.approx(220)


def test_offsets_move_pitch_classes_from_the_tuning_as_it_was():
    tuning = Tuning().retuned({}, (50.0,) * 12).retuned({}, (10.0,) + (0.0,) * 11)
    assert tuning.frequency(60) == pytest.approx(Tuning().frequency(60) * 2 ** (10 / 1200))
    assert tuning.frequency(61) == pytest.approx(Tuning().frequency(61))


def test_scale_follows_the_keys_that_midi_retunes():
    tuning = Tuning(keyboard=Keyboard(middle=60, reference_key=60, reference=256))
    fifth = tuning.retuned({67: 69 + 12 * math.log2(384 / 440)})
    assert fifth.scale_cents()[7] == pytest.approx(ratio_cents(3, 2)) and fifth.period_cents == 1200
