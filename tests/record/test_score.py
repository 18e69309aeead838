"""Performance files: what a line may say, what is refused and how, what is left of one that was cut off."""
import json

import numpy as np
import pytest

from live.params import BY_NAME, PARAMS, find_number
from live.record.score import ScoreError, load_score, write_header, write_line
from live.record.score_lines import say_picture, say_routes, say_values
from live.routes import Route, Row

HEADER = {'samplerate': 48000, 'inputs': 0, 'seed': 3, 'patch': 'bflat'}
BEGIN = (0, {'set': {'drone.root': 466.16}, 'words': [['ink', ''], 'people'], 'shaders': [[], ['bloom']]})


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'take.live'


def write(path, *lines, header=HEADER):
    path.write_bytes(write_header(header) + b''.join(write_line(*line) for line in lines))
    return path


def test_every_value_comes_back_to_the_bit(path):
    values = np.random.default_rng(1).uniform([p.low for p in PARAMS], [p.high for p in PARAMS])
    (_, step), = load_score(write(path, (0, {'set': say_values(values)}))).steps()
    assert [place for place, _ in step['set']] == list(range(len(PARAMS)))
    assert (np.array([value for _, value in step['set']]) == values).all()


@pytest.mark.parametrize('route', [Route('lfo2', '*.cutoff', 1.5), Route('level', 'drone.pan', -1 / 3, track=4.0),
                                   Route('chroma3', 'motes.hue', 0.1, attack=2.0)])
def test_routes_come_back_as_they_were(path, route):
    from live.audio.modulation import ROUTE
    said = say_routes(np.array(route.rows(), ROUTE))
    (_, step), = load_score(write(path, (0, {'routes': said}))).steps()
    assert step['routes'] == route.rows() and all(isinstance(row, Row) for row in step['routes'])


def test_a_picture_comes_back_as_it_was(path):
    light = np.random.default_rng(1).integers(0, 256, (48, 64), np.uint8)
    (_, step), = load_score(write(path, (0, {'show': [say_picture(2, 7, light)]}))).steps()
    (layer, number, again), = step['show']
    assert (layer, number) == (2, 7) and (again == light).all()


def test_words_and_shaders_come_back(path):
    (_, step), = load_score(write(path, BEGIN)).steps()
    assert step['words'] == (('ink', ''), 'people') and step['shaders'] == ((), ('bloom',))


@pytest.mark.parametrize('lines, take', [
    ((), (0, 9600)), (((9600, {'take': {'from': 64, 'to': None}}),), (64, 9600)),
    (((9600, {'take': {'from': 64, 'to': None}}), (9999, {'take': {'from': 64, 'to': 9999}})), (64, 9999))])
def test_the_take_is_what_was_told_last_or_the_whole(path, lines, take):
    assert load_score(write(path, BEGIN, (9600, {}), *lines)).take == take


@pytest.mark.parametrize('cut', [1, 10])
def test_a_last_line_that_was_cut_off_is_left_out(path, cut):
    write(path, BEGIN, (640, {}), (1280, {'set': {'drone.root': 220.0}}))
    path.write_bytes(path.read_bytes()[:-cut])
    score = load_score(path)
    assert score.end == 640 and not score.whole


def test_a_value_beyond_what_its_shader_now_allows_is_the_nearest_that_it_does(path):
    (_, step), = load_score(write(path, (0, {'set': {'bloom.amount': 99.0}}))).steps()
    assert step['set'] == [(find_number('bloom.amount'), BY_NAME['bloom.amount'].high)]


def test_names_that_mean_nothing_here_are_left_out_and_known(path):
    score = load_score(write(path, (0, {'set': {'gone.amount': 1.0, 'drone.root': 220.0}})))
    assert score.unknown == {'gone.amount'} and [len(step['set']) for _, step in score.steps()] == [1]


@pytest.mark.parametrize('header, sentence', [
    ([1], 'it is no performance file: its first line must say {"live": 1, ...}, not [1]'),
    ({'live': 2, **HEADER}, 'must say {"live": 1, ...}, not 2'),
    ({'live': 1, **HEADER, 'samplerate': 3.5}, 'samplerate = 3.5 is not a whole number in 8000..768000'),
    ({'live': 1, **HEADER, 'inputs': 9}, 'inputs = 9 is not a whole number in 0..2'),
    ({'live': 1, **HEADER, 'model': 7}, 'model = 7 is not a text'),
    ({'live': 1, **HEADER, 'lora': 'a'}, "lora = 'a' is not a list of texts")])
def test_a_first_line_that_is_wrong_is_told(path, header, sentence):
    path.write_text(json.dumps(header) + '\n')
    with pytest.raises(ScoreError) as told:
        load_score(path)
    assert sentence in str(told.value) and str(told.value).startswith('take.live: ')


@pytest.mark.parametrize('line, sentence', [
    ('[5]', 'line 3: '), ('{', 'line 3: '), ('[-1, {}]', 'line 3: -1 is not the index of a sample from 640 on'),
    ('[600, {}]', '600 is not the index of a sample from 640 on'), ('[true, {}]', 'True is not the index'),
    ('[700, {"sett": 1}]', "'sett' is none of set, do, tune, routes"),
    ('[700, {"set": {"drone.root": 1e9}}]', '1000000000.0 is not drone.root in 16..8000'),
    ('[700, {"set": {"drone.root": NaN}}]', 'NaN is not a number'),
    ('[700, {"set": {"drone.root": true}}]', 'True is not drone.root'),
    ('[700, {"do": [["gat", 1]]}]', "'gat' is none of gate, panic, seed"),
    ('[700, {"tune": {"cents": [0]}}]', 'period'),
    ('[700, {"routes": [{"source": "lfo9"}]}]', 'target'),
    ('[700, {"show": [{"layer": "drone", "number": 1, "rows": 2, "columns": 2, "light": "eA=="}]}]', '2 x 2 has 0'),
    ('[700, {"show": [{"layer": "drone", "number": 1, "rows": 2, "columns": 2, "light": "AAAA"}]}]', 'be unpacked'),
    ('[700, {"words": [[], ""]}]', 'words are not up to 8 prompts'),
    ('[700, {"shaders": [["a"], [1]]}]', 'shaders are not two lists of names'),
    ('[700, {"take": {"from": -1, "to": 5}}]', '-1 is not a whole number'),
    ('[' * 100000, 'line 3: ')])
def test_a_line_that_is_wrong_is_told_by_its_number(path, line, sentence):
    write(path, (640, {}))
    path.write_text(path.read_text() + line + '\n')
    with pytest.raises(ScoreError) as told:
        load_score(path)
    assert sentence in str(told.value) and len(str(told.value)) < 400


def test_a_take_beyond_the_end_is_told(path):
    write(path, (640, {'take': {'from': 0, 'to': 9999}}))
    with pytest.raises(ScoreError, match='the take from sample 0 to 9999 is not within 640'):
        load_score(path)
