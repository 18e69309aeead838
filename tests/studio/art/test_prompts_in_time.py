"""What --prompt says: sounds, texts, times, and the way between texts."""
import numpy as np
import pytest

from live.studio.art.prompts import Course, Prompts, read_prompts
from live.studio.files import StudioError

PAGES = {text: np.random.default_rng(number).standard_normal((77, 16)).astype(np.float32)
         for number, text in enumerate(('a', 'b', 'c', ''))}


def course(*words, seconds=10.0):
    return Course(read_prompts(words), seconds, PAGES.__getitem__)


def test_a_file_is_a_sound_and_all_else_a_text(tmp_path):
    path = tmp_path / 'drone.wav'
    path.touch()
    assert read_prompts([str(path), 'blue dust']) == Prompts(path, ('blue dust',))


def test_texts_are_ordered_by_their_times():
    assert read_prompts(['12.5: embers', '0:blue dust']).texts == ('blue dust', 'embers')
    assert read_prompts(['12.5: embers', '0:blue dust']).moments == (0.0, 12.5)


@pytest.mark.parametrize('words, said', [
    (['missing.wav'], 'missing.wav: there is no such file'), (['1:a', 'b'], "'b': no time before it")])
def test_what_cannot_be_meant_is_refused_in_one_sentence(words, said):
    with pytest.raises(StudioError, match=said):
        read_prompts(words)


def test_two_sounds_are_one_too_many(tmp_path):
    paths = [tmp_path / name for name in ('a.wav', 'b.wav')]
    for path in paths:
        path.touch()
    with pytest.raises(StudioError, match='b.wav: one sound at a time'):
        read_prompts(list(map(str, paths)))


def test_each_text_is_reached_at_its_time_and_kept_outside():
    way = course('2:a', '6:b', '8:c')
    for moment, text in ((0, 'a'), (2, 'a'), (6, 'b'), (8, 'c'), (10, 'c')):
        np.testing.assert_allclose(way.at(moment), PAGES[text], rtol=1e-5)


def test_texts_without_times_share_the_film():
    way = course('a', 'b', 'c')
    for moment, text in ((0, 'a'), (5, 'b'), (10, 'c')):
        np.testing.assert_allclose(way.at(moment), PAGES[text], rtol=1e-5)


def test_the_way_is_eased_and_keeps_the_length_of_rows():
    way = course('0:a', '10:b')
    steps = [np.linalg.norm(way.at(moment + 0.1) - way.at(moment)) for moment in (0, 4.95, 9.9)]
    assert steps[1] > 10 * max(steps[0], steps[2])
    lengths = np.linalg.norm(way.at(5), axis=1)
    ends = np.linalg.norm([PAGES['a'], PAGES['b']], axis=2)
    assert (lengths > ends.min(0) * 0.8).all() and (lengths < ends.max(0) * 1.2).all()


def test_no_text_is_the_empty_one():
    assert np.array_equal(course().at(3), PAGES[''])
