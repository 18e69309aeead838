import os
import re
import subprocess
import sys

import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.offline import render
from live.audio.stats import read_stats
from live.signals import GATE, PANIC, SLICE

RATE = 48000
AUDIT = '''
from live.audio.callback import render_block
print(render_block.inspect_llvm())
print('ASSEMBLY')
print(render_block._library.get_asm_str())
'''


@pytest.fixture(scope='module')
def compiled(tmp_path_factory):
    """The callback compiled from nothing (numba shows no code of what it took from its cache): its IR and assembly."""
    environment = {**os.environ, 'NUMBA_CACHE_DIR': str(tmp_path_factory.mktemp('kernels'))}
    said = subprocess.run([sys.executable, '-c', AUDIT], env=environment, capture_output=True, text=True, check=True)
    return said.stdout.split('ASSEMBLY')


def callers(ir, symbol):
    """Names of the functions that call a symbol."""
    bodies = re.findall(r'^define [^@]*@"?([^"(]+)"?\(.*?^}', ir, re.S | re.M)
    parts = re.split(r'^define ', ir, flags=re.M)[1:]
    assert len(bodies) == len(parts) > 10
    return {name for name, part in zip(bodies, parts) if re.search(rf'call [^\n]*@{symbol}', part)}


@pytest.mark.parametrize('symbol', ['NRT_Allocate', 'NRT_MemInfo_alloc', 'malloc', 'numba_gil_ensure', 'Py',
                                    'numba_do_raise', 'numba_unpickle', 'numba_runtime_build_excinfo_struct'])
def test_compiled_callback_neither_allocates_nor_raises(compiled, symbol):
    """numba's wrapper has a branch for errors, which is never taken when nothing inside can raise."""
    assert all(name.startswith('cfunc.') for name in callers(compiled[0], symbol))


def test_the_audit_finds_a_call_that_is_there(compiled):
    assert any('render_block' in name for name in callers(compiled[0], 'clock_gettime'))


def test_compiled_callback_uses_vector_registers(compiled):
    wide = len(re.findall(r'\b[yz]mm\d+', compiled[1])) + len(re.findall(r'\bv\d+\.4s', compiled[1]))
    assert wide > 200


def perform(arena, cuts):
    """Play two seconds with changes at fixed samples, cut into blocks."""
    events = np.zeros(1, arena.events.items.dtype)
    changes = {6400: ('drone.root', 440.0), 19200: ('drone.partials', 50), 32000: ('pulse.chance', 1.0)}
    out, done = [], 0
    for count in cuts:
        while count:
            if done in changes:
                arena.board[changes[done][0]] = changes[done][1]
            if done == 64000:
                events['kind'] = PANIC
                arena.events.put(events)
            stop = min([edge for edge in (*changes, 64000) if edge > done], default=done + count)
            part = min(count, stop - done)
            out.append(render(arena, part))
            done += part
            count -= part
    return np.concatenate(out)


def cuts(kind, total=96000):
    random = np.random.default_rng(5)
    while total:
        count = min(total, kind or int(random.integers(1, 700)))
        yield count
        total -= count


@pytest.mark.parametrize('kind', [1, 17, 64, 417, 1024, None])
def test_any_cut_into_blocks_gives_the_same_bits(kind):
    whole, cut = Arena(RATE, 3), Arena(RATE, 3)
    assert np.array_equal(perform(whole, [96000]), perform(cut, cuts(kind)))
    assert whole.record['slices'].tobytes() == cut.record['slices'].tobytes()


def test_reset_gives_the_same_performance_again():
    arena = Arena(RATE, 9)
    first = render(arena, RATE)
    arena.reset(9)
    assert np.array_equal(first, render(arena, RATE))


def test_seeds_sound_different():
    assert not np.array_equal(render(Arena(RATE, 1), RATE), render(Arena(RATE, 2), RATE))


def test_board_can_be_poisoned_without_harm():
    arena = Arena(RATE)
    render(arena, RATE // 2)
    arena.record['board'][0, :] = np.nan
    out = render(arena, RATE // 2)
    assert np.isfinite(out).all() and out.std() > 0.01
    assert read_stats(arena)['refused'] > 0


def test_input_that_is_not_finite_is_counted_and_silent():
    arena = Arena(RATE, inputs=2)
    arena.board['input.level_db'] = 0
    arena.board['input.analysis'] = 1
    bad = np.full((RATE, 2), np.inf, np.float32)
    bad[::2] = np.nan
    out = render(arena, RATE, bad)
    assert np.isfinite(out).all() and read_stats(arena)['nan'] == RATE
    assert np.isfinite(arena.record['slices']['magnitudes']).all()


def test_what_a_source_makes_of_nan_is_counted_and_silent():
    arena = Arena(RATE)
    render(arena, RATE // 10)
    assert read_stats(arena)['nan'] == 0
    arena.record['layers'][0, 0]['cluster']['left_end'][:] = np.nan
    out = render(arena, RATE // 10)
    assert np.isfinite(out).all() and read_stats(arena)['nan'] > 0


def test_what_an_effect_makes_of_nan_is_counted_and_silent():
    arena = Arena(RATE)
    render(arena, RATE // 10)
    arena.record['dc']['out'] = np.nan
    out = render(arena, RATE // 10)
    assert np.isfinite(out).all() and read_stats(arena)['nan'] > 0


def test_loud_input_stays_below_full_scale():
    arena = Arena(RATE, inputs=1)
    arena.board['input.level_db'] = 12
    out = render(arena, RATE, np.sign(np.sin(np.arange(RATE) / 30))[:, None].astype(np.float32) * 3)
    assert 0.9 < np.abs(out).max() < 1


def send(arena, kind, value=0.0):
    event = np.zeros(1, arena.events.items.dtype)
    event['kind'], event['value'] = kind, value
    arena.events.put(event)


def test_panic_is_silent_within_50_ms_until_the_gate_opens_again():
    arena = Arena(RATE)
    assert render(arena, 2 * RATE)[-RATE // 2:].std() > 0.01
    send(arena, PANIC)
    render(arena, RATE // 20)
    assert np.abs(render(arena, RATE // 10)[RATE // 20:]).max() < 1e-3      # what is left is the DC block's tail
    send(arena, GATE, 1.0)
    assert render(arena, RATE // 2).std() > 0.01


def test_gate_closes_within_its_release():
    arena = Arena(RATE)
    arena.board['drone.release'] = 0.2
    arena.board['drone.reverb'] = 0
    render(arena, 3 * RATE)
    send(arena, GATE, 0.0)
    render(arena, RATE)
    assert np.abs(render(arena, 1000)).max() < 1e-4


def test_ten_minutes_stay_finite_bounded_and_steady():
    arena = Arena(RATE, 11)
    peaks, levels = [], []
    for _ in range(60):
        block = render(arena, 10 * RATE)
        assert np.isfinite(block).all()
        peaks.append(np.abs(block).max())
        levels.append(block[RATE:].std())
    assert max(peaks) <= 1
    assert max(levels[1:]) / min(levels[1:]) < 1.5
    assert read_stats(arena)['nan'] == 0


def test_slices_come_every_hop_and_know_the_synth():
    arena = Arena(RATE)
    slices = arena.slices.reader()
    render(arena, RATE)
    slices = slices.get()
    assert slices.dtype == SLICE and (np.diff(slices['end']) == 512).all()
    assert slices['root'][-1] == pytest.approx(466.16)
    assert slices['drift_cents'][-1].std() == pytest.approx(5, abs=2.5)
    assert slices['pulses'][-1] >= 1


def test_sound_ring_holds_what_was_heard():
    arena = Arena(RATE)
    reader = arena.sound.reader()
    out = render(arena, 5000)
    assert np.array_equal(reader.get(), out) and arena.frames == 5000
