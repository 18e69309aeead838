"""Figures in the studio's dark blues: what a tool has made, as one would print it. Agg, no window.

    with draw_figure('scale.png', 'Quarter tones', rows=2) as (upper, lower):
        upper.plot(seconds, level)
        show_spectrogram(lower, sound, samplerate)

The same data give the same file on every run. matplotlib is imported when the first figure is drawn.
"""
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from live.studio.files import StudioError, check_folder

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

NIGHT, DEEP, LINE = '#050b1c', '#0a1430', '#24386b'     # paper, inside of the axes, grid and frame
INK, FAINT = '#dbe6ff', '#8fa5d6'                       # text
LIGHTS = '#6db3ff', '#c9a6ff', '#63e0d4', '#ffd58a', '#ff9db0', '#a7f0a0', '#f4f8ff', '#5566ff'    # one a line
DEPTHS = '#050b1c', '#0b1a48', '#1c3c9a', '#3f78e0', '#8cc4ff', '#f2f9ff'       # from silence to light
DPI = 110
LEAST_DB = -90.0        # of a spectrogram
STYLE: dict[str, Any] = {
    'figure.facecolor': NIGHT, 'savefig.facecolor': NIGHT, 'axes.facecolor': DEEP, 'axes.edgecolor': LINE,
    'axes.labelcolor': FAINT, 'axes.titlecolor': INK, 'text.color': INK, 'xtick.color': FAINT, 'ytick.color': FAINT,
    'grid.color': LINE, 'grid.alpha': .5, 'grid.linewidth': .6, 'axes.grid': True, 'axes.axisbelow': True,
    'axes.spines.top': False, 'axes.spines.right': False, 'axes.titlesize': 10, 'axes.titlelocation': 'left',
    'axes.labelsize': 9, 'xtick.labelsize': 8, 'ytick.labelsize': 8, 'legend.fontsize': 8, 'legend.frameon': False,
    'font.family': 'DejaVu Sans', 'lines.linewidth': 1.3, 'lines.solid_capstyle': 'round', 'figure.titlesize': 13,
    'legend.labelcolor': INK, 'svg.hashsalt': 'live'}
UNDATED: dict[str, Any] = {'.pdf': {'CreationDate': None}, '.svg': {'Date': None}}


@contextmanager
def draw_figure(path: str | Path, title: str = '', rows: int = 1, columns: int = 1,
                size: tuple[float, float] = (9.0, 4.5), **grid: Any) -> Iterator['Sequence[Axes]']:
    """Give the axes of a figure, row by row, and write it when they are filled.

    size: inches, of the whole; grid: of Figure.subplots, such as sharex=True, height_ratios=(2, 1).
    """
    path = check_figure(path)
    from cycler import cycler
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    style: Any = {**STYLE, 'axes.prop_cycle': cycler(color=LIGHTS)}
    with rc_context(style):
        figure = Figure(size, DPI, layout='constrained')
        FigureCanvasAgg(figure)
        if title:
            figure.suptitle(title, x=.012, ha='left')
        height_ratios, width_ratios = grid.pop('height_ratios', None), grid.pop('width_ratios', None)
        axes = figure.subplots(rows, columns, squeeze=False, height_ratios=height_ratios, width_ratios=width_ratios,
                               **grid)
        yield list(axes.flat)
        if path.suffix.lower() == '.png':
            _write_png(figure, path)
        else:
            figure.savefig(path, metadata=UNDATED.get(path.suffix.lower()))


def check_figure(path: str | Path) -> Path:
    """Return the path of a figure that can be made."""
    path = check_folder(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    if path.suffix[1:].lower() not in FigureCanvasAgg.get_supported_filetypes():
        raise StudioError(f'{path.name}: {path.suffix or "no suffix"} is no kind of figure; use .png, .pdf or .svg')
    return path


def _write_png(figure: Any, path: Path) -> None:
    """Write a figure in 256 colours of its own: a third of the bytes."""
    from PIL import Image
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    Image.fromarray(np.ascontiguousarray(pixels)).quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


def depths() -> 'Colormap':
    """Return the colours of spectrograms and matrices, from night to light."""
    from matplotlib.colors import LinearSegmentedColormap
    return LinearSegmentedColormap.from_list('depths', DEPTHS)


def spectrogram_db(sound: np.ndarray, n_fft: int = 4096, hop: int | None = None) -> np.ndarray:
    """Return dB below a full-scale sine: (bins, frames) float32 of (n,) sound, Hann window."""
    hop = hop or n_fft // 4
    window = np.hanning(n_fft + 1)[:-1]
    padded = np.pad(np.asarray(sound, np.float32), n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    parts = [np.abs(np.fft.rfft(frames[at:at + 256] * window)).astype(np.float32) for at in range(0, len(frames), 256)]
    return 20 * np.log10(np.maximum(np.concatenate(parts).T * (4 / n_fft), 1e-9))


def show_spectrogram(axes: 'Axes', sound: np.ndarray, samplerate: float, low: float = 40.0, high: float | None = None,
                     n_fft: int = 4096, octaves: bool = True, span_db: float = 70.0) -> None:
    """Fill axes with the spectrogram of (n,) or (n, channels), pitch evenly upwards, or Hz where not in octaves."""
    mono = sound if sound.ndim == 1 else sound.mean(1)
    hop = max(n_fft // 8, -(-len(mono) // 1600))
    power = spectrogram_db(mono, n_fft, hop)
    high = min(high or samplerate / 2, samplerate / 2)
    rows = np.geomspace(low, high, 480) if octaves else np.linspace(low, high, 480)
    places = np.clip(rows * n_fft / samplerate, 0, len(power) - 1.001)
    below = places.astype(int)
    part = (places - below)[:, None]
    picture = (1 - part) * power[below] + part * power[below + 1]
    top = max(float(picture.max()), LEAST_DB)
    axes.imshow(picture, depths(), vmin=top - span_db, vmax=top, origin='lower', aspect='auto',
                extent=(0, len(mono) / samplerate, 0, 1), interpolation='bilinear')
    axes.grid(False)
    label_pitches(axes, low, high, octaves)
    axes.set(xlabel='seconds', ylabel='Hz')


def label_pitches(axes: 'Axes', low: float, high: float, octaves: bool = True) -> None:
    """Write Hz beside axes whose height is 0..1 from low to high."""
    if octaves:
        fine = (1, 2, 5) if high > 16 * low else (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
        marks = [n * 10.0 ** e for e in range(5) for n in fine]
    if not octaves or high < 2 * low:
        step = next(s for s in (n * 10 ** e for e in range(6) for n in (1, 2, 5)) if (high - low) / s <= 7)
        marks = list(np.arange(np.ceil(low / step), high / step + 1e-9) * step)
    marks = [hz for hz in marks if low <= hz <= high]
    place = (np.log(np.array(marks) / low) / np.log(high / low) if octaves
             else (np.array(marks) - low) / (high - low))
    axes.set_yticks(place, [f'{hz / 1000:g}k' if hz >= 1000 else f'{hz:g}' for hz in marks])


def show_level(axes: 'Axes', sound: np.ndarray, samplerate: float, colour: str = LIGHTS[0],
               columns: int = 1200) -> None:
    """Fill axes with the extent of a wave (n,) or (n, channels), as an editor shows it."""
    mono = sound if sound.ndim == 1 else sound.mean(1)
    step = max(1, len(mono) // columns)
    cells = mono[:len(mono) // step * step].reshape(-1, step)
    seconds = np.arange(len(cells)) * step / samplerate
    axes.fill_between(seconds, cells.min(1), cells.max(1), color=colour, linewidth=.6, alpha=.9)
    axes.set(xlim=(0, len(mono) / samplerate), ylim=(-1.05, 1.05), xlabel='seconds')
