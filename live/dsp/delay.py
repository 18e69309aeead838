"""A stereo delay: up to 4 seconds, repeats that fade and darken, from side to side if wanted. [audio]

A change of time is a crossfade to another place on the line, so nothing is ever heard at a wrong pitch; while one is
under way the next waits. Repeats run through a one-pole low pass. `width` turns two delays side by side into a
ping-pong: sound enters on the left, and each repeat changes sides. A thousand milliseconds that fade by half each time,
source 2's pedal, are time 1, feedback 0.5, level 0.5.
"""
import math

import numpy as np

from live.dsp.clamp import clamp_or
from live.dsp.guard import audible
from live.dsp.kernel import TICK, kernel
from live.dsp.line import MIRROR, SHORTEST, TAP, add_tap, move_tap, reset_tap, write_line
from live.dsp.ramps import add_ramp, silence

RING = 2 ** 19          # samples, 4 s at up to 131 kHz
LONGEST = 4.0           # seconds
MOST = 0.98             # feedback
OPEN = 20000.0          # Hz; tone from which repeats are as bright as the sound
HOTTEST = np.float32(4)         # level in the line, however hard it is driven

DELAY = np.dtype([
    ('lines', 'f4', (2, RING + MIRROR)), ('place', 'i8'), ('age', 'i8'),
    ('tap', TAP), ('dark', 'f8', (2,)),                         # state of the low pass
    ('tone', 'f8'), ('feedback', 'f8'), ('width', 'f8'), ('level', 'f8'),      # at the end of the last tick
    ('repeats', 'f4', (2, TICK)), ('enters', 'f4', (2, TICK)), ('samplerate', 'f8'),
], align=True)


@kernel
def reset_delay(state, samplerate):
    """Begin from silence."""
    state.samplerate = samplerate
    state.place = 0
    state.tone, state.feedback, state.width, state.level = 1.0, 0.0, 0.0, 0.0
    clear_delay(state)


@kernel
def clear_delay(state):
    """Forget all repeats, at the cost of a few stores; click-free once the sound is muted."""
    state.age = 0
    reset_tap(state.tap)
    state.dark[0] = state.dark[1] = 0.0


@kernel
def render_delay(state, time, feedback, tone, width, level, send_left, send_right, left, right):
    """Add one tick of the repeats of `send` to left and right, which may be the same buffers.

    time: seconds; feedback: factor from repeat to repeat; tone: Hz; width: 0 side by side .. 1 ping-pong; level: of the
    first repeat, a factor.
    """
    longest = min(LONGEST * state.samplerate, RING - 2.0 * TICK)
    move_tap(state.tap, int(min(max(clamp_or(time, 0.0, LONGEST, 1.0) * state.samplerate + 0.5, SHORTEST), longest)))
    feedback, width = clamp_or(feedback, 0.0, MOST, 0.0), clamp_or(width, 0.0, 1.0, 0.0)
    tone, level = clamp_or(tone, 20.0, OPEN, OPEN), clamp_or(level, 0.0, 4.0, 0.0)
    coefficient = 1.0 if tone == OPEN else 1 - math.exp(-2 * math.pi * tone / state.samplerate)
    for channel in range(2):
        silence(state.repeats[channel])
        add_tap(state.lines[channel], state.place, state.age, state.tap, state.repeats[channel])
    darken(state, state.tone, coefficient, state.repeats[0], state.repeats[1])
    enter(state.feedback, feedback, state.width, width, send_left, send_right, state.repeats, state.enters)
    for channel in range(2):
        write_line(state.lines[channel], state.place, state.enters[channel])
    add_ramp(state.level, level, state.repeats[0], left)
    add_ramp(state.level, level, state.repeats[1], right)
    state.tone, state.feedback, state.width, state.level = coefficient, feedback, width, level
    state.place = (state.place + TICK) % RING
    state.age += TICK


@kernel
def darken(state, start, end, left, right):
    """Run both channels through the low pass, its coefficient in a straight line."""
    slope = (end - start) / TICK
    dark_left, dark_right = state.dark[0], state.dark[1]
    for k in range(TICK):
        coefficient = start + (k + 1) * slope
        dark_left += coefficient * (left[k] - dark_left)
        dark_right += coefficient * (right[k] - dark_right)
        left[k], right[k] = dark_left, dark_right
    state.dark[0], state.dark[1] = dark_left, dark_right


@kernel
def enter(feedback, feedback_end, width, width_end, send_left, send_right, repeats, out):
    """Write what enters the lines: the sound, and its repeats, by `width` crossed over."""
    feedback_slope, width_slope = np.float32((feedback_end - feedback) / TICK), np.float32((width_end - width) / TICK)
    feedback, width, half, one = np.float32(feedback), np.float32(width), np.float32(0.5), np.float32(1)
    repeat_left, repeat_right, out_left, out_right = repeats[0], repeats[1], out[0], out[1]
    for k in range(TICK):
        cross, back = width + np.float32(k) * width_slope, feedback + np.float32(k) * feedback_slope
        straight = one - cross
        l, r = audible(send_left[k]), audible(send_right[k])
        l, r = l + half * cross * (r - l), straight * r
        l += back * (straight * repeat_left[k] + cross * repeat_right[k])
        r += back * (straight * repeat_right[k] + cross * repeat_left[k])
        out_left[k], out_right[k] = min(max(l, -HOTTEST), HOTTEST), min(max(r, -HOTTEST), HOTTEST)
