"""Who is beyond the instrument in control.py, each in a process of its own: a page that looks, a stranger that floods.

    python bench/control_hands.py page PORT             until its stdin ends
    python bench/control_hands.py flood PORT SECONDS
"""
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from pythonosc.osc_message_builder import build_msg

ECHO_TIME = 0.05
FLOOD_RATE, FLOOD_LUMP = 10_000, 100    # messages a second, sent so many at once


async def look(port: int) -> dict:
    """Be a page until stdin ends; return round trips in milliseconds, and how many frames and pictures came."""
    import aiohttp
    trips: list[float] = []
    kinds = {b'live': 0, b'view': 0}
    begin = time.monotonic()
    async with aiohttp.ClientSession() as session, session.ws_connect(f'http://127.0.0.1:{port}/live') as socket:
        await socket.send_str('["look", true]')

        async def ask() -> None:
            while True:
                await socket.send_str(json.dumps(['ping', time.monotonic()]))
                await asyncio.sleep(ECHO_TIME)

        async def hear() -> None:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    kinds[message.data[:4]] += 1
                elif message.type is aiohttp.WSMsgType.TEXT and message.data.startswith('{"pong"'):
                    trips.append(1000 * (time.monotonic() - json.loads(message.data)['pong']))
        tasks = [asyncio.create_task(ask()), asyncio.create_task(hear())]
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
    seconds = time.monotonic() - begin
    return {'trips': trips, 'frames': kinds[b'live'] / seconds, 'pictures': kinds[b'view'] / seconds}


@contextlib.contextmanager
def looking(panel) -> Iterator[dict]:
    """Have a page look at a panel; what it saw is in the dict when it has left."""
    words = [sys.executable, __file__, 'page', str(panel.port)]
    told: dict = {}
    looker = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while not panel.pages:
        time.sleep(0.1)
    yield told
    told |= json.loads(looker.communicate('')[0])


def send_flood(port: int, seconds: float) -> None:
    """Be a stranger: send good and broken messages, FLOOD_RATE a second."""
    good = [build_msg('/drone/drift_cents', [n / 10]).dgram for n in range(60)]
    packets = [*good, build_msg('/drone/pan', [float('nan')]).dgram, build_msg('/drone/pan', ['left']).dgram,
               build_msg('/no/such/thing', [1]).dgram, build_msg('/prompt', ['x' * 8000]).dgram,
               good[0][:-3], os.urandom(64), b'#bundle\0' + bytes(8) + b'\xff\xff\xff\xff']
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as target:
        begin = time.monotonic()
        for sent in range(0, round(FLOOD_RATE * seconds), FLOOD_LUMP):
            for number in range(sent, sent + FLOOD_LUMP):
                target.sendto(packets[number % len(packets)], ('127.0.0.1', port))
            time.sleep(max(0.0, begin + sent / FLOOD_RATE - time.monotonic()))


def flood(port: int, seconds: float) -> None:
    """Let a stranger in."""
    subprocess.run([sys.executable, __file__, 'flood', str(port), str(seconds)], check=True)


if __name__ == '__main__':
    if sys.argv[1] == 'page':
        print(json.dumps(asyncio.run(look(int(sys.argv[2])))))
    else:
        send_flood(int(sys.argv[2]), float(sys.argv[3]))
