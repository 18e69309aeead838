"""Does the loop last a night? Every mode of feedback, 10,000 dreams each, with nothing but itself to grow from.

Each film begins from one picture of lights and then feeds on itself alone (feedback 1), zooming and turning, while its
words move slowly, as a drone moves them, and never stand; 25 dreams to a second of sound. Nothing may come in that
would refresh it: this is the hardest case, a closed loop, which burns in, fades, or freezes unless it is held. Looked
at from outside, in the pixels: each colour channel's mean against that of the first second, in deviations of its pixels
then; entropy of the light in bits; and pictures that were there before.

Budget: no channel mean beyond 3 deviations, entropy never under half of the start, no two pictures alike. reanchors are
dreams that died and were begun anew; a loop that needs them often is not held.

    python bench/feedback.py [--quick] [--model embedded] [--pixels 64] [--frames 10000]
"""
import dataclasses
import hashlib
import math
import time

import numpy as np

from common import argument_parser, machine, print_json, print_table

RATE, SAMPLERATE = 25, 48000
START = 25              # dreams that tell what is usual
BINS = 64               # of the histogram of light
PROMPTS = ('slow light over dark water, blue and silver', 'a forest of copper threads in warm fog',
           'violet clouds at night')
WORDS_PERIODS = 40.0, 40.0 * (math.sqrt(5) - 1) / 2     # seconds of two swings of the words, which never agree again
SWING = 0.25            # of the way from prompt to prompt; nowhere do both swings stand still
WALK = 0.05             # turns of the noise a second
FARTHEST, LOWEST = 3.0, 0.5


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument('--model', default='random:tiny', help='as of live play; its own size unless --pixels')
    parser.add_argument('--pixels', type=int, help='size of a dream; 64 of random:tiny, else the own one')
    parser.add_argument('--frames', type=int, default=10_000, help='dreams in each mode')
    arguments = parser.parse_args()
    frames = min(arguments.frames, 300) if arguments.quick else arguments.frames
    engine, words = build(arguments.model, arguments.pixels or (64 if arguments.model == 'random:tiny' else None))
    print(f'{machine()}; {engine.name}, {engine.reason}; {engine.model.size} pixels; {frames} dreams a mode\n')
    from live.params import BY_NAME
    loops, noises = BY_NAME['dream.loop'].choices, BY_NAME['dream.noise'].choices
    figures = {f'{loop} {noise}': run(engine, words, loops.index(loop), noises.index(noise), frames)
               for loop in loops for noise in noises}
    rows = [(mode, *(value if isinstance(value, int) else f'{value:.3g}' for value in row.values()),
             'yes' if lasts(row) else 'NO') for mode, row in figures.items()]
    print_table(rows, ('mode', *next(iter(figures.values())), 'lasts'))
    print_json(figures)


def build(name: str, pixels: int | None):
    """Return an engine and a function: seconds -> embedding."""
    import torch
    from live.conditioning.prompts import PromptBook, slerp
    from live.diffusion.models import load_model
    from live.diffusion.turbo import Turbo
    model = load_model(name)
    if model.device == 'cpu':
        torch.set_num_threads(1)        # two that wait for each other are slower on small pictures
    book = PromptBook(model.tokenizer, model.text_encoder, lambda text: None)
    first, second, third = (book.encode(prompt) for prompt in PROMPTS)
    engine = Turbo(dataclasses.replace(model, size=pixels or model.size), samplerate=SAMPLERATE)

    def words(seconds: float) -> np.ndarray:
        turns = [2 * math.pi * seconds / period for period in WORDS_PERIODS]
        between = slerp(first, second, 0.5 - 2 * SWING * math.cos(turns[0]))
        return slerp(between, third, 0.5 - SWING * math.sin(turns[1])).astype(np.float32)
    return engine, words


def run(engine, words, loop: int, noise: int, frames: int) -> dict:
    """Return the figures of one mode."""
    from live.params import Board
    from live.signals import Conditioning
    board, init = Board(), draw_lights(engine.model.size)
    board['dream.loop'], board['dream.noise'], board['dream.feedback'] = loop, noise, 1.0
    board['feedback.zoom'], board['feedback.rotate'] = 1.1, 6.0
    engine.reset()
    looks, seen, began = [], set(), time.perf_counter()
    for number in range(frames):
        seconds = number / RATE
        pixels = engine.dream(Conditioning(words(seconds), board['dream.strength'], 2 * math.pi * WALK * seconds,
                                           number * SAMPLERATE // RATE), board, init)
        looks.append(look(pixels))
        seen.add(hashlib.blake2b(pixels.tobytes(), digest_size=16).digest())
    rate = frames / (time.perf_counter() - began)
    means, deviations, entropies = (np.array(part) for part in zip(*looks))
    usual, size, entropy = (part[:START].mean(0) for part in (means, deviations, entropies))
    return {'frames': frames, 'worst_deviation': round(float((np.abs(means - usual) / size).max()), 3),
            'reanchors': engine.reanchors, 'lowest_entropy': round(float(entropies.min() / entropy), 3),
            'repeated': frames - len(seen), 'dreams_per_second': round(rate, 1)}


def lasts(row: dict) -> bool:
    return row['worst_deviation'] <= FARTHEST and row['lowest_entropy'] >= LOWEST and row['repeated'] == 0


def look(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return mean and deviation of each channel, and the entropy of the light in bits."""
    colours = pixels[..., :3].reshape(-1, 3).astype(np.float64)
    share = np.histogram(colours.mean(1), BINS, (0, 256))[0] / len(colours)
    share = share[share > 0]
    return colours.mean(0), colours.std(0), float(-(share * np.log2(share)).sum())


def draw_lights(size: int) -> np.ndarray:
    """Return coloured lights on a dim sky, (size, size, 3) uint8."""
    generator = np.random.default_rng(3)
    y, x = np.mgrid[:size, :size] / size
    picture = np.stack((0.1 + 0.1 * y, 0.1 + 0 * x, 0.2 + 0.1 * x), -1)
    for (right, down), colour in zip(generator.random((24, 2)), generator.random((24, 3))):
        picture += np.exp(-((x - right) ** 2 + (y - down) ** 2) / 0.003)[..., None] * colour
    return np.uint8(255 * np.clip(picture, 0, 1))


if __name__ == '__main__':
    main()
