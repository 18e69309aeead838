"""The audio callback: compiled, and never in need of Python's lock. [audio]

PortAudio, the clock stream and the offline renderer all call the same C function with a pointer to the arena. It works
in ticks of TICK frames and carries what is left of one over to the next call, so any blocksize gives the same samples.
"""
import ctypes
import math

from numba import carray, cfunc, from_dtype, types

from live.audio.analysis import hear
from live.audio.arena import ARENA, INTERVALS, LOADS
from live.audio.tick import render_tick
from live.dsp.intrinsics import flush_denormals, now_ns, restore_denormals, thread_self
from live.dsp.kernel import TICK, exact
from live.dsp.output import finish_sample
from live.wires import load_acquire, store_release

UNDERFLOW, OVERFLOW = 4, 2      # PaStreamCallbackFlags: paOutputUnderflow, paInputOverflow
SETTLING = 0.1                  # seconds at the start in which such flags mean nothing
LOUDEST = 4.0                   # of the live input, +12 dBFS


@exact
def render_frames(arena, indata, outdata):
    """Fill outdata (frames, 2) float32, reading indata (frames, inputs) float32."""
    done, frames = 0, len(outdata)
    while done < frames:
        if arena.position == 0:
            take_input(arena)
            render_tick(arena)
        count = min(TICK - arena.position, frames - done)
        finish_frames(arena, indata, outdata, done, count)
        arena.position = (arena.position + count) % TICK
        done += count


@exact
def take_input(arena):
    """Hand the live input of the last tick to the layers."""
    if arena.inputs > 0:
        for k in range(TICK):
            arena.in_left[k], arena.in_right[k] = arena.next_left[k], arena.next_right[k]


@exact
def finish_frames(arena, indata, outdata, start, count):
    """Add the direct input and hand `count` frames of the present tick to speakers, analysis and recorder."""
    clock = load_acquire(arena.sound_head, 0)
    for k in range(count):
        place = arena.position + k
        part = place / TICK
        heard = arena.input_gain[0] + part * (arena.input_gain[1] - arena.input_gain[0])
        share = arena.share[0] + part * (arena.share[1] - arena.share[0])
        in_left, in_right = read_input(arena, indata, start + k)
        arena.next_left[place], arena.next_right[place] = in_left, in_right
        left = finish_sample(arena.output, 0, arena.left[place], heard * in_left)
        right = finish_sample(arena.output, 1, arena.right[place], heard * in_right)
        outdata[start + k, 0], outdata[start + k, 1] = left, right
        ring = (clock + k) % len(arena.sound)
        arena.sound[ring, 0], arena.sound[ring, 1] = left, right
        mono = 0.5 * (in_left + in_right)
        hear(arena, (1 - share) * arena.heard[place] + share * mono, mono, left, right, clock + k + 1)
    store_release(arena.sound_head, 0, clock + count)


@exact
def read_input(arena, indata, frame):
    """Return left and right of the live input; what is not finite is counted and silent, what is absurd is held."""
    if arena.inputs == 0:
        return 0.0, 0.0
    left, right = float(indata[frame, 0]), float(indata[frame, arena.inputs - 1])
    if math.isfinite(left) and math.isfinite(right):
        return min(LOUDEST, max(-LOUDEST, left)), min(LOUDEST, max(-LOUDEST, right))
    arena.stats.nan += 1
    return 0.0, 0.0


@exact
def count_block(stats, samplerate, flags, frames, begin, end):
    """Keep the figures of one callback; begin, end: nanoseconds."""
    duration = 1e9 * frames / samplerate
    stats.callbacks += 1
    if stats.last_ns and stats.last_frames:
        due = 1e9 * stats.last_frames / samplerate
        interval = begin - stats.last_ns
        stats.late += interval > 1.5 * due
        stats.interval[min(INTERVALS - 1, int(20 * interval / due))] += 1
    stats.load[min(LOADS - 1, int(100 * (end - begin) / duration))] += 1
    stats.longest_ns = max(stats.longest_ns, end - begin)
    stats.last_ns, stats.last_frames = begin, frames
    if stats.frames > SETTLING * samplerate:
        stats.underflows += (flags & UNDERFLOW) != 0
        stats.overflows += (flags & OVERFLOW) != 0
    stats.frames += frames


_SAMPLES = types.CPointer(types.float32)
_ARENA = types.CPointer(from_dtype(ARENA))
_CALLBACK = types.int32(_SAMPLES, _SAMPLES, types.uintp, types.voidptr, types.uintp, _ARENA)


@cfunc(_CALLBACK, cache=True, error_model='numpy')
def render_block(indata, outdata, frames, time, flags, userdata):
    """Serve PortAudio as a PaStreamCallback; userdata points to the arena."""
    arena = carray(userdata, (1,))[0]
    begin = now_ns()
    mode = flush_denormals()
    arena.stats.thread = thread_self()
    render_frames(arena, carray(indata, (frames, arena.inputs)), carray(outdata, (frames, 2)))
    if frames > 0:
        count_block(arena.stats, arena.samplerate, flags, frames, begin, now_ns())
    restore_denormals(mode)
    return 0


# The same function for Python: ctypes lets go of the lock while it runs.
call_block = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p,
                              ctypes.c_size_t, ctypes.c_void_p)(render_block.address)
