"""A sound from elsewhere is heard as the stage hears it, however it is cut."""
import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.hearing import Hearing
from live.audio.offline import render
from live.signals import HOP, N_FFT

RATE = 48000
NOISE = 0.2 * np.random.default_rng(1).standard_normal((RATE // 2, 2)).astype(np.float32)


def hear(sound, sizes, rate=RATE):
    hearing, start, slices = Hearing(rate), 0, []       # sizes: of the blocks, again and again
    while start < len(sound):
        size = sizes[len(slices) % len(sizes)]
        slices.append(hearing.hear(sound[start:start + size]))
        start += size
    return np.concatenate(slices)


@pytest.mark.parametrize('sizes', [(1000,), (HOP,), (7, 5000), (1, 333)])
def test_slices_are_the_same_however_a_sound_is_cut(sizes):
    whole, cut = hear(NOISE[:12000], (len(NOISE),)), hear(NOISE[:12000], sizes)
    assert len(whole) == len(cut)
    for name in ('end', 'features', 'magnitudes', 'samples', 'peaks'):
        assert whole[name].tobytes() == cut[name].tobytes()


def test_slice_k_is_of_the_samples_from_k_hops_on():
    slices = hear(NOISE, (len(NOISE),))
    assert len(slices) == (len(NOISE) - N_FFT) // HOP + 1
    assert (slices['end'] == N_FFT + HOP * np.arange(len(slices))).all()
    assert slices['samples'][3] == pytest.approx(NOISE.mean(1)[N_FFT + 2 * HOP:N_FFT + 3 * HOP])


def test_the_spectrum_is_what_the_stage_hears_of_its_input():
    mono = NOISE.mean(1)[:, None]
    arena = Arena(RATE, inputs=1)
    arena.board['input.analysis'] = 1
    arena.reset(0)
    render(arena, HOP, np.zeros((HOP, 1), np.float32))          # the share of the input glides in
    reader = arena.slices.reader()
    render(arena, len(mono), mono)
    heard = reader.get()
    heard = heard[heard['end'] - HOP >= N_FFT]
    ours = hear(mono, (4096,))[:len(heard)]
    for name in ('centroid', 'rolloff', 'flatness', 'mfcc'):
        assert ours['features'][name] == pytest.approx(heard['features'][name][:len(ours)], rel=1e-4, abs=1e-4)


def test_loudness_of_one_channel_is_3_db_below_that_of_two_alike():
    one, two = (hear(np.repeat(NOISE[:, :1], count, 1), (len(NOISE),)) for count in (1, 2))
    ratio = two['features']['momentary'][-1] - one['features']['momentary'][-1]
    assert ratio == pytest.approx(10 * np.log10(2), abs=1e-3)
