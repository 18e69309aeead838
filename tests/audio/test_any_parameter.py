"""Any parameter, any jump, any block size: what is heard stays finite and below full scale."""
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live.audio.arena import Arena
from live.audio.offline import render
from live.params import LAYERS, PARAMS, SOURCES

RATE = 48000
SECONDS = 2
WILD = [float('nan'), float('inf'), -float('inf'), 1e300, -1e300, 0.0]
HEARD = [p for p in PARAMS if p.group not in ('prompt', 'embedding', 'dream', 'display', 'motes')]


@st.composite
def jumps(draw):
    """A few leaps: (place of the parameter, value), in range, at its ends, or wild."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        param = draw(st.sampled_from(HEARD))
        value = draw(st.one_of(st.floats(param.low, param.high), st.sampled_from([param.low, param.high, *WILD])))
        found.append((PARAMS.index(param), value))
    return found


INPUTS = {'silence': lambda n: np.zeros(n), 'dc': np.ones, 'nan': lambda n: np.full(n, np.nan),
          'loud': lambda n: 1e6 * np.sign(np.sin(np.arange(n) / 50))}
ARENA = Arena(RATE, 0, 1)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(leaps=st.lists(jumps(), min_size=1, max_size=3), sources=st.lists(st.sampled_from(SOURCES), max_size=4),
       block=st.sampled_from([1, 17, 64, 100, 512, 4800]), live=st.sampled_from(list(INPUTS)), seed=st.integers(0, 999))
def test_any_jump_stays_finite_and_bounded(leaps, sources, block, live, seed):
    arena = ARENA
    arena.board.reset()
    for layer, source in zip(LAYERS, sources):
        arena.board[f'{layer}.source'] = SOURCES.index(source)
        arena.board[f'{layer}.level_db'] = 6
    arena.reset(seed)
    part = SECONDS * RATE // (len(leaps) + 1)
    for leap in [[], *leaps]:
        for place, value in leap:
            arena.record['board'][0, place] = value
        indata = INPUTS[live](part).astype(np.float32)[:, None]
        for start in range(0, part, block if block > 16 else part):
            out = render(arena, len(indata[start:start + block if block > 16 else part]),
                         indata[start:start + block if block > 16 else part])
            assert np.isfinite(out).all() and np.abs(out).max() <= 1
