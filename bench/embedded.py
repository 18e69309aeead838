"""Does the model that ships with the instrument obey words and sound, and is it sharp, various, lasting and fast?

Pictures come from the loop of the stage: load_model, PromptBook, Turbo, one step. They are compared with what the
picture maker draws that the model was trained on, and judged by a small classifier that has seen drawn pictures alone.
Captions, properties and noise come from seeds that no training uses; a short caption may have occurred there by chance.

    words       one step from noise, captions of one family: does the judge see what was said? Beside it, what it sees
                in drawn pictures of the same specs: the ceiling
    sound       each property swept through its range, words and noise held: Spearman's rank correlation of the
                property with its measure in the picture, mean over sweeps of all families. From made-up sound at full
                weight, the other values in their middle; from drones that the instrument plays offline, through the
                conditioner, at full weight, and with all mappings at their defaults, as on stage. Beside them,
                pictures drawn with the property swept, and with all that is heard of those drones: the ceilings
    sharpness   energy of the light above a quarter of Nyquist, over that of drawn pictures of the same specs
    diversity   mean distance of two pictures of one caption, pixel by pixel at an eighth of the size, over that of two
                drawn ones with the same properties; and the same with the judge's features
    frechet     distance of the judge's features to those of drawn pictures; frechet_real between two drawn sets
    lasts       a closed loop, words held, noise walking, 12 dreams a second of sound, hold, limit and rescue as they
                stand by default. Flat: light deviates by less than 0.008; saturated: more than 0.95 of all pixels in a
                corner of the colours; frozen: less than 0.004 on the mean from 10 s before (diffusion/watch.py)
    fast        dreams a second beside the instrument's sound; and the whole instrument, started as a program

Budget: families >= 0.8, palettes >= 0.9; |rho| >= 0.8; sharpness 0.5..2; diversity >= 0.6; never flat, saturated or
frozen in 10,000 dreams at strengths 0.2, 0.4 and 0.7; on 2 cores >= 12 dreams/s at 256 x 256 with 0 underflows, loaded
in 1.5 s (libraries aside), the whole instrument within 1.2 GB.

    python bench/embedded.py [--quick] [--model FOLDER] [--judge FOLDER] [--sheet FILE.png]
"""
import json
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from common import argument_parser, machine, play_beside, print_json, print_table, resident
from embedded_player import FPS, RATE, Player, load_judge, look, make_captions, plain_captions
from embedded_sound import HEARD, measure_drawn, measure_played, measure_sound, print_sound

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 90.0              # seconds to wait for the program's first dream
STRENGTHS = 0.2, 0.4, 0.7
SHEET_STRENGTHS, SHEET_COLUMNS, SHEET_CELL, SHEET_TITLE = (0.3, 0.6, 1.0), 7, 192, 22
FINE = 0.125                # cycles a pixel: a quarter of Nyquist
SMALL = 32                  # pixels a side, where pictures are compared pixel by pixel


class Size(NamedTuple):
    """How much is measured."""
    captions: int
    points: int             # of a sweep
    sweeps: int             # of each property, made up; played ones are half as many
    seeds: int              # of each caption whose diversity is measured
    frames: int             # of a loop
    seconds: float          # beside the sound; and of the program, once it dreams


FULL, QUICK = Size(1120, 9, 14, 12, 10_000, 20.0), Size(70, 5, 4, 4, 200, 3.0)


def measure_words(player: Player, judge, count: int) -> dict[str, float]:
    """Return how well words are obeyed, sharpness and Frechet distances; print a row for each family."""
    import torch
    from live.studio.train.captions import FAMILY_NAMES
    from live.studio.train.judge import frechet
    captions = make_captions(count)
    made = torch.stack([player.dream(player.words(text), k) for k, text in enumerate(captions.texts)])
    drawn = captions.drawn(1)
    seen, real, other = (look(judge, pictures) for pictures in (made, drawn, captions.drawn(2)))
    right = [[(said == wanted).double() for said, wanted in zip(found[1:], captions[1:3])] for found in (seen, real)]
    energies = [fine_energy(pictures) for pictures in (made, drawn)]
    rows = []
    for index, name in enumerate(FAMILY_NAMES):
        here = captions.families == index
        rows.append((name, *(f'{marks[here].mean():.2f}' for pair in right for marks in pair),
                     f'{energies[0][here].mean() / energies[1][here].mean():.2f}'))
    print_table(rows, ('words', 'family', 'palette', 'family, drawn', 'palette, drawn', 'sharpness'))
    return {'family_accuracy': float(right[0][0].mean()), 'palette_accuracy': float(right[0][1].mean()),
            'family_accuracy_real': float(right[1][0].mean()), 'palette_accuracy_real': float(right[1][1].mean()),
            'sharpness_ratio': float(energies[0].mean() / energies[1].mean()),
            'frechet': frechet(seen[0], real[0]), 'frechet_real': frechet(other[0], real[0])}


def fine_energy(pictures):
    """Return the energy (n,) of the light above a quarter of Nyquist, under a Hann window."""
    import torch
    from live.studio.train.measures import LUMINANCE, spectrum
    power, upright, across = spectrum((pictures * torch.tensor(LUMINANCE)[:, None, None]).sum(1))
    return (power * (torch.hypot(upright, across) > FINE)).sum((1, 2))


def measure_diversity(player: Player, judge, seeds: int) -> dict[str, float]:
    """Return the mean distance over seeds of one caption, over that of drawn pictures: of pixels, of features."""
    import torch
    captions = plain_captions()
    found: dict[str, list[float]] = {name: [] for name in ('pixels', 'features')}
    drawn = [captions.drawn(100 + seed) for seed in range(seeds)]
    for index, text in enumerate(captions.texts):
        pair = (torch.stack([player.dream(player.words(text), 1000 + seed) for seed in range(seeds)]),
                torch.stack([pictures[index] for pictures in drawn]))
        small = [torch.nn.functional.interpolate(pictures, (SMALL, SMALL), mode='area') for pictures in pair]
        for name, (made, real) in (('pixels', small), ('features', [look(judge, pictures)[0] for pictures in pair])):
            found[name].append(float(torch.pdist(made.flatten(1)).mean() / torch.pdist(real.flatten(1)).mean()))
    print(f'diversity of each family, pixels: {", ".join(f"{ratio:.2f}" for ratio in found["pixels"])}\n')
    return {'diversity_ratio': float(np.mean(found['pixels'])),
            'diversity_ratio_features': float(np.mean(found['features']))}


def measure_lasting(player: Player, strength: float, frames: int) -> dict[str, int]:
    """Dream in a closed loop; return how many of its pictures were flat, saturated or frozen, and rescues."""
    import torch
    from live.diffusion.watch import FLAT, FROZEN, FROZEN_TIME, SATURATED, look_at
    from live.params import Board
    from live.signals import Conditioning
    from live.studio.progress import progress
    engine, board = player.engine, Board()
    past: deque = deque(maxlen=int(FROZEN_TIME * FPS))
    embedding = player.words(player.model.prompts[0])
    found = {'frames': frames, 'flat': 0, 'saturated': 0, 'frozen': 0}
    engine.reset()
    for number in progress(range(frames), f'loop at {strength:g}'):
        walk = 2 * np.pi * board['dream.walk'] * number / FPS
        engine.dream(Conditioning(embedding, strength, walk, number * RATE // FPS), board)
        if engine.picture is None:      # it has died; the next one begins anew
            found[engine.died] += 1
            past.clear()
            continue
        with torch.inference_mode():
            figures = look_at(engine.latent, engine.picture, past[0] if past else None)
        found['flat'] += figures.light < FLAT
        found['saturated'] += figures.burnt > SATURATED
        found['frozen'] += len(past) == past.maxlen and figures.change < FROZEN
        past.append(engine.picture)
    return {**found, 'rescued': engine.reanchors}


def measure_speed(player: Player, seconds: float) -> dict[str, Any]:
    """Return dreams a second beside the sound, in the loop as it is played."""
    from itertools import count
    from live.signals import Conditioning
    player.engine.reset()
    embedding, numbers = player.words(player.model.prompts[0]), count()

    def frame() -> None:
        number = next(numbers)
        player.engine.dream(Conditioning(embedding, 0.45, number / 100, number * RATE // FPS), player.board)

    frame()
    return play_beside(frame, seconds)


def run_program(folder: str, seconds: float) -> dict[str, Any]:
    """Start the instrument with this model, let it dream so long; return its most memory and what its status tells."""
    with TemporaryDirectory() as place:
        path, most, told = Path(place) / 'status.json', 0, {}
        begin = time.time()
        program = subprocess.Popen(
            [sys.executable, '-m', 'live', 'play', '--model', folder, '--display', 'offscreen', '--audio', 'clock',
             '--status-json', str(path)], cwd=ROOT, stdout=subprocess.DEVNULL)
        until = begin + LONGEST
        while program.poll() is None and time.time() < until:
            most = max(most, resident(program.pid))
            told = json.loads(path.read_text()) if path.exists() else {}
            if 'dream' in told.get('began', {}):
                until = min(until, told['began']['dream'] + seconds)
            time.sleep(0.1)
        program.terminate()
        program.wait(20)
    return {'rss_mb': round(most / 1e6), 'fps': round(told['dream']['fps'], 1), 'dreams': told['dream']['frames'],
            'underflows': told['sound']['underflows'],
            'first_dream_s': round(told['began'].get('dream', np.nan) - begin, 2)}


def draw_sheet(player: Player, path: str) -> None:
    """Write families by strengths: at 0.3 and 0.6 from one drawn picture of clouds, at 1 from noise alone."""
    from PIL import Image, ImageDraw, ImageFont
    captions = plain_captions()
    start = (captions.drawn(7)[1].permute(1, 2, 0) * 255).byte().numpy()        # indigo clouds
    blocks = -(-len(captions.texts) // SHEET_COLUMNS)
    height = SHEET_TITLE + len(SHEET_STRENGTHS) * SHEET_CELL
    sheet = Image.new('RGB', (SHEET_COLUMNS * SHEET_CELL, blocks * height), '#0b0d12')
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for index, text in enumerate(captions.texts):
        block, column = divmod(index, SHEET_COLUMNS)
        left, top = column * SHEET_CELL, block * height
        pen.text((left + 6, top + 3), text, '#c8d0e0', font)
        for row, strength in enumerate(SHEET_STRENGTHS):
            picture = player.dream(player.words(text), index, strength, start if strength < 1 else None)
            pixels = (picture.permute(1, 2, 0) * 255).round().byte().numpy()
            cell = Image.fromarray(pixels).resize((SHEET_CELL - 2, SHEET_CELL - 2), Image.Resampling.LANCZOS)
            sheet.paste(cell, (left + 1, top + SHEET_TITLE + row * SHEET_CELL + 1))
    sheet.save(path)


def main() -> None:
    from live.diffusion.models import EMBEDDED
    parser = argument_parser(__doc__)
    parser.add_argument('--model', default=str(EMBEDDED), metavar='FOLDER', help='default: the one that ships')
    parser.add_argument('--judge', default='.train', metavar='FOLDER', help='where judge.pt is, or shall be')
    parser.add_argument('--sheet', metavar='FILE.png', help='write families by strengths')
    options = parser.parse_args()
    size = QUICK if options.quick else FULL
    if not (Path(options.model) / 'model_index.json').is_file():
        sys.exit(f'{options.model} holds no model; give one with --model, or train it: python -m live studio train')
    judge = load_judge(options.judge)
    player = Player(options.model)
    print(f'{machine()}\n{player.model.name}, {player.engine.reason}\n')
    if options.sheet:
        draw_sheet(player, options.sheet)
    figures = {**measure_words(player, judge, size.captions), **measure_diversity(player, judge, size.seeds)}
    sound = print_sound({'made up': measure_sound(player, size.points, size.sweeps),
                         **measure_played(player, size.points, size.sweeps),
                         'drawn': measure_drawn(size.points)})
    lasts = {str(strength): measure_lasting(player, strength, size.frames) for strength in STRENGTHS}
    print_table([(strength, *found.values()) for strength, found in lasts.items()],
                ('strength', 'dreams', 'flat', 'saturated', 'frozen', 'rescued'))
    beside = measure_speed(player, size.seconds)
    program = run_program(str(Path(options.model).resolve()), size.seconds)
    print(f'\n{beside["fps"]:.1f} dreams/s beside the sound ({beside["backend"]}), {beside["underflows"]} underflows; '
          f'loaded in {player.load_s:.2f} s; the whole instrument: {program}')
    print_json({**{name: round(value, 4) for name, value in figures.items()}, 'sound_rho': sound['made up'],
                'sound_rho_real': sound['append'], 'sound_rho_stage': sound['stage'], 'sound_rho_drawn': sound['drawn'],
                'sound_rho_heard': sound[HEARD],
                'lasts': lasts,
                'fps': round(beside['fps'], 2), 'underflows': beside['underflows'],
                'load_s': round(player.load_s, 2), 'rss_mb': program['rss_mb'], 'program': program,
                'machine': machine()})


if __name__ == '__main__':
    main()
