"""Tempo: own, tapped, from MIDI clock with jitter and holes, from a real Link session on this machine."""
import math
import sys
import time

import numpy as np
import pytest

from live.control.midi_clock import MidiClock
from live.control.tempo import BAR, BEAT, GRACE, OFF, Tempo
from live.params import BY_NAME


class Clock:
    now = 50.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tempo(desk, clock):
    return Tempo(desk, clock)


def run(clock, ticks, seconds, now=0.0, jitter=0.0, lost=0.0, seed=3):
    """Send so many ticks over so many seconds; return the time of the last, as it should have come."""
    random = np.random.default_rng(seed)
    for number in range(ticks):
        due = now + seconds * number / ticks
        if random.random() >= lost:
            clock.tick(due + random.uniform(-jitter, jitter))
    return due


def test_beats_run_with_the_tempo_of_the_board(tempo, clock, desk):
    desk.set('tempo.bpm', 90)
    tempo.tick(clock.now)
    clock.now += 60
    assert tempo.beat == pytest.approx(90) and tempo.bpm == 90 and tempo.bar == (22, pytest.approx(2))


def test_a_tempo_that_changes_leaves_the_beat_where_it_is(tempo, clock, desk):
    clock.now += 10
    before = tempo.beat
    desk.set('tempo.bpm', 240)
    tempo.tick(clock.now)
    assert tempo.beat == pytest.approx(before)


@pytest.mark.parametrize('bpm', [24, 60, 93.7, 240])
def test_taps_set_the_tempo(tempo, clock, desk, bpm):
    for jitter in (0, 0.01, -0.01, 0.004, -0.006, 0):
        clock.now += 60 / bpm + jitter
        desk.act('tap')
    assert desk.board['tempo.bpm'] == pytest.approx(bpm, rel=0.03)
    assert tempo.beat % 1 == pytest.approx(0, abs=1e-9)


def test_the_first_tap_is_the_one_of_a_bar(tempo, clock):
    clock.now += 2.4
    tempo.tap()
    assert tempo.beat == 4
    clock.now += 1
    tempo.tap()
    assert tempo.beat == 5


def test_a_late_tap_begins_another_tempo(tempo, clock, desk):
    for pause in (0.5, 0.5, 0.5, 1.0, 1.0):
        clock.now += pause
        tempo.tap()
    assert desk.board['tempo.bpm'] == pytest.approx(60)


def test_two_taps_in_one_tick_of_the_clock_are_as_fast_as_can_be(tempo, desk):
    assert tempo.tap() and tempo.tap()
    assert desk.board['tempo.bpm'] == BY_NAME['tempo.bpm'].high


def test_taps_are_refused_while_midi_leads(tempo, desk):
    desk.set('tempo.follow', 'clock')
    assert not tempo.tap() and 'MIDI clock' in desk.message


@pytest.mark.parametrize('quantise, seconds', [(OFF, 0), (BEAT, 0.7), (BAR, 2.7)])
def test_the_next_line_is_a_beat_or_a_bar(tempo, clock, quantise, seconds):
    clock.now += 1.3
    assert tempo.next_line(quantise, clock.now) - clock.now == pytest.approx(seconds)


def test_right_after_a_beat_that_beat_was_meant(tempo, clock):
    clock.now += 3 + GRACE / 2
    assert tempo.next_line(BEAT, clock.now) == clock.now
    clock.now += GRACE
    assert tempo.next_line(BEAT, clock.now) > clock.now


@pytest.mark.parametrize('bpm', [30, 60, 120, 174, 280])
def test_a_clock_with_jitter_is_steady(bpm):
    clock, beats = MidiClock(), 40
    clock.start()
    last = run(clock, beats * 24, beats * 60 / bpm, jitter=0.003)
    assert clock.bpm == pytest.approx(bpm, rel=0.004)
    assert clock.beat(last) == pytest.approx(beats - 1 / 24, abs=0.1 / 24 + 0.002 * bpm / 60)


def test_lost_ticks_are_counted():
    clock = MidiClock()
    clock.start()
    last = run(clock, 60 * 24, 30, jitter=0.001, lost=0.05)
    assert clock.bpm == pytest.approx(120, rel=0.003) and clock.beat(last) == pytest.approx(60 - 1 / 24, abs=0.15)


@pytest.mark.parametrize('first, second', [(120, 60), (60, 120), (100, 104), (180, 40)])
def test_another_tempo_is_found_within_two_beats_or_so(first, second):
    clock = MidiClock()
    clock.start()
    last = run(clock, 480, 20 * 60 / first)
    run(clock, 24 * 4, 4 * 60 / second, last + 60 / first / 24)
    assert clock.bpm == pytest.approx(second, rel=0.02)


def test_start_begins_at_the_first_beat_and_stop_stands_still():
    clock = MidiClock()
    run(clock, 100, 2)
    clock.start()
    last = run(clock, 48, 1, 2.0)
    assert clock.beat(last) == pytest.approx(47 / 24, abs=0.02)
    clock.stop()
    last = run(clock, 48, 1, 3.0)
    assert clock.beat(last + 0.5) == pytest.approx(47 / 24, abs=0.02) and not clock.is_running(last)
    clock.go_on()
    last = run(clock, 24, 0.5, 4.0)
    assert clock.beat(last) == pytest.approx(71 / 24, abs=0.02)


def test_a_clock_that_dies_is_noticed():
    clock = MidiClock()
    clock.start()
    last = run(clock, 48, 1)
    assert clock.is_alive(last + 0.1) and not clock.is_alive(last + 1)


@pytest.mark.parametrize('times', [[0.0] * 50, [5, 4, 3, 2, 1], [0, math.inf, 1, 2], [0, 1e-9, 2e-9, 1]])
def test_no_times_however_odd_break_it(times):
    clock = MidiClock()
    clock.start()
    for now in times:
        clock.tick(now)
        assert math.isfinite(clock.beat(1.0))


def test_the_board_follows_midi_clock_and_goes_on_when_it_dies(tempo, clock, desk):
    desk.set('tempo.follow', 'clock')
    tempo.start()
    for _ in range(240):
        clock.now += 60 / 93 / 24
        tempo.clock()
        tempo.tick(clock.now)
    assert desk.board['tempo.bpm'] == pytest.approx(93, abs=0.1) and tempo.running
    before = tempo.beat
    clock.now += 10
    tempo.tick(clock.now)
    assert tempo.beat == pytest.approx(before + 15.5, abs=0.1) and tempo.running


def test_a_stopped_clock_quantises_nothing(tempo, clock, desk):
    desk.set('tempo.follow', 'clock')
    tempo.start()
    for number in range(48):
        clock.now += 0.02
        tempo.clock()
    tempo.stop()
    tempo.clock()
    tempo.tick(clock.now)
    assert not tempo.running and tempo.next_line(BAR, clock.now) == clock.now


def test_a_followed_tempo_is_no_gesture(tempo, clock, desk):
    test_the_board_follows_midi_clock_and_goes_on_when_it_dies(tempo, clock, desk)
    assert [gesture.what for gesture in desk.scenes.history.done] == ['tempo.follow']


def test_without_link_one_is_told_what_to_install(tempo, clock, desk, monkeypatch):
    monkeypatch.setitem(sys.modules, 'link', None)
    desk.set('tempo.follow', 'link')
    tempo.tick(clock.now)
    assert 'pip install LinkPython-extern' in desk.message and desk.board['tempo.follow'] == 0


def test_link_is_followed_and_led(desk):
    link = pytest.importorskip('link')
    tempo, other = Tempo(desk), link.Link(133.0)
    other.enabled = True
    try:
        desk.set('tempo.follow', 'link')
        meet(tempo, lambda: tempo.peers == 1 and abs(tempo.bpm - other.captureSessionState().tempo()) < 0.01)
        desk.set('tempo.bpm', 77)
        meet(tempo, lambda: abs(other.captureSessionState().tempo() - 77) < 0.01)
        theirs = other.captureSessionState().beatAtTime(other.clock().micros(), 4)
        away = (tempo.beat - theirs + 2) % 4 - 2
        assert abs(away) < 0.05
    finally:
        tempo.close()
        other.enabled = False


def meet(tempo, condition):
    for _ in range(300):
        tempo.tick(time.monotonic())
        if condition():
            return
        time.sleep(0.02)
    pytest.fail('the two sessions do not meet')
