"""Takes of the real program on disks that fill up, cannot be written, or go away: it plays on, and tells."""
import contextlib
import os
import shutil
import subprocess

import av
import pytest
import soundfile
from test_app import Performance

ROOT_ONLY = pytest.mark.skipif(os.name == 'nt' or os.geteuid() != 0 or not shutil.which('mount'),
                               reason='only root may mount a disk')


@pytest.fixture
def disk(tmp_path):
    """A function that mounts a small disk in memory with options and returns its folder."""
    folder = tmp_path / 'disk'
    folder.mkdir()

    def mount(options):
        done = subprocess.run(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder], capture_output=True)
        if done.returncode:
            pytest.skip('this machine mounts nothing')
        return folder
    yield mount
    subprocess.run(['umount', '-l', folder], capture_output=True)


@pytest.fixture
def play(tmp_path):
    running = []

    def start(*words):
        running.append(Performance(tmp_path, '--model', 'off', *words, cwd=tmp_path))
        return running[-1]
    yield start
    for performance in running:
        if performance.process.poll() is None:
            performance.leave()
        performance.osc.close()
        performance.process.stdout.close()


def picture_times(path):
    """Return the seconds at which the pictures of a movie appear, up to the first that cannot be read."""
    times = []
    with av.open(str(path)) as movie, contextlib.suppress(av.FFmpegError):
        for frame in movie.decode(video=0):
            times.append(frame.time)
        assert movie.streams.video[0].codec_context.has_b_frames == 0
    return times


def closed(status):
    return len(status['record']) == 2 and all(take['message'] for take in status['record'])


def fill(path):
    """Write until the disk is full."""
    with contextlib.suppress(OSError), path.open('wb', buffering=0) as file:
        while True:
            file.write(bytes(65536))


def goes_on(performance):
    """Return whether sound is made, and a take can be recorded elsewhere."""
    made = performance.status['sound']['callbacks']
    performance.osc.send_message('/record', 1)
    performance.wait_for(lambda s: s['sound']['callbacks'] > made + 50 and s['record']
                         and 'disk' not in s['record'][0]['path'] and s['record'][0]['seconds'] > 1)
    return True


@ROOT_ONLY
@pytest.mark.slow
def test_a_disk_that_fills_up_closes_the_take_and_the_show_goes_on(play, disk, tmp_path):
    folder = disk('size=64m')
    performance = play('--record', folder / 'take.mp4')
    performance.wait_for(lambda s: any(take['pictures'] > 40 for take in s['record']))
    fill(folder / 'else.bin')
    status = performance.wait_for(lambda s: any(take['message'] for take in s['record']))
    full = next(take for take in status['record'] if take['message'])
    assert 'disk' in full['message'] or 'space' in full['message'].lower()
    assert performance.wait_for(closed)['sound']['nan'] == 0
    sound = soundfile.info(folder / 'take.w64')
    assert sound.duration >= full['seconds'] - 2 > 1
    assert len(picture_times(folder / 'take.mp4')) > 5
    assert goes_on(performance)


@ROOT_ONLY
@pytest.mark.slow
def test_a_disk_that_is_taken_away_closes_the_take_and_the_show_goes_on(play, disk, tmp_path):
    folder = disk('size=64m')
    performance = play('--record', folder / 'take.mp4')
    performance.wait_for(lambda s: s['record'] and s['record'][0]['seconds'] > 1)
    subprocess.run(['umount', '-l', folder], check=True)
    status = performance.wait_for(closed)
    assert all('its folder or its disk was taken away' in take['message'] for take in status['record'])
    assert goes_on(performance)


@ROOT_ONLY
def test_a_folder_that_cannot_be_written_is_refused_before_anything_sounds(play, disk):
    performance = play('--record', disk('ro') / 'take.mp4')
    assert performance.process.wait(60) == 2
    said = performance.process.communicate()[0]
    assert 'take.mp4: Read-only file system' in said and 'Traceback' not in said


@pytest.mark.slow
def test_a_performance_that_is_killed_leaves_a_movie_its_sound_and_itself(play, tmp_path):
    from live.record.score import load_score
    performance = play('--record', tmp_path / 'take.mp4')
    status = performance.wait_for(lambda s: s['record'] and s['record'][0]['seconds'] > 5)
    performance.process.kill()
    performance.process.communicate()
    played = status['record'][0]['seconds']
    assert picture_times(tmp_path / 'take.mp4')[-1] >= played - 2
    assert soundfile.info(tmp_path / 'take.w64').duration >= played - 2
    first, end = load_score(tmp_path / 'take.live').take
    assert first == 0 and end / 48000 >= played - 2


@pytest.mark.slow
def test_the_last_minutes_are_written_afterwards_with_what_they_were_played_from(play, tmp_path):
    from live.record.score import load_score
    performance = play('--keep', 1)
    performance.wait_for(lambda s: s['sound']['frames'] > 5 * 48000)
    performance.osc.send_message('/keep', 1)
    performance.wait_for(lambda s: 'kept' in s['message'])
    kept, = tmp_path.glob('* kept.live')
    first, end = load_score(kept).take
    assert soundfile.info(kept.with_suffix('.w64')).frames == end - first > 3 * 48000
