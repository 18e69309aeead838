"""Saturation with hardly an alias: a tanh-like curve, averaged over each step of the sound, at twice the rate. [audio]

The curve f(u) = u / sqrt(1 + u^2) has the antiderivative F(u) = sqrt(1 + u^2). First-order antiderivative
anti-aliasing (Parker, Zavalishin and Le Bivic 2016, 'Reducing the aliasing of nonlinear waveshaping using continuous-
time convolution') puts out the mean of f between two samples, (F(a) - F(b)) / (a - b). For this curve that is

    (a + b) / (sqrt(1 + a^2) + sqrt(1 + b^2)),

where nothing is ever divided by something small: it needs no special case for samples that are close together. A FIR
of 39 taps doubles the rate; one of 64 halves it again and mends the droop of the averaging. Dry and wet go through the
same filters, so `mix` never combs. The whole comes LATENCY samples late.
"""
import math

import numpy as np

from live.dsp.clamp import clamp_or
from live.dsp.guard import audible
from live.dsp.kernel import TICK, kernel

LATENCY = 25            # samples
MOST_DB = 48.0
USUAL = np.float32(0.35)        # peak whose level the compensation keeps: that of a sine of RMS 0.25
_PAST = 32              # samples kept of the tick before, at least the taps of a branch
_BETA = 6.0             # Kaiser window: 63 dB


def _lowpass(length: int, edge: float, droop: bool) -> np.ndarray:
    """Return a windowed FIR that passes what is below `edge` of the rate, raised where it has to mend the droop."""
    frequency = (np.arange(2000) + 0.5) * edge / 2000
    wanted = 1 / np.cos(np.pi * frequency) if droop else np.ones(2000)
    time = np.arange(length) - (length - 1) / 2
    taps = np.cos(2 * np.pi * np.outer(time, frequency)) @ wanted * np.kaiser(length, _BETA)
    return taps / taps.sum()


_UP = (2 * _lowpass(39, 0.25, False)[::2]).astype(np.float32)       # the other branch is a delay of 9 samples
_DOWN = _lowpass(64, 0.229, True).astype(np.float32)

_CHANNEL = np.dtype([
    ('input', 'f4', (_PAST + TICK,)),
    ('even', 'f4', (TICK + 1,)), ('odd', 'f4', (TICK + 1,)),            # at twice the rate; [0]: of the tick before
    ('bent_even', 'f4', (_PAST + TICK,)), ('bent_odd', 'f4', (_PAST + TICK,)),
], align=True)
SATURATION = np.dtype([('channel', _CHANNEL, (2,)), ('drive', 'f8'), ('mix', 'f8')], align=True)


@kernel
def reset_saturation(state):
    """Begin dry, from silence."""
    state.drive, state.mix = 1.0, 0.0
    clear_saturation(state)


@kernel
def clear_saturation(state):
    """Forget the last samples; click-free once the sound is muted."""
    for c in range(2):
        channel = state.channel[c]
        for k in range(_PAST + TICK):
            channel.input[k] = channel.bent_even[k] = channel.bent_odd[k] = 0
        for k in range(TICK + 1):
            channel.even[k] = channel.odd[k] = 0


@kernel
def process_saturation(state, drive_db, mix, left, right):
    """Saturate one tick in place; drive_db: 0..48, its loudness compensated; mix: 0 dry .. 1 wet."""
    drive = 10.0 ** (clamp_or(drive_db, 0.0, MOST_DB, 0.0) / 20)
    mix = clamp_or(mix, 0.0, 1.0, 0.0)
    saturate_channel(state.channel[0], state.drive, drive, state.mix, mix, left)
    saturate_channel(state.channel[1], state.drive, drive, state.mix, mix, right)
    state.drive, state.mix = drive, mix


@kernel
def saturate_channel(channel, drive, drive_end, mix, mix_end, samples):
    """Saturate one channel; drive is a factor."""
    keep_past(channel.input)
    keep_past(channel.bent_even)
    keep_past(channel.bent_odd)
    channel.even[0], channel.odd[0] = channel.even[TICK], channel.odd[TICK]
    for k in range(TICK):
        channel.input[_PAST + k] = audible(samples[k])
        channel.even[1 + k] = 0
        channel.odd[1 + k] = channel.input[_PAST - 9 + k]
        samples[k] = 0
    convolve(_UP, 0, 1, channel.input, channel.even[1:])
    # Time runs: odd before, even, odd. Each mean lies between a sample and the one before it.
    slope, mix_slope = (drive_end - drive) / (2 * TICK), (mix_end - mix) / (2 * TICK)
    bend(channel.odd, channel.even[1:], drive, slope, mix, mix_slope, channel.bent_even[_PAST:])
    bend(channel.even[1:], channel.odd[1:], drive + slope, slope, mix + mix_slope, mix_slope, channel.bent_odd[_PAST:])
    convolve(_DOWN, 0, 2, channel.bent_odd, samples)
    convolve(_DOWN, 1, 2, channel.bent_even, samples)


@kernel
def keep_past(samples):
    """Move the end of a buffer to its start."""
    for k in range(_PAST):
        samples[k] = samples[TICK + k]


@kernel
def convolve(taps, first, stride, samples, out):
    """Add every `stride`-th tap, convolved with a buffer that begins _PAST before the tick, to `out` (TICK,)."""
    for i in range(len(taps) // stride):
        tap, past = taps[first + stride * i], samples[_PAST - i:]
        for k in range(TICK):
            out[k] += tap * past[k]


@kernel
def bend(before, now, drive, drive_slope, mix, mix_slope, out):
    """Write the mean of the curve between the samples `before` and `now`; slopes are per step of the double rate."""
    drive, drive_slope = np.float32(drive), np.float32(2 * drive_slope)
    mix, mix_slope = np.float32(mix), np.float32(2 * mix_slope)
    one, half = np.float32(1), np.float32(0.5)
    for k in range(TICK):
        g, m = drive + np.float32(k) * drive_slope, mix + np.float32(k) * mix_slope
        a, b = g * before[k], g * now[k]
        wet = (a + b) / (math.sqrt(one + a * a) + math.sqrt(one + b * b))
        level = math.sqrt(one + g * g * (USUAL * USUAL)) / g
        out[k] = m * level * wet + (one - m) * half * (before[k] + now[k])
