"""OSC over TCP: each connection says by its first byte how it frames packets, and is answered in the same way.

    OSC 1.0     four bytes tell the size of the packet that follows: the first is 0
    OSC 1.1     packets stand between SLIP's END bytes; the first may be missing

In: bytes. Out: packets. Who begins with anything else is not served: a browser may be made to send HTTP here by any web
page, with packets in it. A packet that is too large closes its connection, and so does a reader that is too slow: what
waits for one client is bounded. Nothing here blocks or makes threads; the thread "osc" calls it.
"""
import selectors
import socket
from collections.abc import Callable, Iterator
from functools import partial

LARGEST = 65536             # bytes of a packet, as over UDP
MOST_UNSENT = 1 << 18       # bytes that a slow reader may leave, beside what the system keeps:
SEND_BUFFER = 1 << 16
MOST_CONNECTIONS = 64
END, ESCAPE = b'\xc0', b'\xdb'
ESCAPED_END, ESCAPED_ESCAPE = b'\xdb\xdc', b'\xdb\xdd'
FIRST = b'\0/#' + END       # a size, an address, a bundle, SLIP


class Broken(ConnectionError):
    """A connection that has ended, or sends what cannot be followed."""


class SizeFraming:
    """OSC 1.0."""

    @staticmethod
    def wrap(packet: bytes) -> bytes:
        return len(packet).to_bytes(4, 'big') + packet

    @staticmethod
    def take(received: bytearray) -> bytes | None:
        """Take the first packet from what was received, None when it is not whole; raise Broken."""
        size = int.from_bytes(received[:4], 'big')
        if len(received) >= 4 and not 0 < size <= LARGEST:
            raise Broken(f'an OSC packet of {size} bytes over TCP is not allowed: at most {LARGEST}')
        if len(received) < 4 or len(received) < 4 + size:
            return None
        packet = bytes(received[4:4 + size])
        del received[:4 + size]
        return packet


class SlipFraming:
    """OSC 1.1."""

    @staticmethod
    def wrap(packet: bytes) -> bytes:
        return END + packet.replace(ESCAPE, ESCAPED_ESCAPE).replace(END, ESCAPED_END) + END

    @staticmethod
    def take(received: bytearray) -> bytes | None:
        """Take the first packet from what was received, None when it is not whole; raise Broken."""
        while received.startswith(END):
            del received[:1]
        size = received.find(END)
        if size < 0:
            if len(received) > 2 * LARGEST:
                raise Broken(f'an OSC packet over TCP has more than {LARGEST} bytes')
            return None
        packet = bytes(received[:size]).replace(ESCAPED_END, END).replace(ESCAPED_ESCAPE, ESCAPE)
        del received[:size + 1]
        return packet


class Connection:
    """One client over TCP."""

    def __init__(self, opened: socket.socket) -> None:
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.socket = opened
        self.unsent = bytearray()
        self._received = bytearray()
        self._framing: type[SizeFraming] | type[SlipFraming] | None = None

    def receive(self) -> Iterator[bytes]:
        """Yield the packets that have arrived; raise Broken at the end."""
        try:
            data = self.socket.recv(LARGEST)
        except BlockingIOError:
            return
        except OSError as error:
            raise Broken(f'an OSC connection broke: {error.strerror}') from error
        if not data:
            raise Broken('')
        if self._framing is None:
            if data[0] not in FIRST:
                raise Broken('something came over TCP that is no OSC: its connection was closed')
            self._framing = SizeFraming if data[0] == 0 else SlipFraming
        self._received += data
        while (packet := self._framing.take(self._received)) is not None:
            yield packet

    def send(self, packet: bytes) -> None:
        """Send a packet, or keep what the client does not take yet; raise Broken when that is too much."""
        if self._framing:
            self.unsent += self._framing.wrap(packet)
            self.flush()

    def flush(self) -> None:
        """Send what was kept; raise Broken when the client has not taken it for too long."""
        try:
            while self.unsent:
                del self.unsent[:self.socket.send(self.unsent)]
        except BlockingIOError:
            pass
        except OSError as error:
            raise Broken(f'an OSC connection broke: {error.strerror}') from error
        if len(self.unsent) > MOST_UNSENT:
            raise Broken('an OSC client over TCP reads too slowly and was dropped')


class TcpPort:
    """All connections. take: is called with a packet and its connection; drop: with one that has ended, and why."""

    def __init__(self, listener: socket.socket, selector: selectors.BaseSelector,
                 take: Callable[[bytes, Connection], None], drop: Callable[[Connection, str], None]) -> None:
        self.connections: set[Connection] = set()
        self._listener, self._selector, self._take, self._drop = listener, selector, take, drop
        selector.register(listener, selectors.EVENT_READ, self._accept)

    def _accept(self, events: int) -> None:
        try:
            opened, _ = self._listener.accept()
        except OSError:         # it has gone again
            return
        if len(self.connections) >= MOST_CONNECTIONS:
            opened.close()
            return
        try:
            connection = Connection(opened)
        except OSError:         # macOS: it has been reset already
            opened.close()
            return
        self.connections.add(connection)
        self._selector.register(opened, selectors.EVENT_READ, partial(self._serve, connection))

    def _serve(self, connection: Connection, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                connection.flush()
                self._watch(connection)
            if events & selectors.EVENT_READ:
                for packet in connection.receive():
                    self._take(packet, connection)
        except Broken as error:
            self._close(connection, str(error))

    def send(self, connection: Connection, packet: bytes) -> bool:
        """Send a packet; False to a client that has gone."""
        if connection not in self.connections:
            return False
        try:
            connection.send(packet)
            self._watch(connection)
        except Broken as error:
            self._close(connection, str(error))
        return True

    def _watch(self, connection: Connection) -> None:
        """Ask to be called when a slow reader takes more."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)
        if self._selector.get_key(connection.socket).events != events:
            self._selector.modify(connection.socket, events, partial(self._serve, connection))

    def _close(self, connection: Connection, reason: str) -> None:
        self.connections.discard(connection)
        self._selector.unregister(connection.socket)
        self._drop(connection, reason)
        connection.socket.close()

    def close(self) -> None:
        """End all connections."""
        for connection in tuple(self.connections):
            self._close(connection, '')
        self._listener.close()
