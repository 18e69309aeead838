"""MIDI clock in and out: what is said when, and a clock that goes out of one port and comes in at another."""
import subprocess
import sys
import time

import numpy as np
import pytest

from live.control.midi_out import MidiOutputs
from live.control.midi_sync import CLOCK, CONTINUE, LOST, POSITION, START, STOP, Arrival, ClockIn, ClockOut
from live.control.midi_system import MidiSystem
from live.control.tempo import Tempo

LISTENER = '''
import sys, rtmidi
port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name='Listener')
port.ignore_types(timing=False)
port.open_virtual_port('in')
print('plugged', flush=True)
sys.stdin.readline()
now = 0.0
while event := port.get_message():
    now += event[1]
    print(event[0][0], now)
'''


class Clock:
    now = 50.0

    def __call__(self):
        return self.now


class Kept(MidiOutputs):
    """Outputs that keep what they are sent."""

    def __init__(self, *names):
        super().__init__()
        self._found = {name: name for name in names}
        self.kept = []

    def send(self, name, message):
        self.kept.append((name, *message))
        return True

    def take(self):
        kept, self.kept = self.kept, []
        return [message[1:] for message in kept]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tempo(desk, clock):
    return Tempo(desk, clock)


@pytest.fixture
def out(tempo):
    return ClockOut(tempo, Kept('Drums', 'Other'), 'drum')


def play(out, clock, seconds, step=0.001):
    for _ in range(round(seconds / step)):
        out.step()
        clock.now += step
    return out.outputs.take()


def test_clock_begins_with_start_and_ticks_24_a_beat(out, clock):
    said = play(out, clock, 2.002)
    assert said[:2] == [(START,), (CLOCK,)] and said[2:] == [(CLOCK,)] * 48 and max(out.late) <= 0.0011


def test_only_outputs_that_were_named_get_it(out, clock):
    out.step()
    assert {message[0] for message in out.outputs.kept} == {'Drums'}


def test_device_that_leads_is_told_nothing(out, clock):
    out.followed = 'Drums'
    assert play(out, clock, 0.1) == []


def test_who_joins_in_the_middle_is_told_the_place_on_a_sixteenth(out, clock):
    clock.now += 300 + 2.4 / 24
    said = play(out, clock, 0.3)
    start = said.index((CONTINUE,))
    assert start == 5 and said[start - 1] == (POSITION, 1201 & 0x7F, 1201 >> 7)
    assert set(said) == {(CLOCK,), (CONTINUE,), said[start - 1]}


def test_tempo_that_is_steered_keeps_its_ticks(out, clock, tempo, desk):
    play(out, clock, 1)
    for bpm in (60, 70, 120):
        desk.set('tempo.bpm', bpm)
        tempo.tick(clock.now)
        assert set(play(out, clock, 1)) == {(CLOCK,)}
    assert abs(out._next - tempo.beat * 24) <= 1


def test_tempo_that_is_moved_is_stopped_and_located(out, clock):
    play(out, clock, 1)
    clock.now += 5
    said = play(out, clock, 1)
    assert said[0] == (STOP,) and (CONTINUE,) in said


def test_stopped_tempo_stops_who_follows_and_starts_them_again(out, clock, tempo, desk):
    desk.set('tempo.follow', 'clock')
    heard = ClockIn(tempo)
    for tick in range(60):
        if tick == 0:
            heard.handle([START], 'a', clock.now)
        if tick == 50:
            heard.handle([STOP], 'a', clock.now)
        heard.handle([CLOCK], 'a', clock.now)
        for _ in range(20):
            tempo.tick(clock.now)
            out.step()
            clock.now += 0.001
    said = out.outputs.take()
    assert said[0] == (START,) and said[-1] == (STOP,) and 49 <= said.count((CLOCK,)) <= 51


def test_end_stops_who_follows(out, clock):
    play(out, clock, 0.1)
    out.stop()
    assert out.outputs.take() == [(STOP,)]


def test_clock_sets_the_tempo_and_the_place(tempo, desk, clock):
    desk.set('tempo.follow', 'clock')
    heard = ClockIn(tempo)
    for message in ([START], *[[CLOCK]] * 97):
        assert heard.handle(message, 'Drums', clock.now)
        clock.now += (message == [CLOCK]) * 0.5 / 24
    tempo.tick(clock.now)
    assert heard.source == 'Drums' and heard.ticks == 97
    assert tempo.bpm == pytest.approx(120) and tempo.beat == pytest.approx(97 / 24, abs=0.02)


def test_song_position_is_where_it_continues(tempo, desk, clock):
    desk.set('tempo.follow', 'clock')
    heard = ClockIn(tempo)
    for message in ([CLOCK], [CLOCK], [STOP], [POSITION, 0x10, 0x01], [CONTINUE], *[[CLOCK]] * 13):
        heard.handle(message, '', clock.now)
        clock.now += (message == [CLOCK]) * 0.02
    tempo.tick(clock.now)
    assert tempo.beat == pytest.approx((128 + 16) / 4 + 13 / 24, abs=0.02)


def test_second_clock_is_passed_over_until_the_first_is_silent(tempo):
    heard = ClockIn(tempo)
    heard.handle([CLOCK], 'one', 0.0)
    heard.handle([CLOCK], 'other', 0.1)
    assert (heard.source, heard.ticks) == ('one', 1)
    heard.handle([CLOCK], 'other', 1.0)
    assert (heard.source, heard.ticks) == ('other', 2)


def test_cut_and_other_messages_are_not_the_clock_s(tempo):
    heard = ClockIn(tempo)
    assert heard.handle([POSITION, 1], '', 0.0)
    assert not any(heard.handle(message, '', 0.0) for message in ([], [0xFE], [0x90, 1, 1]))


def test_arrival_takes_waiting_out_of_time():
    random, arrival = np.random.default_rng(1), Arrival()
    waits = random.exponential(0.003, 500)
    placed = [arrival.place(0.02 * (n > 0), 100 + 0.02 * n + wait) for n, wait in enumerate(waits)]
    errors = np.array(placed) - 100 - 0.02 * np.arange(500)
    assert np.abs(errors[50:]).max() < 0.0015 and errors[50:].std() < waits.std() / 5


def test_arrival_follows_a_driver_whose_messages_were_lost():
    arrival = Arrival()
    arrival.place(0, 10.0)
    assert arrival.place(0.02, 10 + 5 * LOST) == 10 + 5 * LOST


@pytest.fixture
def listener(jack):
    with subprocess.Popen([sys.executable, '-c', LISTENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        assert process.stdout.readline() == 'plugged\n'
        yield process
        process.kill()


def test_clock_through_a_port_has_the_right_number_of_ticks(listener, desk):
    system, outputs = MidiSystem('UNIX_JACK'), MidiOutputs()
    desk.set('tempo.bpm', 120)
    tempo = Tempo(desk)
    tempo.tick(time.monotonic())
    assert system.open()
    outputs.scan(system)
    out = ClockOut(tempo, outputs, 'listener')
    time.sleep(0.2)
    began = tempo.beat
    out.start()
    while tempo.beat < 2.02:
        time.sleep(0.01)
    out.stop()
    ticks = (tempo.beat - began) * 24
    time.sleep(0.1)
    outputs.close()
    system.close()
    told = [line.split() for line in listener.communicate('\n', 10)[0].splitlines()]
    kinds = [int(kind) for kind, _ in told]
    assert {POSITION, CONTINUE} < set(kinds) and kinds[-1] == STOP and abs(kinds.count(CLOCK) - ticks) <= 2
