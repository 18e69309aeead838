"""The film's thread: who gets which pictures."""
import pytest

from live.record.film import FIRST_SECONDS, QUEUE, Film
from reading import FPS, RATE, SIZE, STEP, grey, wait_for


class Stage:
    """What a film needs of the instrument, moved by hand."""
    size, now = SIZE, 0

    def __init__(self, **options):
        self.said = []
        self.film = Film(RATE, FPS, lambda: self.size, lambda: self.now, say=self.said.append, **options)

    def show(self, *indices, value=20):
        for index in indices:
            wait_for(lambda: len(self.film._pictures) < QUEUE)
            self.film.add_picture(grey(value, self.size), index)


@pytest.fixture
def stage():
    stage = Stage()
    stage.film.start()
    yield stage
    stage.film.stop()


def test_nothing_is_encoded_where_nobody_listens(stage):
    assert not stage.film.wanted
    stage.show(0)
    assert not stage.film._pictures and stage.film._encoder is None


def test_listener_begins_with_a_key_at_its_first_sample(stage):
    early, late = [], []
    stage.film.listen(early.append, 0)
    stage.film.listen(late.append, 5 * STEP)
    stage.show(*range(0, 10 * STEP, STEP))
    stage.film.leave(late.append)
    stage.film.leave(early.append)
    assert [shot.sample for shot in early] == list(range(0, 10 * STEP, STEP))
    assert [shot.sample for shot in late] == list(range(5 * STEP, 10 * STEP, STEP)) and late[0].key
    assert early[5] is late[0]


def test_who_has_left_gets_nothing_more(stage):
    shots = []
    stage.film.listen(shots.append, 0)
    stage.show(0, STEP)
    stage.film.leave(shots.append)
    stage.show(2 * STEP)
    assert len(shots) == 2 and not stage.film.wanted


def test_pictures_that_come_too_fast_are_dropped_and_counted():
    stage, shots = Stage(), []
    stage.film.listen(shots.append, 0)
    for number in range(QUEUE + 5):
        stage.film.add_picture(grey(20), number * STEP)
    stage.film.start()
    stage.film.leave(shots.append)
    stage.film.stop()
    assert stage.film.dropped == 5 and [shot.sample for shot in shots] == [n * STEP for n in range(QUEUE)]


def test_last_picture_is_taken_again_while_none_comes(stage):
    shots = []
    stage.film.listen(shots.append, 0)
    stage.show(0)
    stage.now = RATE
    wait_for(lambda: len(shots) == 2)
    assert shots[1].sample == RATE


@pytest.mark.parametrize('seconds, taken', [(FIRST_SECONDS - 1, 0), (FIRST_SECONDS, 1)])
def test_black_is_taken_only_where_the_first_picture_stays_away(seconds, taken):
    stage, shots = Stage(), []
    stage.now = round(seconds * RATE)
    stage.film.listen(shots.append, 0)
    stage.film._fill()
    assert len(shots) == taken


def test_a_take_keeps_its_size_and_the_next_one_has_the_window_s(stage):
    shots = []
    assert stage.film.encoder().size == SIZE
    stage.film.listen(shots.append, 0)
    stage.size = (128, 96)
    stage.show(0)
    stage.show(STEP)
    stage.film.leave(shots.append)
    assert [shot.encoder.size for shot in shots] == [SIZE, SIZE]
    assert stage.film.encoder().size == (128, 96)


def test_encoder_that_fails_is_told_and_left(stage):
    shots = []
    stage.film.listen(shots.append, 0)
    stage.film.add_picture('not a picture', 0)
    wait_for(lambda: stage.said)
    assert stage.said == [stage.film.message] and 'pictures are recorded no more' in stage.film.message
    stage.show(STEP)
    assert not stage.film.wanted and not shots


def test_an_encoder_is_held_for_a_take_that_is_being_opened(stage):
    held = stage.film.encoder(hold=60.0)
    stage.size = 128, 96
    assert stage.film.encoder() is held


def test_a_window_of_a_point_is_encoded_all_the_same(stage):
    stage.size = 1, 1
    assert stage.film.encoder().size == (2, 2)
