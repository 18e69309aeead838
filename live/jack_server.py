"""The JACK server as all rooms see it: whether it answers, and who has clients with it. [any]

libjack crashes where a client is opened while one of a server that has died is still there. So whoever opens clients
enters first and leaves when all of them are closed; after a death nobody enters before everybody has left.
"""
import os
import socket
import threading


class Clients:
    """Who has clients. died: a server has, and somebody has not yet left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._who: set[str] = set()
        self.died = False

    def enter(self, who: str) -> bool:
        """Ask to open clients; False while those of a dead server are still there."""
        with self._lock:
            if not self.died:
                self._who.add(who)
            return not self.died

    def leave(self, who: str) -> None:
        """Say that all clients of one are closed."""
        with self._lock:
            self._who.discard(who)
            self.died = self.died and bool(self._who)

    def tell_death(self) -> None:
        """Say that the server has gone, so that all leave, also where the next one is there already."""
        with self._lock:
            self.died = bool(self._who)


CLIENTS = Clients()


def jack_answers() -> bool:
    """Tell whether a JACK server of ours runs, as libjack itself looks for one, but without a word."""
    os.environ.setdefault('JACK_NO_START_SERVER', '1')
    path = f'/dev/shm/jack_{os.environ.get("JACK_DEFAULT_SERVER", "default")}_{os.getuid()}_0'
    try:
        with socket.socket(socket.AF_UNIX) as knock:
            knock.connect(path)
    except (OSError, AttributeError):
        return False
    return True
