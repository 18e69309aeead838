"""What `--prompt` was given: sounds and texts told apart, texts with times, and where between them a moment lies.

    drone.wav              a file that is there is a sound; a name that looks like one and is not there is refused
    slow blue ink          a text
    12:embers at night     a text that is reached at 12 seconds; without times texts share the film evenly

Between two texts the embedding goes along the sphere, eased: at rest at each text. numpy only.
"""
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from live.conditioning.prompts import slerp
from live.conditioning.words import ease
from live.studio.files import StudioError

SOUND_SUFFIXES = ('.wav', '.flac', '.ogg', '.mp3', '.w64', '.aif', '.aiff', '.m4a', '.opus', '.mp4', '.mkv', '.mov')
TIMED = re.compile(r'(\d+(?:\.\d*)?)\s*:\s*(.*)', re.DOTALL)


@dataclass(frozen=True)
class Prompts:
    """sound: a path or None; texts: in the order given; moments: seconds of each, or None where none has a time."""
    sound: Path | None
    texts: tuple[str, ...]
    moments: tuple[float, ...] | None = None


def read_prompts(words: Sequence[str]) -> Prompts:
    """Return what was given; raise StudioError for two sounds, a missing one, or times for some texts only."""
    sounds = [word for word in words if is_sound(word)]
    if len(sounds) > 1:
        raise StudioError(f'--prompt {sounds[1]}: one sound at a time; {sounds[0]} is one already')
    texts = [word for word in words if word not in sounds]
    timed = [TIMED.fullmatch(text) for text in texts]
    if any(timed) and not all(timed):
        raise StudioError(f'--prompt {texts[timed.index(None)]!r}: no time before it; give every text one '
                          '(SECONDS:TEXT), or none')
    path = Path(sounds[0]) if sounds else None
    found = sorted((float(match[1]), match[2].strip()) for match in timed if match)
    if found:
        return Prompts(path, tuple(text for _, text in found), tuple(moment for moment, _ in found))
    return Prompts(path, tuple(texts))


def is_sound(word: str) -> bool:
    """Tell whether a prompt names a sound; raise StudioError where it looks like one and is not there."""
    try:
        if Path(word).is_file():
            return True
    except OSError:         # too long for a name: a text
        return False
    if Path(word).suffix.lower() in SOUND_SUFFIXES:
        raise StudioError(f'{word}: there is no such file')
    return False


class Course:
    """The embedding of the texts as time goes. encode: text -> (tokens, width)."""

    def __init__(self, prompts: Prompts, seconds: float, encode: Callable[[str], np.ndarray]) -> None:
        texts = prompts.texts or ('',)
        self._pages = [encode(text) for text in texts]
        self._moments = prompts.moments or tuple(np.linspace(0, seconds, len(texts)).tolist())

    def at(self, moment: float) -> np.ndarray:
        """Return the embedding at a moment; before the first time and after the last that text alone."""
        after = bisect_right(self._moments, moment)
        if after in (0, len(self._pages)):
            return self._pages[max(0, after - 1)]
        begin, end = self._moments[after - 1:after + 1]
        return slerp(self._pages[after - 1], self._pages[after], ease((moment - begin) / (end - begin)))
