"""How every kernel is compiled, and the tick they all share.

    @kernel   vectorised arithmetic over a tick: may reassociate and fuse, but keeps NaN and infinity, which the
              output stage must see (numba's fastmath=True folds isnan to False). Ask by is_finite of
              clamp.py: math.isfinite is x - x == x - x, which reassociation folds to True
    @exact    every operation rounded on its own: for code that runs over stretches of any length, so that the same
              performance gives the same bits however it is cut into blocks
"""
from numba import njit

TICK = 64       # frames; parameters are read and sound is made in ticks of this length
FLAGS = {'reassoc', 'contract', 'afn', 'arcp', 'nsz'}

kernel = njit(cache=True, error_model='numpy', nogil=True, fastmath=FLAGS)
exact = njit(cache=True, error_model='numpy', nogil=True)
