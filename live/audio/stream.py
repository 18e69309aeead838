"""What every stream is. [main]"""
import threading
from abc import ABC, abstractmethod

from live.audio.gate import Gate


class Stream(ABC):
    """A running or stopped output. latency: seconds from callback to speaker, as the driver states it.

    ended: the driver has said that it is over; gate: what stands between it and the arena, None where stop() is sure.
    """
    latency = 0.0
    gate: Gate | None = None
    _closer: threading.Thread | None = None

    @property
    def ended(self) -> bool:
        return False

    @property
    def closing(self) -> bool:
        """Whether it was stopped and its driver has not let go of it yet."""
        return self._closer is not None and self._closer.is_alive()

    def tend(self) -> str:
        """[keeper] Look after what is joined to it, while it plays; return what was to be done, '' mostly."""
        return ''

    @abstractmethod
    def start(self) -> None:
        """Begin to call back; raise DeviceError."""

    @abstractmethod
    def close(self) -> None:
        """End and give everything back; may hang in a driver."""

    def stop(self, timeout: float = 3.0) -> bool:
        """Close within `timeout` seconds; False when the driver hangs and was left behind."""
        self._closer = threading.Thread(target=self.close, name='close stream', daemon=True)
        self._closer.start()
        self._closer.join(timeout)
        return not self.closing
