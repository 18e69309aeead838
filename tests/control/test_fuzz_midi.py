"""MIDI from strangers: bytes of every kind and floods of SysEx. Nothing raises, all is counted, memory is flat."""
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message
from mutations import mutants

from live.control.desk import Desk
from live.control.map_files import find_map
from live.control.mapping import load_map
from live.control.midi import MidiInput
from live.params import PARAMS, Board
from live.signals import EVENT
from live.tuning import mts
from live.wires import Latest, Ring

MAP = load_map(find_map('generic'))
TABLE = [100 * 2 ** (key / 24) for key in range(128)]
TUNINGS = [mts.bulk_dump(TABLE, 'quarters'), mts.single_notes({60: 440.0, 61: 450.0}), mts.scale_octave([25] * 12),
           mts.scale_octave_dump([0, 25] * 6), mts.dump_request(3), mts.dump_request(3, bank=1)]
ZONE = [bytes([0xB0, 101, 0]), bytes([0xB0, 100, 6]), bytes([0xB0, 6, 15])]
PLAYED = st.builds(lambda status, one, other: bytes([status, one, other]), st.integers(0x80, 0xEF),
                   st.integers(0, 127), st.integers(0, 127))
NUMBERS = st.builds(lambda channel, number, value: bytes([0xB0 | channel, number, value]), st.integers(0, 15),
                    st.sampled_from([6, 38, 96, 97, 98, 99, 100, 101]), st.integers(0, 127))


def make():
    return MidiInput(Desk(Board(), Ring.make(64, EVENT), Latest(('',)), names=lambda: []), mapping=MAP)


def give(midi, data, passed=0.001):
    midi._on_bytes(midi._device(('Keys', 0)), (list(data), passed))


def check(midi):
    assert all(p.low <= value <= p.high for p, (_, value) in zip(PARAMS, midi.desk.board.items()))
    frequencies = midi.desk.tuning.frequencies
    assert np.all(np.isnan(frequencies) | (frequencies > 0)) and len(midi.desk.message) < 500


@given(st.lists(st.one_of(mutants(TUNINGS), PLAYED, NUMBERS, st.binary(max_size=12), st.sampled_from(ZONE),
                          st.integers(0xF0, 0xFF).map(lambda status: bytes([status, 1, 2]))), max_size=40))
def test_any_bytes_are_done_or_passed_over(messages):
    midi = make()
    for message in messages:
        give(midi, message)
        check(midi)
    midi.tuning.tend()


@given(st.lists(mutants(TUNINGS), min_size=1, max_size=10))
def test_changed_tunings_retune_or_are_refused(messages):
    midi = make()
    before = midi.desk.tuning
    for message in messages:
        refused = midi.desk.refused
        give(midi, message)
        assert midi.desk.tuning is before or midi.desk.refused == refused
        before = midi.desk.tuning
    check(midi)


@pytest.mark.parametrize('passed', [0.0, -1.0, 1e9, float('nan'), float('inf')])
def test_clock_with_impossible_times_leaves_the_beat_a_number(passed):
    midi = make()
    midi.desk.set('tempo.follow', 'clock')
    for _ in range(50):
        give(midi, [0xF8], passed)
        midi.desk.tempo.tick(midi.desk.tempo._clock())
    assert np.isfinite(midi.desk.tempo.beat) and 20 <= midi.desk.board['tempo.bpm'] <= 300


def test_flood_of_sysex_leaves_memory_flat():
    midi = make()
    messages = [*TUNINGS, *(message[:-9] + b'\xf7' for message in TUNINGS), b'\xf0' + b'\1' * 5000 + b'\xf7', b'\xf0']

    def flood(count):
        for number in range(count):
            give(midi, messages[number % len(messages)])
    flood(500)
    told = midi.desk.refused, midi.received + midi.malformed
    tracemalloc.start()
    flood(2000)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    midi.tuning.tend()
    assert kept < 1 << 20 and midi.desk.refused - told[0] > 500
    assert midi.received + midi.malformed - told[1] == 2000
    check(midi)


def test_flood_of_fingers_leaves_no_layer_behind():
    midi, random = make(), np.random.default_rng(1)
    before = dict(midi.desk.board.items())
    for message in ZONE:
        give(midi, message)
    for status, one, other in random.integers([0x80, 40, 0], [0x9F, 90, 127], (10000, 3)).tolist():
        give(midi, [status if status & 15 else status | 1, one, other])
    assert len(midi.mpe.voices.sounding) == 7
    midi.mpe.voices.stop()
    assert dict(midi.desk.board.items()) == before and not midi.desk.leaning


def test_message_after_a_cut_one_is_whole():
    midi = make()
    for data in ([0x90], [0xF0, 0x7E], [0xB0, 70], [0xE0], [0xE0, 1], []):
        give(midi, data)
    midi.handle(Message('pitchwheel', pitch=8191))
    assert midi.desk.board['drone.bend_cents'] == 200 and midi.malformed == 6
