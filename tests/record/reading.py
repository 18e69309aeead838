"""What the takes' tests share: signals, and what is read back from files."""
import contextlib
import json
import shutil
import struct
import subprocess
import time

import av
import numpy as np
import pytest

RATE = 48000
FPS = 60
STEP = RATE // FPS
SIZE = (64, 48)


def noise(frames, level=0.1):
    return (np.random.default_rng(1).standard_normal((frames, 2)) * level).astype('f4')


def grey(value, size=SIZE):
    return np.full((size[1], size[0], 4), value, np.uint8)


def probe(path):
    """Return what ffprobe tells of a file: its streams by kind, and its duration if the file says it."""
    if not shutil.which('ffprobe'):
        pytest.skip('system program missing: ffprobe')
    words = ['ffprobe', '-v', 'error', '-show_streams', '-show_format', '-of', 'json', str(path)]
    told = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    return {stream['codec_type']: stream for stream in told['streams']}, float(told['format'].get('duration', 'nan'))


def picture_times(path):
    """Return the samples at which the pictures of a movie appear."""
    with av.open(str(path)) as movie:
        return [round(frame.pts * frame.time_base * RATE) for frame in movie.decode(video=0)]


def boxes(data):
    """Return the names of an mp4's boxes."""
    names, place = [], 0
    while place < len(data):
        size, name = struct.unpack_from('>I4s', data, place)
        names.append(name.decode())
        place += size
    return names


def count_readable_pictures(path):
    """Return how many pictures come before the first that cannot be read."""
    count = 0
    with av.open(str(path)) as movie, contextlib.suppress(av.FFmpegError):
        for _ in movie.decode(video=0):
            count += 1
    return count


def count_readable_samples(path):
    """Return how much of a movie's sound can be read."""
    count = 0
    with av.open(str(path)) as movie, contextlib.suppress(av.FFmpegError):
        for frame in movie.decode(audio=0):
            count += frame.samples
    return count


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, 'it never happened'
        time.sleep(0.002)


def find_flash(path):
    """Return the sample at which the picture turns bright."""
    with av.open(str(path)) as movie:
        return next(float(frame.pts * frame.time_base * RATE) for frame in movie.decode(video=0)
                    if frame.to_ndarray(format='gray').mean() > 150)


def find_click(path):
    """Return the sample at which the sound turns loud."""
    with av.open(str(path)) as movie:
        for frame in movie.decode(audio=0):
            loud = np.nonzero(np.abs(frame.to_ndarray()[0]) > 0.3)[0]
            if len(loud):
                return float(frame.pts * frame.time_base * RATE) + loud[0]
