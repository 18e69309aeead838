import numpy as np
import pytest
from spectra import RATE, noise, saw, signals, sine
from test_mel import levels

from live.dsp.mel import MELS
from live.dsp.novelty import FLOOR_DB, NOVELTY, measure_novelty, reset_novelty
from live.signals import HOP


def measure(db, rate=RATE, state=None):
    """Onset and novelty (hops,) of levels (hops, MELS)."""
    if state is None:
        state = np.zeros(1, NOVELTY)[0]
        reset_novelty(state, rate)
    found = [measure_novelty(state, row) or (float(state['onset']), float(state['novelty'])) for row in db]
    return np.array(found).T


def hops(seconds, rate=RATE):
    return round(seconds * rate / HOP)


@pytest.mark.parametrize('name', signals())
def test_onset_equals_librosas_superflux(name):
    librosa = pytest.importorskip('librosa')
    db = np.maximum(FLOOR_DB, levels(signals()[name]))
    theirs = librosa.onset.onset_strength(S=db.T, sr=RATE, hop_length=HOP, lag=2, max_size=3, center=False)
    assert measure(db)[0][2:] == pytest.approx(theirs[2:], abs=1e-9)


def test_onset_peaks_where_a_tone_begins():
    """Above a steady drone: the onset is highest within the four hops in which the tone enters the frame."""
    sound = saw(110.0, 2.0, 0.1) + noise(2.0, 0.001)
    sound[RATE:] += sine(880.0, 1.0, 0.1) * np.minimum(1, np.arange(RATE) / 480)
    onset = measure(levels(sound))[0]
    enters = hops(1.0) - 4
    assert enters < onset[10:].argmax() + 10 <= enters + 5
    assert onset[enters:enters + 6].max() > 4 * np.delete(onset[10:], slice(enters - 10, enters)).max()


def test_vibrato_makes_less_onset_than_plain_flux():
    t = np.arange(2 * RATE) / RATE
    swing = sum(0.2 / h * np.sin(2 * np.pi * h * 440 * t + h * 10 * np.sin(2 * np.pi * 5 * t)) for h in range(1, 20))
    db = np.maximum(FLOOR_DB, levels(swing))
    plain = np.maximum(0, db[2:] - db[:-2]).mean(1)
    assert measure(db)[0][10:].mean() < 0.35 * plain[8:].mean()


def test_a_new_timbre_is_new_for_a_second():
    old, new = levels(saw(110.0, 3.0))[:hops(3)], levels(saw(233.0, 3.0) + noise(3.0, 0.05))[:hops(3)]
    novelty = measure(np.concatenate((old, new)))[1]
    change = len(old)
    assert novelty[hops(2.5):change].max() < 0.02
    assert change + hops(0.5) < novelty[change:].argmax() + change < change + hops(1.3)
    assert novelty[change:].max() > 0.1 and novelty[-1] < 0.02


def test_a_change_of_level_is_not_new():
    sound = noise(6.0, 0.2)
    sound[3 * RATE:] *= 0.3
    assert measure(levels(sound))[1][hops(2.5):].max() < 0.005


def test_a_tone_that_joins_a_drone_is_newer_than_beats():
    beating, joining = sine(220.0, 6.0) + sine(220.4, 6.0), saw(110.0, 6.0)
    joining[3 * RATE:] += saw(146.7, 3.0)
    beats, joins = (measure(levels(sound))[1][hops(2.5):].max() for sound in (beating, joining))
    assert beats < 0.02 and joins > 0.04


def test_novelty_glides():
    novelty = measure(np.concatenate((levels(noise(2.0)), levels(saw(220.0, 2.0)))))[1]
    assert np.abs(np.diff(novelty[1:])).max() < 0.05


@pytest.mark.parametrize('rate', [22050, 44100, 48000, 96000, 192000])
def test_novelty_looks_back_about_a_second(rate):
    """A step of the levels is forgotten once both sides lie behind it; smoothing takes the rest."""
    db = np.full((hops(8, rate), MELS), -100.0)
    db[hops(4, rate):, ::2] = 0.0
    novelty = measure(db, rate)[1]
    assert novelty[hops(4, rate):].argmax() * HOP / rate == pytest.approx(1.0, abs=0.15)


def test_silence_is_neither_onset_nor_new():
    assert np.abs(measure(np.full((300, MELS), -100.0))).max() < 1e-12


def test_reset_gives_the_same_again():
    state, db = np.zeros(1, NOVELTY)[0], levels(noise(2.0))
    reset_novelty(state, RATE)
    first = measure(db, state=state)
    reset_novelty(state, RATE)
    assert np.array_equal(first, measure(db, state=state))
