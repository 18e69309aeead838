"""Does the matcher hear how a sound was made? Budget: nearer than the best of 200 random patches in 90 % of cases.

For sounds of our own synthesizer that the network has never heard, and for three that it has not made: the distance of
the network's guess alone, of what the search makes of it, of the best of 200 random patches, and of the best of as many
as the search plays. The distance is the multi-resolution spectral one of live/studio/match/spectra.py, over half a
second at 24 kHz; a sound against itself with other random numbers is the floor.
"""
import shutil
import time

import numpy as np

from common import argument_parser, machine, print_json, print_table

RANDOM, HELD_OUT_SEED = 200, 90_001


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument('--sounds', type=int, default=24, help='held out, of our own synthesizer')
    parser.add_argument('--evaluations', type=int, default=1500, help='sounds that the search plays')
    parser.add_argument('--model', help='folder (default: the one that ships)')
    arguments = parser.parse_args()
    import torch
    from live.studio.match.generate import SHIPPED
    from live.studio.match.network import load_model
    torch.set_num_threads(1)
    network, synth = load_model(arguments.model or SHIPPED)
    count, evaluations = (8, 200) if arguments.quick else (arguments.sounds, arguments.evaluations)
    settings = synth.draw(max(RANDOM, evaluations), np.random.default_rng(7))
    patches = synth.render(settings, [0] * len(settings))
    own = measure_held_out(network, synth, patches, count, evaluations)
    foreign = measure_foreign(network, synth, patches, evaluations)
    report(own, foreign, evaluations)


def measure_held_out(network, synth, patches: np.ndarray, count: int, evaluations: int) -> list[dict]:
    """Return the figures of sounds drawn with a seed of their own; silent ones are passed over."""
    from live.studio.match.spectra import SILENCE, Distance, level
    random, rows = np.random.default_rng(HELD_OUT_SEED), []
    while len(rows) < count:
        settings = synth.draw(1, random)
        target, again = synth.render(np.repeat(settings, 2, 0), [3, 4])
        if level(target) > SILENCE:
            row = measure(network, synth, patches, target, evaluations)
            rows.append({**row, 'floor': float(Distance(target)(again[None])[0])})
    return rows


def measure_foreign(network, synth, patches: np.ndarray, evaluations: int) -> dict[str, dict]:
    from foreign_sounds import SOUNDS
    from live.studio.match.spectra import choose_window
    frames = patches.shape[1]
    return {name: measure(network, synth, patches, choose_window(make(), frames), evaluations)
            for name, make in SOUNDS.items() if shutil.which('csound') or 'Csound' not in name}


def measure(network, synth, patches: np.ndarray, target: np.ndarray, evaluations: int) -> dict:
    from live.studio.match.search import match
    from live.studio.match.spectra import Distance
    begin = time.process_time()
    found = match(network, synth, target, evaluations)
    seconds = time.process_time() - begin
    away = Distance(target)(patches)
    return {'guess': found.guess_distance, 'refined': found.distance, 'random': float(away[:RANDOM].min()),
            'random_long': float(away.min()), 'seconds': seconds}


def report(own: list[dict], foreign: dict[str, dict], evaluations: int) -> None:
    columns = ('guess', 'refined', 'random', 'random_long')
    heads = ('guess', 'refined', f'best of {RANDOM} random', f'of {max(RANDOM, evaluations)}')
    rows = [(f'{len(own)} held out, median', *(f'{np.median([row[c] for row in own]):.2f}' for c in columns)),
            *((name, *(f'{row[c]:.2f}' for c in columns)) for name, row in foreign.items())]
    print_table(rows, ('distance', *heads))
    won = {c: float(np.mean([row[c] < row['random'] for row in own])) for c in ('guess', 'refined')}
    won_long = float(np.mean([row['refined'] < row['random_long'] for row in own]))
    floor, seconds = (float(np.median([row[c] for row in own])) for c in ('floor', 'seconds'))
    print(f'\nnearer than the best of {RANDOM}: guess {won["guess"]:.0%}, refined {won["refined"]:.0%} (budget 90 %); '
          f'refined nearer than the best of {max(RANDOM, evaluations)}: {won_long:.0%}')
    print(f'the same settings with other random numbers: {floor:.2f}; {seconds:.1f} s of processor time a match')
    print_json({'bench': 'match', 'machine': machine(), 'held_out': len(own), 'evaluations': evaluations,
                'guess_wins': won['guess'], 'refined_wins': won['refined'], 'refined_wins_long': won_long,
                'floor': round(floor, 3), 'seconds': round(seconds, 2),
                'foreign': {name: {c: round(row[c], 3) for c in columns} for name, row in foreign.items()}})


if __name__ == '__main__':
    main()
