import os
import re
import subprocess
import sys

import numpy as np
import pytest

from live.dsp.cluster import BY_PITCH, EXPLICIT, GAUSSIAN, RANDOM, SCALE, UNIFORM
from live.dsp.degrees import DEGREES, set_degrees
from live.dsp.kernel import TICK
from live.dsp.oscillators import CYCLE
from live.dsp.swarm import HOP, MOST, RMS, SWARM, render_swarm, reset_swarm

RATE = 48000
SETTINGS = {'root_hz': 440.0, 'count': 1, 'spread_cents': 0.0, 'octaves': 0, 'tilt_db': 0.0, 'width': 0.0,
            'drift_cents': 0.0, 'half_life': 1.0, 'distribution': UNIFORM, 'placement': RANDOM, 'correlation': 0.0}
_STATE = np.zeros(1, SWARM)[0]      # 13 MB: one for all tests
HOP_TICKS = HOP // TICK


class Swarm:
    """A swarm with its settings, from its beginning."""

    def __init__(self, rate=RATE, **settings):
        self.rate, self.settings, self.state = rate, {**SETTINGS, **settings}, _STATE
        self.degrees = np.zeros(1, DEGREES)[0]
        set_degrees(self.degrees, np.array([0.0, 386.0, 702.0]), 3, 1200.0)
        reset_swarm(self.state, 1)

    def render(self, ticks):
        out = np.zeros((ticks, 2, TICK), np.float32)
        for left, right in out:
            render_swarm(self.state, self.rate, 1, *self.settings.values(), self.degrees, left, right)
        return out.transpose(1, 0, 2).reshape(2, -1)

    def cents(self):
        """Where the partials lie against the root."""
        steps = self.state['step'][:self.settings['count']]
        return 1200 * np.log2(steps / CYCLE * self.rate / self.settings['root_hz'])


def bank(swarm, samples):
    """The same steady partials from here on, in float64, sample by sample."""
    count = swarm.settings['count']
    phase, step = (swarm.state[name][:count, None] / CYCLE for name in ('phase', 'step'))
    n = np.arange(samples) - HOP        # the last frame that is written has its middle a hop after it begins to sound
    return RMS / np.sqrt(count) * np.cos(2 * np.pi * (phase + step * n)).sum(0)


def level_db(samples):
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)))


def largest_bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


def frequency(samples, rate=RATE):
    """Frequency of a steady sine by the peak of a long spectrum, parabola through its logarithm."""
    spectrum = np.log(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) + 1e-12)
    k = int(spectrum.argmax())
    a, b, c = spectrum[k - 1:k + 2]
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * rate / len(samples)


@pytest.mark.parametrize('settings', [
    {'root_hz': 5.0}, {'root_hz': 12.0}, {'root_hz': 440.0}, {'root_hz': 21000.0},
    {'count': 64, 'spread_cents': 1200.0, 'root_hz': 4000.0}, {'count': 2000, 'spread_cents': 24.0}])
def test_steady_partials_are_those_of_the_bank_to_95_db(settings):
    swarm = Swarm(**settings)
    swarm.render(4 * HOP_TICKS)
    truth = bank(swarm, 20 * HOP)
    assert level_db(swarm.render(20 * HOP_TICKS)[0] - truth) - level_db(truth) < -95


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
def test_one_partial_sounds_the_root(rate):
    out = Swarm(rate).render(1000)[0, 10000:]
    assert 1200 * np.log2(frequency(out, rate) / 440) == pytest.approx(0, abs=0.05)


def test_overlapping_frames_leave_no_ripple_in_the_level():
    out = Swarm(root_hz=6000.0).render(400)[0, 4000:]     # eight samples are one cycle
    power = np.square(out[:20000].reshape(-1, 8), dtype=np.float64).mean(1)
    assert np.ptp(power) / power.mean() < 1e-4


def test_level_does_not_depend_on_the_number_of_partials():
    levels = [level_db(Swarm(count=count, spread_cents=600.0).render(1500)[0, 8000:]) for count in (16, 300, 20000)]
    assert np.ptp(levels) < 2


@pytest.mark.parametrize('distribution, low, high', [(UNIFORM, 57, 59), (GAUSSIAN, 49, 51)])
def test_partials_spread_as_their_distribution_says(distribution, low, high):
    swarm = Swarm(count=20000, spread_cents=100.0, distribution=distribution)
    swarm.render(2 * HOP_TICKS)
    assert low < swarm.cents().std() < high and abs(swarm.cents().mean()) < 1.5


def test_partials_stay_inside_a_uniform_spread_and_the_first_is_the_root():
    swarm = Swarm(count=20000, spread_cents=50.0)
    swarm.render(2 * HOP_TICKS)
    assert np.abs(swarm.cents()).max() < 50.01 and abs(swarm.cents()[0]) < 0.001


@pytest.mark.parametrize('distribution, spread', [(SCALE, 700.0), (EXPLICIT, 0.0)])
def test_partials_lie_on_degrees(distribution, spread):
    swarm = Swarm(count=3000, spread_cents=spread, distribution=distribution)
    swarm.render(2 * HOP_TICKS)
    assert set(np.round(swarm.cents() % 1200, 2) % 1200) == {0.0, 386.0, 702.0}


@pytest.mark.parametrize('octaves', [2, 3])
def test_listed_places_fill_every_octave(octaves):
    exact = 3 * (octaves + 1)
    swarm = Swarm(count=exact + 2000, octaves=octaves, spread_cents=9.0, distribution=EXPLICIT)
    swarm.render(2 * HOP_TICKS)
    assert swarm.cents()[:exact] == pytest.approx(
        [cents - 1200 * octave for octave in range(octaves + 1) for cents in (0, 386, 702)], abs=0.01)
    found = {(round(cents % 1200 / 351) % 3, round((cents - cents % 1200) / 1200)) for cents in swarm.cents() + 10}
    assert len(found) == exact


def test_octaves_reach_downwards_with_their_tilt():
    swarm = Swarm(count=3, octaves=2, tilt_db=6.0)
    out = swarm.render(1000)[0, 8000:]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    peaks = [spectrum[round(f * len(out) / RATE) + np.arange(-2, 3)].max() for f in (440, 220, 110)]
    assert 20 * np.log10(np.divide(peaks[:2], peaks[1:])) == pytest.approx([6, 6], abs=0.3)


def test_drift_wanders_with_its_deviation_and_half_life():
    swarm = Swarm(count=20000, drift_cents=10.0, half_life=0.25)
    swarm.render(2 * HOP_TICKS)
    before = swarm.cents()
    swarm.render(round(0.25 * RATE / HOP) * HOP_TICKS)
    assert swarm.cents().std() == pytest.approx(10, abs=0.2)
    assert np.corrcoef(before, swarm.cents())[0, 1] == pytest.approx(0.5, abs=0.02)


def test_neighbours_drift_apart_or_together_as_correlation_says():
    swarm = Swarm(count=20000, drift_cents=10.0, correlation=1.0)
    swarm.render(40 * HOP_TICKS)
    assert swarm.cents().std() < 0.001 and abs(swarm.cents()[0]) > 0.001


@pytest.mark.parametrize('change', [{'count': 2000}, {'count': 3}, {'root_hz': 466.16}, {'spread_cents': 100.0},
                                    {'octaves': 2}, {'width': 1.0}, {'distribution': GAUSSIAN}, {'tilt_db': 12.0},
                                    {'drift_cents': 50.0}, {'placement': BY_PITCH}, {'count': 0}])
def test_a_leap_makes_no_click(change):
    """The second difference, which a click makes large, stays near that of the steady sounds around it."""
    swarm = Swarm(count=100, spread_cents=30.0)
    steady = largest_bend(swarm.render(400)[0, 4000:])
    swarm.settings.update(change)
    moving = largest_bend(swarm.render(100)[0])
    settled = largest_bend(swarm.render(400)[0, 4000:])
    assert moving < 2 * max(steady, settled)


@pytest.mark.parametrize('ticks', range(HOP_TICKS))
def test_a_change_of_root_is_heard_within_two_hops_and_complete_in_another(ticks):
    swarm = Swarm(count=1)
    swarm.render(8 * HOP_TICKS + ticks)
    same = swarm.render(4 * HOP_TICKS)[0]
    reset_swarm(swarm.state, 1)
    swarm.render(8 * HOP_TICKS + ticks)
    swarm.settings['root_hz'] = 660.0
    out = swarm.render(4 * HOP_TICKS)[0]
    assert np.argmax(np.abs(out - same) > 1e-5) < 2 * HOP
    assert frequency(out[3 * HOP:]) == pytest.approx(660, abs=25)


def test_partials_above_nyquist_are_silent():
    assert not Swarm(count=10, root_hz=30000.0).render(50).any()


def test_octaves_below_a_root_that_is_too_high_sound_where_they_belong():
    out = Swarm(count=2, root_hz=32000.0, octaves=1, spread_cents=0.0).render(200)[0, 4 * HOP:]
    assert frequency(out) == pytest.approx(16000, abs=1)


def test_no_partials_are_silence():
    assert not Swarm(count=0).render(50).any()


def test_width_0_is_mono_and_width_1_is_not():
    mono, wide = (Swarm(count=2000, width=w, spread_cents=50.0).render(300)[:, 4000:] for w in (0.0, 1.0))
    assert np.array_equal(mono[0], mono[1])
    assert np.corrcoef(wide)[0, 1] < 0.9


def test_by_pitch_the_low_ones_are_left():
    left, right = Swarm(count=2000, width=1.0, spread_cents=600.0, placement=BY_PITCH).render(1000)[:, 8000:]
    spectra = [np.abs(np.fft.rfft(x)) ** 2 for x in (left, right)]
    centres = [np.average(np.arange(len(s)), weights=s) for s in spectra]
    assert centres[1] > 1.2 * centres[0]


def test_the_same_seed_gives_the_same_bits():
    settings = {'count': 3000, 'spread_cents': 50.0, 'drift_cents': 10.0}
    first, second = (Swarm(**settings).render(100) for _ in range(2))
    assert np.array_equal(first, second)


BAD = (float('nan'), float('inf'), -float('inf'), -1e30, 1e30)


@pytest.mark.parametrize('name', ['root_hz', 'spread_cents', 'tilt_db', 'width', 'drift_cents', 'half_life',
                                  'correlation'])
def test_any_number_gives_finite_bounded_sound(name):
    swarm = Swarm(count=300, spread_cents=100.0, octaves=3, drift_cents=10.0)
    for value in BAD:
        swarm.settings[name] = value
        assert np.abs(swarm.render(3 * HOP_TICKS)).max() < 10


@pytest.mark.parametrize('name, values', [('count', (-5, 10 ** 9)), ('octaves', (-1, 99)), ('distribution', (-1, 9)),
                                          ('placement', (-1, 9))])
def test_any_count_gives_finite_bounded_sound(name, values):
    swarm = Swarm(count=300, spread_cents=100.0)
    for value in values:
        swarm.settings[name] = value
        assert np.abs(swarm.render(3 * HOP_TICKS)).max() < 10
    assert swarm.state['count'] <= MOST


AUDIT = """
import numba
from live.dsp.degrees import DEGREES
from live.dsp.kernel import kernel
from live.dsp.swarm import SWARM, render_swarm
state, degrees = numba.from_dtype(SWARM), numba.from_dtype(DEGREES)
pointers = [numba.types.CPointer(kind) for kind in (state, degrees, numba.float32)]

@numba.cfunc(numba.void(*pointers), error_model='numpy')
def audit(states, scales, out):
    left, right = numba.carray(out, 64), numba.carray(out, 64)
    state, scale = numba.carray(states, 1)[0], numba.carray(scales, 1)[0]
    render_swarm(state, 48e3, 1, 440.0, 9, 9.0, 1, 0.0, 0.0, 0.0, 1.0, 0, 0, 0.0, scale, left, right)
print(audit.inspect_llvm())
"""


def test_compiled_swarm_neither_allocates_nor_raises(tmp_path):
    script = tmp_path / 'audit.py'
    script.write_text(AUDIT)
    said = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True,
                          env={**os.environ, 'NUMBA_CACHE_DIR': str(tmp_path), 'PYTHONPATH': os.getcwd()}).stdout
    parts = re.split(r'^define ', said, flags=re.M)[1:]
    pattern = r'call [^\n]*@(NRT_Allocate|NRT_MemInfo_alloc|numba_do_raise|numba_gil_ensure)'
    guilty = [part[:80] for part in parts if re.search(pattern, part)]
    assert len(parts) > 3 and all('cfunc' in name for name in guilty)
