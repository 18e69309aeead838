"""The synthesizers that are matched: knobs, headers of orchestras, sounds."""
import shutil
import subprocess

import numpy as np
import pytest
import soundfile

from live.audio import offline
from live.audio.arena import Arena
from live.patch import load_patch
from live.studio.files import StudioError
from live.studio.match.csound import CsoundSynth, list_orchestras
from live.studio.match.synth import RATE, SECONDS, SETTLING, open_synth
from live.tuning.tuning import Tuning

NAMES = ('live', *list_orchestras())
needs_csound = pytest.mark.skipif(not shutil.which('csound'), reason='csound is not installed')
SINE = """; param p4 pitch: 100..1000 Hz exp, What it sounds at.
; param p5 wave: sine | square
sr = 48000
ksmps = 16
nchnls = 1
0dbfs = 1
instr 1
  a1 vco2 .2, p4, 10
  a2 oscili .2, p4
  out p5 == 1 ? a1 : a2
endin
"""


@pytest.fixture(scope='module')
def layer():
    return open_synth('live')


def peak_hz(sound, rate=RATE):
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return spectrum.argmax() * rate / len(sound)


@pytest.mark.parametrize('name', NAMES)
def test_positions_and_settings_are_inverse(name):
    synth = open_synth(name)
    settings = synth.draw(20, np.random.default_rng(1))
    assert np.allclose(synth.to_settings(synth.to_positions(settings)), settings)


@pytest.mark.parametrize('name', NAMES)
def test_settings_are_read_as_they_were_written(name):
    synth = open_synth(name)
    settings = synth.draw(1, np.random.default_rng(2))[0]
    assert [synth.read(k, text) for k, text in enumerate(synth.write(settings))] == pytest.approx(settings)


def test_a_layer_sounds_the_same_whatever_was_played_before(layer):
    settings = layer.draw(3, np.random.default_rng(3))
    together = layer.render(settings, [0, 1, 2])
    assert (layer.render(settings[2:], [2])[0] == together[2]).all()


def test_a_layer_sounds_where_its_root_is(layer):
    settings = layer.put(layer.defaults(), ['source=harmonic', 'partials=1', 'root=440'])
    assert peak_hz(layer.render(settings[None], [0])[0]) == pytest.approx(440, abs=2 / SECONDS)


def test_only_what_is_heard_counts(layer):
    settings = layer.put(layer.defaults(), ['source=saw', 'filter=off'])
    heard = dict(zip((knob.name for knob in layer.knobs), layer.heard(settings[None])[0]))
    assert heard['drone.spread_cents'] and not heard['drone.cutoff'] and not heard['drone.pulse_width']


def test_what_is_not_heard_changes_nothing(layer):
    settings = layer.put(layer.defaults(), ['source=pulse'])
    other = layer.put(settings, ['stretch=0.01', 'formant_db=20', 'beat=30', 'octaves=1'])
    sounds = layer.render(np.stack([settings, other]), [0, 0])
    assert (sounds[0] == sounds[1]).all() and sounds[0].std() > .01


def test_a_saved_patch_sounds_on_stage_as_it_did(layer, tmp_path):
    settings = layer.put(layer.defaults(), ['source=harmonic', 'root=200', 'filter=low', 'cutoff=900'])
    layer.save(tmp_path / 'found.toml', settings, 1.0, 'A "quoted" name.', 3)
    patch = load_patch(tmp_path / 'found.toml')
    arena = Arena(RATE, patch.seed)
    patch.apply(arena.board)
    arena.tune(Tuning().scale_cents(), Tuning().period_cents)
    arena.reset(patch.seed)
    staged = offline.render(arena, round((SETTLING + SECONDS) * RATE))[round(SETTLING * RATE):].mean(1)
    assert np.allclose(staged, layer.render(settings[None], [3])[0], atol=1e-6)


def test_any_parameter_of_the_layer_can_be_steered():
    synth = open_synth('live', ['root', 'drone.chorus'])
    assert [knob.name for knob in synth.knobs] == ['drone.root', 'drone.chorus']
    assert synth.render(synth.defaults()[None], [0]).std() > 0


@pytest.mark.parametrize('steer, sentence', [
    ('reverb.decay', 'not part of the first layer'), ('cutof', 'did you mean')])
def test_steering_what_is_not_there_is_refused(steer, sentence):
    with pytest.raises(StudioError, match=sentence):
        open_synth('live', [steer])


@pytest.mark.parametrize('words, sentence', [
    (['sorce=saw'], 'did you mean source'), (['source=sow'], 'none of cluster'), (['root=9999'], 'outside 40..2000'),
    (['root=high'], 'not a number')])
def test_a_bad_setting_is_told(layer, words, sentence):
    with pytest.raises(StudioError, match=sentence):
        layer.put(layer.defaults(), words)


@pytest.mark.parametrize('name', ['lve', 'orchestra.txt'])
def test_an_unknown_synthesizer_is_told(name):
    with pytest.raises(StudioError, match='known: live, additive, fm'):
        open_synth(name)


@pytest.mark.parametrize('text, sentence', [
    ('instr 1\nendin', 'does not say what can be steered'), ('; param p5 pitch: 1..2', 'p5 where p4 comes next'),
    ('; param p4 pitch: high', 'neither a range'), ('; param p4 pitch: 2..1', 'no range'),
    ('; param p4 pitch: 0..1 exp', 'no range for the curve exp')])
def test_a_bad_header_is_told(tmp_path, text, sentence):
    path = tmp_path / 'mine.orc'
    path.write_text(text)
    with pytest.raises(StudioError, match=f'mine.orc.*{sentence}'):
        open_synth(str(path))


def test_a_header_says_ranges_units_curves_and_choices(tmp_path):
    path = tmp_path / 'mine.csd'
    path.write_text(f'<CsoundSynthesizer><CsInstruments>{SINE}</CsInstruments></CsoundSynthesizer>')
    pitch, wave = (knob.param for knob in open_synth(str(path)).knobs)
    assert (pitch.low, pitch.high, pitch.unit, pitch.curve) == (100, 1000, 'Hz', 'exp')
    assert wave.choices == ('sine', 'square')


@needs_csound
@pytest.mark.parametrize('name', list_orchestras())
def test_an_orchestra_plays_the_same_each_time(name):
    synth = open_synth(name)
    settings = synth.draw(70, np.random.default_rng(1))       # more than one score
    sounds = synth.render(settings, [0] * 70)
    assert np.isfinite(sounds).all() and (sounds.std(1) > 1e-4).sum() > 60
    assert (synth.render(settings, [0] * 70) == sounds).all()


@needs_csound
def test_each_note_of_a_score_has_its_own_settings(tmp_path):
    path = tmp_path / 'sine.orc'
    path.write_text(SINE)
    sounds = CsoundSynth(path).render(np.array([[200.0, 0], [333.0, 1]]), [0, 0])
    assert [peak_hz(sound) for sound in sounds] == pytest.approx([200, 333], abs=2 / SECONDS)


@needs_csound
def test_a_broken_orchestra_is_told_in_a_sentence(tmp_path):
    path = tmp_path / 'broken.orc'
    path.write_text(SINE.replace('vco2', 'vco3'))
    with pytest.raises(StudioError, match='broken.orc: csound cannot play it'):
        CsoundSynth(path).render(np.array([[200.0, 0]]), [0])


@needs_csound
def test_a_saved_csd_is_played_by_csound(tmp_path):
    path = tmp_path / 'sine.orc'
    path.write_text(SINE)
    CsoundSynth(path).save(tmp_path / 'found.csd', np.array([250.0, 1]), 1.0, 'Matched.', 0)
    text = (tmp_path / 'found.csd').read_text().replace('i1 0 3600', 'i1 0 1')
    (tmp_path / 'short.csd').write_text(text)
    subprocess.run(['csound', '-d', '-W', '-o', str(tmp_path / 'out.wav'), str(tmp_path / 'short.csd')], check=True,
                   capture_output=True)
    sound, rate = soundfile.read(tmp_path / 'out.wav')
    assert peak_hz(sound, rate) == pytest.approx(250, abs=2)
