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

    @property
    def ended(self) -> bool:
        return False

    @abstractmethod
    def start(self) -> None:
        """Begin to call back."""

    @abstractmethod
    def close(self) -> None:
        """End and give everything back; may hang in a driver."""

    def stop(self, timeout: float = 3.0) -> bool:
        """Close within `timeout` seconds; False when the driver hangs and was left behind."""
        worker = threading.Thread(target=self.close, name='close stream', daemon=True)
        worker.start()
        worker.join(timeout)
        return not worker.is_alive()
