"""One tick of the instrument: control is heard, parameters glide, all sources sound. [audio] The recipe."""
from live.audio.layer import level_gain, render_layers
from live.audio.master import aim_master, render_master
from live.audio.modulation import glide_params, modulate, sounding_root
from live.audio.taking import take_control, tell_pictures
from live.dsp.degrees import degree_cents
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE
from live.dsp.pulse import render_pulse, step_pattern
from live.dsp.ramps import silence

PANIC_TIME = 0.04       # seconds from panic to silence
BEATS = 1               # of pulse.unit


@kernel
def render_tick(arena):
    """Fill arena.left and arena.right (TICK,) and move everything on by one tick."""
    take_control(arena)
    glide_params(arena)
    glide_degrees(arena)
    modulate(arena)
    p = arena.sounding.now
    now = arena.ticks * TICK
    root = sounding_root(p)
    step_pattern(arena.pulse, now, arena.samplerate, arena.seed, step_seconds(p), p.pulse_chance, p.pulse_spread_cents,
                 p.pulse_attack, p.pulse_release, int(p.pulse_pattern + 0.5), int(p.pulse_hits + 0.5),
                 int(p.pulse_steps + 0.5), int(p.pulse_rotation + 0.5), p.pulse_swing, p.pulse_breathe)
    move_gate(arena.gate, TICK / arena.samplerate, p.drone_attack, p.drone_release)
    aim_master(arena, p)
    clear(arena)
    render_layers(arena, root)
    tell_pictures(arena)
    render_pulses(arena, p, now, root / arena.samplerate * CYCLE)
    render_master(arena, p)
    arena.ticks += 1


@kernel
def step_seconds(p):
    """Return how long a step of the pattern lasts."""
    return p.pulse_step * 60 / p.tempo_bpm if int(p.pulse_unit + 0.5) == BEATS else p.pulse_step


@kernel
def glide_degrees(arena):
    """Move the degrees of the scale towards those that are wanted, in cents, at the pace of the tuning."""
    degrees, wanted = arena.degrees, arena.degrees_wanted
    pace = arena.degrees_pace
    for k in range(degrees.count, wanted.count):        # a new degree sets out from where its number stood
        degrees.cents[k] = degree_cents(degrees, k)
    degrees.count = wanted.count
    degrees.period += (wanted.period - degrees.period) * pace
    for k in range(wanted.count):
        degrees.cents[k] += (wanted.cents[k] - degrees.cents[k]) * pace


@kernel
def move_gate(gate, seconds, attack, release):
    """Open or close the gate a little further; after a panic, mute everything at once."""
    gate.place = min(1.0, gate.place + seconds / attack) if gate.open else max(0.0, gate.place - seconds / release)
    wanted = gate.velocity * gate.place * gate.place * (3 - 2 * gate.place)
    away = wanted - gate.level
    gate.level = wanted if abs(away) < 1e-6 else gate.level + away * min(1.0, 100 * seconds)
    slope = seconds / PANIC_TIME
    gate.mute = max(0.0, gate.mute - slope) if gate.panic else min(1.0, gate.mute + slope)


@kernel
def clear(arena):
    """Empty the mix and what is sent."""
    silence(arena.left)
    silence(arena.right)
    silence(arena.reverb_left)
    silence(arena.reverb_right)
    silence(arena.delay_left)
    silence(arena.delay_right)


@kernel
def render_pulses(arena, p, now, root_step):
    """Add the pulses to the mix; the gate follows their pattern."""
    arena.pulse.gate += arena.pulse.gate_slope
    before, arena.pulse_gain = arena.pulse_gain, level_gain(p.pulse_level_db) * arena.gate.level
    render_pulse(arena.pulse, now, root_step, before, arena.pulse_gain - before, arena.left, arena.right)
