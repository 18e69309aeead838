"""Does the matcher hear how a sound was made? Budget: nearer than the best of 200 random patches in 90 % of cases.

For sounds of our own synthesizer that the network has never heard, and for three that it has not made, these with
several seeds each, of which the worst counts: the distance of the network's guess alone, of what the search makes of
it, of the best of 200 random patches, and of the best of as many as the search plays. The distance is the
multi-resolution spectral one of live/studio/match/spectra.py, over half a second at 24 kHz; a sound against itself with
other random numbers is the floor.
"""
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from common import argument_parser, machine, print_json, print_table

RANDOM, HELD_OUT_SEED = 200, 90_001
COLUMNS = 'guess', 'refined', 'random', 'random_long'


def main() -> None:
    from live.studio.match.generate import EVALUATIONS, SHIPPED
    parser = argument_parser(__doc__)
    parser.add_argument('--sounds', type=int, default=24, help='held out, of our own synthesizer')
    parser.add_argument('--seeds', type=int, default=5, help='of the search, for each sound that is not of it')
    parser.add_argument('--evaluations', type=int, default=EVALUATIONS, help='sounds that the search plays')
    parser.add_argument('--model', default=SHIPPED, help='folder (default: the one that ships)')
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.sounds, arguments.seeds, arguments.evaluations = 8, 1, 200
    import torch
    torch.set_num_threads(1)
    bench = Bench(arguments.model, arguments.evaluations)
    own = [bench.measure(target, again, seed=0) for target, again in bench.hold_out(arguments.sounds)]
    foreign = {name: [bench.measure(target, seed=seed) for seed in range(arguments.seeds)]
               for name, target in bench.foreign()}
    report(own, foreign, max(RANDOM, arguments.evaluations))


class Bench:
    """The matcher, and random patches that it is measured against."""

    def __init__(self, model: Path, evaluations: int) -> None:
        from live.studio.match.network import load_model
        self.network, self.synth = load_model(Path(model))
        self.evaluations = evaluations
        settings = self.synth.draw(max(RANDOM, evaluations), np.random.default_rng(7))
        self.patches = self.synth.render(settings, [0] * len(settings))

    def hold_out(self, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield sounds drawn with a seed of their own, each twice, with other random numbers; no silent ones."""
        from live.studio.match.spectra import SILENCE, level
        random = np.random.default_rng(HELD_OUT_SEED)
        while count:
            target, again = self.synth.render(np.repeat(self.synth.draw(1, random), 2, 0), [3, 4])
            if level(target) > SILENCE:
                count -= 1
                yield target, again

    def foreign(self) -> Iterator[tuple[str, np.ndarray]]:
        from foreign_sounds import SOUNDS
        from live.studio.match.spectra import choose_window
        for name, make in SOUNDS.items():
            if shutil.which('csound') or 'Csound' not in name:
                yield name, choose_window(make(), self.patches.shape[1])

    def measure(self, target: np.ndarray, again: np.ndarray | None = None, seed: int = 0) -> dict:
        from live.studio.match.search import match
        from live.studio.match.spectra import Distance
        begin = time.process_time()
        found = match(self.network, self.synth, target, self.evaluations, seed)
        seconds = time.process_time() - begin
        distance = Distance(target)
        away = distance(self.patches)
        floor = {} if again is None else {'floor': float(distance(again[None])[0])}
        return {'guess': found.guess_distance, 'refined': found.distance, 'random': float(away[:RANDOM].min()),
                'random_long': float(away.min()), 'seconds': seconds, **floor}


def report(own: list[dict], foreign: dict[str, list[dict]], most: int) -> None:
    rows = [(f'{len(own)} held out, median', *tell_columns(own, np.median)),
            *((f'{name}, worst of {len(each)} seeds', *tell_columns(each, np.max)) for name, each in foreign.items())]
    print_table(rows, ('distance', 'guess', 'refined', f'best of {RANDOM} random', f'of {most}'))
    for name, found in foreign.items():
        print(f'{name}, seed by seed:', *(f'{row["refined"]:.2f}' for row in found))
    won = {c: float(np.mean([row[c] < row['random'] for row in own])) for c in ('guess', 'refined')}
    won_long = float(np.mean([row['refined'] < row['random_long'] for row in own]))
    every = [row['refined'] < row['random'] for found in foreign.values() for row in found]
    floor, seconds = (float(np.median([row[c] for row in own])) for c in ('floor', 'seconds'))
    print(f'\nnearer than the best of {RANDOM}: guess {won["guess"]:.0%}, refined {won["refined"]:.0%} (budget 90 %), '
          f'foreign {sum(every)} of {len(every)} (budget: all); than the best of {most}: refined {won_long:.0%}')
    print(f'the same settings with other random numbers: {floor:.2f}; {seconds:.1f} s of processor time a match')
    print_json({'bench': 'match', 'machine': machine(), 'held_out': len(own), 'guess_wins': won['guess'],
                'refined_wins': won['refined'], 'refined_wins_long': won_long, 'foreign_wins': sum(every),
                'floor': round(floor, 3), 'seconds': round(seconds, 2),
                'foreign': {name: {c: [round(row[c], 3) for row in found] for c in COLUMNS}
                            for name, found in foreign.items()}})


def tell_columns(rows: list[dict], take: Callable) -> list[str]:
    return [f'{take([row[column] for row in rows]):.2f}' for column in COLUMNS]


if __name__ == '__main__':
    main()
