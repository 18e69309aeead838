"""CUDA graphs: a function of tensors, captured once for every kind of input and replayed by one launch.

At batch 1 a diffusion model is a thousand small kernels, and a processor takes longer to launch them than a fast GPU to
run them. In: a key for the kind of input, a function without host work (no reading back, no new pictures of host
memory), its tensors. Out: its results, copied, so that no later call overwrites them. Capture and replay belong to one
thread, the dream's. Where a capture fails, the function is called as it is, and the capture is tried again later, a few
times. Knows nothing of diffusion.
"""
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

WARM_RUNS = 3           # before a capture: libraries choose their kernels and take their memory
MOST_GRAPHS = 24        # that are kept, the least used go first; each holds some MB beside the shared pool
MOST_TRIES = 3          # of one capture that fails
REST = 30.0             # seconds between them: a failed try costs as much as a few dreams

Function = Callable[..., tuple]


@dataclass(frozen=True)
class Captured:
    """A graph with the tensors that it reads and writes, always at the same addresses."""
    graph: Any
    inputs: tuple
    outputs: tuple


class Failures:
    """Captures that failed. count: of all of them; reason: of the first, '' while there is none."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.count, self.reason = 0, ''
        self._clock = clock
        self._last: dict[Hashable, tuple[int, float]] = {}      # by key: how many, and when the last one was

    def add(self, key: Hashable, error: Exception) -> None:
        """[dream]"""
        self.count += 1
        self.reason = self.reason or str(error).strip().partition('\n')[0]
        self._last[key] = self._last.get(key, (0, 0.0))[0] + 1, self._clock()

    def allows(self, key: Hashable) -> bool:
        """[dream] Tell whether a capture may be tried."""
        tries, when = self._last.get(key, (0, -math.inf))
        return tries < MOST_TRIES and self._clock() - when >= REST


class Graphs:
    """The captured graphs of one device.

    All share one pool of memory: they run one after the other on one stream, and what they leave is copied at once.
    """

    def __init__(self) -> None:
        import torch
        self.failures = Failures()
        self._captured: OrderedDict[Hashable, Captured] = OrderedDict()
        self._stream = torch.cuda.Stream()      # one for warm-up and capture: libraries keep their handles by stream
        self._pool = torch.cuda.graph_pool_handle()

    def run(self, key: Hashable, function: Function, inputs: tuple) -> tuple:
        """[dream] Return function(*inputs), captured under `key`; what the function holds on to must be in the key."""
        import torch
        if key not in self._captured:
            if not self.failures.allows(key):
                return function(*inputs)
            statics, runs = self._make_room_and_warm(function, inputs)
            try:
                self._captured[key] = self._capture(function, statics)
            except RuntimeError as error:       # torch's own errors of CUDA and of memory are RuntimeErrors
                self.failures.add(key, error)
                self._pool = torch.cuda.graph_pool_handle()     # torch may take the old one for still in use
                return runs
            while len(self._captured) > MOST_GRAPHS:
                self._captured.popitem(last=False)
        self._captured.move_to_end(key)
        return replay(self._captured[key], inputs)

    def _make_room_and_warm(self, function: Function, inputs: tuple) -> tuple[tuple, tuple]:
        """Warm up; where memory runs out, once more without what the other graphs hold."""
        import torch
        try:
            return self._warm(function, inputs)
        except torch.OutOfMemoryError:
            self._captured.clear()
            self._pool = torch.cuda.graph_pool_handle()
            torch.cuda.empty_cache()
        return self._warm(function, inputs)

    def _warm(self, function: Function, inputs: tuple) -> tuple[tuple, tuple]:
        """Return static copies of the inputs, and the results of the last of some runs beside the caller's stream."""
        import torch
        statics = tuple(value.clone() for value in inputs)
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            for _ in range(WARM_RUNS):
                results = function(*statics)
        torch.cuda.current_stream().wait_stream(self._stream)
        for result in results:
            result.record_stream(torch.cuda.current_stream())
        return statics, results

    def _capture(self, function: Function, statics: tuple) -> Captured:
        import torch
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.stream(self._stream):       # the inner one does not give the stream back when a capture fails
            with torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode='thread_local'):
                outputs = function(*statics)
        return Captured(graph, statics, outputs)


def replay(captured: Captured, inputs: tuple) -> tuple:
    """[dream] Return copies of what a graph makes of these inputs."""
    for static, value in zip(captured.inputs, inputs):
        static.copy_(value, non_blocking=True)
    captured.graph.replay()
    return tuple(output.clone() for output in captured.outputs)
