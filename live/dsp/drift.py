"""The law of slow motion: Ornstein-Uhlenbeck walks in their exact discrete form. [audio] Pure arithmetic, no state.

    x <- x e^(-theta T) + sqrt(1 - e^(-2 theta T)) n,   n ~ N(0, 1),

of deviation 1 whatever the step T, so the walk does not depend on blocks or ticks (Gillespie 1996, 'Exact numerical
simulation of the Ornstein-Uhlenbeck process and its integral'). The half-life is the time after which half of where a
voice stands is forgotten. Voices go together as far as their correlation rho says: each is the sum of one walk that
all share and one of its own, sqrt(rho) common + sqrt(1 - rho) own, again of deviation 1.
"""
import math

from live.dsp.clamp import clamp
from live.dsp.kernel import TICK, kernel

COMMON = -16            # the voice of the hash that stands for the walk all share
LONGEST = 3600.0        # seconds of half-life


@kernel
def decay_and_kick(half_life, samplerate, ticks):
    """Return e^(-theta T) and sqrt(1 - e^(-2 theta T)) of a step of so many ticks; half_life in seconds."""
    halvings = ticks * TICK / (samplerate * clamp(half_life, 1e-3, LONGEST))
    return 2.0 ** -halvings, math.sqrt(1 - 2.0 ** (-2 * halvings))


@kernel
def together(common, own, correlation):
    """Return the walk of one voice; correlation: 0 each on its own .. 1 all as one."""
    rho = clamp(correlation, 0.0, 1.0)
    return math.sqrt(rho) * common + math.sqrt(1 - rho) * own
