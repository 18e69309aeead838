import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from live.conditioning.mix import LONGEST_STEP, Conditioner
from live.params import PARAMS, Board
from live.signals import HOP, SLICE
from live.wires import Latest, Ring

RATE = 48000
MODES = ('replace', 'add')
FEATURES = ('fft', 'waveform', 'cents', 'linear')
MAPPINGS = ('inject', 'append', 'steer')
READ = [p for p in PARAMS if p.group in ('prompt', 'embedding', 'dream')]


class Rig:
    """A Conditioner with its ring, Board and prompts."""

    def __init__(self, book, calibration, hears=False):
        self.ring, self.board, self.prompts = Ring.make(512, SLICE), Board(), Latest(('blue dust', 'a red fox'))
        self.conditioner = Conditioner(book, calibration, self.board, self.prompts, self.ring.reader(), RATE,
                                       hears=hears)

    def hear(self, slices, **settings):
        for name, value in settings.items():
            if name in MAPPINGS:
                continue
            self.board[name.replace('__', '.')] = value
        for name in MAPPINGS:
            self.board[f'embedding.{name}'] = settings.get(name, 0)
        self.ring.put(slices)
        return self.conditioner.condition()


@pytest.fixture
def rig(book, calibration):
    return Rig(book, calibration)


@pytest.fixture(scope='session')
def slices(slices_of, drone):
    return slices_of(drone(seconds=2))


@pytest.fixture(scope='session')
def silence(slices_of):
    return slices_of(1e-6 * np.random.default_rng(0).standard_normal(2 * RATE))


def twice(rows):
    return np.concatenate((rows, rows))


def test_no_new_slice_gives_nothing(rig, slices):
    assert rig.conditioner.condition() is None
    assert rig.hear(slices) is not None
    assert rig.conditioner.condition() is None


def test_without_weights_the_words_stand_twice_to_the_bit(rig, slices, book):
    assert np.array_equal(rig.hear(slices).embedding, twice(book.encode('blue dust')))


@pytest.mark.parametrize('feature', range(4), ids=FEATURES)
@pytest.mark.parametrize('mode', range(2), ids=MODES)
def test_in_silence_the_words_stand_to_the_bit(rig, silence, book, mode, feature):
    made = rig.hear(silence, inject=1, append=1, steer=1, embedding__depth=2, embedding__mode=mode,
                    embedding__feature=feature)
    assert np.array_equal(made.embedding, twice(book.encode('blue dust')))


@pytest.mark.parametrize('feature', range(4), ids=FEATURES)
@pytest.mark.parametrize('mode', range(2), ids=MODES)
def test_injected_sound_moves_every_row_but_the_first(rig, slices, book, mode, feature):
    made = rig.hear(slices, inject=1, embedding__mode=mode, embedding__feature=feature).embedding
    moved = (made[:77] != book.encode('blue dust')).any(1)
    assert not moved[0] and moved[1:].all() and np.array_equal(made[77:], made[:77])


def test_a_model_that_hears_is_told_more_by_the_same_weight(rig, slices, book, calibration):
    hearing = Rig(book, calibration, hears=True)
    for weight, told in ((0.3, 0.7599), (1, 1), (0, 0)):
        plain = rig.hear(slices, append=told).embedding
        assert np.allclose(hearing.hear(slices, append=weight).embedding, plain, atol=1e-4)


def test_appended_sound_moves_the_second_text_alone(rig, slices, book):
    made, words = rig.hear(slices, append=1).embedding, book.encode('blue dust')
    assert np.array_equal(made[:78], twice(words)[:78]) and (made[78:] != words[1:]).any(1).all()


def test_sound_leads_the_words_along_the_directions_of_prompts(rig, slices, book, calibration):
    made, words = rig.hear(slices, steer=1).embedding[:77], book.encode('blue dust')
    assert np.array_equal(made[0], words[0]) and (made[1:] != words[1:]).any(1).all()
    assert np.allclose(np.linalg.norm(made, axis=1), np.linalg.norm(words, axis=1), rtol=1e-5)
    plane = np.concatenate((calibration.directions, words[5:6]))
    rest = made[5] - np.linalg.lstsq(plane.T, made[5], rcond=None)[0] @ plane
    assert np.abs(rest).max() < 1e-4


@pytest.mark.parametrize('name', MAPPINGS)
def test_a_little_more_weight_is_a_little_more_sound(book, calibration, slices, name):
    made = [Rig(book, calibration).hear(slices, **{name: weight}).embedding for weight in np.linspace(0, 1, 21)]
    steps = [np.linalg.norm(b - a) for a, b in zip(made, made[1:])]
    assert 0 < max(steps) < 3 * min(steps)


@pytest.mark.parametrize('settings', [{}, {'append': 1}, {'inject': 1, 'steer': 1}], ids=str)
def test_the_number_of_rows_never_changes(rig, slices, settings):
    assert rig.hear(slices, **settings).embedding.shape == (154, 64)


def test_full_weight_looks_like_real_prompts(rig, slices, calibration):
    rows = rig.hear(slices, inject=1, embedding__level_to_depth=0).embedding[1:77]
    assert 0.6 < ((rows - calibration.mean) / calibration.std).std() < 1.4
    norms = np.linalg.norm(rows, axis=1)
    assert 0.6 < norms.mean() / math.sqrt((calibration.mean ** 2 + calibration.std ** 2).sum()) < 1.4


@pytest.mark.parametrize('name', MAPPINGS[:2])
def test_no_depth_goes_beyond_three_deviations(rig, slices, calibration, name):
    rows = rig.hear(slices, **{name: 1}, embedding__depth=2).embedding[78:]
    assert np.abs((rows - calibration.mean) / calibration.std).max() == pytest.approx(3, abs=1e-3)


def test_depth_zero_leaves_the_mean_of_prompts(rig, slices, calibration):
    made = rig.hear(slices, inject=1, embedding__depth=0, embedding__level_to_depth=0)
    assert np.allclose(made.embedding[1:77], calibration.mean, atol=1e-5)


def test_loudness_acts_on_depth_and_strength(book, calibration, slices_of, drone):
    quiet, loud = (Rig(book, calibration).hear(
        slices_of(drone(level=level)), inject=1, embedding__mode=1, embedding__depth=0.2,
        embedding__level_to_depth=1, dream__strength=0.3, dream__level_to_strength=0.5) for level in (0.01, 0.3))
    assert 0.3 < quiet.strength < loud.strength <= 1
    words = twice(book.encode('blue dust'))
    assert np.abs(loud.embedding - words).mean() > 1.3 * np.abs(quiet.embedding - words).mean()


@pytest.mark.parametrize('mix, text', [(0, 'blue dust'), (1, 'a red fox')])
def test_prompt_mix_is_exact_at_its_ends(rig, silence, book, mix, text):
    assert np.array_equal(rig.hear(silence, prompt__mix=mix).embedding[:77], book.encode(text))


def test_one_prompt_is_enough(rig, silence, book):
    rig.prompts.put(('alone',))
    assert np.array_equal(rig.hear(silence, prompt__mix=0.5).embedding[:77], book.encode('alone'))


def test_the_walk_goes_by_the_sound_clock(rig, slices):
    rig.board['dream.walk'] = 0.25
    first = rig.hear(slices[:1])
    assert first.walk == 0
    last = rig.hear(slices[1:101])
    assert last.walk - first.walk == pytest.approx(2 * math.pi * 0.25 * 100 * HOP / RATE)
    assert last.end == 101 * HOP


def test_a_clock_that_begins_anew_does_not_turn_the_walk_back(rig, slices):
    far = rig.hear(slices).walk
    assert rig.hear(slices[:3]).walk == far


def test_after_a_pause_words_and_walk_go_on_and_do_not_jump(rig, slices):
    rig.board['dream.walk'], rig.board['prompt.transition'] = 1, 60
    rig.hear(slices[:1])
    rig.prompts.put(('red sand',))
    before = rig.hear(slices[1:2])
    late = slices[2:3].copy()
    late['end'] += 50 * RATE
    after = rig.hear(late)
    assert after.walk - before.walk == 2 * math.pi * LONGEST_STEP
    assert 0 < np.abs(after.embedding - before.embedding).max() < 0.1


@pytest.mark.parametrize('feature', range(4), ids=FEATURES)
def test_a_feature_that_is_chosen_late_knows_what_was_heard(book, calibration, slices, feature):
    early, late = Rig(book, calibration), Rig(book, calibration)
    late.hear(slices[:70], embedding__feature=(feature + 1) % 4)
    early.hear(slices[:70], embedding__feature=feature)
    one, other = (rig.hear(slices[70:72], inject=1, embedding__feature=feature).embedding for rig in (early, late))
    assert np.array_equal(one, other)


@pytest.mark.parametrize('feature', range(4), ids=FEATURES)
def test_any_portions_give_the_same_embedding(book, calibration, slices, feature):
    full = dict.fromkeys(MAPPINGS, 1)

    def at_once():
        return Rig(book, calibration).hear(slices, **full, embedding__feature=feature)

    def in_portions():
        rig = Rig(book, calibration)
        return [rig.hear(portion, **full, embedding__feature=feature) for portion in np.array_split(slices, 9)][-1]
    assert np.array_equal(at_once().embedding, in_portions().embedding)
    assert at_once().strength == in_portions().strength


@settings(max_examples=40, deadline=None)
@given(knobs=strategies.lists(strategies.floats(0, 1), min_size=len(READ), max_size=len(READ)))
def test_no_setting_gives_anything_but_finite_tokens(book, calibration, slices, knobs):
    rig = Rig(book, calibration)
    for param, position in zip(READ, knobs):
        rig.board.turn(param.name, position)
    rig.ring.put(slices[:40])
    made = rig.conditioner.condition()
    assert np.isfinite(made.embedding).all() and made.embedding.dtype == np.float32
    assert 0 <= made.strength <= 1 and math.isfinite(made.walk)


def test_the_text_twice_is_the_text_once_to_the_model(tiny, book):
    import torch
    latent, words = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(0)), book.encode('blue dust')
    once, twice = (tiny.unet(latent, 500, torch.from_numpy(np.tile(words, (count, 1)))[None]).sample
                   for count in (1, 2))
    assert (once - twice).abs().max() < 1e-5


def test_same_slices_seed_and_board_give_the_same_picture(tiny, book, calibration, slices):
    from live.diffusion.turbo import Turbo

    def dream():
        rig, engine = Rig(book, calibration), Turbo(tiny, seed=4)
        return [engine.dream(rig.hear(portion, inject=0.5, append=0.5, steer=0.5), rig.board)
                for portion in np.array_split(slices, 4)]
    assert np.array_equal(dream(), dream())
