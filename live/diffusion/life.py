"""What the dream's thread needs of an engine, what each such thread has, and where the dream stands. Values alone."""
import math
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from live.diffusion.inbetween import Budget
from live.signals import Conditioning

RATE_FRAMES = 24        # dreams over which fps is counted


class Engine(Protocol):
    """What this thread needs of an engine; diffusion/turbo.py's Turbo is one."""
    model: Any

    @property
    def name(self) -> str: ...

    @property
    def reason(self) -> str: ...

    def kind(self, board: Any, tokens: int) -> tuple: ...

    def warm_up(self, board: Any, tokens: int, say: Any) -> None: ...

    def dream(self, conditioning: Conditioning, board: Any, init: np.ndarray | None = None) -> np.ndarray | None: ...

    def between(self, count: int) -> list[np.ndarray]: ...


@dataclass(frozen=True)
class DreamStats:
    """Where the dream stands.

    error: the last failure in one sentence, '' while all is well. note: the last change of rung with its reason, at
    note_time of the clock. drift, reanchors, skipped, uncaptured: as the engine counts them.
    """
    model: str = 'loading'
    reason: str = ''
    fps: float = 0.0
    frames: int = 0
    restarts: int = 0
    error: str = ''
    note: str = ''
    note_time: float = -math.inf
    drift: float = 0.0
    reanchors: int = 0
    skipped: int = 0
    uncaptured: int = 0


@dataclass(eq=False)
class Life:
    """What one thread has. deadline: when the watchdog takes it for hung; warm: what it need not be warmed up for;
    tried: seconds that the last warm-up took."""
    first: bool = True
    engine: Engine | None = None
    deadline: float = math.inf
    warm: set[tuple] = field(default_factory=set)
    tried: float = 0.0
    lengths: deque[float] = field(default_factory=lambda: deque(maxlen=RATE_FRAMES))     # seconds of the last dreams
    budget: Budget = field(default_factory=Budget)
    thread: threading.Thread | None = None

    def forget(self) -> None:
        """[dream] Begin again without an engine."""
        self.warm.clear()
        self.lengths.clear()
        self.budget = Budget()
