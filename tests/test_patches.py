import itertools
from pathlib import Path

import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.offline import render
from live.patch import find_patch, list_patches, load_patch
from live.stages import dress

RATE = 48000
README = Path(__file__).resolve().parents[1] / 'README.md'


def sound_of(name, seconds=6):
    patch = load_patch(find_patch(name))
    arena = Arena(RATE, patch.seed)
    patch.apply(arena.board)
    dress(arena, patch, patch.tuning)
    arena.reset(patch.seed)
    out = render(arena, seconds * RATE)
    return out, arena


@pytest.mark.parametrize('name', list_patches())
def test_patch_loads_and_sounds(name):
    patch = load_patch(find_patch(name))
    assert patch.description.endswith('.') and all(patch.prompts)
    out, _ = sound_of(name)
    assert np.isfinite(out).all() and np.abs(out).max() < 1
    assert out[2 * RATE:].std() > 0.005


def portrait(name):
    """How the power lies in the bands, and how much each of them moves in time."""
    out, arena = sound_of(name)
    slices = arena.record['slices'][0][50:arena.slices.written]
    bands = np.sqrt(slices['features']['bands'])
    return np.concatenate((bands.mean(0) / bands.mean(0).sum(), bands.std(0) / bands.sum(1).mean()))


def test_patches_sound_clearly_different():
    portraits = {name: portrait(name) for name in list_patches()}
    for (a, x), (b, y) in itertools.combinations(portraits.items(), 2):
        assert np.abs(x - y).sum() > 0.4, f'{a} and {b}'


def test_bflat_lies_within_24_cents_of_b_flat():
    out, _ = sound_of('bflat')
    power = np.abs(np.fft.rfft(out[RATE:].mean(1) * np.hanning(len(out) - RATE))) ** 2
    frequency = np.fft.rfftfreq(len(out) - RATE, 1 / RATE)
    inside = sum(power[np.abs(1200 * np.log2(np.maximum(frequency, 1) / (466.16 / 2 ** k))) < 45].sum()
                 for k in range(4))
    assert inside / power.sum() > 0.97


@pytest.mark.parametrize('name', list_patches())
def test_readme_lists_the_patch(name):
    assert f'| `{name}` | {load_patch(find_patch(name)).description} |' in README.read_text(encoding='utf-8')
