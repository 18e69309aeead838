"""Every steerable parameter of the instrument, one row each; Board = where they stand now.

A parameter's dotted name is its identity: 'drone.drift_cents' is the OSC address /drone/drift_cents, the key
`drift_cents` under [drone] in a patch, the record field and shader uniform `drone_drift_cents`, the target of a MIDI
controller, and a row of the README's table. Everything is derived from the row; nothing is listed twice.

Values are float64 in plain units; a knob's 0..1 exists only at the edge (`from_knob`, `to_knob`). Files are read
strictly (`parse`), the stage is lenient (`clamp`). Knows nothing of sound, picture or controllers.
"""
import math
from dataclasses import dataclass, replace

import numpy as np

from live.isf import IsfError, list_shaders, read_header
from live.spelling import hint


@dataclass(frozen=True, slots=True)
class Param:
    """One steerable quantity.

    unit: as printed ('Hz', 's', 'dB', 'cents'), '' for a plain number.
    curve: key of CURVES, how a knob's 0..1 travels from low to high.
    glide: seconds in which the sound follows a change; 0 = at the next tick.
    choices: names of the steps 0, 1, 2 ... of a 'step' parameter.
    was: former names, so that old patches still load.
    """
    name: str
    unit: str
    low: float
    high: float
    default: float
    curve: str
    glide: float
    doc: str
    choices: tuple[str, ...] = ()
    was: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.name.partition('.')[0]

    @property
    def field(self) -> str:
        return self.name.replace('.', '_')

    @property
    def address(self) -> str:
        return '/' + self.name.replace('.', '/')

    def clamp(self, value: float) -> float:
        """Return the nearest allowed value; NaN becomes the lowest."""
        value = min(self.high, max(self.low, value))
        return round(value) if self.curve in ('step', 'count') else value

    def from_knob(self, position: float) -> float:
        """Return the value at knob position 0..1."""
        position = min(1.0, max(0.0, position))
        return self.clamp(CURVES[self.curve][0](position, self.low, self.high))

    def to_knob(self, value: float) -> float:
        """Return the knob position 0..1 of a value; 0 where there is but one."""
        if self.low == self.high:
            return 0.0
        return min(1.0, max(0.0, CURVES[self.curve][1](self.clamp(value), self.low, self.high)))

    def parse(self, value: object) -> float:
        """Return what a file says as a number; raise ValueError that tells what is allowed."""
        if isinstance(value, str) and value in self.choices:
            return self.choices.index(value)
        if isinstance(value, bool) and self.choices == SWITCH:
            return float(value)
        if self.choices:
            if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(self.choices):
                return value
            raise ValueError(f'{self.name} = {value!r} is none of {", ".join(self.choices)}'
                             + hint(str(value), self.choices))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
            raise ValueError(f'{self.name} = {value!r} is not a number')
        if not self.low <= value <= self.high:
            raise ValueError(f'{self.name} = {value:g}{self.unit and " " + self.unit} is outside {self.range_text}')
        return self.clamp(value)

    def text(self, value: float) -> str:
        """Return a value as a performer reads it."""
        if self.choices:
            return self.choices[int(self.clamp(value))]
        return f'{value:.4g} {self.unit}'.rstrip()

    @property
    def range_text(self) -> str:
        return ', '.join(self.choices) if self.choices else f'{self.low:.7g}..{self.high:.7g}'


CURVES = {      # name: (position, low, high) -> value, and its inverse
    'lin':    (lambda x, a, b: a + (b - a) * x,             lambda v, a, b: (v - a) / (b - a)),
    'square': (lambda x, a, b: a + (b - a) * x * x,         lambda v, a, b: math.sqrt((v - a) / (b - a))),
    'exp':    (lambda x, a, b: a * (b / a) ** x,            lambda v, a, b: math.log(v / a) / math.log(b / a)),
    'step':   (lambda x, a, b: a + (b - a) * x,             lambda v, a, b: (v - a) / (b - a)),
    'count':  (lambda x, a, b: a * (b / a) ** x,            lambda v, a, b: math.log(v / a) / math.log(b / a)),
}
SWITCH = ('off', 'on')
SILENT_DB = -60.0       # a level at the bottom of its range is silence

SOURCES = ('cluster', 'swarm', 'harmonic', 'saw', 'pulse', 'triangle', 'noise', 'resonator', 'pair', 'ghost',
           'cubic_ghost', 'input', 'frozen', 'picture')
FILTERS = ('off', 'low', 'band', 'high', 'notch')
WAVES = ('sine', 'triangle', 'walk', 'hold')
PROMPTS = 8             # that can be mixed
BENT = ('down', 'middle', 'up')         # parts of the network that can be bent
BENT_BLOCKS = ('all', '1', '2', '3', '4')
SCENES = 16             # slots
ROOM = 768              # values in memory: a shader more or less moves nothing that compiled code knows
NOTE = 'drone'          # the first layer; its group also holds what all layers share: the note
LAYERS = (NOTE, *(f'layer{number}' for number in range(2, 9)))

NOTE_PARAMS = (
    #     name                        unit      low    high  default curve   glide  doc
    Param('drone.root',               'Hz',      16,   8000, 466.16, 'exp',    .08, 'The note everything lives inside.'),
    Param('drone.bend_cents',         'cents', -2400,  2400,      0, 'lin',    .03, 'Bends everything together.'),
    Param('drone.attack',             's',     .005,     60,    1.5, 'exp',      0, 'Time for the sound to rise when the gate opens.'),
    Param('drone.release',            's',     .005,    120,      6, 'exp',      0, 'Time for the sound to fall when the gate closes.'),
    Param('drone.hold',               '',         0,      1,      1, 'step',     0, 'The note goes on when the last key is released.', SWITCH),
)
LAYER_PARAMS = (        # each of LAYERS has these; '*' stands for its name
    Param('*.source',                 '',         0, len(SOURCES) - 1, 0, 'step', 0, 'What the layer is made of.', SOURCES),
    Param('*.level_db',               'dB',     -60,      6,    -60, 'lin',    .05, 'Level of the layer; the lowest is silence.'),
    Param('*.pan',                    '',        -1,      1,      0, 'lin',    .05, 'Left (-1) to right (1).'),
    Param('*.width',                  '',         0,      1,     .9, 'lin',    .05, 'Stereo width.'),
    Param('*.interval_cents',         'cents', -6000,  6000,      0, 'lin',    .08, 'Where the layer lies against the root.'),
    Param('*.partials',               '',         1, 1048576,   384, 'count',  .05, 'Sines of a cluster (to 65,536), swarm, or harmonics; voices of a wave; resonators.'),
    Param('*.octaves',                '',         0,      6,      3, 'step',     0, 'Octaves below that a cluster or swarm fills as well.'),
    Param('*.spread_cents',           'cents',    0,   1200,     24, 'square', .05, 'The sound reaches this far above and below its centre.'),
    Param('*.distribution',           '',         0,      3,      0, 'step',     0, 'How partials lie within the spread: anywhere, crowded at the centre, on degrees of the scale, on its listed places.', ('uniform', 'gaussian', 'scale', 'ratios')),
    Param('*.placement',              '',         0,      1,      0, 'step',     0, 'Where partials lie between left and right.', ('random', 'pitch')),
    Param('*.tilt_db',                'dB',     -24,     24,     -3, 'lin',    .05, 'Level change per octave upwards.'),
    Param('*.drift_cents',            'cents',    0,    200,      5, 'square', .05, 'How far each partial wanders (standard deviation).'),
    Param('*.drift_half_life',        's',      .05,    600,      6, 'exp',      0, 'Time in which a wandering partial comes half way back.'),
    Param('*.drift_together',         '',         0,      1,      0, 'lin',    .05, 'Partials wander each on its own (0) or all together (1).'),
    Param('*.balance',                '',        -1,      1,      0, 'lin',    .05, 'Even or odd harmonics; the lower or the upper tone of a pair.'),
    Param('*.stretch',                '',         0,     .1,      0, 'square', .05, 'Inharmonicity of the harmonics, as of a stiff string.'),
    Param('*.pulse_width',            '',       .02,    .98,     .5, 'lin',    .05, 'Width of the pulse wave.'),
    Param('*.exact',                  '',         0,      1,      0, 'step',     0, 'Waves are added up of sines, with no alias at all.', SWITCH),
    Param('*.formant',                'Hz',      50,   8000,    900, 'exp',    .05, 'Centre of the formant of the harmonics; register of the tones of a ghost.'),
    Param('*.formant_db',             'dB',     -24,     36,      0, 'lin',    .05, 'Height of the formant.'),
    Param('*.beat',                   'Hz',       0,     50,      1, 'square', .05, 'Beats of a pair.'),
    Param('*.decay',                  's',      .05,     60,      4, 'exp',    .05, 'Time in which a resonator falls by 60 dB.'),
    Param('*.noise',                  '',         0,      1,     .3, 'lin',    .05, 'How much noise excites the resonators, beside the live input.'),
    Param('*.capture',                '',         0,      1,      0, 'step',     0, 'Turned on, it freezes what the live input plays now.', SWITCH),
    Param('*.snap',                   '',         0,      1,      0, 'lin',    .05, 'Draws frozen partials to the degrees of the scale.'),
    Param('*.sweep',                  'Hz',      -2,      2,    .05, 'lin',      0, 'Sweeps per second over a picture.'),
    Param('*.gate',                   '',         0,      1,      0, 'lin',    .05, 'How deep the pulse pattern cuts into the layer.'),
    Param('*.filter',                 '',         0,      4,      0, 'step',     0, 'Kind of filter.', FILTERS),
    Param('*.cutoff',                 'Hz',      20,  20000,   2000, 'exp',    .03, 'Corner of the filter.'),
    Param('*.resonance',              '',         0,      1,    .15, 'lin',    .05, 'Resonance of the filter; it sings near 1.'),
    Param('*.tracking',               '',         0,      1,      0, 'lin',    .05, 'The corner follows the root.'),
    Param('*.drive_db',               'dB',       0,     48,      0, 'lin',    .05, 'Saturation.'),
    Param('*.chorus',                 '',         0,      1,      0, 'lin',    .05, 'Ensemble.'),
    Param('*.cross',                  '',         0,      1,      0, 'lin',    .05, 'Its partner (drone and layer2, layer3 and layer4 ...) bends its phase.'),
    Param('*.ring',                   '',         0,      1,      0, 'lin',    .05, 'Its partner ring-modulates it.'),
    Param('*.reverb',                 '',         0,      1,    .25, 'lin',    .05, 'Sent to the reverb.'),
    Param('*.delay',                  '',         0,      1,      0, 'lin',    .05, 'Sent to the delay.'),
)
LAYER_DEFAULTS = {'drone.level_db': -12.0, 'drone.gate': .3}      # the first layer sounds without being asked


def layer_params(layer: str) -> tuple[Param, ...]:
    """Return the rows of one layer."""
    rows = (replace(p, name=p.name.replace('*', layer)) for p in LAYER_PARAMS)
    return tuple(replace(p, default=LAYER_DEFAULTS.get(p.name, p.default)) for p in rows)


HEARD = (               # what compiled code reads by name
    *NOTE_PARAMS,
    *(p for layer in LAYERS for p in layer_params(layer)),
    #     name                        unit      low    high  default curve   glide  doc
    Param('pulse.level_db',           'dB',     -60,      6,    -18, 'lin',    .05, 'Level of the syncopated pulses; the lowest is silence.'),
    Param('pulse.step',               's',      .02,     10,     .1, 'exp',      0, 'Time from one step of the pattern to the next.'),
    Param('pulse.chance',             '',         0,      1,   1 / 3, 'lin',     0, 'Chance that a step sounds: 1/3 is the pattern drawn from {0, 0, 1}.'),
    Param('pulse.spread_cents',       'cents',    0,   1200,     24, 'square',   0, 'A pulse lies anywhere this far above or below the root.'),
    Param('pulse.attack',             's',     .001,      2,   .012, 'exp',      0, 'Time for a pulse to rise.'),
    Param('pulse.release',            's',     .005,     10,    .25, 'exp',      0, 'Time for a pulse to fall by 60 dB.'),
    Param('pulse.pattern',            '',         0,      1,      0, 'step',     0, 'Steps are drawn by chance, or spread evenly (Euclid) and then drawn.', ('random', 'euclid')),
    Param('pulse.hits',               '',         1,     64,      5, 'count',    0, 'Sounding steps of a Euclidean pattern.'),
    Param('pulse.steps',              '',         1,     64,     16, 'count',    0, 'Steps of a Euclidean pattern.'),
    Param('pulse.rotation',           '',         0,     63,      0, 'step',     0, 'Step at which a Euclidean pattern begins.'),
    Param('pulse.swing',              '',         0,    .75,      0, 'lin',      0, 'Every other step comes late by this part of a step.'),
    Param('pulse.unit',               '',         0,      1,      0, 'step',     0, 'A step lasts seconds, or beats of the tempo.', ('seconds', 'beats')),
    Param('pulse.breathe',            '',         0,      1,      0, 'step',     0, 'The pattern only breathes: no step begins or ends, the level swells and ebbs.', SWITCH),
    Param('tempo.bpm',                'bpm',     20,    300,     60, 'exp',      0, 'Tempo, where something counts in beats.'),
    Param('tempo.beats',              '',         1,     16,      4, 'step',     0, 'Beats of a bar.'),
    Param('tempo.follow',             '',         0,      2,      0, 'step',     0, 'Who sets the tempo: the performer, MIDI clock, or Ableton Link.', ('own', 'clock', 'link')),
    Param('tempo.quantise',           '',         0,      2,      0, 'step',     0, 'Scenes and cues begin at once, on the next beat, or on the next bar.', ('off', 'beat', 'bar')),
    Param('lfo1.rate',                'Hz',   .0005,     20,    .05, 'exp',      0, 'Speed of modulator 1.'),
    Param('lfo1.wave',                '',         0,      3,      0, 'step',     0, 'Shape of modulator 1: a walk moves on smoothly, hold jumps as softly as its slew.', WAVES),
    Param('lfo1.slew',                '',         0,      1,     .3, 'lin',      0, 'Part of the time that a jump of modulator 1 takes.'),
    Param('lfo2.rate',                'Hz',   .0005,     20,    .02, 'exp',      0, 'Speed of modulator 2.'),
    Param('lfo2.wave',                '',         0,      3,      2, 'step',     0, 'Shape of modulator 2: a walk moves on smoothly, hold jumps as softly as its slew.', WAVES),
    Param('lfo2.slew',                '',         0,      1,     .3, 'lin',      0, 'Part of the time that a jump of modulator 2 takes.'),
    Param('lfo3.rate',                'Hz',   .0005,     20,   .007, 'exp',      0, 'Speed of modulator 3.'),
    Param('lfo3.wave',                '',         0,      3,      0, 'step',     0, 'Shape of modulator 3: a walk moves on smoothly, hold jumps as softly as its slew.', WAVES),
    Param('lfo3.slew',                '',         0,      1,     .3, 'lin',      0, 'Part of the time that a jump of modulator 3 takes.'),
    Param('lfo4.rate',                'Hz',   .0005,     20,     .3, 'exp',      0, 'Speed of modulator 4.'),
    Param('lfo4.wave',                '',         0,      3,      3, 'step',     0, 'Shape of modulator 4: a walk moves on smoothly, hold jumps as softly as its slew.', WAVES),
    Param('lfo4.slew',                '',         0,      1,     .3, 'lin',      0, 'Part of the time that a jump of modulator 4 takes.'),
    Param('input.level_db',           'dB',     -60,     12,    -60, 'lin',    .05, 'Level of the live input in what is heard; the lowest is silence.'),
    Param('input.analysis',           '',         0,      1,      0, 'lin',    .05, 'What the picture listens to: the synthesizer (0) or the live input (1).'),
    Param('reverb.level_db',          'dB',     -60,      6,     -6, 'lin',    .05, 'Level of the reverb; the lowest is silence.'),
    Param('reverb.decay',             's',       .1,    600,      8, 'exp',      0, 'Time in which low tones fall by 60 dB.'),
    Param('reverb.decay_high',        's',       .1,    600,      3, 'exp',      0, 'Time in which high tones fall by 60 dB.'),
    Param('reverb.crossover',         'Hz',     100,  10000,   2500, 'exp',      0, 'Between low and high.'),
    Param('reverb.size',              '',        .2,      2,      1, 'lin',      0, 'Size of the room.'),
    Param('reverb.predelay',          's',        0,    .25,    .02, 'lin',      0, 'Time before the first echo.'),
    Param('reverb.motion',            '',         0,      1,     .4, 'lin',    .05, 'How much the room moves.'),
    Param('reverb.freeze',            '',         0,      1,      0, 'step',     0, 'The room holds what it hears for ever.', SWITCH),
    Param('delay.level_db',           'dB',     -60,      6,     -6, 'lin',    .05, 'Level of the repeats; the lowest is silence.'),
    Param('delay.time',               's',      .01,      4,      1, 'exp',      0, 'Time from repeat to repeat.'),
    Param('delay.feedback',           '',         0,    .98,     .5, 'lin',    .05, 'What is left of one repeat in the next.'),
    Param('delay.tone',               'Hz',     200,  20000,   6000, 'exp',    .05, 'Repeats lose what lies above.'),
    Param('delay.width',              '',         0,      1,     .7, 'lin',    .05, 'Repeats go from side to side.'),
    Param('master.tilt_db',           'dB',     -12,     12,      0, 'lin',    .05, 'Darker (below 0) or brighter (above), around 1 kHz.'),
    Param('master.limit_release',     's',      .02,      2,     .2, 'exp',      0, 'Time in which the limiter lets go.'),
    Param('prompt.mix',               '',         0,      1,      0, 'lin',      0, 'From the first prompt (0) to the second (1), along the sphere.'),
    *(Param(f'prompt.weight{n}',      '',         0,      1, float(n == 1), 'lin',      0, f'Weight of prompt {n} in what is dreamt.') for n in range(1, PROMPTS + 1)),
    Param('prompt.transition',        's',        0,     60,      6, 'square',   0, 'Time in which new words and weights take over from the old.'),
    Param('prompt.negative',          '',         0,      2,      0, 'lin',      0, 'How far the dream turns away from the negative prompt.'),
    Param('embedding.inject',         '',         0,      1,     .1, 'lin',      0, 'How far sound takes the place of the words.', (), ('embedding.balance',)),
    Param('embedding.append',         '',         0,      1,     .3, 'lin',      0, 'How much sound stands behind the words, as tokens of its own.'),
    Param('embedding.steer',          '',         0,      1,     .8, 'lin',      0, 'How far sound leads the words through a bank of prompts.'),
    Param('embedding.mode',           '',         0,      1,      0, 'step',     0, 'Injected sound replaces the words or is added to them.', ('replace', 'add')),
    Param('embedding.feature',        '',         0,      3,      0, 'step',     0, 'What of the sound is injected: its spectrum on a logarithmic axis, its samples, its spectrum at 10 cents a channel, or the linear FFT.', ('fft', 'waveform', 'cents', 'linear')),
    Param('embedding.depth',          '',         0,      2,      1, 'lin',      0, 'How far sound moves the embedding, in deviations of real prompts.'),
    Param('embedding.level_to_depth', '',        -1,      1,     .3, 'lin',      0, 'Loudness adds to the depth.'),
    Param('dream.strength',           '',         0,      1,    .45, 'lin',      0, 'How much each dream changes the one before: the timestep itself, continuous.'),
    Param('dream.level_to_strength',  '',        -1,      1,     .1, 'lin',      0, 'Loudness adds to the strength.'),
    Param('dream.steps',              '',         1,      4,      1, 'count',    0, 'Steps of diffusion in one dream.'),
    Param('dream.size',               '',         0,      4,      0, 'step',     0, 'Size of a dream in pixels.', ('model', '256', '384', '512', '640x384')),
    Param('dream.feedback',           '',         0,      1,     .8, 'lin',      0, 'A dream grows from the one before (1) or from the pictures of init (0).'),
    Param('dream.loop',               '',         0,      1,      0, 'step',     0, 'What of a dream goes into the next: its latent or its pixels.', ('latent', 'pixel')),
    Param('dream.noise',              '',         0,      3,      2, 'step',     0, 'Noise under each dream: the same, new, walking on a great circle, or coarse walking and fine new.', ('fixed', 'fresh', 'walk', 'split')),
    Param('dream.walk',               'Hz',       0,      2,    .02, 'square',   0, 'Turns per second of the walking noise.'),
    Param('dream.seed',               '',         0,    100,      0, 'lin',      0, 'Noise of another seed; between two whole numbers lies the great circle between their noises.'),
    Param('dream.skip',               '',         0,      1,      0, 'lin',      0, 'Dreams are left out while what they are made from moves less than this; saves power.'),
    Param('feedback.zoom',            '1/s',    .25,      4,      1, 'exp',      0, 'The last dream grows (above 1) or shrinks by this factor a second.'),
    Param('feedback.rotate',          'deg/s', -180,    180,      0, 'lin',      0, 'The last dream turns.'),
    Param('feedback.pan_x',           '1/s',     -1,      1,      0, 'lin',      0, 'The last dream moves right, in widths a second.'),
    Param('feedback.pan_y',           '1/s',     -1,      1,      0, 'lin',      0, 'The last dream moves up, in heights a second.'),
    Param('feedback.warp',            '',         0,      1,      0, 'lin',      0, 'The last dream flows in slow eddies.'),
    Param('feedback.hue',             '1/s',     -1,      1,      0, 'lin',      0, 'Colours of the last dream go around the wheel, in turns a second.'),
    Param('feedback.blur',            '',         0,      1,      0, 'lin',      0, 'The last dream grows soft.'),
    Param('feedback.hold',            '',         0,      1,     .3, 'lin',      0, 'How firmly colour and contrast are held to what they have been.'),
    Param('feedback.memory',          's',        1,    600,     60, 'exp',      0, 'Time in which that memory follows.'),
    Param('feedback.limit',           '',         1,     10,      4, 'lin',      0, 'Largest value of a latent, in deviations of real ones.'),
    Param('feedback.rescue',          '',         0,      1,      1, 'step',     0, 'Begins anew from the pictures of init when a dream has died: flat, saturated or frozen.', SWITCH),
    Param('feedback.reanchor',        '',         0,      1,      0, 'step',     0, 'Turned on, it begins anew from the pictures of init.', SWITCH),
    Param('init.motes',               '',         0,      1,      1, 'lin',      0, 'Share of the motes in the picture that dreams begin from.'),
    Param('init.spectrogram',         '',         0,      1,      0, 'lin',      0, 'Share of the spectrogram of the last seconds.'),
    Param('init.shaders',             '',         0,      1,      0, 'lin',      0, 'Share of the picture that the shaders before the dream make.'),
    Param('init.image',               '',         0,      1,      1, 'lin',      0, 'Share of the image given with --image.'),
    Param('init.camera',              '',         0,      1,      1, 'lin',      0, 'Share of the camera given with --camera.'),
    Param('init.turn',                's',        1,    600,     20, 'exp',      0, 'Time that each image of a folder stays.'),
    *(Param(f'bend.{part}_scale',     '',         0,      3,      1, 'lin',      0, f'Scales what the {part} blocks of the network say.') for part in BENT),
    *(Param(f'bend.{part}_rotate',    'deg',   -180,    180,      0, 'lin',      0, f'Turns what the {part} blocks say: pairs of channels into each other.') for part in BENT),
    *(Param(f'bend.{part}_noise',     '',         0,      2,      0, 'lin',      0, f'Adds noise to what the {part} blocks say.') for part in BENT),
    *(Param(f'bend.{part}_block',     '',         0,      4,      0, 'step',     0, f'Which of the {part} blocks is bent, counted along the way; beyond the last: the last.', BENT_BLOCKS) for part in BENT[::2]),
    Param('display.mix',              '',         0,      1,     .6, 'lin',      0, 'Motes (0) or dream (1).'),
    Param('display.motion',           '',         0,      2,      0, 'step',     0, 'How one dream becomes the next: it fades, flows along what moves, or is dreamt in between.', ('fade', 'flow', 'latent')),
    Param('display.shaders',          '',         0,      1,      1, 'lin',      0, 'The picture as it is (0), or as the shaders after the dream make it (1).'),
    Param('display.fade',             's',        0,      5,     .4, 'square',   0, 'Time in which one dream fades into the next.'),
    Param('display.brightness',       '',         0,      2,      1, 'lin',      0, 'Brightness of the picture.'),
    Param('motes.density',            '',         0,      1,     .5, 'lin',      0, 'How many motes hang in the air.'),
    Param('motes.size',               '',         0,      1,     .5, 'lin',      0, 'How large the motes are.'),
    Param('motes.softness',           '',         0,      1,     .6, 'lin',      0, 'How soft their edges are.'),
    Param('motes.speed',              '',         0,      1,     .3, 'lin',      0, 'How fast they move.'),
    Param('motes.hue',                '',         0,      1,     .6, 'lin',      0, 'Their colour around the wheel: .6 is blue.'),
    Param('motes.clouds',             '',         0,      1,     .6, 'lin',      0, 'How thick the clouds behind them are.'),
    Param('stage.gain_db',            'dB',     -60,      6,      0, 'lin',    .05, 'Main level; the lowest is silence.'),
    Param('stage.blackout',           '',         0,      1,      0, 'step',     0, 'The picture goes black; the sound goes on.', SWITCH),
    Param('stage.freeze',             '',         0,      1,      0, 'step',     0, 'The picture stands still; the sound goes on.', SWITCH),
    Param('stage.guard',              '',         0,      1,      0, 'step',     0, 'Flashes that may harm are softened.', SWITCH),
    Param('stage.morph',              's',        0,    600,      4, 'square',   0, 'Time in which a scene or a cue takes over.'),
    Param('stage.position',           '',         0,      1,      0, 'lin',      0, 'From scene A (0) to scene B (1), through all that are stored between.'),
    Param('stage.scene_a',            '',         1, SCENES,      1, 'step',     0, 'Number of scene A.'),
    Param('stage.scene_b',            '',         1, SCENES,      2, 'step',     0, 'Number of scene B.'),
    Param('stage.overlay',            '',         0,      1,      0, 'step',     0, 'Figures over the picture: rates, load, age.', SWITCH),
)


def shader_params() -> tuple[Param, ...]:
    """Return a row for each knob of the shaders; one that cannot be read has none, and is told when it is drawn."""
    taken, rows = {p.group for p in HEARD}, []
    for path in list_shaders():
        try:
            knobs = read_header(path).knobs if path.stem not in taken else ()
        except IsfError:
            continue
        rows += [Param(knob.name, '', knob.low, knob.high, knob.default, 'step' if knob.choices else 'lin', 0, knob.doc,
                       knob.choices) for knob in knobs]
    return tuple(rows[:ROOM - len(HEARD)])


PARAMS = (*HEARD, *shader_params())
BY_NAME = {name: p for p in PARAMS for name in (p.name, *p.was)}
BY_ADDRESS = {'/' + name.replace('.', '/'): p for name, p in BY_NAME.items()}
GROUPS = tuple(dict.fromkeys(p.group for p in PARAMS))
RECORD = np.dtype([(p.field, 'f8') for p in HEARD])     # kernels read p.drone_root by name
LAYER_RECORD = np.dtype([(p.name.partition('.')[2], 'f8') for p in LAYER_PARAMS])     # and p.layers[1].cutoff
LAYER_START = 8 * len(NOTE_PARAMS)              # bytes before the first layer's
STAGE = 'stage'     # the group that belongs to the performer: no patch sets it


def find_param(name: str) -> Param:
    """Return the row of a dotted name; raise KeyError that tells the nearest spelling."""
    if name not in BY_NAME:
        raise KeyError(f'{name} is unknown{hint(name, BY_NAME)}')
    return BY_NAME[name]


class Board:
    """Where every parameter stands now. [any] reads; control and patches write.

    memory: (ROOM,) float64; give a view of what compiled code reads, or nothing; fresh=False leaves in it what stands
    there. values: (len(PARAMS),), the same in the order of PARAMS; record: shape (1,), dtype RECORD, the same by field.
    One store of 8 aligned bytes is seen whole by other threads, so there is no lock.
    """

    def __init__(self, memory: np.ndarray | None = None, fresh: bool = True) -> None:
        self.memory = np.zeros(ROOM) if memory is None else memory
        self.values = self.memory[:len(PARAMS)]
        self.record = self.memory[:len(HEARD)].view(RECORD)
        if fresh:
            self.reset()

    def reset(self) -> None:
        """Put every parameter to its default."""
        for index, param in enumerate(PARAMS):
            self.values[index] = param.default

    def __getitem__(self, name: str) -> float:
        """Return an allowed value; where routes have moved a choice or a count half way, the nearest."""
        param = find_param(name)
        return param.clamp(float(self.values[_INDEX[param.name]]))

    def __setitem__(self, name: str, value: float) -> None:
        param = find_param(name)
        self.values[_INDEX[param.name]] = param.clamp(value)

    def turn(self, name: str, position: float) -> None:
        """Set a parameter by knob position 0..1."""
        self[name] = find_param(name).from_knob(position)

    def items(self) -> list[tuple[str, float]]:
        return [(p.name, float(v)) for p, v in zip(PARAMS, self.values)]


_INDEX = {p.name: index for index, p in enumerate(PARAMS)}


def find_number(name: str) -> int:
    """Return the place of a parameter among PARAMS."""
    return _INDEX[find_param(name).name]


def describe() -> list[dict]:
    """Return every row as plain data, for OSC clients, pages and files."""
    return [{'name': p.name, 'address': p.address, 'unit': p.unit, 'low': p.low, 'high': p.high, 'default': p.default,
             'curve': p.curve, 'choices': list(p.choices), 'doc': p.doc} for p in PARAMS]


def markdown_table() -> str:
    """Return the table that stands in the README."""
    rows = ['| parameter | range | unit | default | what it does |', '|---|---|---|---|---|']
    rows += [f'| `{p.name}` | {p.range_text} | {p.unit} | {p.text(p.default).removesuffix(p.unit).strip()} | {p.doc} |'
             for p in PARAMS if p.group not in LAYERS[1:]]
    rows.append(f'| `{LAYERS[1]}.*` ... `{LAYERS[-1]}.*` | | | | Seven more layers, each with what `drone.source` to '
                '`drone.delay` are to the first; silent until given a level. |')
    return '\n'.join(rows)
