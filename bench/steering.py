"""Does sound steer the picture, and by how much does each of its properties?

The instrument plays a drone (that of the patch bflat, alone) offline, twice from the same seed: once held still, once
with one property changed after four seconds. A dream is made every 1/12 s. Two pictures are compared by the mean
absolute difference of their pixels, 0..255; each grows from the same start, so that nothing adds up over frames:

    change  the changed sound against the one held still, at the same moment under the same noise, from one second
            after the change on, for three seconds
    still   the sound held still against itself one dream later: noise walking, partials drifting, as in play
    breath  the same with the noise held still as well: how restless the mapping itself is

ratio = change / still: 1 is what the picture does by itself; the aim is 2 for every property, and 5 cents to be seen.
"all" has the mappings at their defaults, the other columns one mapping alone at its full weight. With random weights
the ratio tells what reaches the picture, not what it means. Same seeds, same figures on one machine.

    python bench/steering.py [--quick] [--model random:tiny]
"""
from dataclasses import dataclass, replace

import numpy as np

from common import argument_parser, machine, print_json, print_table

RATE, FPS = 48000, 12
BEFORE, SETTLING, MEASURED = 4, 1, 3        # seconds: held still, after the change, compared
SEED = 466
AIM = 2.0


@dataclass(frozen=True)
class Change:
    """One property: what is turned, from where and to where."""
    name: str
    param: str
    start: float
    end: float
    text: str


CHANGES = (
    Change('spread', 'drone.spread_cents', 24, 36, '24 to 36 cents'),
    Change('centroid', 'drone.tilt_db', 0, 3, '3 dB an octave brighter'),
    Change('level', 'drone.level_db', -6, -12, '6 dB softer'),
    *(Change(f'detune_{cents}', 'drone.bend_cents', 0, cents, f'{cents} cents higher') for cents in (1, 2, 5, 10, 50)))
MAPPINGS = {
    'all': {},
    'inject fft': {'inject': 1, 'append': 0, 'steer': 0},
    'inject cents': {'inject': 1, 'append': 0, 'steer': 0, 'feature': 2},
    'append': {'inject': 0, 'append': 1, 'steer': 0},
    'steer': {'inject': 0, 'append': 0, 'steer': 1},
}


class Listener:
    """A conditioner for each of MAPPINGS on one arena, and what they made."""

    def __init__(self, arena, book, calibration, prompts, hears: bool) -> None:
        from live.conditioning.mix import Conditioner
        from live.params import Board
        from live.wires import Latest
        self.made: dict[str, list] = {name: [] for name in MAPPINGS}
        self._conditioners = {}
        for name, settings in MAPPINGS.items():
            board = Board(arena.board.memory.copy(), fresh=False)
            for quantity, value in settings.items():
                board[f'embedding.{quantity}'] = value
            self._conditioners[name] = Conditioner(book, calibration, board, Latest(prompts), arena.slices.reader(0),
                                                   RATE, hears=hears)

    def listen(self, keep: bool) -> None:
        for name, conditioner in self._conditioners.items():
            made = conditioner.condition()
            if keep:
                self.made[name].append(made)


def play(change: Change | None, book, calibration, hears: bool) -> dict[str, list]:
    """Return the Conditionings of the seconds that are compared, by mapping."""
    from live.audio.arena import Arena
    from live.audio.offline import render
    from live.patch import find_patch, load_patch
    patch, arena = load_patch(find_patch('bflat')), Arena(RATE)
    patch.apply(arena.board)
    arena.board['pulse.level_db'] = -60
    for each in CHANGES:
        arena.board[each.param] = each.start
    arena.reset(SEED)
    listener = Listener(arena, book, calibration, patch.prompts, hears)
    for dream in range((BEFORE + SETTLING + MEASURED) * FPS):
        if change and dream == BEFORE * FPS:
            arena.board[change.param] = change.end
        render(arena, RATE // FPS)
        listener.listen(dream >= (BEFORE + SETTLING) * FPS)
    return listener.made


class Painter:
    """Makes each picture from the same start: the first dream of all."""

    def __init__(self, model) -> None:
        from live.diffusion.turbo import Turbo
        from live.params import Board
        self._engine, self._board = Turbo(model, seed=SEED), Board()
        self._start = None

    def paint(self, conditioning) -> np.ndarray:
        self._engine.reset()
        picture = self._engine.dream(conditioning, self._board, self._start)
        if self._start is None:
            self._start = picture
            return self.paint(conditioning)
        return picture.astype(np.float64)[..., :3]


def difference(pictures: list, others: list) -> float:
    """Return the mean difference of pictures, each with its counterpart."""
    return float(np.mean([np.abs(picture - other).mean() for picture, other in zip(pictures, others)]))


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument('--model', default='random:tiny', help='what dreams')
    arguments = parser.parse_args()
    import torch
    from live.conditioning.prompts import PromptBook
    from live.diffusion.models import load_model
    torch.set_num_threads(1)
    model = load_model(arguments.model, progress=lambda words: None)
    book, painter = PromptBook(model.tokenizer, model.text_encoder), Painter(model)
    calibration = book.calibration(model.prompts)
    every = 6 if arguments.quick else 1     # dreams
    held = play(None, book, calibration, model.hears)
    places = range(0, len(held['all']) - 1, every)
    pictures = {name: [painter.paint(held[name][k]) for k in places] for name in MAPPINGS}
    still = {name: difference(pictures[name], [painter.paint(held[name][k + 1]) for k in places]) for name in MAPPINGS}
    breath = {name: difference(pictures[name], [painter.paint(replace(held[name][k + 1], walk=held[name][k].walk))
                                                for k in places]) for name in MAPPINGS}
    ratios: dict[str, dict[str, float]] = {}
    for change in CHANGES:
        made = play(change, book, calibration, model.hears)
        ratios[change.name] = {name: difference(pictures[name], [painter.paint(made[name][k]) for k in places])
                               / still[name] for name in MAPPINGS}
    print(f'{machine()}\n{model.name}, {model.reason}; one dream every 1/{FPS} s\n')
    print_table([(change.name, change.text, *(f'{ratios[change.name][name]:.1f}' for name in MAPPINGS))
                 for change in CHANGES]
                + [(name, 'of 255', *(f'{figures[mapping]:.2f}' for mapping in MAPPINGS))
                   for name, figures in (('still', still), ('breath', breath))],
                ('property', '', *MAPPINGS))
    print(f'\naim: at least {AIM:g} with all of them')
    print_json({name: round(row['all'], 2) for name, row in ratios.items()})


if __name__ == '__main__':
    main()
