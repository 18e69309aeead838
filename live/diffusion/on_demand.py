"""A source of pictures with a thread of its own, which works only while it is asked. Knows nothing of what it reads."""
import threading


class OnDemand:
    """What an image and a camera have in common. Before `start` whoever asks does the work.

    A subclass gives NAME, of its thread, and `_run`, which waits for `_wake` until `_stopping` is set.
    """
    NAME = ''

    def __init__(self) -> None:
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """[main] Read on a thread of its own from now on."""
        self._thread = threading.Thread(target=self._run, name=self.NAME, daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """[main] End the thread; a disk or driver that hangs is left behind."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        raise NotImplementedError
