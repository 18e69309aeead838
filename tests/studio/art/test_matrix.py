"""Sound as a matrix: as Sound Diffusion fills it, as librosa transforms it, in the range of real prompts."""
import librosa
import numpy as np
import pytest

from live.conditioning.prompts import Calibration
from live.studio.art.hearing import Hearing
from live.studio.art.matrix import LIMIT, Filling, add, fill, find_range, measure, scale
from live.studio.files import StudioError

RATE = 44100
WIDTHS = [(77, 768), (77, 1024), (77, 128)]


def noise(count, seed=1):
    return np.random.default_rng(seed).standard_normal(count).astype(np.float32)


@pytest.fixture
def calibration():
    def make(width):
        generator = np.random.default_rng(3)
        return Calibration(generator.normal(0, 2, width), generator.uniform(.5, 2, width), np.zeros((16, width)))
    return make


@pytest.mark.parametrize('rows, width', WIDTHS)
def test_waveform_is_width_samples_a_row(rows, width):
    sound = noise(rows * width + 500)
    matrix = fill(sound, Filling('waveform'), rows, width)
    assert np.array_equal(matrix.reshape(-1), sound[:rows * width])
    turned = fill(sound, Filling('waveform', transpose=True), rows, width)
    assert np.array_equal(turned.T.reshape(-1), matrix.reshape(-1))


@pytest.mark.parametrize('rows, width', WIDTHS)
@pytest.mark.parametrize('length', [RATE, 77 * 400, 2 * RATE + 13])
def test_fft_is_librosas_transform_with_the_sources_figures(rows, width, length):
    sound = noise(length)
    theirs = np.abs(librosa.stft(sound, n_fft=2 * width - 2, hop_length=length // rows + 1))
    assert theirs.shape == (width, rows)
    np.testing.assert_allclose(fill(sound, Filling(), rows, width), theirs.T, atol=1e-3)
    turned = fill(sound, Filling(transpose=True), rows, width)
    np.testing.assert_allclose(turned, theirs.reshape(rows, width), atol=1e-3)


@pytest.mark.parametrize('feature', ['waveform', 'fft'])
@pytest.mark.parametrize('length', [1, 100, 3000])
def test_silence_follows_a_sound_that_is_too_short(feature, length):
    matrix = fill(noise(length), Filling(feature), 77, 768)
    assert matrix.shape == (77, 768) and np.isfinite(matrix).all() and matrix.any()


@pytest.mark.parametrize('feature', ['waveform', 'fft'])
@pytest.mark.parametrize('gain', [1.0, 1e-3, 100.0])
def test_a_scaled_sound_lies_where_real_prompts_lie_whatever_its_level(calibration, feature, gain):
    matrix = fill(gain * noise(4 * RATE), Filling(feature), 77, 768)
    real, text = calibration(768), noise(77 * 768).reshape(77, 768)
    embedding = scale(measure(matrix, feature).deviations(matrix), real, text)
    centre, spread = find_range(real)
    apart = (embedding[1:] - centre) / spread
    assert np.abs(apart).max() <= LIMIT + 1e-4 and 0.5 < apart.std() < 2 and abs(apart.mean()) < 0.5
    assert np.array_equal(embedding[0], text[0]) and embedding.dtype == np.float32


def test_silence_is_refused_in_one_sentence():
    with pytest.raises(StudioError, match='silence'):
        measure(np.zeros((77, 768)), 'fft')


def test_text_and_sound_are_summed_by_weight(calibration):
    text, sound = noise(77 * 64, 1).reshape(77, 64), noise(77 * 64, 2).reshape(77, 64)
    real = calibration(64)
    summed = add(sound, real, text, 0.5)
    wanted = text + 0.5 * find_range(real)[1] * np.clip(sound, -LIMIT, LIMIT)
    np.testing.assert_allclose(summed[1:], wanted[1:], rtol=1e-4, atol=1e-5)
    assert np.array_equal(summed[0], text[0]) and np.array_equal(add(sound, real, text, 0.0), text)


def test_the_range_is_that_of_the_prompts_values():
    generator = np.random.default_rng(4)
    values = generator.normal(generator.normal(0.5, 2, 64), generator.uniform(.5, 2, 64), (20000, 64))
    found = find_range(Calibration(values.mean(0), values.std(0), np.zeros((16, 64))))
    assert found == pytest.approx((values.mean(), values.std()), rel=1e-6)


def test_a_sound_that_does_not_lead_is_the_mean_prompt(calibration):
    real, text = calibration(64), noise(77 * 64).reshape(77, 64)
    embedding = scale(noise(77 * 64, 2).reshape(77, 64), real, text, depth=0.0)
    np.testing.assert_allclose(embedding[1:], np.tile(real.mean, (76, 1)), rtol=1e-5)


@pytest.mark.parametrize('width', [768, 1024])
def test_a_film_cuts_one_transform_into_slices(width):
    frames, hop = 5, 40
    sound = noise(frames * 77 * hop)
    whole = np.abs(librosa.stft(sound, n_fft=2 * width - 2, hop_length=hop))[:, :frames * 77]
    hearing = Hearing(sound, frames, Filling(), 77, width)
    for frame in range(frames):
        np.testing.assert_allclose(hearing.matrix(frame), whole[:, frame * 77:(frame + 1) * 77].T, atol=1e-3)


@pytest.mark.parametrize('fps', [8, 30])
def test_slices_of_a_film_end_where_the_sound_does(fps):
    hearing = Hearing(noise(10 * RATE), 10 * fps, Filling(), 77, 64)
    for frame in (0, 10 * fps // 2, 10 * fps - 1):
        assert abs(hearing.moments(frame)[0] - frame * RATE / fps) <= 1
    assert 10 * RATE - RATE / fps / 77 - 1 <= hearing.moments(10 * fps - 1)[-1] <= 10 * RATE


@pytest.mark.parametrize('overlap, shared', [(0.0, 0), (0.5, 39), (0.9, 69)])
def test_slices_that_overlap_share_moments(overlap, shared):
    hearing = Hearing(noise(10 * RATE), 20, Filling(), 77, 64, overlap)
    assert len(set(hearing.moments(8)) & set(hearing.moments(9))) == shared
    middles = [hearing.moments(frame).mean() for frame in (5, 15)]
    assert middles[1] - middles[0] == pytest.approx(5 * RATE, rel=1e-3)


def test_amplitude_lets_quiet_sound_lead_less_and_silence_never_leads():
    sound = np.concatenate((noise(RATE), 0.03 * noise(RATE), np.zeros(RATE, np.float32)))
    hearing = Hearing(sound, 3, Filling(), 77, 64)
    assert [hearing.depth(frame, 0.0) for frame in range(3)] == [1, 1, 0]
    loud, quiet, silent = (hearing.depth(frame, 1.0) for frame in range(3))
    assert loud == 1 and 0.4 < quiet < 0.6 and silent == 0
