"""Performances played again from their files. Control does what it likes at random; real streams: test_again.py."""
import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.offline import render
from live.params import HEARD, LAYERS, SOURCES
from live.record.score import ScoreError, load_score
from live.record.scribe import Scribe
from live.record.take import TakeError
from live.render import render_file
from live.replay import Replay, warnings
from live.routes import MOVERS, Route
from live.signals import EVENT, GATE, PANIC, SEED

RATE = 48000
HEADER = {'samplerate': RATE, 'inputs': 0, 'seed': 4, 'patch': 'random'}
MOVED = [p for p in HEARD if p.group in (*LAYERS[:4], 'pulse', 'reverb', 'delay', 'master', 'lfo1', 'drone', 'stage')]


class Hands:
    """Control that does what it likes."""

    def __init__(self, arena, seed):
        self.arena, self.random = arena, np.random.default_rng(seed)
        self.acts = [self.turn, self.turn, self.turn, self.play, self.retune, self.route, self.show, self.hold,
                     self.classify]

    def act(self):
        self.random.choice(self.acts)()

    def turn(self):
        for param in self.random.choice(MOVED, self.random.integers(1, 20)):
            self.arena.board.turn(param.name, self.random.random())
        self.arena.board['stage.gain_db'] = 0

    def play(self):
        kind = self.random.choice([GATE, GATE, GATE, PANIC, SEED])
        self.arena.events.put(np.array([(kind, self.random.integers(0, 3) / 2)], EVENT))
        self.arena.events.put(np.array([(GATE, 1.0)], EVENT))

    def retune(self):
        self.arena.tune(np.sort(self.random.uniform(0, 1200, self.random.integers(1, 30))), 1200.0,
                        self.random.choice([0.0, 0.5]))

    def route(self):
        names = [mover.name for mover in (*MOVERS[:20], *MOVERS[-4:])]
        self.arena.route([row for _ in range(self.random.integers(0, 5)) for row in Route(
            str(self.random.choice(names)), '*.cutoff', self.random.uniform(-2, 2)).rows()])

    def show(self):
        self.arena.show(self.random.random((60, 80)) ** 8)

    def hold(self):
        for layer in range(self.random.integers(1, len(LAYERS))):
            count = self.random.integers(1, 20)
            self.arena.freeze(layer, self.random.uniform(50, 2000, count), self.random.uniform(0, 0.2, count))

    def classify(self):
        self.arena.classify(self.random.random(16))


@pytest.fixture
def stage(tmp_path):
    """An arena of all kinds of layers, its scribe, and hands."""
    scribes = []

    def start(seed=1, said=lambda: {}):
        arena = Arena(RATE, 4)
        for number, layer in enumerate(LAYERS):
            arena.board[f'{layer}.level_db'] = -18
            arena.board[f'{layer}.source'] = (number + seed * 8) % len(SOURCES)
        arena.board['layer2.source'] = SOURCES.index('picture')
        arena.reset(4)
        scribes.append(Scribe(arena, HEADER, said, tmp_path / 'whole.live'))
        return arena, scribes[-1], Hands(arena, seed)
    yield start
    for scribe in scribes:
        scribe.stop()


def perform(arena, scribe, hands, blocks, most=3000):
    """Play so many blocks of random lengths, with something done between most of them; return what was heard."""
    heard = []
    for _ in range(blocks):
        hands.act()
        heard.append(render(arena, int(hands.random.integers(1, most))))
        scribe.write_new()
    return np.concatenate(heard)


def again(path, cut=5000):
    """Return the take of a file, played again in blocks of any length."""
    score = load_score(path)
    replay, blocks = Replay(score), []
    replay.render(score.take[0])
    while (left := score.take[1] - replay.arena.frames) > 0:
        blocks.append(replay.render(min(cut, left)))
    return np.concatenate(blocks)


@pytest.mark.parametrize('seed', [1, 2, 3])
def test_whatever_was_done_sounds_the_same_again_to_the_bit(stage, tmp_path, seed):
    arena, scribe, hands = stage(seed)
    heard = perform(arena, scribe, hands, 60)
    scribe.keep(tmp_path / 'take.live', 0, arena.frames)
    assert heard.std() > 0.005 and np.array_equal(again(tmp_path / 'take.live', 1000 * seed), heard)


def test_what_was_done_before_the_first_sample_comes_with_it(stage, tmp_path):
    arena, scribe, hands = stage()
    for act in (hands.turn, hands.retune, hands.route, hands.play, hands.show, hands.hold, hands.classify):
        act()
    arena.board['drone.root'] = 220.0
    heard = render(arena, RATE)
    scribe.keep(tmp_path / 'take.live', 0, RATE)
    assert np.array_equal(again(tmp_path / 'take.live'), heard)


def test_a_take_from_the_middle_has_what_had_been_before(stage, tmp_path):
    arena, scribe, hands = stage()
    perform(arena, scribe, hands, 20)
    start = arena.frames
    take = scribe.begin_take(tmp_path / 'take.live', start)
    heard = perform(arena, scribe, hands, 20)
    scribe.end_take(take, arena.frames)
    perform(arena, scribe, hands, 5)
    assert load_score(tmp_path / 'take.live').take == (start, start + len(heard))
    assert np.array_equal(again(tmp_path / 'take.live'), heard)
    assert str(take) == f'{tmp_path}/take.live, to render it again'


def test_a_take_of_a_process_that_was_killed_goes_as_far_as_it_came(stage, tmp_path):
    arena, scribe, hands = stage()
    scribe.begin_take(tmp_path / 'take.live', 0)
    heard = perform(arena, scribe, hands, 40)
    score = load_score(tmp_path / 'take.live')
    assert score.take[1] > arena.frames - 1.1 * RATE
    assert np.array_equal(again(tmp_path / 'take.live'), heard[:score.take[1]])


def test_changes_that_are_lost_are_counted_and_told(stage, tmp_path):
    arena, scribe, hands = stage()
    take, place = scribe.begin_take(tmp_path / 'take.live', 0), 0.0
    while arena.taken.written < len(arena.taken.items) + 1000:
        place = 1 - place
        for param in MOVED:
            arena.board.turn(param.name, 0.1 + 0.3 * place)
        render(arena, 64)
    scribe.end_take(take, arena.frames)
    score = load_score(tmp_path / 'take.live')
    assert score.lost > 0 and any('came too fast to be written down' in sentence for sentence in warnings(score))


def test_what_is_said_to_the_dream_comes_when_it_was_said(stage, tmp_path):
    said = {'words': [['ink'], ''], 'shaders': [[], []], 'patch': 'first'}
    arena, scribe, hands = stage(said=lambda: dict(said))
    render(arena, RATE)
    said |= {'words': [['glass', 'ice'], 'people'], 'shaders': [[], ['bloom']], 'patch': 'second'}
    scribe.write_new()
    render(arena, RATE)
    scribe.keep(tmp_path / 'take.live', 0, arena.frames)
    replay = Replay(load_score(tmp_path / 'take.live'))
    replay.render(RATE // 2)
    assert replay.prompts.get() == ('ink',) and replay.patch == 'first'
    replay.render(RATE)
    assert replay.prompts.get() == ('glass', 'ice') and replay.negative.get() == 'people'
    assert replay.shaders == ((), ('bloom',)) and replay.patch == 'second'


def test_the_live_input_is_told_to_be_missing(stage, tmp_path):
    arena = Arena(RATE, 4, 2)
    scribe = Scribe(arena, {**HEADER, 'inputs': 2}, lambda: {}, tmp_path / 'whole.live')
    render(arena, RATE, np.full((RATE, 2), 0.1, np.float32))
    scribe.keep(tmp_path / 'take.live', 0, RATE)
    assert any('the live input is not in the file' in sentence for sentence in warnings(load_score(
        tmp_path / 'take.live')))
    assert again(tmp_path / 'take.live').shape == (RATE, 2)
    scribe.stop()


@pytest.mark.parametrize('frames, rate, sentence', [
    (RATE, 44100, 'take.live: it was played at 48000 Hz and sounds at no other rate; leave --samplerate out'),
    (0, None, 'take.live: there is no sound in it')])
def test_what_cannot_be_rendered_again_is_refused_before_a_file_is_made(stage, tmp_path, frames, rate, sentence):
    arena, scribe, hands = stage()
    render(arena, frames)
    scribe.keep(tmp_path / 'take.live', 0, frames)
    with pytest.raises(ScoreError, match=sentence):
        render_file(str(tmp_path / 'take.live'), str(tmp_path / 'again.w64'), samplerate=rate)
    assert not (tmp_path / 'again.w64').exists()


def test_other_kernels_and_processors_are_told(stage, tmp_path):
    from live.record.provenance import differences, provenance
    assert differences(provenance()) == ''
    assert 'another processor (Z80, here ' in differences({**provenance(), 'processor': 'Z80'})
    assert 'other kernels' in differences(None)


def test_a_disk_that_is_full_ends_the_file_of_the_take_and_nothing_else(stage, tmp_path):
    said = []
    arena, scribe, hands = stage()
    scribe._files._say = said.append
    with pytest.raises(TakeError, match='/dev/full: No space left on device'):
        scribe.begin_take(type(tmp_path)('/dev/full'), 0)
    heard = perform(arena, scribe, hands, 5)
    scribe.keep(tmp_path / 'take.live', 0, arena.frames)
    assert np.array_equal(again(tmp_path / 'take.live'), heard)


def test_the_whole_is_there_without_a_take_and_the_one_before_stays(stage, tmp_path):
    arena, scribe, hands = stage()
    first = perform(arena, scribe, hands, 5)
    scribe.stop()
    arena, scribe, hands = stage(2)
    scribe.stop()
    assert np.array_equal(again(tmp_path / 'last.live'), first[:load_score(tmp_path / 'last.live').end])


def test_a_whole_that_grows_too_large_is_kept_no_more_and_takes_go_on(stage, tmp_path, monkeypatch):
    monkeypatch.setattr('live.record.score_files.MOST_BYTES', 50_000)
    said = []
    arena, scribe, hands = stage()
    scribe._files._say = said.append
    take = scribe.begin_take(tmp_path / 'take.live', 0)
    heard = perform(arena, scribe, hands, 100, 200)
    scribe.end_take(take, arena.frames)
    assert said == ['takes begun from now on cannot be rendered again, for the whole is kept no more: it has 0 MB']
    with pytest.raises(TakeError, match='its beginning was not kept'):
        scribe.begin_take(tmp_path / 'next.live', arena.frames)
    assert np.array_equal(again(tmp_path / 'take.live'), heard)


def test_a_disk_that_hangs_holds_up_neither_takes_nor_the_end(stage, tmp_path, monkeypatch):
    monkeypatch.setattr('live.record.scribe.DISK_TIME', 0.1)
    _, scribe, _ = stage()
    with scribe._lock:
        with pytest.raises(TakeError, match='the disk does not answer'):
            scribe.begin_take(tmp_path / 'take.live', 0)
        scribe.stop()
