"""OSC over UDP and TCP -> Desk. One thread reads, waits for what is dated ahead, does it, and answers.

    /drone/drift_cents 12.5         plain units, or a choice by name; without a value: answers with it
    /n/drone/drift_cents 0.5        knob position 0..1
    /*/drift_cents 0                ? * [] {} in an address reach every value that matches
    /prompt words ...               the first prompt; /prompt/1 .. /prompt/8 name one; without words: answers with it
    /prompt/negative words ...      what prompt.negative turns away from; a number is taken as the parameter
    /prompt/negative_text words ... always words
    /shaders/before name name ...   through which the picture goes before it is dreamt of, '' is none; without names:
    /shaders/after name name ...    and before it is seen                  answers with them
    /patch NAME                     without a name: answers with the patch in force
    /gate VELOCITY                  0..1; 0 closes            /note KEY [VELOCITY]    0 releases the key
    /blackout  /freeze              turn over; with 1 or 0: on or off
    /go /back /hold /tap /panic ... what live/control/actions.py lists; 0, a button let go, does nothing
    /learn NAME                     the next MIDI controller moved steers it; off: none
    /subscribe [ADDRESS ...] [RATE] tells what stands there and each change, at most RATE (30) times a second, and
                                    /heartbeat SECONDS once a second; an address may be a group or a pattern
    /unsubscribe [ADDRESS ...]      /sync [ADDRESS ...]     tells all of it once
    /params                         answers with one /param message for each parameter, then /params/end COUNT
    /ping  /heartbeat  /message  /scene/names       are answered
    /answer PORT                    answers for this host go to PORT from now on, not to the port it sends from

Every number type and numbers in text are taken; NaN and infinity are refused; out of range is clamped; an address
without its leading '/' is given one (`bare`). A bundle is done when it is dated, at most a few seconds ahead; one
dated further ahead is done at once and counted (`early`): a clock that is wrong must not hold a performance up. The
reader first takes all that has arrived, then handles one message, so that a burst waits here and not in the system's
small buffer; a sender above what osc_allowance.py gives it is not read. Nothing raises: `received`, `refused`,
`malformed`, `unsent` and `dropped` (connections) count, `error` is the newest sentence.
"""
import contextlib
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Hashable
from typing import Protocol

from live.control.desk import Desk
from live.control.osc_allowance import BURST, RATE, Allowance
from live.control.osc_feedback import Answers, Target
from live.control.osc_packet import read, seconds_ahead, split, write
from live.control.osc_routes import Refused, Routes
from live.control.osc_schedule import Schedule
from live.control.osc_sockets import open_both
from live.control.osc_tcp import Connection, TcpPort
from live.control.osc_values import Arguments, Learner, Values
from live.control.threads import hurry

WAITING, WAITING_BYTES = 65536, 64 << 20    # datagrams taken and not yet handled
POSTED = 1024                   # packets from other threads that wait; more are lost
GONE = write('/unsubscribe')    # what a client says last, as this object: no allowance is asked of it
TURN = 16                       # messages handled before connections are looked at again
IDLE = 0.1                      # seconds
FLOOD_REST = 0.002              # seconds; ten times that fill the system's buffer


class Client(Hashable, Protocol):
    """Someone beyond UDP and TCP who sends by `OscServer.post`. by_name: takes choices by their names."""
    by_name: bool

    def send(self, packet: bytes) -> None: ...


class OscServer:
    """OSC in, answers and feedback out. port 0 takes any free one; `lan` lets other machines in."""

    def __init__(self, desk: Desk, port: int = 9000, lan: bool = False, learn: Learner | None = None) -> None:
        self.desk, self.port, self.lan = desk, port, lan
        self.received = self.malformed = self.early = self.bare = 0
        self.unsent = self.dropped = 0
        self.error = ''
        self.values = Values(desk, learn)
        self.answers = Answers(self.values, self._send)
        self.schedule, self.allowance = Schedule(), Allowance()
        self._denied = 0        # messages read and refused
        self._routes = Routes(desk, self.values, self.answers)
        self._waiting: deque[tuple[bytes, Target]] = deque()
        self._waiting_bytes = 0
        self._posted: deque[tuple[bytes, Target]] = deque()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None
        self._tcp: TcpPort | None = None
        self._wake: socket.socket | None = None

    @property
    def refused(self) -> int:
        """Messages that could not be done, and packets that were not read."""
        return self._denied + self.allowance.refused

    def start(self) -> None:
        """[main] Open the port, over UDP and, where it is free, TCP; raise OscError that says what to do."""
        self._socket, listener = open_both('0.0.0.0' if self.lan else '127.0.0.1', self.port)
        self.port = self._socket.getsockname()[1]
        if listener is None:
            self.error = f'OSC over TCP is off: another program uses port {self.port}'
        self._wake, woken = socket.socketpair()
        self._wake.setblocking(False)
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, args=[self._socket, woken, listener], name='osc', daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """[main] Close the port."""
        if self._thread and self._socket and self._wake:
            self._stopping.set()
            self._nudge()
            self._thread.join(2)
            self._socket.close()
            self._wake.close()
            self._thread = self._socket = self._wake = None

    def post(self, packet: bytes, client: Client) -> None:
        """[any] Let the thread "osc" do what a packet says; answers go to the client's `send`, from that thread."""
        if len(self._posted) < POSTED:
            self._posted.append((packet, client))
            self._nudge()

    def forget(self, client: Client) -> None:
        """[any] Tell nothing more to a client that has gone, once what it has posted is done."""
        self._posted.append((GONE, client))
        self._nudge()

    def _nudge(self) -> None:
        """[any] Wake the thread."""
        if self._wake:
            with contextlib.suppress(OSError):      # it is awake: the pipe is full, or it has ended
                self._wake.send(b'.')

    def _run(self, source: socket.socket, woken: socket.socket, listener: socket.socket | None) -> None:
        hurry()
        with woken, selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ, lambda events: self._collect(source))
            selector.register(woken, selectors.EVENT_READ, lambda events: self._take_posted(woken))
            self._tcp = TcpPort(listener, selector, self._take, self._drop) if listener else None
            while not self._stopping.is_set():
                refused = self.allowance.refused
                for key, events in selector.select(self._idle_time()):
                    key.data(events)
                self._turn(source)
                self._end_turn(refused)
            if self._tcp:
                self._tcp.close()

    def _end_turn(self, refused: int) -> None:
        """Give senders new allowance; where one was above it, let packets gather, to be dropped together."""
        self.allowance.refill(time.monotonic())
        if self.allowance.refused > refused:
            self.error = f'OSC: a sender sends more than {RATE} packets a second; what is above that is not read'
            time.sleep(FLOOD_REST)

    def _idle_time(self) -> float:
        """Return the seconds in which there is nothing to do unless something arrives."""
        now = time.monotonic()
        return 0.0 if self._waiting else self.answers.wait(now, self.schedule.wait(now, IDLE))

    def _turn(self, source: socket.socket) -> None:
        """Do some of what waits; a message out for a message in, so that neither waits for all of the other."""
        for _ in range(TURN):
            due = self.schedule.take(time.monotonic())
            if due:
                self._do(*due)
            elif self._waiting:
                packet, sender = self._waiting.popleft()
                self._waiting_bytes -= len(packet)
                self.handle(packet, sender)
            if not self.answers.send_next() and not self._waiting:
                break
            self._collect(source)
        self.answers.tick(time.monotonic())

    def _collect(self, source: socket.socket) -> None:
        try:
            for _ in range(BURST):      # a flood may never end
                if len(self._waiting) >= WAITING or self._waiting_bytes >= WAITING_BYTES:
                    return
                self._take(*source.recvfrom(65536))
        except OSError:         # nothing more has arrived; on Windows also: an answer found nobody
            return

    def _take(self, packet: bytes, sender: Target) -> None:
        if packet is GONE or self.allowance.spend(sender, len(packet)):
            self._waiting.append((packet, sender))
            self._waiting_bytes += len(packet)

    def _take_posted(self, woken: socket.socket) -> None:
        woken.recv(4096)
        while self._posted:
            self._take(*self._posted.popleft())

    def handle(self, packet: bytes, sender: Target = ('', 0)) -> None:
        """[osc] Do what a packet says, or keep it until it is due."""
        try:
            for tag, message in split(packet):
                ahead = seconds_ahead(tag)
                if ahead > 0 and self.schedule.keep(ahead, time.monotonic(), message, sender):
                    continue
                self.early += ahead > 0
                self._do(message, sender)
        except ValueError as error:
            self._count_malformed(str(error))

    def _do(self, message: bytes, sender: Target) -> None:
        try:
            address, arguments = read(message)
        except ValueError as error:
            return self._count_malformed(str(error))
        self.received += 1
        if not address.startswith('/'):
            self.bare += 1
            address = '/' + address
        try:
            self._routes.do(address, arguments, sender)
        except Refused as error:
            self._refuse(str(error))
        except ValueError as error:
            self._refuse(f'{address[:80]}: {error}')
        except Exception as error:      # a fault of what was asked for must not end this thread with all controllers
            self._refuse(f'{address[:80]} failed: {error!r}')

    def _send(self, target: Target, address: str, arguments: Arguments) -> None:
        if self._socket is None:
            return
        packet = write(address, arguments)
        if isinstance(target, Connection):
            if not (self._tcp and self._tcp.send(target, packet)):
                self.answers.drop(target)
        elif isinstance(target, tuple):
            self._send_datagram(target, packet)
        else:
            target.send(packet)         # type: ignore[attr-defined]

    def _send_datagram(self, target: tuple, packet: bytes) -> None:
        try:
            self._socket.sendto(packet, target)         # type: ignore[union-attr]
        except OSError as error:
            self.unsent += 1
            self.error = f'OSC could not be sent to {target[0]}:{target[1]}: {error.strerror}'

    def _drop(self, connection: Connection, reason: str) -> None:
        self.answers.drop(connection)
        if reason:
            self.dropped += 1
            self.error = reason

    def _refuse(self, sentence: str) -> None:
        self._denied += 1
        self.error = sentence

    def _count_malformed(self, sentence: str) -> None:
        self.malformed += 1
        self.error = sentence
