"""Does the shipped model obey sound? Sweeps of one property at a time, made up, played, and drawn. For embedded.py."""
from typing import NamedTuple

import numpy as np

from common import print_table
from embedded_player import RATE, SEED, Captions, Player, plain_captions


class Drone(NamedTuple):
    """How a property of the sound is swept: one parameter, from low to high, over settings that stay.

    They are chosen so that what else is heard stays as well, as far as a drone allows: a filter that opens lets through
    more, too, and the more partials a cluster has, the slower they beat.
    """
    param: str
    low: float
    high: float
    settings: dict[str, float]


PAIR = 8.0      # as drone.source counts
DRONES = {
    'light': Drone('drone.level_db', -36, 0, {}),
    'fineness': Drone('drone.cutoff', 120, 12000, {'drone.octaves': 6, 'drone.root': 4000, 'drone.filter': 1}),
    'scatter': Drone('drone.spread_cents', 2, 600, {'drone.octaves': 0}),
    'density': Drone('drone.partials', 1, 64, {'drone.octaves': 0, 'drone.root': 110, 'drone.spread_cents': 6}),
    'shimmer': Drone('drone.beat', 0.1, 20, {'drone.source': PAIR}),
}
MAPPINGS: dict[str, dict[str, float]] = {
    'append': {'embedding.append': 1, 'embedding.inject': 0, 'embedding.steer': 0}, 'stage': {}}
HEARD = 'drawn as heard'


def measure_sound(player: Player, points: int, sweeps: int) -> dict[str, list[float]]:
    """Return the rank correlations of each property's sweeps with made-up sound."""
    from live.studio.train.pictures import PROPERTIES
    from live.studio.train.sounds import MEANS, make_rows
    texts, width = plain_captions().texts, player.model.width
    found: dict[str, list[float]] = {}
    for name in MEANS:
        values = np.full((points, len(PROPERTIES)), 0.5)
        values[:, PROPERTIES.index(name)] = np.linspace(0, 1, points)
        found[name] = []
        for sweep in range(sweeps):
            # The same numbers at every point: what means nothing (pitch, drift, noise) stays where it is.
            rows = [make_rows(value[None], PROPERTIES, width, np.random.default_rng(SEED + sweep))[0]
                    for value in values]
            text = texts[sweep * len(texts) // sweeps]
            found[name].append(follow(name, [player.dream(player.heard(text, row), sweep) for row in rows]))
    return found


def measure_drawn(points: int) -> dict[str, list[float]]:
    """Return the rank correlations of each property's sweeps in drawn pictures."""
    import torch
    from live.studio.train.pictures import MEASURES, PROPERTIES
    plain = plain_captions()
    middle = plain.properties.clone()
    found: dict[str, list[float]] = {}
    for name in MEASURES:
        sweeps = []
        for value in torch.linspace(0, 1, points):
            plain.properties[:, PROPERTIES.index(name)] = value
            sweeps.append(plain.drawn(0))
        plain.properties[:] = middle
        found[name] = [follow(name, list(pictures)) for pictures in torch.stack(sweeps, 1)]
    return found


def measure_played(player: Player, points: int, sweeps: int) -> dict[str, dict[str, list[float]]]:
    """Return the rank correlations of each property's sweeps with drones, by mapping.

    Under HEARD, of pictures drawn with all that was heard of those drones: the most that can be asked.
    """
    import torch
    plain = plain_captions()
    every = slice(None, None, 2 * len(plain.texts) // sweeps)
    texts = plain.texts[every]
    found: dict[str, dict[str, list[float]]] = {mapping: {} for mapping in (*MAPPINGS, HEARD)}
    for name, drone in DRONES.items():
        values, made = zip(*(listen(player, drone, value, texts) for value in sweep_values(drone, points)))
        for mapping in MAPPINGS:
            found[mapping][name] = [follow(name, [player.dream(point[mapping][k], k) for point in made])
                                    for k in range(len(texts))]
        drawn = torch.stack([draw_heard(plain, value)[every] for value in values], 1)
        found[HEARD][name] = [follow(name, list(pictures)) for pictures in drawn]
    return found


def draw_heard(captions: Captions, values: np.ndarray):
    """Return pictures (n, 3, 256, 256) drawn with what VALUES (8,) stand for, all else in its middle."""
    from live.conditioning.tokens import VALUES
    from live.studio.train.pictures import PROPERTIES
    from live.studio.train.sounds import MEANS
    properties = captions.properties.clone()
    for name, value in MEANS.items():
        properties[:, PROPERTIES.index(name)] = float(values[VALUES.index(value)])
    return captions._replace(properties=properties).drawn(0)


def sweep_values(drone: Drone, points: int) -> np.ndarray:
    return (np.geomspace if drone.low > 0 else np.linspace)(drone.low, drone.high, points)


def listen(player: Player, drone: Drone, value: float, texts: list[str], seconds: int = 4
           ) -> tuple[np.ndarray, dict[str, list]]:
    """Play a drone offline; return VALUES (8,) that are heard, and by mapping its embeddings with each text."""
    from live.audio.arena import Arena
    from live.audio.offline import render
    from live.conditioning.mix import Conditioner
    from live.conditioning.tokens import Tokens
    from live.params import Board
    from live.patch import find_patch, load_patch
    from live.wires import Latest
    arena, conditioners = Arena(RATE), {}
    load_patch(find_patch('bflat')).apply(arena.board)
    for name, setting in {'pulse.level_db': -60, 'drone.attack': 0.1, **drone.settings, drone.param: value}.items():
        arena.board[name] = setting
    for mapping, settings in MAPPINGS.items():
        board = Board(arena.board.memory.copy(), fresh=False)
        for name, setting in settings.items():
            board[name] = setting
        conditioners[mapping] = [Conditioner(player.book, player.calibration, board, Latest((text,)),
                                             arena.slices.reader(0), RATE, hears=player.model.hears)
                                 for text in texts]
    arena.reset(1)
    tokens, reader = Tokens(player.model.width, RATE), arena.slices.reader(0)
    for _ in range(seconds):
        render(arena, RATE)
        tokens.listen(reader.get())
        made = {mapping: [conditioner.condition().embedding for conditioner in each]
                for mapping, each in conditioners.items()}
    return tokens.values, made


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


def print_sound(rows: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    """Print mean and worst sweep of each kind of sound and property; return the means."""
    names = list(DRONES)
    print_table([(kind, *(f'{np.mean(found[name]):+.2f} ({min(found[name]):+.2f})' for name in names))
                 for kind, found in rows.items()], ('sound: mean rho (worst sweep)', *names))
    print()
    return {kind: {name: round(float(np.mean(found[name])), 3) for name in names} for kind, found in rows.items()}
