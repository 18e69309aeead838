"""From a controller's hand to the Board by OSC: ours beside python-osc's own servers, with the same addresses.

Another process sends 1,000 messages a second over UDP, then 5,000 at once. Every server has all addresses of the
instrument, and does the same with a message: Desk.set. `done` is the time from before the sending to after the
setting, what the kernel and the scheduler take included; `work` is the processor time of one message in our server
alone, which other programs on the machine do not lengthen.

Budget: a burst of 5,000 kept whole; done within 0.2 ms at p99 on a machine that has a core free. The system grants a
receiving buffer of some 200 KB, about 270 small datagrams: whoever does not empty it at once loses the rest.

    python bench/osc.py [--quick]
"""
import json
import socket
import subprocess
import sys
import threading
import time

import numpy as np
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_message_builder import build_msg
from pythonosc.osc_server import BlockingOSCUDPServer, ThreadingOSCUDPServer

from common import figures, machine, parse_arguments, print_json, print_table
from live.control.desk import Desk
from live.control.osc import OscServer
from live.params import PARAMS, Board
from live.signals import EVENT
from live.wires import Latest, Ring

ADDRESS, HIGH = '/drone/drift_cents', 200.0
PACE = 0.001
BURST = 5000


class TimedDesk(Desk):
    """Notes when each message was done; which one, its value tells."""

    def __init__(self) -> None:
        super().__init__(Board(), Ring.make(64, EVENT), Latest(('', '')))
        self.done: list[tuple[float, int]] = []

    def set(self, name: str, value: object) -> bool:
        accepted = super().set(name, value)
        self.done.append((float(value), time.monotonic_ns()))     # type: ignore[arg-type]
        return accepted


def send(port: int, count: int, pace: float) -> None:
    """Send messages from a process of its own; print when each was sent, in nanoseconds."""
    target = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    packets = [build_msg(ADDRESS, [HIGH * n / count]).dgram for n in range(count)]
    times, due = [], time.perf_counter()
    for packet in packets:
        times.append(time.monotonic_ns())
        target.sendto(packet, ('127.0.0.1', port))
        due += pace
        time.sleep(max(0.0, due - time.perf_counter())) if pace else None
    print(json.dumps(times), flush=True)


def run_ours(desk: Desk):
    server = OscServer(desk, port=0)
    server.start()
    return server.port, server.stop


def run_theirs(kind: type, desk: Desk):
    def put(address: str, name: list, value: float) -> None:       # what it returned would be sent as an answer
        desk.set(name[0], value)
    dispatcher = Dispatcher()
    for param in PARAMS:
        dispatcher.map(param.address, put, param.name)
        dispatcher.map('/n' + param.address, put, param.name)
    server = kind(('127.0.0.1', 0), dispatcher)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
    return server.server_address[1], stop


SERVERS = {'ours': run_ours, 'python-osc Blocking': lambda desk: run_theirs(BlockingOSCUDPServer, desk),
           'python-osc Threading': lambda desk: run_theirs(ThreadingOSCUDPServer, desk)}


def measure(run, count: int, pace: float) -> tuple[int, np.ndarray]:
    """Return how many messages were done, and after how many milliseconds each."""
    desk = TimedDesk()
    port, stop = run(desk)
    words = [sys.executable, __file__, '--send', str(port), str(count), str(pace)]
    times = json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
    time.sleep(2)
    stop()
    return len(desk.done), np.array([(done - times[round(value / HIGH * count)]) / 1e6 for value, done in desk.done])


def measure_work(count: int) -> np.ndarray:
    """Return the milliseconds of processor time that one message takes in our server."""
    desk = Desk(Board(), Ring.make(64, EVENT), Latest(('', '')))
    server = OscServer(desk, port=0)
    packets = [build_msg(param.address, [float(param.high)]).dgram for param in PARAMS]
    times = np.empty(count)
    for number in range(count):
        begin = time.thread_time_ns()
        server.handle(packets[number % len(packets)], ('127.0.0.1', 9))
        times[number] = (time.thread_time_ns() - begin) / 1e6
    return times


def main() -> None:
    if '--send' in sys.argv:
        send(int(sys.argv[-3]), int(sys.argv[-2]), float(sys.argv[-1]))
        return
    count = 3000 if parse_arguments(__doc__).quick else 20000
    print(f'{machine()}\n')
    rows, results = [], {}
    for name, run in SERVERS.items():
        _, paced = measure(run, count, PACE)
        kept, burst = measure(run, BURST, 0.0)
        rows.append((name, *figures(paced), kept, figures(burst)[2]))
        results[name] = {'done_p50_ms': rows[-1][1], 'done_p99_ms': rows[-1][2], 'burst_kept': kept}
    print_table(rows, ('1,000 a second, ms', 'p50', 'p99', 'max', 'kept of 5,000', 'last done after, ms'))
    work = figures(measure_work(count))
    print(f'\nprocessor time of one message, ours: {work[0]} ms, p99 {work[1]}, max {work[2]}')
    print_json({'osc_burst_kept': results['ours']['burst_kept'], 'osc_p99_ms': results['ours']['done_p99_ms'],
                'osc_work_p99_ms': work[1], 'peers': results})


if __name__ == '__main__':
    main()
