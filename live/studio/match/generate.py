"""A new sound in; settings, a sound and a file that plays it out.

Of a long sound the loudest half second is matched, of a single period as many as fill it. Our own synthesizer is
written as a patch that loads on stage, an orchestra of Csound as a .csd that plays.
"""
import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from live.studio.files import StudioError, check_folder, read_sound, resample, write_sound
from live.studio.match.synth import RATE, SECONDS, Synth
from live.studio.progress import progress_bar

if TYPE_CHECKING:
    from live.studio.match.search import Match

EVALUATIONS = 1000      # sounds that the search plays at most
SHIPPED = Path(__file__).parent / 'model'       # of our own synthesizer
PLAYED = 48000          # rate of the sound that is written
LENGTH = 6.0            # seconds of it
SILENT_DB = -80.0       # a file below it holds nothing to be matched


class Made(NamedTuple):
    """What was found, of which synthesizer, and the files that were written."""
    match: 'Match'
    synth: Synth
    files: tuple[Path, ...]


def generate_match(wave: str | Path, out: str | Path, model: str | Path = SHIPPED, seconds: float = LENGTH,
                   evaluations: int = EVALUATIONS, seed: int = 1) -> Made:
    """Match a sound file; write OUT (a patch, or a .csd), and beside it its sound and a picture of both."""
    from live.studio.match.network import load_model
    from live.studio.match.search import match
    network, synth = load_model(Path(model))
    out = check_folder(out)
    if out.suffix != synth.suffix:
        raise StudioError(f'{out}: {synth.name} is written as {synth.suffix}, like {out.stem}{synth.suffix}')
    target, loudness = read_target(wave)
    with progress_bar(evaluations, Path(wave).name) as bar:
        found = match(network, synth, target, evaluations, seed, tell=bar.update)
        bar.update(evaluations - bar.n)
    sound = synth.render(found.settings[None], [seed], seconds, PLAYED)[0]
    gain = loudness / max(1e-6, float(np.sqrt(np.mean(sound ** 2))))
    description = f'Matched to {Path(wave).name}: distance {found.distance:.2f}.'
    synth.save(out, found.settings, gain, description, seed)
    played, picture = out.with_suffix('.wav'), out.with_suffix('.png')
    if played.resolve() == Path(wave).resolve():
        played = out.with_name(out.stem + '-match.wav')
    sound = sound * min(gain, 0.99 / max(1e-6, float(np.abs(sound).max())))
    write_sound(played, sound, PLAYED)
    draw_match(picture, Path(wave).name, target, synth, found, seed)
    return Made(found, synth, (out, played, picture))


def read_target(path: str | Path) -> tuple[np.ndarray, float]:
    """Return the part of a sound file that is matched, (frames,) float32, and its level; refuse silence."""
    from live.studio.match.spectra import choose_window, level
    sound, samplerate = read_sound(path, mono=True)
    if len(sound) < SECONDS * samplerate:       # a period is whole at its own rate alone
        sound = np.resize(sound, (math.ceil(SECONDS * samplerate), 1))
    target = choose_window(resample(sound, samplerate, RATE)[:, 0], round(SECONDS * RATE))
    target = target - target.mean()
    loudness = float(level(target))
    if loudness < 10 ** (SILENT_DB / 20):
        raise StudioError(f'{path}: it is silent (below {SILENT_DB:g} dB); there is nothing to match')
    return target, loudness


def draw_match(path: Path, name: str, target: np.ndarray, synth: Synth, found: 'Match', seed: int) -> None:
    """Draw the spectrograms of the target, of the network's guess, and of what the search made of it."""
    from live.studio.figures import draw_figure, show_spectrogram
    guess, best = (synth.render(settings[None], [seed])[0] for settings in (found.guess, found.settings))
    columns = ((name, target), (f'guess, distance {found.guess_distance:.2f}', guess),
               (f'refined, {found.distance:.2f}', best))
    with draw_figure(path, f'{name} and {synth.name}', columns=len(columns), size=(9.0, 3.6), sharey=True) as axes:
        for axis, (title, sound) in zip(axes, columns):
            show_spectrogram(axis, sound / max(1e-6, float(np.abs(sound).max())), RATE, high=RATE * .46)
            axis.set(title=title, xlim=(.09, SECONDS - .09))        # beyond, the windows hang over the ends
        for axis in axes[1:]:
            axis.set_ylabel('')
