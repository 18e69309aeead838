"""The master: space, tone, level and limit for the sum of all layers. [audio]

    mix + reverb(sent) + delay(sent) -> DC block -> what is analyzed -> main level -> tilt -> limiter at -1 dBFS

A panic mutes here, and then empties reverb and delay, so nothing of what was is heard when the sound comes back.
"""
import numpy as np

from live.audio.layer import level_gain
from live.dsp.clamp import is_finite
from live.dsp.delay import clear_delay, render_delay
from live.dsp.kernel import TICK, kernel
from live.dsp.limiter import process_limiter
from live.dsp.ramps import multiply_ramp
from live.dsp.reverb import clear_reverb, render_reverb
from live.dsp.tilt import process_tilt


@kernel
def render_master(arena, p):
    """Finish arena.left and arena.right (TICK,); what is analyzed goes to arena.heard."""
    left, right = arena.left, arena.right
    render_reverb(arena.reverb, p.reverb_decay, p.reverb_decay_high, p.reverb_crossover, p.reverb_size,
                  p.reverb_predelay, p.reverb_motion, p.reverb_freeze, level_gain(p.reverb_level_db),
                  arena.reverb_left, arena.reverb_right, left, right)
    render_delay(arena.delay, p.delay_time, p.delay_feedback, p.delay_tone, p.delay_width,
                 level_gain(p.delay_level_db), arena.delay_left, arena.delay_right, left, right)
    for channel in range(2):
        samples = right if channel else left
        block_dc(arena.dc, channel, arena.output.pole, samples)
        multiply_ramp(arena.mute[0], arena.mute[1], samples)
    if arena.mute[0] == 0 and arena.mute[1] == 0:
        clear_reverb(arena.reverb)
        clear_delay(arena.delay)
    for k in range(TICK):
        heard = np.float32(0.5) * (left[k] + right[k])
        finite = is_finite(heard)
        arena.heard[k] = heard if finite else np.float32(0)
        arena.stats.nan += not finite
    multiply_ramp(arena.main[0], arena.main[1], left)
    multiply_ramp(arena.main[0], arena.main[1], right)
    process_tilt(arena.tilt, p.master_tilt_db, left, right)
    process_limiter(arena.limiter, p.master_limit_release, left, right)


@kernel
def aim_master(arena, p):
    """Set all levels of the master at the end of this tick; those at its start are where the last one ended."""
    arena.main[0], arena.main[1] = arena.main[1], level_gain(p.stage_gain_db)
    arena.mute[0], arena.mute[1] = arena.mute[1], arena.gate.mute
    arena.input_gain[0], arena.input_gain[1] = arena.input_gain[1], level_gain(p.input_level_db) * arena.gate.mute \
        * level_gain(p.stage_gain_db)
    arena.share[0], arena.share[1] = arena.share[1], p.input_analysis if arena.inputs else 0.0


@kernel
def block_dc(state, channel, pole, samples):
    """Take away what lies below 5 Hz, as the output stage does from the input: y = x - x' + r y'."""
    before, out = state.before[channel], state.out[channel]
    for k in range(TICK):
        x = np.float64(samples[k])
        out = x - before + pole * out
        before = x
        samples[k] = out
    state.before[channel] = before if is_finite(before) else 0.0
    state.out[channel] = out if is_finite(out) else 0.0
