"""The dream's thread: newest slices in, newest picture out, for as long as the show lasts; and who watches over it.

In: how to load an engine and how to condition it (both given as functions, so that this room knows neither prompts nor
sound), the Board, the newest picture of init. Out: Pictures in a Latest slot, and figures to poll. Everything that
touches torch happens on one thread: CUDA graphs and contexts are bound to it.

Nothing that goes wrong in here reaches the sound or the window. A dream that fails or is not finite is dropped; after
PATIENCE of them in a row the engine is loaded anew, and if that does not help, or memory does not suffice, or the model
cannot be had, it goes one rung down the ladder (ladder.py). Each change is told once, with its reason.

A dream that hangs is seen by a second thread, the watchdog. Python cannot end a thread: the hung one is left behind as
it is, a daemon with its memory, and nothing that it may still say reaches the output. A new one starts a rung lower. A
driver that hangs while it holds Python's lock stops all of Python, the watchdog too; the sound, which never takes that
lock, goes on.
"""
import math
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from live.diffusion.burden import describe, free_memory, give_way, is_out_of_memory, spare_a_core
from live.diffusion.hub import ModelError, Say
from live.diffusion.inbetween import IN_BETWEEN, LedPicture
from live.diffusion.ladder import OFF, Bounded, Ladder, Rung
from live.diffusion.life import RATE_FRAMES, DreamStats, Engine, Life
from live.diffusion.processor import give_memory_back
from live.params import Board
from live.signals import Conditioning, Picture
from live.wires import Latest

PAUSE = 0.5             # seconds before the next try, and as many more for each failure in a row
IDLE = 0.004            # seconds between looks for a new slice; one comes every 10.7 ms
PATIENCE = 2            # failures in a row that an engine survives before it is loaded anew
LOOK = 0.25             # seconds between the watchdog's looks
HANG_TIME, HANG_FACTOR = 10.0, 20.0     # a dream hangs after so many seconds, or times the usual if that is longer
WARM_UP_TIME = 600.0    # before the first dream of a kind: torch.compile takes minutes
RELOAD_TIME = 120.0     # after a hang, in which the device may be lost: all files are here by then
ASK_TIME = 2.0          # seconds after a fall in which nothing that moves is taken for a performer's wish


class Dream:
    """The threads. load and condition are called on the dream's alone; condition returns None while nothing is new.

    models: names that load may be asked for, the wanted one first. say: told each change of rung. wishes: the Board as
    the performer has set it, where `board` is what routes have made of it.
    """

    def __init__(self, load: Callable[[Rung, Say], Engine], condition: Callable[[Engine], Conditioning | None],
                 board: Board, output: Latest[Picture | None], init: Latest[np.ndarray],
                 models: tuple[str, ...] = ('model',), say: Say = lambda text: None,
                 clock: Callable[[], float] = time.monotonic, wishes: Board | None = None) -> None:
        self._load, self._condition, self._board, self._wishes = load, condition, board, wishes or board
        self._output, self._init, self._say, self._clock = output, init, say, clock
        self._ladder, self._life = Ladder(models), Life()
        self._lock = threading.Lock()       # around who is alive, the ladder and the output
        self._stop = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name='dream watchdog', daemon=True)
        self._times: deque[float] = deque(maxlen=RATE_FRAMES)
        self._model, self._reason, self._error, self._note = 'loading', '', '', ''
        self._frames = self._restarts = self._failures = 0
        self._reloaded = False              # and not dreamt steadily since
        self._asked: tuple[float, float] | None = None
        self._fallen = -math.inf

    def start(self) -> None:
        """[main]"""
        self._begin(self._life)
        self._watchdog.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """[main] End the threads; False when one did not end in time. Those that were left behind do not count."""
        self._stop.set()
        threads = [thread for thread in (self._watchdog, self._life.thread) if thread and thread.ident is not None]
        for thread in threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in threads)

    def renew(self) -> None:
        """[any] Build the engine anew, on a new thread, as high on the ladder as was asked for.

        The last picture stands meanwhile. The new thread waits until the old one has given its memory back.
        """
        with self._lock:
            old = self._life
            self._life = Life(old.first and old.engine is None)     # no file is fetched a second time
            self._ladder.restart()
            self._begin(self._life, old.thread)

    @property
    def stats(self) -> DreamStats:
        """[any]"""
        engine = self._life.engine
        counts = {name: getattr(engine, name, 0) for name in ('drift', 'reanchors', 'skipped', 'uncaptured')}
        return DreamStats(self._model, self._reason, self._fps(), self._frames, self._restarts, self._error,
                          self._note, self._fallen, **counts)

    def _begin(self, life: Life, after: threading.Thread | None = None) -> None:
        life.thread = threading.Thread(target=self._run, args=(life, after), name='dream', daemon=True)
        life.thread.start()

    def _run(self, life: Life, after: threading.Thread | None = None) -> None:
        if after is not None:
            after.join(RELOAD_TIME)
            free_memory()
        while self._life is life and not self._stop.is_set():
            try:
                busy = self._work(life)
            except Exception as error:      # whatever a model, a driver or a prompt does, the show goes on
                self._fail(life, error)
                busy = None
            if busy is None:                # out here the error, which holds on to the engine's memory, is gone
                if life.engine is None:
                    life.forget()
                    free_memory()
                self._stop.wait(PAUSE * (1 + self._failures))
            elif not busy:
                self._stop.wait(IDLE)
        life.engine = None                  # its memory is given back on the thread that took it
        free_memory()

    def _work(self, life: Life) -> bool:
        """Load, or make one dream; False when there was nothing to do."""
        self._mind_wishes()
        rung = self._ladder.rung
        if rung.model == OFF or self._board['stage.freeze'] >= 0.5:
            return False
        engine = life.engine or self._make_engine(life, rung)
        with self._timed(life, self._patience(life) if life.warm else WARM_UP_TIME):    # at first prompts are encoded
            conditioning = self._condition(engine)
        if conditioning is None:
            return False
        board = Bounded(self._board, rung, engine.model.size)
        self._warm_up(life, engine, board, len(conditioning.embedding))
        self._introduce(life, engine)
        with self._timed(life, self._patience(life)):
            began = self._clock()
            pixels = engine.dream(conditioning, board, self._init.get())
        if pixels is not None:
            life.lengths.append(self._clock() - began)
            self._show(life, pixels, conditioning.end, self._make_between(life, engine))
        return True

    def _make_between(self, life: Life, engine: Engine) -> tuple[np.ndarray, ...]:
        """Return pictures on the way to the newest dream, as many as there is time for, if they are wanted."""
        if self._board['display.motion'] != IN_BETWEEN:
            return ()
        with self._timed(life, self._patience(life)):
            began = self._clock()
            made = engine.between(life.budget.count(statistics.median(life.lengths)))
            life.budget.spend(len(made), self._clock() - began)
        return tuple(made)

    def _make_engine(self, life: Life, rung: Rung) -> Engine:
        with self._timed(life, math.inf if life.first else RELOAD_TIME):
            if spare_a_core() > 1:
                give_way()          # torch's workers are born while it loads, and inherit it
            engine = self._load(rung, lambda text: self._progress(life, text))
            give_way()
        life.engine = engine
        return engine

    def _warm_up(self, life: Life, engine: Engine, board: Bounded, tokens: int) -> None:
        """Let an engine that is about to make its first dream of a kind take its time."""
        kind = engine.kind(board, tokens)
        if kind not in life.warm:
            with self._timed(life, WARM_UP_TIME):
                began = self._clock()
                engine.warm_up(board, tokens, lambda text: self._progress(life, text))
                give_memory_back()      # loading and trying out took far more than dreams do
                life.tried = self._clock() - began
            life.warm.add(kind)

    def _introduce(self, life: Life, engine: Engine) -> None:
        if self._life is life:
            if engine.reason != self._reason:
                self._say(f'{engine.name} on {engine.reason}')
            self._model, self._reason = engine.name, engine.reason

    def _show(self, life: Life, pixels: np.ndarray, end: int, between: tuple[np.ndarray, ...]) -> None:
        with self._lock:
            if self._life is not life:
                return
            self._output.put(LedPicture(pixels, end, self._frames, between))
            self._frames += 1
            self._times.append(self._clock())
            self._failures, self._error = 0, ''
            if len(life.lengths) == RATE_FRAMES:
                self._reloaded = False

    def _progress(self, life: Life, text: str) -> None:
        if self._life is life:
            self._model = text
            self._say(text)

    def _mind_wishes(self) -> None:
        """Climb when the performer sets size or steps anew; what routes do to them is no wish."""
        asked = self._wishes['dream.size'], self._wishes['dream.steps']
        if self._asked not in (None, asked) and self._clock() - self._fallen > ASK_TIME:
            with self._lock:
                if self._ladder.climb():
                    self._say('size or steps were set: trying again')
        self._asked = asked

    def _fail(self, life: Life, error: Exception) -> None:
        with self._lock:
            if self._life is not life:
                return
            self._restarts += 1
            self._failures += 1
            self._error = describe(error)
            if isinstance(error, ModelError) or life.engine is None and is_out_of_memory(error):
                self._fall(life, self._ladder.change_model())
            elif is_out_of_memory(error) or self._failures >= PATIENCE and self._reloaded:
                self._fall(life, self._descend(life))
            elif self._failures >= PATIENCE:
                life.engine, self._failures, self._reloaded = None, 0, True

    def _descend(self, life: Life) -> str:
        if life.engine is None:             # it cannot even be loaded any more: the device may be lost
            return self._ladder.change_model('cpu')
        board = Bounded(self._board, self._ladder.rung, life.engine.model.size)
        return self._ladder.descend(board.pixels, int(board['dream.steps']))

    def _fall(self, life: Life, where: str) -> None:
        """Leave the engine behind, and tell why."""
        life.engine, self._failures = None, 0
        self._note, self._fallen = f'{self._error}; {where}', self._clock()
        if self._ladder.rung.model == OFF:
            self._model, self._reason = OFF, self._note
            self._output.put(None)      # the shader's turn
        self._say(self._note)

    @contextmanager
    def _timed(self, life: Life, seconds: float) -> Iterator[None]:
        """Let the watchdog wait so long, and no longer, for what is done within."""
        life.deadline = self._clock() + seconds
        try:
            yield
        finally:
            life.deadline = math.inf

    def _patience(self, life: Life) -> float:
        usual = statistics.median(life.lengths) if life.lengths else life.tried
        return max(HANG_TIME, min(WARM_UP_TIME, HANG_FACTOR * usual))

    def _watch(self) -> None:
        """[watchdog]"""
        while not self._stop.wait(LOOK):
            life = self._life
            if self._clock() > life.deadline or not (life.thread and life.thread.is_alive()):
                self._replace(life)

    def _replace(self, hung: Life) -> None:
        """[watchdog] Leave a hung thread behind and start another, a rung lower."""
        with self._lock:
            if (self._life is not hung or self._stop.is_set()
                    or self._clock() <= hung.deadline and hung.thread and hung.thread.is_alive()):
                return                  # it has come back meanwhile, or was renewed
            self._life = Life(first=False)
            self._restarts += 1
            self._error = 'the dream hangs and is left behind'
            lost = hung.engine is None
            self._fall(self._life, self._ladder.change_model('cpu') if lost else self._descend(hung))
            self._begin(self._life)

    def _fps(self) -> float:
        """Return dreams per second over the last ones; it falls while none come."""
        times = tuple(self._times)
        if len(times) < 2:
            return 0.0
        return (len(times) - 1) / max(1e-9, max(times[-1], self._clock() - IDLE) - times[0])
