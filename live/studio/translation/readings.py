"""Four readings of one picture as sound. They share nothing but the picture: that multiplicity is the point.

    rgb-mean      each column is one cycle of a wave, up the picture and down again; the mean of red, green and blue is
                  its amplitude, -1 black to 1 white. The cycle repeats at B flat while the column's neighbours fade in:
                  a wavetable. Reads contrasts within a column; where a column lies on an axis of pitch means nothing.
    chirp         the picture is cut into 24 stripes, each a sine. From column to column it sweeps from the pitch that
                  one pixel's brightness says to that which the next one's says, two octaves from black to white above
                  its stripe's lower edge; what is darker is softer. Reads brightness as pitch, changes as glissandi.
    additive      each row is a sine at the pitch of its place, each pixel its loudness, RANGE_DB from black to white:
                  the picture as a drawing of its own spectrogram, which it shows again.
    griffin-lim   the picture is taken as magnitudes of a Fourier transform, row by row put into its bins, and phases
                  are found that agree with them: noise where `additive` has tones, and sharp in time.

In: pixels (height, width, 3) uint8, time to the right. Out: (frames, 2) float32, its peak at PEAK. The same seed gives
the same bits.
"""
from collections.abc import Callable

import numpy as np

from live.diffusion.spectrogram import weigh_bins
from live.signals import N_FFT
from live.studio.griffin_lim import ROUNDS, find_sound
from live.studio.progress import progress_bar
from live.studio.translation.sonogram import Axis, read_levels, to_amplitude
from live.studio.translation.voices import play_voices

PEAK = 0.7              # -3 dB
FADE = 0.02             # seconds at both ends
CYCLE_HERTZ = 466.1638 / 4      # B flat, two octaves below the one that everything here lives around
TABLE = 2048            # samples of a cycle
BLOCK = 1 << 16
STRIPES = 24
SWEEP_OCTAVES = 2.0


def read_rgb_mean(pixels: np.ndarray, frames: int, samplerate: int, axis: Axis, seed: int) -> np.ndarray:
    """Return the picture as a wavetable; without harmonics above the stage's highest pitch."""
    columns = pixels[::-1, :, :3].mean(2).T / 127.5 - 1
    cycles = np.fft.rfft(np.concatenate((columns, columns[:, ::-1]), 1))
    most = min(cycles.shape[1], int(0.45 * samplerate / CYCLE_HERTZ), TABLE // 2)
    cycles[:, 0] = 0        # no wave, only a pressure
    table = np.fft.irfft(cycles[:, :most], TABLE) * TABLE / (2 * columns.shape[1])
    sound = np.empty(frames)
    for start in range(0, frames, BLOCK):
        at = np.arange(start, min(frames, start + BLOCK))
        place = np.clip((at + 0.5) * len(table) / frames - 0.5, 0, len(table) - 1)
        phase = at * (CYCLE_HERTZ / samplerate) % 1 * TABLE
        sound[at] = look_up(table, place, phase)
    return np.stack((sound, sound), 1)


def look_up(table: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return what stands between rows, which end, and between columns, which go round."""
    top, left = row.astype(int), column.astype(int)
    below, right = np.minimum(top + 1, len(table) - 1), (left + 1) % table.shape[1]
    down, along = row - top, column - left
    upper = table[top, left] * (1 - along) + table[top, right] * along
    lower = table[below, left] * (1 - along) + table[below, right] * along
    return upper * (1 - down) + lower * down


def read_chirp(pixels: np.ndarray, frames: int, samplerate: int, axis: Axis, seed: int) -> np.ndarray:
    """Return the stripes as sines that sweep."""
    levels = read_levels(pixels)
    edges = np.linspace(0, len(levels), min(STRIPES, len(levels)) + 1).astype(int)
    stripes = np.add.reduceat(levels, edges[:-1]) / np.diff(edges)[:, None]
    bottom = axis.edges(len(levels), samplerate)[edges[1:]]
    hertz = bottom[:, None] * 2 ** (SWEEP_OCTAVES * stripes)
    return play_voices(hertz.T, to_amplitude(stripes).T, frames, samplerate, seed)


def read_additive(pixels: np.ndarray, frames: int, samplerate: int, axis: Axis, seed: int) -> np.ndarray:
    """Return the rows as sines, the pixels as their loudness."""
    gains = to_amplitude(read_levels(pixels)).T
    hertz = np.broadcast_to(axis.hertz(len(pixels), samplerate), gains.shape)
    return play_voices(hertz, gains, frames, samplerate, seed)


def read_griffin_lim(pixels: np.ndarray, frames: int, samplerate: int, axis: Axis, seed: int) -> np.ndarray:
    """Return the sound of the picture as magnitudes; each side begins with phases of its own, which makes it wide."""
    magnitudes = to_magnitudes(read_levels(pixels), frames, samplerate, axis)
    with progress_bar(2 * ROUNDS, 'phases') as bar:
        sides = [find_sound(magnitudes, 2 * seed + side, tell=bar.update)[:frames] for side in range(2)]
    return np.stack(sides, 1)


def to_magnitudes(levels: np.ndarray, frames: int, samplerate: int, axis: Axis) -> np.ndarray:
    """Return magnitudes (moments, bins) of a Fourier transform: each row's power, shared out to the bins it hears."""
    index, weights, starts, _ = weigh_bins(axis.edges(len(levels), samplerate), samplerate)
    row = np.repeat(np.arange(len(levels)), np.diff(np.append(starts, len(index))))
    share = np.zeros((len(levels), N_FFT // 2 + 1))
    np.add.at(share, (row, index), weights)
    moments = np.arange(-(-frames // (N_FFT // 4)) + 1) * (N_FFT // 4)
    places = moments * levels.shape[1] / frames - 0.5
    drawn = look_up(np.concatenate((levels, levels[:, -1:]), 1).T, *np.broadcast_arrays(
        np.clip(places, 0, levels.shape[1] - 1)[:, None], np.arange(len(levels))))
    return np.sqrt(to_amplitude(drawn) ** 2 @ share)


Reading = Callable[[np.ndarray, int, int, Axis, int], np.ndarray]
READINGS: dict[str, Reading] = {
    'rgb-mean': read_rgb_mean, 'chirp': read_chirp, 'additive': read_additive, 'griffin-lim': read_griffin_lim}


def read_sound_of(pixels: np.ndarray, seconds: float, reading: str = 'additive', samplerate: int = 48000,
                  axis: Axis = Axis(), seed: int = 0) -> np.ndarray:
    """Return a picture (height, width, 3) uint8 as sound (frames, 2) float32 by one of READINGS; silence stays so."""
    frames = max(1, round(seconds * samplerate))
    sound = np.asarray(READINGS[reading](pixels, frames, samplerate, axis, seed), np.float64)
    peak = np.abs(sound).max()
    ends = np.minimum(np.arange(frames) + 0.5, np.arange(frames)[::-1] + 0.5) / (FADE * samplerate)
    return (sound * (PEAK / max(peak, 1e-9) * np.minimum(ends, 1))[:, None]).astype(np.float32)
