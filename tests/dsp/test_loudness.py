import numpy as np
import pytest
from numba import njit
from spectra import noise

from live.dsp.loudness import LOUDNESS, LOWEST, PARTS_PER_SECOND, measure_loudness, reset_loudness

RATE = 48000
SHELF = [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585]
HIGHPASS = [1, -2, 1, -1.99004745483398, 0.99007225036621]


@njit
def feed(state, sound, momentary, short_term):
    """Measure a sound (frames, 2) and keep both readings after every frame."""
    for k in range(len(sound)):
        measure_loudness(state, sound[k, 0], sound[k, 1])
        momentary[k], short_term[k] = state.momentary, state.short_term


def meter(rate=RATE):
    state = np.zeros(1, LOUDNESS)[0]
    reset_loudness(state, rate)
    return state


def readings(sound, rate=RATE, state=None):
    """Momentary and short-term loudness after every frame of a sound (frames, 2)."""
    momentary, short_term = np.empty(len(sound)), np.empty(len(sound))
    feed(meter(rate) if state is None else state, sound, momentary, short_term)
    return momentary, short_term


def tones(*levels_and_seconds, rate=RATE):
    """1 kHz in both channels at peak levels in dBFS (None: silence), one after the other."""
    gains = [np.full(round(seconds * rate), 10 ** (level / 20) if level is not None else 0.0)
             for level, seconds in levels_and_seconds]
    gain = np.concatenate(gains)
    return np.repeat((gain * np.sin(2 * np.pi * 1000 * np.arange(len(gain)) / rate))[:, None], 2, 1)


def integrated(sound):
    """Programme loudness by BS.1770's two gates, of the momentary loudness of every 100 ms."""
    momentary = readings(sound)[0][4 * RATE // 10 - 1::RATE // 10]
    power = 10 ** (momentary / 10)
    power = power[momentary > -70]
    return 10 * np.log10(power[power > 0.1 * power.mean()].mean())


def test_coefficients_at_48_khz_are_the_standards():
    state = meter()
    assert state['shelf'] == pytest.approx(SHELF, abs=1e-11)
    assert state['highpass'] == pytest.approx(HIGHPASS, abs=1e-11)


@pytest.mark.parametrize('level', [-23, -33])
def test_ebu_3341_cases_1_and_2(level):
    momentary, short_term = readings(tones((level, 20)))
    assert [momentary[-1], short_term[-1]] == pytest.approx([level, level], abs=0.1)


@pytest.mark.parametrize('levels_and_seconds', [
    [(-36, 10), (-23, 60), (-36, 10)],
    [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)],
    [(-26, 20), (-20, 20.1), (-26, 20)]])
def test_ebu_3341_cases_3_to_5(levels_and_seconds):
    assert integrated(tones(*levels_and_seconds)) == pytest.approx(-23, abs=0.1)


def test_ebu_3341_case_9_short_term_is_constant_after_3_s():
    _, short_term = readings(tones(*[(-20, 1.34), (-30, 1.66)] * 5))
    assert np.abs(short_term[3 * RATE:] + 23).max() < 0.1


def test_ebu_3341_case_10_short_term_reaches_the_level_wherever_a_tone_begins():
    for i in range(20):
        _, short_term = readings(tones((None, 0.15 * i), (-23, 3), (None, 1)))
        assert short_term.max() == pytest.approx(-23, abs=0.1)


def test_ebu_3341_case_11_short_term_follows_rising_tones():
    segments = [[(None, 0.15 * i), (-38 + i, 3), (None, 3 - 0.15 * i)] for i in range(20)]
    _, short_term = readings(tones(*sum(segments, [])))
    assert short_term.reshape(20, -1).max(1) == pytest.approx(np.arange(-38, -18), abs=0.1)


def test_ebu_3341_case_12_momentary_is_constant_after_1_s():
    momentary, _ = readings(tones(*[(-20, 0.18), (-30, 0.22)] * 25))
    assert np.abs(momentary[RATE:] + 23).max() < 0.1


@pytest.mark.parametrize('step', [0.020, 0.0137])
def test_ebu_3341_case_13_momentary_reaches_the_level_wherever_a_tone_begins(step):
    """The norm's delays are multiples of 20 ms; the others fall between our parts."""
    for i in range(20):
        momentary, _ = readings(tones((None, step * i), (-23, 0.4), (None, 1)))
        assert momentary.max() == pytest.approx(-23, abs=0.1)


def test_ebu_3341_case_14_momentary_follows_rising_tones():
    segments = [[(None, 0.02 * i), (-38 + i, 0.4), (None, 0.4 - 0.02 * i)] for i in range(20)]
    momentary, _ = readings(tones(*sum(segments, [])))
    assert momentary.reshape(20, -1).max(1) == pytest.approx(np.arange(-38, -18), abs=0.1)


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
@pytest.mark.parametrize('weighting, bound', [('K-weighting', 0.1), ('DeMan', 0.002)])
def test_momentary_equals_pyloudnorms_blocks(rate, weighting, bound):
    """pyloudnorm's own K-weighting approximates the standard; its `DeMan` is the design used here."""
    pyloudnorm = pytest.importorskip('pyloudnorm')
    sound = np.stack((noise(6, 0.1, 1, rate), np.cumsum(noise(6, 0.01, 2, rate)) % 0.5), 1)
    theirs = pyloudnorm.Meter(rate, weighting)
    theirs.integrated_loudness(sound)
    ours = readings(sound, rate)[0][4 * rate // 10 - 1::rate // 10]
    assert ours == pytest.approx(np.array(theirs.blockwise_loudness)[:len(ours)], abs=bound)


def test_short_term_equals_pyloudnorms():
    pyloudnorm = pytest.importorskip('pyloudnorm')
    sound = np.stack((noise(3, 0.1, 1), noise(3, 0.02, 2)), 1)
    theirs = pyloudnorm.Meter(RATE, 'DeMan', block_size=3.0).integrated_loudness(sound)
    assert readings(sound)[1][-1] == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize('rate', [22050, 44100, 96000, 192000])
def test_any_samplerate_reads_the_same(rate):
    assert readings(tones((-23, 4), rate=rate), rate)[0][-1] == pytest.approx(-23, abs=0.05)


def test_one_channel_alone_is_3_db_below_both():
    both = tones((-20, 1))
    one = both * [1, 0]
    assert readings(both)[0][-1] - readings(one)[0][-1] == pytest.approx(3.01, abs=0.01)


def test_any_cut_gives_the_same_bits():
    sound = np.stack((noise(2, 0.1, 1), noise(2, 0.1, 2)), 1)
    whole, cut, place = readings(sound), meter(), 0
    while place < len(sound):
        count = 1 + place * 7919 % 700
        parts = readings(sound[place:place + count], state=cut)
        assert all(np.array_equal(a[place:place + count], b) for a, b in zip(whole, parts))
        place += count


def test_reset_gives_the_same_bits_again():
    state, sound = meter(), tones((-23, 1))
    first = readings(sound, state=state)
    reset_loudness(state, RATE)
    assert np.array_equal(first, readings(sound, state=state))


def test_readings_move_on_every_10_ms():
    momentary, _ = readings(tones((-23, 0.4)))
    assert np.array_equal(np.flatnonzero(np.diff(momentary)) + 2, RATE // PARTS_PER_SECOND * np.arange(1, 41))


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf, 1e300])
def test_bad_samples_leave_readings_finite_and_are_forgotten(bad):
    state, sound = meter(), np.zeros((4 * RATE, 2))
    assert np.isfinite(readings(np.full((100, 2), bad), state=state)).all()
    assert readings(sound, state=state)[1][-1] < -70


def test_silence_is_the_lowest():
    assert readings(np.zeros((RATE, 2)))[0][-1] == LOWEST
