"""A picture as sound: rows are sines from low to high, columns are moments, and a line sweeps over them. [audio]

Two tables: one sounds, the other is free to be filled. Python fills the free one and asks for the change
(`put_picture`, [control]); the kernel fades over to it and then says that the other is free. What is between two
columns is between them in level too, and everything ramps across each tick: sweeps and changes make no click.
"""
import math

import numpy as np

from live.dsp.bank import HIGHEST, audible, bank_dtype, render_bank, reset_bank
from live.dsp.clamp import clamp, clamp_or
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE
from live.dsp.random import hashed, uniform
from live.wires import load_acquire, store_release

ROWS, COLUMNS = 256, 512                # at most
RMS = 0.25              # of the mean over the picture at 0 dB
LOUDEST = 0.5           # amplitude of one row at most
FASTEST = 50.0          # sweeps per second
_PHASE, _PAN = -18, -19                 # steps of the hash that stand for a row's constants

PICTURE = np.dtype([
    ('level', 'f4', (COLUMNS, ROWS)),   # 0..1, row 0 the lowest
    ('columns', 'i8'), ('gain', 'f8'), ('number', 'i8'),        # number: as who put it counts
], align=True)

TABLE = np.dtype([
    ('bank', bank_dtype(ROWS)), ('pan', 'f4', (ROWS,)),
    ('picture', PICTURE, (2,)),
    ('now', 'i8'), ('fade', 'f8'),      # the picture that sounds; how far the other has come in
    ('asked', 'i8', (1,)), ('done', 'i8', (1,)),    # changes, counted by Python and by the kernel
    ('seen', 'i8'), ('told', 'i8'),     # changes that have begun to fade in; that have been told
    ('place', 'f8'),                    # 0..1 across the picture
], align=True)


def put_picture(state: np.void, picture: np.ndarray, number: int = 0) -> bool:
    """Hand a picture (rows, columns) of levels 0..1, row 0 at the top and so the highest, to the sound. [control]

    Larger pictures are averaged down to ROWS x COLUMNS; smaller ones keep lines thin: their rows lie further apart.
    Return False, and do nothing, while the last one still fades in, or if it is no picture at all.
    """
    picture = np.nan_to_num(np.asarray(picture, np.float64))
    if under_way(state) or picture.ndim != 2 or not picture.size:
        return False
    levels = np.clip(shrunk(shrunk(picture, ROWS).T, COLUMNS), 0, 1)
    free = state['picture'][1 - state['now']]
    columns, rows = levels.shape
    free['level'] = 0
    free['level'][:columns, np.round(np.linspace(0, ROWS - 1, rows)).astype(int)] = levels[:, ::-1]
    free['columns'], free['number'] = columns, number
    power = (levels ** 2).sum(1).mean() / 2
    free['gain'] = min(LOUDEST, RMS / math.sqrt(max(power, 1e-6)))
    ask_change(state)
    return True


def shrunk(picture: np.ndarray, most: int) -> np.ndarray:
    """Average neighbouring rows so that at most so many are left."""
    edges = np.linspace(0, len(picture), most + 1).astype(int)
    if len(picture) <= most:
        return picture
    return np.add.reduceat(picture, edges[:-1]) / np.diff(edges)[:, None]


@kernel
def under_way(state):
    """Return whether a change is asked for that is not done. [any]"""
    return load_acquire(state.asked, 0) != load_acquire(state.done, 0)


@kernel
def ask_change(state):
    """Ask for the other picture, which is filled now. [control]"""
    store_release(state.asked, 0, state.asked[0] + 1)


@kernel
def reset_table(state, seed):
    """Begin with no picture, at the left edge."""
    reset_bank(state.bank)
    state.now = state.asked[0] = state.done[0] = state.seen = state.told = 0
    state.fade = state.place = 0.0
    for i in range(ROWS):
        state.bank.phase[i] = np.int32(hashed(seed, i, _PHASE) >> np.uint64(32))
        state.pan[i] = 2 * uniform(seed, i, _PAN) - 1
    for k in range(2):
        state.picture[k].columns, state.picture[k].number, state.picture[k].gain = 0, 0, 0.0


@kernel
def change(state, step):
    """Move on with the change to the other picture, if one is asked for; step: share of the fade in a tick."""
    if state.seen == state.done[0]:
        state.seen = load_acquire(state.asked, 0)
        if state.seen == state.done[0]:
            return
    state.fade += step
    if state.fade >= 1:
        state.now, state.fade = 1 - state.now, 0.0
        store_release(state.done, 0, state.seen)


@kernel
def add_column(picture, place, share, left_end):
    """Add a share of the levels at a place 0..1 across a picture to left_end."""
    if picture.columns == 0 or share == 0:
        return
    where = place * picture.columns
    column = min(int(where), picture.columns - 1)
    part = np.float32(where - column)
    here, there = picture.level[column], picture.level[(column + 1) % picture.columns]
    gain = np.float32(share * picture.gain)
    for i in range(ROWS):
        left_end[i] += gain * (here[i] + part * (there[i] - here[i]))


@kernel
def steer(state, low, high, samplerate, spread):
    """Set the steps of the rows, and share what stands in left_end between both sides."""
    bank = state.bank
    ratio, step = (high / low) ** (1.0 / (ROWS - 1)), low / samplerate * CYCLE
    for i in range(ROWS):
        bank.step_end[i] = np.int32(min(step, 0.49 * CYCLE))
        level, pan = bank.left_end[i] * audible(step), spread * state.pan[i]
        bank.left_end[i], bank.right_end[i] = level * math.sqrt((1 - pan) / 2), level * math.sqrt((1 + pan) / 2)
        step *= ratio


@kernel
def render_table(state, low, high, samplerate, rate, blend, spread, left, right):
    """Add one tick to `left` and `right` (TICK,).

    low, high: Hz of the lowest and the highest row; rate: sweeps per second, backwards below 0, standing at 0; blend:
    seconds in which a new picture fades in; spread: 0 all in the middle .. 1 each row at a place of its own.
    """
    low, high = clamp(low, 1.0, HIGHEST * samplerate), clamp(high, 1.0, HIGHEST * samplerate)
    state.place += clamp_or(rate, -FASTEST, FASTEST, 0.0) * TICK / samplerate
    state.place -= math.floor(state.place)
    change(state, TICK / (samplerate * clamp(blend, 0.02, 30.0)))
    for i in range(ROWS):
        state.bank.left_end[i] = 0
    add_column(state.picture[state.now], state.place, 1 - state.fade, state.bank.left_end)
    add_column(state.picture[1 - state.now], state.place, state.fade, state.bank.left_end)
    steer(state, low, high, samplerate, clamp(spread, 0.0, 1.0))
    render_bank(state.bank, ROWS, left, right)
