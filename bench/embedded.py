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
                pictures drawn with the property swept: the ceiling
    sharpness   energy of the light above a quarter of Nyquist, over that of drawn pictures of the same specs
    diversity   mean distance of two pictures of one caption, pixel by pixel at an eighth of the size, over that of two
                drawn ones with the same properties; and the same with the judge's features
    frechet     distance of the judge's features to those of drawn pictures; frechet_real between two drawn sets
    lasts       a closed loop, words held, noise walking, 12 dreams a second of sound, hold, limit and rescue as they
                stand by default. Flat: light deviates by less than 0.008; saturated: more than 0.95 of all pixels in a
                corner of the colours; frozen: pictures differ by less than 0.0005 on the mean (diffusion/watch.py)
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
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from common import argument_parser, machine, play_beside, print_json, print_table, resident

ROOT = Path(__file__).resolve().parents[1]
SEED = 2 ** 40              # training draws from seeds far below
RATE, FPS = 48000, 12
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


class Drone(NamedTuple):
    """How a property of the sound is swept: one parameter, from low to high, over settings that stay."""
    param: str
    low: float
    high: float
    settings: dict[str, float]


HARMONIC, PAIR = 2.0, 8.0   # as drone.source counts them
DRONES = {
    'light': Drone('drone.level_db', -36, 0, {}),
    'fineness': Drone('drone.cutoff', 120, 12000, {'drone.source': HARMONIC, 'drone.partials': 64, 'drone.filter': 1,
                                                   'drone.tilt_db': 0, 'drone.root': 110}),
    'scatter': Drone('drone.spread_cents', 2, 600, {'drone.octaves': 0}),
    'density': Drone('drone.partials', 1, 64, {}),
    'shimmer': Drone('drone.beat', 0.1, 20, {'drone.source': PAIR}),
}
MAPPINGS: dict[str, dict[str, float]] = {
    'append': {'embedding.append': 1, 'embedding.inject': 0, 'embedding.steer': 0}, 'stage': {}}


class Player:
    """The model on stage: what it is told becomes a picture (3, 256, 256) of 0..1. load_s: without the libraries."""

    def __init__(self, folder: str) -> None:
        from live.conditioning.prompts import PromptBook
        from live.diffusion.models import load_model
        from live.diffusion.turbo import Turbo
        from live.params import Board
        import_libraries()
        begin = time.perf_counter()
        self.model = load_model(folder, progress=lambda words: None)
        self.book = PromptBook(self.model.tokenizer, self.model.text_encoder)
        self.calibration = self.book.calibration(self.model.prompts)
        self.engine = Turbo(self.model, 0, RATE)
        self.load_s = time.perf_counter() - begin
        self.board = Board()
        self.engine.warm_up(self.board, 2 * self.book.tokens, lambda words: None)

    def words(self, text: str) -> np.ndarray:
        """Return a prompt as the conditioner gives it in silence."""
        return np.concatenate((self.book.encode(text),) * 2)

    def heard(self, text: str, rows: np.ndarray) -> np.ndarray:
        """Return a prompt with sound behind it, at full weight."""
        from live.conditioning.mix import LIMIT, append
        page, known = self.book.encode(text), self.calibration
        return np.concatenate((page, append(page, known.mean + known.std * np.clip(rows, -LIMIT, LIMIT), 1.0)))

    def dream(self, embedding: np.ndarray, noise: int, strength: float = 1.0, init: np.ndarray | None = None):
        """Return the first picture of a loop: from noise alone, or from a picture of init. noise: which one."""
        import torch
        from live.diffusion.noise import QUARTER
        from live.signals import Conditioning
        self.engine.reset()
        pixels = self.engine.dream(Conditioning(embedding, strength, noise * QUARTER, 0), self.board, init)
        return torch.from_numpy(pixels[..., :3].copy()).permute(2, 0, 1) / 255


def import_libraries() -> None:
    """Import what loading would: those modules are the same for every model, and slow."""
    from diffusers import AutoencoderTiny, DDIMScheduler, UNet2DConditionModel  # noqa: F401
    from transformers import CLIPTextModel, PreTrainedTokenizerFast  # noqa: F401


class Captions(NamedTuple):
    """What pictures shall be, and the words for it. Tensors (n,), (n,), (n, 6)."""
    texts: list[str]
    families: Any
    palettes: Any
    properties: Any

    def drawn(self, seed: int):
        """Return drawn pictures (n, 3, 256, 256) of these specs, from noise of this seed."""
        import torch
        from live.studio.train.pictures import PICTURE_CELLS, draw
        generator = torch.Generator().manual_seed(SEED + seed)
        noise = torch.randn(len(self.texts), 16, PICTURE_CELLS, PICTURE_CELLS, generator=generator)
        return torch.cat([draw(noise[k:k + 16], self.families[k:k + 16], self.palettes[k:k + 16],
                               self.properties[k:k + 16]) for k in range(0, len(noise), 16)])


def make_captions(count: int) -> Captions:
    """Return captions of one family each; what they do not name is near its middle, as in training without sound."""
    import torch
    from live.studio.train.bank import UNNAMED
    from live.studio.train.captions import caption, sample_spec
    generator = torch.Generator().manual_seed(SEED)
    specs = [sample_spec(generator) for _ in range(count)]
    texts = [caption(spec, generator) for spec in specs]
    near = (0.5 + UNNAMED * torch.randn(count, specs[0].named.numel(), generator=generator)).clamp(0.2, 0.8)
    properties = torch.stack([torch.where(spec.named, spec.properties, near[k]) for k, spec in enumerate(specs)])
    families, palettes = (torch.tensor([spec[k] for spec in specs]) for k in (0, 1))
    return Captions(texts, families, palettes, properties)


def plain_captions() -> Captions:
    """Return one caption of each family, '{palette} {family}', the palettes in turn, every property in its middle."""
    import torch
    from live.studio.train.captions import FAMILY_NAMES, PALETTE_NAMES, WORDS_BY_FAMILY, WORDS_BY_PALETTE
    families = torch.arange(len(FAMILY_NAMES))
    palettes = families % len(PALETTE_NAMES)
    texts = [f'{WORDS_BY_PALETTE[PALETTE_NAMES[palette]][0]} {WORDS_BY_FAMILY[name][0]}'
             for name, palette in zip(FAMILY_NAMES, palettes.tolist())]
    return Captions(texts, families, palettes, torch.full((len(texts), 6), 0.5))


def load_judge(folder: str):
    """Return the judge of this folder; trained first, for some minutes, where there is none."""
    from live.studio.train.judge import train_judge
    from live.studio.train.training import Training
    return train_judge(Training(Path(folder))).cpu()


def look(judge, pictures) -> tuple[Any, Any, Any]:
    """Return features (n, 256), families and palettes (n,) as the judge sees them."""
    import torch
    with torch.inference_mode():
        features = torch.cat([judge.features(part) for part in pictures.split(32)])
        return features, judge.family(features).argmax(1), judge.palette(features).argmax(1)


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


def measure_sound(player: Player, size: Size) -> dict[str, list[float]]:
    """Return the rank correlations of each property's sweeps with made-up sound."""
    from live.studio.train.pictures import PROPERTIES
    from live.studio.train.sounds import MEANS, make_rows
    texts, width = plain_captions().texts, player.model.width
    found: dict[str, list[float]] = {}
    for name in MEANS:
        values = np.full((size.points, len(PROPERTIES)), 0.5)
        values[:, PROPERTIES.index(name)] = np.linspace(0, 1, size.points)
        found[name] = []
        for sweep in range(size.sweeps):
            # The same numbers at every point: what means nothing (pitch, drift, noise) stays where it is.
            rows = [make_rows(value[None], PROPERTIES, width, np.random.default_rng(SEED + sweep))[0]
                    for value in values]
            text = texts[sweep * len(texts) // size.sweeps]
            found[name].append(follow(name, [player.dream(player.heard(text, row), sweep) for row in rows]))
    return found


def measure_drawn(size: Size) -> dict[str, list[float]]:
    """Return the rank correlations of each property's sweeps in drawn pictures."""
    import torch
    from live.studio.train.pictures import MEASURES, PROPERTIES
    plain = plain_captions()
    found: dict[str, list[float]] = {}
    for name in MEASURES:
        sweeps = []
        for value in torch.linspace(0, 1, size.points):
            plain.properties[:, PROPERTIES.index(name)] = value
            sweeps.append(plain.drawn(0))
        plain.properties[:] = 0.5
        found[name] = [follow(name, list(pictures)) for pictures in torch.stack(sweeps, 1)]
    return found


def measure_played(player: Player, size: Size) -> dict[str, dict[str, list[float]]]:
    """Return the rank correlations of each property's sweeps with drones, by mapping."""
    texts = plain_captions().texts
    texts = texts[::2 * len(texts) // size.sweeps]
    found: dict[str, dict[str, list[float]]] = {mapping: {} for mapping in MAPPINGS}
    for name, drone in DRONES.items():
        heard = [listen(player, drone, value, texts) for value in sweep_values(drone, size.points)]
        for mapping, rhos in found.items():
            rhos[name] = [follow(name, [player.dream(point[mapping][k], k) for point in heard])
                          for k in range(len(texts))]
    return found


def sweep_values(drone: Drone, points: int) -> np.ndarray:
    return (np.geomspace if drone.low > 0 else np.linspace)(drone.low, drone.high, points)


def listen(player: Player, drone: Drone, value: float, texts: list[str], seconds: int = 4) -> dict[str, list]:
    """Play a drone offline; return its embedding with each text at the end, by mapping."""
    from live.audio.arena import Arena
    from live.audio.offline import render
    from live.conditioning.mix import Conditioner
    from live.params import Board
    from live.patch import find_patch, load_patch
    from live.wires import Latest
    arena, conditioners = Arena(RATE), {}
    load_patch(find_patch('bflat')).apply(arena.board)
    for name, setting in {'pulse.level_db': -60, 'drone.attack': 0.1, **drone.settings, drone.param: value}.items():
        arena.board[name] = setting
    for mapping, settings in MAPPINGS.items():
        board = Board(arena.board.record.copy(), fresh=False)
        for name, setting in settings.items():
            board[name] = setting
        conditioners[mapping] = [Conditioner(player.book, player.calibration, board, Latest((text,)),
                                             arena.slices.reader(0), RATE) for text in texts]
    arena.reset(1)
    for _ in range(seconds * FPS):
        render(arena, RATE // FPS)
        made = {mapping: [conditioner.condition().embedding for conditioner in each]
                for mapping, each in conditioners.items()}
    return made


def follow(name: str, pictures: list) -> float:
    """Return the rank correlation of a sweep with the measure of its property."""
    import torch
    from live.studio.train.measures import MEASURES, measure
    measured = measure(torch.stack(pictures))[:, MEASURES.index(name)].numpy()
    return spearman(np.arange(len(measured)), measured)


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Return the rank correlation, equal values sharing their rank; 0 where one of them does not move."""
    ranks = [(x[:, None] > x).sum(1) + (x[:, None] == x).sum(1) / 2 for x in (first, second)]
    return float(np.corrcoef(*ranks)[0, 1]) if np.ptp(ranks[0]) and np.ptp(ranks[1]) else 0.0


def measure_lasting(player: Player, strength: float, frames: int) -> dict[str, int]:
    """Dream in a closed loop; return how many of its pictures were flat, saturated or frozen, and rescues."""
    import torch
    from live.diffusion.watch import FLAT, FROZEN, SATURATED, look_at
    from live.params import Board
    from live.signals import Conditioning
    engine, board, before = player.engine, Board(), None
    embedding = player.words(player.model.prompts[0])
    found = {'frames': frames, 'flat': 0, 'saturated': 0, 'frozen': 0}
    engine.reset()
    for number in range(frames):
        walk = 2 * np.pi * board['dream.walk'] * number / FPS
        engine.dream(Conditioning(embedding, strength, walk, number * RATE // FPS), board)
        if engine.picture is None:      # it has died; the next one begins anew
            found[engine.died] += 1
            before = None
            continue
        with torch.inference_mode():
            figures = look_at(engine.latent, engine.picture, before)
        found['flat'] += figures.light < FLAT
        found['saturated'] += figures.burnt > SATURATED
        found['frozen'] += figures.change < FROZEN
        before = engine.picture
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


def print_sound(rows: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    """Print mean and worst sweep of each kind of sound and property; return the means."""
    names = list(DRONES)
    print_table([(kind, *(f'{np.mean(found[name]):+.2f} ({min(found[name]):+.2f})' for name in names))
                 for kind, found in rows.items()], ('sound: mean rho (worst sweep)', *names))
    print()
    return {kind: {name: round(float(np.mean(found[name])), 3) for name in names} for kind, found in rows.items()}


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
    sound = print_sound({'made up': measure_sound(player, size), **measure_played(player, size),
                         'drawn': measure_drawn(size)})
    lasts = {str(strength): measure_lasting(player, strength, size.frames) for strength in STRENGTHS}
    print_table([(strength, *found.values()) for strength, found in lasts.items()],
                ('strength', 'dreams', 'flat', 'saturated', 'frozen', 'rescued'))
    beside = measure_speed(player, size.seconds)
    program = run_program(str(Path(options.model).resolve()), size.seconds)
    print(f'\n{beside["fps"]:.1f} dreams/s beside the sound ({beside["backend"]}), {beside["underflows"]} underflows; '
          f'loaded in {player.load_s:.2f} s; the whole instrument: {program}')
    print_json({**{name: round(value, 4) for name, value in figures.items()}, 'sound_rho': sound['made up'],
                'sound_rho_real': sound['append'], 'sound_rho_stage': sound['stage'], 'sound_rho_drawn': sound['drawn'],
                'lasts': lasts,
                'fps': round(beside['fps'], 2), 'underflows': beside['underflows'],
                'load_s': round(player.load_s, 2), 'rss_mb': program['rss_mb'], 'program': program,
                'machine': machine()})


if __name__ == '__main__':
    main()
