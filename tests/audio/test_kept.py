"""A real JACK server that dies in mid-performance and comes back: time goes on, the sound comes again."""
import json
import subprocess
import sys
import time

import pytest

NAME = 'livetest7'
PLAY = '''
import json, os, sys, time
os.environ['JACK_DEFAULT_SERVER'] = sys.argv[2]
from live.audio.arena import Arena
from live.audio.devices import choose_stream
from live.audio.kept import KeptStream
choice = choose_stream(sys.argv[1])
arena = Arena(choice.samplerate, inputs=choice.inputs)
said = []
stream = KeptStream(choice, arena, lambda text: said.append((time.monotonic(), text)))
stream.start()
print(choice.backend, flush=True)
for line in sys.stdin:
    print(json.dumps({'at': time.monotonic(), 'frames': arena.frames, 'losses': stream.losses, 'lost': stream.lost,
                      'lost_s': stream.lost_seconds, 'said': said, 'latency': stream.latency,
                      'nan': int(arena.stats['nan']), 'heard': float(arena.sound.items[:arena.frames].std())}),
          flush=True)
began = time.monotonic()
print(json.dumps({'stopped': stream.stop(8), 'took': time.monotonic() - began}), flush=True)
os._exit(0)
'''


class Player:
    """The sound in a process of its own."""

    def __init__(self, backend, name):
        self.process = subprocess.Popen([sys.executable, '-c', PLAY, backend, name], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.backend = self.process.stdout.readline().strip()

    @property
    def figures(self):
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def wait_for(self, condition, seconds=20):
        until = time.monotonic() + seconds
        while not condition(now := self.figures):
            assert time.monotonic() < until, now
            time.sleep(0.05)
        return now

    def end(self):
        self.process.stdin.close()
        told = json.loads(self.process.stdout.readline())
        self.process.stdout.close()
        assert self.process.wait(20) == 0
        return told


@pytest.fixture
def server(start_jack, tmp_path):
    """A function that starts the server again; `.stop(signal)` ends it."""
    class Server:
        def start(self):
            self.process = start_jack(NAME, tmp_path / 'log.txt')

        def stop(self, number=15):
            self.process.send_signal(number)
            self.process.wait(10)
    one = Server()
    one.start()
    yield one
    one.stop()


@pytest.mark.parametrize('number', [15, 9], ids=['SIGTERM', 'SIGKILL'])
def test_a_jack_server_that_dies_is_found_again_twice(server, number):
    player = Player('auto', NAME)
    assert player.backend == 'jack'
    for loss in (1, 2):
        playing = player.wait_for(lambda f: f['frames'] > 4800 and not f['lost'])
        server.stop(number)
        gone = player.wait_for(lambda f: f['lost'])
        assert gone['losses'] == loss and 'clock' in gone['said'][-1][1]
        later = player.wait_for(lambda f: f['at'] > gone['at'] + 1)
        passed = (later['frames'] - gone['frames']) / 48000 / (later['at'] - gone['at'])
        assert passed == pytest.approx(1, abs=0.2)              # time goes on by the clock
        server.start()
        back = player.wait_for(lambda f: not f['lost'])
        assert back['frames'] > later['frames'] > playing['frames'] and 'is back' in back['said'][-1][1]
    assert back['nan'] == 0 and back['heard'] > 0.001 and back['lost_s'] > 2
    assert player.end()['stopped']
