"""Real OpenGL without a screen, and scenes to draw with it."""
import json
from types import SimpleNamespace

import moderngl
import numpy as np
import pytest

from live.display.look import Look
from live.display.renderer import Renderer, Scene
from live.params import Board
from live.signals import BANDS, SLICE, Picture

SIZE = 160, 90


@pytest.fixture(scope='module')
def context():
    """One OpenGL context without a window; a module at a time, because the newest context is the current one."""
    try:
        made = moderngl.create_context(standalone=True, backend='egl', require=330)
    except Exception as error:      # moderngl raises bare Exceptions here
        pytest.skip(f'system program missing: libegl1, libgl1-mesa-dri ({error})')
    yield made
    made.release()


@pytest.fixture
def renderer(context):
    made = Renderer(context, SIZE)
    yield made
    made.release()


def make_slice(rms=0.1, centroid=900.0, gate=1.0, pulses=0, cents=0.0, drift=0.0, band=None):
    """Return one SLICE of a drone that is `rms` loud; band: one that stands out."""
    made = np.zeros(1, SLICE)[0]
    features = made['features']
    features['rms'], features['centroid'] = rms, centroid
    features['bands'] = (rms * 300) ** 2 * np.linspace(1, 0.01, BANDS)
    if band is not None:
        features['bands'][band] = 1e5
    made['root'], made['gate'], made['pulses'], made['pulse_cents'] = 466.16, gate, pulses, cents
    made['drift_cents'] = drift
    return made


def make_board(**values):
    """Return a Board; motes_hue=.6 sets motes.hue."""
    board = Board()
    for name, value in values.items():
        board[name.replace('_', '.', 1)] = value
    return board


def make_picture(colour, size=(16, 16), number=0):
    pixels = np.zeros((*size, 4), np.uint8)
    pixels[:] = (*colour, 255)
    return Picture(pixels, end=0, number=number)


def play(renderer, slices, board=None, start=0.0, fps=20, picture=None):
    """Draw one frame for each slice and return the last, as (height, width, 3) numbers."""
    board = board or Board()
    for number, newest in enumerate(slices):
        renderer.draw(Scene(start + number / fps, board, newest, picture))
    return renderer.read()[..., :3].astype(float)


@pytest.fixture
def scenes():
    return SimpleNamespace(slice=make_slice, board=make_board, picture=make_picture, play=play, frame=frame,
                           size=SIZE)


@pytest.fixture
def isf(context, tmp_path):
    """A function (body, head ...) that writes an ISF file and returns a Look at it, moved by a sound at each frame."""
    looks = []

    def look(body, size=(8, 4), picture=None, values={}, name='mine', before=(), **head):
        (tmp_path / f'{name}.fs').write_text(f'/*{json.dumps(head)}*/\n{body}')
        looks.append(Look(context, (*before, name), size, values, picture, tmp_path))
        return looks[-1]
    yield look
    for each in looks:
        each.release()


def frame(look, seconds=0.0, slice_=None):
    """Draw one frame and return it, (height, width, 4) uint8, row 0 on top."""
    look.draw(seconds, Board(), slice_)
    return look.read()
