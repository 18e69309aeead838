"""Takes as the instrument opens them: all their files, or none."""
import pytest

from live.record.take import TakeError
from live.recording import Recording
from live.stages import Settings, Sound


@pytest.fixture
def recording():
    settings = Settings(audio='clock', model='off', display='none')
    recording = Recording(settings, Sound(settings))
    yield recording
    recording.stop()


def test_where_one_file_of_a_take_cannot_be_opened_the_other_is_not_left_behind(recording, tmp_path):
    (tmp_path / 'take.w64').mkdir()
    with pytest.raises(TakeError, match='take.w64'):
        recording._open_take(tmp_path / 'take.mp4')
    assert not (tmp_path / 'take.mp4').exists()
