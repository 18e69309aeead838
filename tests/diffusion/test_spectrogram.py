import numpy as np
import pytest

from live.diffusion.spectrogram import HIGH_HZ, LOW_HZ, SECONDS, Spectrogram, make_palette, make_rows
from live.signals import HOP, N_FFT, SLICE

RATE, SIZE = 48000, (64, 128)


def hear(signal, samplerate=RATE, start=0):
    """Return the slices of a signal: (n,) SLICE."""
    padded = np.concatenate((np.zeros(N_FFT), signal))
    ends = np.arange(HOP, len(signal) + 1, HOP)
    slices = np.zeros(len(ends), SLICE)
    slices['end'] = start + ends
    for slice_, end in zip(slices, ends):
        slice_['magnitudes'] = np.abs(np.fft.rfft(padded[end:end + N_FFT] * np.hanning(N_FFT)))
    return slices


def tone(hertz=440.0, seconds=1.0, level=0.3, samplerate=RATE):
    return level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * samplerate)) / samplerate)


def draw(slices, samplerate=RATE, size=SIZE):
    spectrogram = Spectrogram(samplerate, size)
    spectrogram.put(slices)
    return spectrogram.picture()


def light(picture):
    return picture[..., :3].astype(float).mean(2)


@pytest.mark.parametrize('samplerate', [44100, 48000, 96000])
@pytest.mark.parametrize('hertz', [110, 466.16, 3000, 12000])
def test_a_tone_lies_at_its_place_on_the_logarithmic_axis(samplerate, hertz):
    brightness = light(draw(hear(tone(hertz, samplerate=samplerate), samplerate), samplerate))[:, -2]
    row = np.average(np.arange(SIZE[1]), weights=brightness ** 4) + 0.5
    seen = HIGH_HZ * (LOW_HZ / HIGH_HZ) ** (row / SIZE[1])
    assert abs(seen - hertz) < max(0.03 * hertz, 0.5 * samplerate / N_FFT)


def test_the_newest_sound_is_at_the_right():
    brightness = light(draw(hear(np.concatenate((np.zeros(4 * RATE), tone(seconds=2))))))
    columns = brightness.max(0)
    assert columns[:SIZE[0] // 2].max() < 10 < 100 < columns[-SIZE[0] // 8:].min()


def test_it_scrolls_evenly_by_parts_of_a_pixel():
    slices = hear(np.concatenate((tone(seconds=0.3), np.zeros(3 * RATE))))
    spectrogram, places, ends = Spectrogram(RATE, SIZE), [], []
    for place, slice_ in enumerate(slices):
        spectrogram.put(slices[place:place + 1])
        if 60 <= place < 200:
            columns = light(spectrogram.picture()).max(0) - light(spectrogram.picture()).min()
            places.append(np.average(np.arange(SIZE[0]), weights=columns))
            ends.append(slice_['end'])
    expected = places[0] - (np.array(ends) - ends[0]) * SIZE[0] / (SECONDS * RATE)
    assert np.abs(places - expected).max() < 0.25


@pytest.mark.parametrize('portion', [1, 7, 1000])
def test_the_portions_in_which_slices_come_change_nothing(portion):
    slices = hear(tone() * np.linspace(0, 1, RATE))
    spectrogram = Spectrogram(RATE, SIZE)
    for start in range(0, len(slices), portion):
        spectrogram.put(slices[start:start + portion])
        spectrogram.picture()
    assert np.array_equal(spectrogram.picture(), draw(slices))


def test_silence_is_dark_and_opaque():
    picture = draw(hear(np.zeros(RATE)))
    assert light(picture).max() < 10 and (picture[..., 3] == 255).all() and picture.shape == (128, 64, 4)
    assert np.array_equal(Spectrogram(RATE, SIZE).picture(), picture)       # as before the first slice


def test_a_quiet_sound_is_soon_as_bright_as_a_loud_one():
    loud, quiet = (light(draw(hear(tone(level=level)))) for level in (0.5, 0.05))
    assert abs(loud.max() - quiet.max()) < 5


def test_sound_that_falls_by_three_decibels_an_octave_is_even():
    noise = np.fft.rfft(np.random.default_rng(1).standard_normal(8 * RATE))
    noise[1:] /= np.sqrt(np.arange(1, len(noise)))
    rows = light(draw(hear(np.fft.irfft(noise) * 3)))[:, 8:].mean(1)
    assert np.ptp(rows.reshape(8, -1).mean(1)[:-2]) < 0.25 * rows.mean()


def test_what_is_not_a_number_does_not_stay():
    slices = hear(tone(seconds=2))
    slices['magnitudes'][20], slices['magnitudes'][30] = np.nan, np.inf
    healthy, hurt = light(draw(hear(tone(seconds=2)))), light(draw(slices))
    assert np.abs(healthy[:, -8:] - hurt[:, -8:]).max() < 5


def test_lost_slices_leave_no_hole():
    slices = hear(tone(seconds=2))
    columns = light(draw(np.delete(slices, slice(60, 120))))[:, -14:].max(0)
    assert columns.min() > 0.8 * columns.max()


def test_a_clock_that_begins_anew_begins_a_new_picture():
    spectrogram, again = Spectrogram(RATE, SIZE), hear(tone(880))
    spectrogram.put(hear(tone(seconds=3)))
    spectrogram.put(again)
    assert np.array_equal(spectrogram.picture(), draw(again))


def test_late_in_the_night_it_is_as_smooth_as_at_the_start():
    night = 48000 * 3600 * 10 // 6000 * 6000
    assert np.array_equal(draw(hear(tone(), start=night)), draw(hear(tone())))


def test_every_row_hears_its_own_frequency_and_nothing_beyond():
    index, weights, starts, hertz = make_rows(512, RATE)
    middles = np.add.reduceat(index * weights, starts) * RATE / N_FFT
    assert np.allclose(np.add.reduceat(weights, starts), 1)
    assert np.abs(middles - hertz).max() < RATE / N_FFT and (np.diff(hertz) < 0).all()


def test_colours_brighten_without_a_fold_and_begin_in_blue():
    colours = make_palette().view(np.uint8).reshape(-1, 4)[:, :3].astype(int)
    assert (np.diff(colours @ (0.2, 0.7, 0.1)) > -1).all()      # 8 bits are rounded
    assert (colours[:600, 2] > colours[:600, 0]).all() and colours[-1].min() > 200
