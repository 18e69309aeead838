"""Do a few dreams a second look like sixty? What is seen between dreams: fading, flowing, dreamt in between.

jumps: dreams that come unevenly, by a fifth, seen 60 times a second: the largest change of luminance from one frame to
the next, as a share of the largest between two dreams shown raw. Three films: blobs that wander, dreams of one prompt,
dreams whose prompt changes. At 8 dreams a second 7.5 frames share what one dream changes: 0.13 is as even as can be.
Budget: 2.5 times that.

flow: a spotted disc moves before a coloured ground; error of what is seen half-way against the true picture, as a share
of the crossfade's. rhythm: dreams ever brighter; how unevenly that is seen (deviation of the steps, of 1), how often it
stands or goes back, and how long it takes until a dream is seen as it is, in periods of dreams.

cost: milliseconds on the GPU or in software for one frame of a dream of 512 x 512, and for the frame in which the next
one comes. pacing: the whole picture at 60 Hz with 8 dreams a second; how much later than the period a frame comes.
Budget: 2 ms (99 %) on a GPU; what draws in software is told, and not judged.

    python bench/motion.py [--quick] [--model embedded] [--display window] [--size 1280x720]
"""
import time
from dataclasses import dataclass, replace

import moderngl
import numpy as np

from common import argument_parser, machine, print_json, print_table

FPS, RATES, UNEVEN, EVENEST = 60, (3, 8, 15), 0.2, 2.5
SIDE = 256              # pixels of blobs and disc
BUDGET_MS = 2.0
WAYS = 'fade', 'flow', 'latent'         # as display.motion counts them
SAMPLERATE = 48000
LIGHT = 0.299, 0.587, 0.114


@dataclass(frozen=True)
class Film:
    """Dreams, and what was dreamt in between each and the one before."""
    dreams: list[np.ndarray]
    between: list[list[np.ndarray]]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument('--model', default='random:tiny', help='as of live play')
    parser.add_argument('--display', default='offscreen', choices=('offscreen', 'window'))
    parser.add_argument('--size', default='1280x720', help='of the whole picture')
    arguments = parser.parse_args()
    from live.display.waiting import in_software
    from live.display.window import Window
    size = tuple(map(int, arguments.size.split('x')))
    window = Window(arguments.display, size)
    context, seconds = window.ctx, 2 if arguments.quick else 10
    print(f'{machine()}; {window.renderer_name}; dreams of {arguments.model}\n')
    figures = {'jumps': measure_jumps(context, arguments.model, 16 if arguments.quick else 48),
               'flow': measure_flow(context), 'rhythm': measure_rhythm(context),
               'cost_ms': measure_cost(context, seconds), 'late_ms': measure_pacing(window, size, seconds)}
    software = in_software(context)
    p99 = max(row['p99'] for row in figures['late_ms'].values())
    print(f'\nworst jump {max(figures["jumps"].values())} of the evenest; a frame is late by {p99} ms (99 %), '
          + ('in software: GPU not run' if software else f'budget {BUDGET_MS} ms'))
    print_json({**figures, 'renderer': window.renderer_name, 'gpu': 'not run' if software else p99 <= BUDGET_MS})


def measure_jumps(context: moderngl.Context, model: str, count: int) -> dict[str, float]:
    """Return the largest jump of each way, as a multiple of the evenest there could be."""
    films = {'blobs': wander(count), **dream(model, count)}
    rows, worst = [], dict.fromkeys(WAYS, 0.0)
    for name, film in films.items():
        raw = jumps(film.dreams[2:]).max()
        for rate in RATES:
            shares = {way: jumps(play(context, film, way, uneven(count, rate), 1 / rate)).max() / raw for way in WAYS}
            rows.append((name, rate, f'{rate / FPS:.3f}', *(f'{share:.3f}' for share in shares.values())))
            worst = {way: max(worst[way], shares[way] * FPS / rate) for way in WAYS}
    print_table(rows, ('largest jump', 'dreams/s', 'evenest', *WAYS))
    print(f'budget: {EVENEST} times the evenest; worst: {", ".join(f"{way} {worst[way]:.2f}" for way in WAYS)}\n')
    return {way: round(value, 2) for way, value in worst.items()}


def measure_flow(context: moderngl.Context) -> dict[str, float]:
    """Return the error half-way, as a share of the crossfade's, for each distance in pixels."""
    shares = {}
    for distance in (8, 16, 32, 56):
        old, truth, new = (disc(SIDE / 2 + side * distance / 2) for side in (-1, 0, 1))
        film = Film([old, old, new], [[], [], []])
        seen = {way: play(context, film, way, np.array([0, 0.1, 0.2]), 0.11, fps=200, last=0.3)[50] for way in WAYS[:2]}
        errors = {way: np.abs(picture - truth[..., :3]).mean() for way, picture in seen.items()}
        shares[str(distance)] = round(float(errors['flow'] / errors['fade']), 3)
    print_table([(distance, share) for distance, share in shares.items()],
                (f'moved by (of {SIDE} pixels)', "error of flow, of crossfade's"))
    return shares


def measure_rhythm(context: moderngl.Context) -> dict[str, dict[str, float]]:
    """Return how even a steady rise is seen, for each rate and unevenness of dreams."""
    found, rows = {}, []
    levels = np.arange(10, 250, 2)
    film = Film([opaque(np.full((16, 16, 3), level)) for level in levels], [[]] * len(levels))
    for rate in RATES:
        for unevenness in (0.0, 0.2, 0.4):
            arrivals = uneven(len(levels), rate, unevenness)
            seen = play(context, film, 'flow', arrivals, 1 / rate, last=min(8.0, arrivals[-1])).mean((1, 2, 3))
            steps = np.diff(seen)[FPS:] / (2 * rate / FPS)
            frames = np.arange(len(seen)) / FPS
            lag = (np.interp(frames, arrivals, levels) - seen)[FPS:].mean() / 2
            row = {'uneven': round(float(steps.std()), 2), 'stands': round(float((steps < 0.1).mean()), 3),
                   'goes back': int((steps < -0.05).sum()), 'lag': round(float(lag), 2)}
            found[f'{rate} {unevenness}'] = row
            rows.append((rate, unevenness, *row.values()))
    print()
    print_table(rows, ('dreams/s', 'come unevenly by', 'seen unevenly by', 'stands', 'goes back', 'lag in periods'))
    return found


def measure_cost(context: moderngl.Context, seconds: float) -> dict[str, dict[str, float]]:
    """Return median and 99 % of what a frame takes in milliseconds, and the median of those in which a dream comes."""
    from live.display.waiting import finish
    dreams = [disc(60 + 40 * number, side=512) for number in range(8)]
    found = {}
    for way in WAYS:
        between, board = make_between(context), make_board(way, 0.2)
        plain, coming, frame, picture = [], [], 0, None
        while sum(plain) + sum(coming) < 1000 * seconds / 3:
            number, new = divmod(frame, 8)
            if not new:
                picture = make_picture(dreams[number % 8], number, dreams[:2])
            finish()
            begin = time.perf_counter()
            between.draw(picture, board, frame / FPS)
            finish()
            (coming if not new else plain).append(1000 * (time.perf_counter() - begin))
            frame += 1
        between.release()
        found[way] = {'median': round(float(np.median(plain)), 2), 'p99': round(float(np.percentile(plain, 99)), 2),
                      'coming': round(float(np.median(coming[1:])), 2)}
    print()
    print_table([(way, *row.values()) for way, row in found.items()],
                ('cost of a frame, ms', 'median', '99 %', 'when a dream comes'))
    return found


def measure_pacing(window, size: tuple[int, int], seconds: float) -> dict[str, dict[str, float]]:
    """Return how much later than the period frames come, in milliseconds."""
    from live.display.renderer import Renderer, Scene
    dreams, found = [disc(60 + 40 * number, side=512) for number in range(8)], {}
    for way in WAYS:
        renderer, board = Renderer(window.ctx, size), make_board(way, 0.2)
        times, picture = [], None
        start = due = time.perf_counter()
        while due - start < seconds:
            now = time.perf_counter()
            number = int((now - start) * 8)
            if picture is None or number != picture.number:
                picture = make_picture(dreams[number % 8], number, dreams[:2])
            renderer.draw(Scene(now, board, None, picture, SAMPLERATE, round((now - start) * SAMPLERATE)))
            renderer.show(window.canvas)
            window.flip()
            times.append(time.perf_counter())
            due = max(due + 1 / FPS, times[-1])
            time.sleep(max(0.0, due - time.perf_counter()))
        renderer.release()
        late = 1000 * (np.diff(times[5:]) - 1 / FPS)
        found[way] = {'median': round(float(np.median(late)), 2), 'p99': round(float(np.percentile(late, 99)), 2),
                      'max': round(float(late.max()), 2)}
    print()
    print_table([(way, *row.values()) for way, row in found.items()],
                (f'{size[0]}x{size[1]} at {FPS} Hz, late by ms', 'median', '99 %', 'max'))
    return found


def make_board(way: str, fade: float):
    from live.params import Board
    board = Board()
    board['display.motion'], board['display.fade'] = WAYS.index(way), fade
    return board


def make_between(context: moderngl.Context):
    from live.display.between import Between
    from live.display.shaders import Shaders
    return Between(context, Shaders(context))


def make_picture(pixels: np.ndarray, number: int, between: list[np.ndarray]):
    from live.diffusion.inbetween import LedPicture
    return LedPicture(pixels, 0, number, tuple(between))


def play(context: moderngl.Context, film: Film, way: str, arrivals: np.ndarray, fade: float, fps: int = FPS,
         last: float = 0.0) -> np.ndarray:
    """Return what is seen at each frame, (frames, height, width, 3) of 0..255.

    last: seconds that are played; without it, from the fourth dream to the arrival of the last.
    """
    between, board, seen = make_between(context), make_board(way, fade), []
    pictures = [make_picture(*made) for made in zip(film.dreams, range(len(film.dreams)), film.between)]
    for frame in range(round((last or arrivals[-1]) * fps)):
        newest = int(np.searchsorted(arrivals, frame / fps + 1e-9)) - 1
        texture = between.draw(pictures[newest], board, frame / fps)
        pixels = np.frombuffer(texture.read(), np.float16).reshape(texture.height, texture.width, 4)
        seen.append(255 * pixels[::-1, :, :3].astype('f4'))
    between.release()
    return np.array(seen[0 if last else int(arrivals[3] * fps):])


def jumps(pictures) -> np.ndarray:
    """Return the mean change of luminance from each picture to the next."""
    light = [picture[..., :3] @ np.array(LIGHT) for picture in pictures]
    return np.array([np.abs(after - before).mean() for before, after in zip(light, light[1:])])


def uneven(count: int, rate: float, unevenness: float = UNEVEN) -> np.ndarray:
    """Return the seconds at which dreams come."""
    gaps = np.maximum(0.2, 1 + unevenness * np.random.default_rng(0).standard_normal(count)) / rate
    return np.cumsum(gaps) - gaps[0]


def wander(count: int) -> Film:
    """Return blobs that wander; in between they are seen where they are by then."""
    def dream(moment: float) -> np.ndarray:
        down, across = np.mgrid[:SIDE, :SIDE] / SIDE
        light = np.zeros((SIDE, SIDE, 3))
        for blob in range(5):
            x, y = 0.5 + 0.35 * np.sin((0.23 + 0.05 * blob) * moment + blob * np.array((1.0, 2.3)))
            shape = np.exp(-((across - x) ** 2 + (down - y) ** 2) / 0.006)
            light += 150 * shape[..., None] * np.roll((1, 0.6, 0.3), blob)
        return opaque(20 + light)
    return Film([dream(number) for number in range(count)],
                [[dream(number - 2 / 3), dream(number - 1 / 3)] for number in range(count)])


def dream(name: str, count: int) -> dict[str, Film]:
    """Return dreams of one prompt, and dreams in whose middle it changes, as a loop makes them at 5 a second."""
    import torch
    from live.conditioning.prompts import PromptBook
    from live.diffusion.models import load_model
    from live.diffusion.turbo import Turbo
    from live.params import Board
    from live.signals import Conditioning
    model = load_model(name)
    if model.device == 'cpu':
        torch.set_num_threads(1)
        model = replace(model, size=64) if name == 'random:tiny' else model
    book = PromptBook(model.tokenizer, model.text_encoder, lambda text: None)
    texts = (*model.prompts[:2], 'slow light over dark water', 'copper threads in fog')[:2]
    words = [book.encode(text) for text in texts]
    films = {}
    for title, change in (('dreams', count), ('change of prompt', count // 2)):
        engine, film = Turbo(model), Film([], [])
        for number in range(count):
            conditioning = Conditioning(words[number >= change], 0.5, 0.05 * number, SAMPLERATE // 5 * number)
            film.dreams.append(engine.dream(conditioning, Board()))
            film.between.append(engine.between(2))
        films[title] = film
    return films


def disc(x: float, side: int = SIDE) -> np.ndarray:
    """Return a spotted disc before a coloured ground."""
    down, across = np.mgrid[:side, :side].astype(float)
    inside = np.clip(side / 6 - np.hypot(across - x, down - side / 2) + 0.5, 0, 1)[..., None]
    spots = 170 + 60 * np.sin((across - x) / 5)[..., None] * np.cos(down / 6)[..., None] * (1, 0.8, 0.5)
    ground = 70 + 30 * np.sin(across / 9 + np.cos(down / 13) * 3)[..., None] * (1, 0.5, -0.5)
    return opaque(spots * inside + ground * (1 - inside))


def opaque(colours: np.ndarray) -> np.ndarray:
    return np.dstack((np.clip(colours, 0, 255).round(), np.full(colours.shape[:2], 255))).astype(np.uint8)


if __name__ == '__main__':
    main()
