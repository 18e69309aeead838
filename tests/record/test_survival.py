"""A recording program killed with -9 in mid-take: what its files still hold."""
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import soundfile

from reading import RATE, count_readable_pictures, count_readable_samples, picture_times, probe

SECONDS, FPS = 5, 30
PROGRAM = textwrap.dedent(f'''
    import sys, time
    import numpy as np
    from live.record.film import Film
    from live.record.recorder import Recorder
    from live.record.take import Take
    from live.wires import Ring
    ring = Ring.make({RATE} * 20, 'f4', (2,))
    film = Film({RATE}, {FPS}, lambda: (320, 180), lambda: ring.written)
    film.start()
    for name in ('take.mp4', 'take.mkv'):
        Recorder(Take(sys.argv[1] + '/' + name, {RATE}, encoder=film.encoder()), ring.reader(), film=film).start()
    Recorder(Take(sys.argv[1] + '/take.w64', {RATE}), ring.reader()).start()
    begin, step, number = time.monotonic(), {RATE // FPS}, 0
    while True:
        pixels = np.full((180, 320, 4), 50 + number, np.uint8)
        film.add_picture(pixels, ring.written)
        ring.put(np.arange(ring.written, ring.written + step, dtype='f4')[:, None].repeat(2, 1) / 2 ** 23)
        number += 1
        print(number, film.dropped, flush=True)
        time.sleep(max(0, begin + number / {FPS} - time.monotonic()))
''')


@pytest.fixture(scope='module')
def killed(tmp_path_factory):
    """Record for some seconds and kill; return the folder, and the pictures that were played and dropped."""
    folder = tmp_path_factory.mktemp('killed')
    process = subprocess.Popen([sys.executable, '-c', PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True,
                               cwd=Path(__file__).parents[2])
    for line in process.stdout:
        if int(line.split()[0]) >= SECONDS * FPS:
            break
    process.send_signal(signal.SIGKILL)
    rest = process.communicate()[0].splitlines()
    assert process.returncode == -signal.SIGKILL
    return folder, *map(int, (rest or [line])[-1].split())


@pytest.mark.parametrize('suffix', ['.mp4', '.mkv'])
def test_movie_misses_two_seconds_at_most(killed, suffix):
    folder, played, dropped = killed
    assert count_readable_pictures(folder / f'take{suffix}') >= played - dropped - 2 * FPS
    assert count_readable_samples(folder / f'take{suffix}') >= (played / FPS - 2) * RATE
    assert picture_times(folder / f'take{suffix}')[-1] >= (played / FPS - 2) * RATE


@pytest.mark.parametrize('suffix', ['.mp4', '.mkv'])
def test_other_programs_read_the_movie_to_its_end(killed, suffix):
    if not shutil.which('ffmpeg'):
        pytest.skip('system program missing: ffmpeg')
    folder, played, _ = killed
    words = ['ffmpeg', '-v', 'info', '-i', str(folder / f'take{suffix}'), '-f', 'null', '-']
    told = subprocess.run(words, capture_output=True, text=True, check=True).stderr
    minutes, seconds = told.rpartition('time=')[2].split()[0].split(':')[1:]
    assert 60 * int(minutes) + float(seconds) >= played / FPS - 2
    assert probe(folder / f'take{suffix}')[0]['video']['has_b_frames'] == 0


def test_sound_file_has_what_was_played_to_the_bit(killed):
    folder, played, _ = killed
    sound, rate = soundfile.read(folder / 'take.w64', dtype='float32')
    assert rate == RATE and len(sound) >= (played / FPS - 1) * RATE
    assert (sound == np.arange(len(sound), dtype='f4')[:, None] / 2 ** 23).all()
    assert float(probe(folder / 'take.w64')[1]) == pytest.approx(len(sound) / RATE, abs=1e-4)
