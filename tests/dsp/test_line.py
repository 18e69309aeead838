import numpy as np
import pytest

from live.dsp.kernel import TICK
from live.dsp.line import FADE, MIRROR, TAP, add_between, add_line, add_tap, move_tap, reset_tap, write_line

RING = 1024


def run(read, samples):
    """Write samples to a line tick by tick, and return what `read(line, place, age, out)` adds."""
    line, out = np.ones(RING + MIRROR, np.float32), np.zeros(len(samples), np.float32)
    for start in range(0, len(samples), TICK):
        write_line(line, start % RING, samples[start:start + TICK])
        read(line, start % RING, start, out[start:start + TICK])
    return out


@pytest.mark.parametrize('delay', [1, 63, 64, 65, 500, RING - TICK])
def test_line_gives_back_what_was_written_and_silence_before(delay):
    samples = np.random.default_rng(1).standard_normal(4096).astype(np.float32)
    out = run(lambda line, place, age, out: add_line(line, place, age, delay, 1.0, 0.0, out), samples)
    assert np.array_equal(out[delay:], samples[:-delay]) and not out[:delay].any()


def test_a_line_still_sounds_after_months():
    line, out = np.ones(RING + MIRROR, np.float32), np.zeros(TICK, np.float32)
    for age in (2 ** 31, 2 ** 32, 2 ** 40):
        out[:] = 0
        add_line(line, 0, age, 100, 1.0, 0.0, out)
        add_between(line, 0, age, 100, 0.0, 0.0, 1.0, 0.0, out)
        assert (out == 2).all()


@pytest.mark.parametrize('frequency, largest', [(1000, 1e-5), (5000, 2e-3), (9600, 3e-2)])
@pytest.mark.parametrize('fraction', [0.0, 0.25, 0.5, 0.99])
def test_sound_between_samples_is_interpolated(fraction, frequency, largest):
    time = np.arange(4096) / 48000
    out = run(lambda line, place, age, out: add_between(line, place, age, 100, fraction, 0.0, 1.0, 0.0, out),
              np.sin(2 * np.pi * frequency * time).astype(np.float32))
    expected = np.sin(2 * np.pi * frequency * (time - (100 - fraction) / 48000))
    assert np.abs(out - expected)[256:].max() < max(largest, 2e-6)


def test_a_tap_fades_from_one_delay_to_the_next_at_constant_gain():
    tap = np.zeros(1, TAP)[0]
    reset_tap(tap)

    def read(line, place, age, out):
        move_tap(tap, 200 if age < 2048 else 300)
        add_tap(line, place, age, tap, out)
    samples = np.concatenate([np.zeros(64), np.ones(8128)]).astype(np.float32)
    assert run(read, samples)[300:] == pytest.approx(1, abs=1e-6)
    assert (tap['delay'], tap['last'], tap['fade']) == (300, 200, FADE)
