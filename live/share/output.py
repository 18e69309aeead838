"""What an output of frames is: other programs, on this machine or in the network, that show what the window shows.

`KINDS` lists them, one row each; backends are imported when they are opened, so that none is needed. What is missing
is named with the command that installs it, and with the licence that comes with it.
"""
import importlib
import importlib.util
import re
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from live.spelling import hint

NAME = 'live'           # under which other programs find it


class ShareError(ValueError):
    """An output that cannot be had: what was asked for, what there is, what to do."""


class Output(ABC):
    """One way out, used by one thread. Made without arguments but its own; raises OSError or RuntimeError."""

    @abstractmethod
    def send(self, pixels: np.ndarray, sample_index: int) -> None:
        """[share] Give a frame, (height, width, 4) uint8 RGBA, row 0 on top, to who is there; it may be of any size.

        sample_index: of the sample that was heard with it.
        """

    @abstractmethod
    def close(self) -> None:
        """[share] End."""

    @property
    def where(self) -> str:
        """[any] Where the frames are found, for the performer."""
        return ''


@dataclass(frozen=True)
class Kind:
    """A way out. package: Python's name of what it needs, '' when nothing; extra: of setup.cfg; fps: frames at most.

    argument: what may stand behind its name and a colon, as a regular expression; doc: how it is written.
    """
    name: str
    package: str
    extra: str
    platforms: tuple[str, ...]
    fps: float
    argument: str
    licence: str
    doc: str


ANYWHERE = ('linux', 'darwin', 'win32')
KINDS = (
    Kind('ndi', 'cyndilib', 'share-ndi', ANYWHERE, 30, '.*',
         'cyndilib: MIT; the NDI library in it is not free software: https://ndi.video/for-developers/ndi-sdk',
         'ndi or ndi:NAME: found in the whole network by NDI'),
    Kind('spout', 'SpoutGL', 'share-spout', ('win32',), 60, '.*',
         'SpoutGL: BSD', 'spout or spout:NAME: for programs on the same Windows machine'),
    Kind('syphon', 'syphon', 'share-syphon', ('darwin',), 60, '.*',
         'syphon-python: MIT', 'syphon or syphon:NAME: for programs on the same Mac'),
    Kind('camera', 'pyvirtualcam', 'share-camera', ANYWHERE, 30, '.*',
         'pyvirtualcam: GPL-2.0', 'camera or camera:/dev/video10: a virtual camera, of v4l2loopback or of OBS'),
    Kind('websocket', '', '', ANYWHERE, 15, r'\d{0,5}',
         '', 'websocket or websocket:PORT: JPEGs to browsers and scripts'),
    Kind('osc', '', '', ANYWHERE, 5, r'[^:]+:\d{1,5}',
         '', 'osc:HOST:PORT, such as osc:127.0.0.1:9100: small JPEGs in messages /frame'),
)
KIND_BY_NAME = {kind.name: kind for kind in KINDS} | {'v4l2': next(k for k in KINDS if k.name == 'camera')}


def find_kind(words: str, platform: str = sys.platform) -> tuple[Kind, str]:
    """Return the kind and the argument of 'name' or 'name:argument'; raise ShareError where it cannot be had here."""
    name, _, argument = words.strip().partition(':')
    if name not in KIND_BY_NAME:
        raise ShareError(f'--share {name}: there is no such way out{hint(name, KIND_BY_NAME)} '
                         f'(known: {", ".join(kind.name for kind in KINDS)})')
    kind = KIND_BY_NAME[name]
    if not re.fullmatch(kind.argument, argument):
        raise ShareError(f'--share {words}: write {kind.doc}')
    if platform not in kind.platforms:
        raise ShareError(f'--share {name}: {name} is for {" and ".join(kind.platforms)} alone, and this is {platform}')
    if kind.package and importlib.util.find_spec(kind.package) is None:
        raise ShareError(f'--share {name}: {kind.package} is not installed: pip install -e ".[{kind.extra}]" '
                         f'({kind.licence})')
    return kind, argument


def open_output(kind: Kind, argument: str = '', lan: bool = False) -> Output:
    """[share] Open a way out; raise what its library raises. lan: let other machines in where they have to ask."""
    module = importlib.import_module(f'live.share.{kind.name}')
    return module.open_output(argument, kind.fps, lan)
