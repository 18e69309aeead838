import dataclasses
import hashlib
import math

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler, StableDiffusionImg2ImgPipeline

from live.diffusion.hub import DreamError
from live.diffusion.models import PREDICTIONS, load_model, quiet
from live.diffusion.noise import FIXED, FRESH, SPLIT, WALK, Noise
from live.diffusion.step import Step
from live.diffusion.turbo import LATENT, MOST_SKIPPED, PIXEL, SIZES, Turbo, find_size, resize, to_field
from live.params import Board

FRAME = 4800            # samples from dream to dream: ten dreams a second
MOTES = np.random.default_rng(8).integers(0, 256, (50, 90, 4), dtype=np.uint8)
PICTURE = np.random.default_rng(2).integers(0, 256, (128, 128, 3), dtype=np.uint8)


@pytest.fixture
def board():
    return Board()


@pytest.fixture(scope='module')
def small(tiny):
    """A model whose own size is quick."""
    return dataclasses.replace(tiny, size=32)


@pytest.fixture
def play(small, conditioning):
    """A function: board, number of dreams, what differs -> an engine that has dreamt them, and the film."""
    def dream(board, count, init=None, engine=None, frame=FRAME, turn=0.1, **differs):
        engine = engine or Turbo(small)
        first = engine.number
        film = [engine.dream(conditioning(walk=turn * k, end=k * frame, **differs), board, init)
                for k in range(first, first + count)]
        return engine, film
    return dream


def first_noise_generator(seed=0):
    digest = hashlib.blake2b(f'{seed} walk 0'.encode(), digest_size=7).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, 'big'))


@pytest.mark.parametrize('scheduler, prediction', [*((DDIMScheduler, prediction) for prediction in PREDICTIONS),
                                                   (EulerDiscreteScheduler, 'epsilon')])
def test_the_first_dream_equals_diffusers_pipeline(folder_of, conditioning, board, scheduler, prediction):
    from PIL import Image
    board['dream.noise'] = FIXED
    with quiet():
        pipeline = StableDiffusionImg2ImgPipeline.from_pretrained(folder_of(prediction), safety_checker=None,
                                                                  requires_safety_checker=False)
    pipeline.scheduler = scheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    said = conditioning(strength=499 / 999)
    wanted = pipeline(image=Image.fromarray(PICTURE), prompt_embeds=torch.from_numpy(said.embedding)[None],
                      num_inference_steps=2, strength=0.5, guidance_scale=0.0, output_type='pil',
                      generator=first_noise_generator()).images[0]
    ours = Turbo(load_model(str(folder_of(prediction)), 'cpu')).dream(said, board, PICTURE)
    assert np.abs(ours[..., :3].astype(int) - np.asarray(wanted)).max() <= 1


def test_a_dream_is_an_opaque_picture(tiny, conditioning, board):
    pixels = Turbo(tiny).dream(conditioning(), board)
    assert pixels.shape == (128, 128, 4) and pixels.dtype == np.uint8
    assert (pixels[..., 3] == 255).all() and pixels[..., :3].std() > 10


def test_row_zero_is_the_top():
    top_lit = np.zeros((90, 50, 4), np.uint8)
    top_lit[:45] = 255
    field = to_field(top_lit, (32, 32), 'cpu')
    assert field.shape == (1, 3, 32, 32)
    assert (field[:, :, :14] == 1).all() and (field[:, :, 18:] == -1).all()


def test_pictures_of_0_to_1_and_of_8_bits_are_the_same():
    eight = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for size, rounding in ((64, 64), 1e-6), ((32, 32), 0.01):
        one, other = (to_field(picture, size, 'cpu') for picture in (eight, np.float32(eight) / 255))
        assert torch.allclose(one, other, atol=rounding)


@pytest.mark.parametrize('noise', [FIXED, FRESH, WALK, SPLIT])
@pytest.mark.parametrize('loop', [LATENT, PIXEL])
def test_same_seed_gives_the_same_pictures(small, play, board, noise, loop):
    board['dream.noise'], board['dream.loop'], board['feedback.zoom'], board['feedback.hue'] = noise, loop, 1.3, 0.2
    (_, one), (_, same), (_, other) = (play(board, 4, MOTES, Turbo(small, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one[0], other[0])


def test_reset_begins_anew(play, board):
    board['dream.noise'] = FRESH
    engine, first = play(board, 3)
    engine.reset()
    assert np.array_equal(first, play(board, 3, engine=engine)[1])
    assert not np.array_equal(first[0], first[1])


def test_another_embedding_gives_another_picture(play, board):
    one, other = (play(board, 1, seed=seed)[1][0] for seed in (0, 1))
    assert np.abs(one.astype(int) - other).mean() > 1


def test_more_steps_give_another_picture_and_the_film_goes_on(play, board):
    engine, _ = play(board, 2)
    twin, _ = play(board, 2)
    board['dream.steps'] = 3
    three = play(board, 1, engine=engine)[1][0]
    board['dream.steps'] = 1
    assert not np.array_equal(three, play(board, 1, engine=twin)[1][0])


@pytest.mark.parametrize('feedback', [0.0, 0.3, 1.0])
def test_feedback_is_the_share_of_the_last_dream(play, board, feedback):
    board['dream.feedback'] = feedback
    engine, _ = play(board, 2, MOTES, strength=0.8)
    fresh = to_field(MOTES, (32, 32), 'cpu')
    latent, mixed = engine._start_of(board, MOTES, 0.0)
    assert latent.equal(engine._start_of(board, None, 0.0)[0])
    assert mixed is None if feedback == 1 else mixed.equal(fresh)
    board['dream.loop'] = PIXEL
    last = engine._start_of(board, None, 0.0)[0]
    picture, mixed = engine._start_of(board, MOTES, 0.0)
    assert mixed is None and torch.allclose(picture, feedback * last + (1 - feedback) * fresh, atol=1e-6)


def test_without_feedback_the_past_does_not_show_and_with_little_it_shows_little(play, board):
    changes = []
    for board['dream.feedback'] in (0.0, 0.1, 0.5):
        engines = [play(board, 2, MOTES, seed=seed)[0] for seed in (0, 1)]
        one, other = (play(board, 1, MOTES, engine)[1][0].astype(int) for engine in engines)
        changes.append(np.abs(one - other).mean())
    assert changes[0] == 0 and 0 < 2 * changes[1] < changes[2]


def test_the_pixel_loop_goes_through_the_picture(play, board):
    board['dream.loop'], board['feedback.hold'], board['dream.feedback'] = PIXEL, 0.0, 1.0
    engine, _ = play(board, 2)
    with torch.inference_mode():
        assert torch.allclose(engine._start_of(board, None, 0.1)[0], engine.picture.clamp(-1, 1), atol=0.1)
    assert not np.array_equal(play(board, 3)[1], play(Board(), 3)[1])


@pytest.mark.parametrize('loop', [LATENT, PIXEL])
@pytest.mark.parametrize('name, value', [('zoom', 1.5), ('rotate', 60), ('pan_x', 0.5), ('pan_y', -0.5), ('warp', 1),
                                         ('hue', 0.3), ('blur', 1)])
def test_every_move_shows_and_none_at_rest(play, board, loop, name, value):
    board['dream.loop'] = loop
    still, again = (play(board, 2)[1][1] for _ in range(2))
    board[f'feedback.{name}'] = value
    assert np.array_equal(still, again)
    assert np.abs(play(board, 2)[1][1].astype(int) - still).mean() > 0.2


def test_moves_go_by_the_clock_of_the_sound(play, board):
    still = play(board, 3, frame=0)[1]
    board['feedback.zoom'] = 2.0
    engine, film = play(board, 3, frame=0)
    assert np.array_equal(film, still)
    assert engine._elapsed(1_000) == pytest.approx(1_000 / 48_000)


def test_after_a_pause_or_a_new_clock_it_does_not_jump(play, board):
    engine, _ = play(board, 2)
    assert engine._elapsed(10 ** 9) == 1.0 and engine._elapsed(-5) == 0.0


@pytest.mark.parametrize('choice', range(1, len(SIZES)))
def test_sizes_are_those_of_the_table(tiny, choice):
    assert tuple(8 * n for n in find_size(tiny, choice)) == SIZES[choice]


def test_sizes_are_rounded_to_what_the_unet_halves(tiny):
    deep = dataclasses.replace(tiny, vae_scale_factor=20)
    rows, columns = find_size(deep, 4)
    assert rows % 2 == columns % 2 == 0 and abs(rows * 20 - 384) <= 20 and abs(columns * 20 - 640) <= 20
    assert find_size(dataclasses.replace(tiny, size=40), 0) == (5, 5)


def test_the_picture_goes_on_through_a_change_of_size(tiny, conditioning, board):
    engine = Turbo(tiny)
    for k in range(3):
        engine.dream(conditioning(strength=0.0, end=k * FRAME), board, MOTES if k == 0 else None)
    before = resize(engine.latent, (48, 80))
    board['dream.size'] = 4
    pixels = engine.dream(conditioning(strength=0.0, end=3 * FRAME), board)
    assert pixels.shape == (384, 640, 4)
    assert torch.corrcoef(torch.stack((before.flatten(), engine.latent.flatten())))[0, 1] > 0.9
    board['dream.size'] = 0
    assert engine.dream(conditioning(end=4 * FRAME), board).shape == (128, 128, 4)


@pytest.mark.parametrize('loop', [LATENT, PIXEL])
def test_a_hundred_dreams_do_not_burn_in(play, board, loop):
    board['dream.loop'], board['feedback.zoom'] = loop, 1.1
    engine, film = play(board, 120, strength=0.3)
    assert min(pixels[..., :3].std() for pixels in film) > 10
    assert engine.latent.abs().max() < 20 and engine.reanchors == 0
    assert len({pixels.tobytes() for pixels in film}) == 120


def test_drift_tells_how_far_colours_are_from_what_they_were(play, board):
    engine, _ = play(board, 40, strength=0.2)
    calm = engine.drift
    play(board, 2, engine=engine, strength=1.0, seed=5)
    assert calm < 0.5 and engine.drift > 2 * calm


def test_reanchoring_begins_anew_once_for_each_press(play, board):
    engine, _ = play(board, 3, MOTES)
    counts = []
    for pressed in (1, 1, 0, 0, 1, 1):
        board['feedback.reanchor'] = pressed
        play(board, 1, MOTES, engine)
        counts.append(engine.reanchors)
    assert counts == [1, 1, 1, 1, 2, 2] and engine.died == ''


def test_to_begin_anew_is_to_dream_as_if_for_the_first_time(play, board):
    board['feedback.reanchor'] = 1
    engine, fresh = play(Board(), 3, MOTES)[0], play(board, 0)[0]
    fresh.number = 3
    assert np.array_equal(play(board, 1, MOTES, engine)[1], play(board, 1, MOTES, fresh)[1])


def test_without_init_it_begins_anew_from_other_noise(play, board):
    board['dream.noise'] = FIXED
    engine, film = play(board, 2, turn=0.0)
    board['feedback.reanchor'] = 1
    assert not np.array_equal(play(board, 1, engine=engine, turn=0.0)[1][0], film[0])


class Dying(Step):
    """A step that dreams nothing but one picture, for a while."""
    dead = 0

    def dream(self, *arguments):
        latent, picture = super().dream(*arguments)
        self.dead -= 1
        return (latent, picture * 0 - 1) if self.dead >= 0 else (latent, picture)


def test_a_dead_picture_is_rescued(small, play, board):
    step = Dying(small)
    engine, film = play(board, 3, MOTES, Turbo(small, step=step))
    step.dead = 21
    play(board, 30, MOTES, engine)
    assert engine.reanchors == 1 and engine.died == 'flat'
    assert play(board, 1, MOTES, engine)[1][0].std() > 10


class Standing(Step):
    """A step that always dreams its first picture again."""
    first = None

    def dream(self, *arguments):
        self.first = self.first or super().dream(*arguments)
        return self.first


@pytest.mark.parametrize('turn, died', [(0.02, 'frozen'), (0.0, '')])
def test_a_picture_that_stands_is_rescued_if_what_it_is_made_from_moves(small, play, board, turn, died):
    engine, _ = play(board, 130, MOTES, Turbo(small, step=Standing(small)), turn=turn)
    assert engine.died == died and engine.reanchors == bool(died)


def test_a_film_that_moves_too_slowly_to_be_seen_from_dream_to_dream_is_not_frozen(small, play, board):
    class Slow(Standing):
        def dream(self, *arguments):
            latent, picture = super().dream(*arguments)
            self.light = getattr(self, 'light', -0.5) + 0.002       # a quarter of a step of 8 bits
            return latent, (picture * 0.2 + self.light).clamp(-1, 1)
    assert play(board, 130, MOTES, Turbo(small, step=Slow(small)))[0].reanchors == 0


def test_rescue_may_be_switched_off(small, play, board):
    board['feedback.rescue'] = 0
    step = Dying(small)
    step.dead = 100
    assert play(board, 40, MOTES, Turbo(small, step=step))[0].reanchors == 0


def test_what_does_not_change_is_skipped_but_not_for_long(play, board):
    board['dream.skip'] = 0.05
    engine, film = play(board, 40, turn=0.0, frame=512)
    made = [k for k, pixels in enumerate(film) if pixels is not None]
    assert made[0] == 0 and engine.skipped == 40 - len(made) == sum(pixels is None for pixels in film)
    assert set(np.diff(made)) == {MOST_SKIPPED + 1}


def find_angle(one, other):
    """Return the radians between two unit noises."""
    return math.acos(torch.corrcoef(torch.stack((one.flatten(), other.flatten())))[0, 1].clamp(-1, 1).item())


@pytest.fixture
def noises(monkeypatch):
    """The noise under each dream."""
    kept = []
    draw = Noise.draw
    monkeypatch.setattr(Noise, 'draw', lambda *asked: kept.append(draw(*asked)) or kept[-1])
    return kept


def test_another_seed_comes_on_a_great_circle_while_the_words_change(tiny, play, board, noises):
    board['prompt.transition'] = 2.0
    engine, _ = play(board, 5, turn=0.0, engine=Turbo(tiny, seed=1))
    engine.seed = 7
    play(board, 25, turn=0.0, engine=engine)
    angles = [find_angle(noises[4], noise) for noise in noises[4:]]
    assert angles[:21] == pytest.approx(np.arange(21) * math.pi / 2 / 20, abs=0.07) and angles[21:] == angles[20:21] * 5
    assert noises[-1].equal(Noise(seed=7).draw(WALK, (1, 4, 16, 16)))


def test_while_the_seed_moves_nothing_is_left_out(play, board):
    board['dream.skip'], board['prompt.transition'] = 1.0, 0.99
    engine, _ = play(board, 5, turn=0.0)
    engine.seed = 1
    _, film = play(board, 11, turn=0.0, engine=engine)
    assert [pixels is None for pixels in film] == 10 * [False] + [True]


@pytest.mark.parametrize('name, value', [('dream.skip', 0.0), ('dream.noise', FRESH), ('feedback.zoom', 1.1)])
def test_nothing_is_skipped_that_moves_by_itself(play, board, name, value):
    board['dream.skip'] = 0.05
    board[name] = value
    assert play(board, 20, turn=0.0)[0].skipped == 0


@pytest.mark.parametrize('differs', [{'seed': 1}, {'strength': 0.6}, {'walk': 0.9}])
def test_a_change_of_what_it_is_made_from_is_dreamt(small, conditioning, board, differs):
    board['dream.skip'] = 0.05
    engine = Turbo(small)
    assert engine.dream(conditioning(), board) is not None
    assert engine.dream(conditioning(), board) is None
    assert engine.dream(conditioning(**differs), board) is not None


def test_slow_changes_add_up_until_they_are_dreamt(small, conditioning, board):
    board['dream.skip'] = 0.05
    engine = Turbo(small)
    film = [engine.dream(conditioning(strength=0.5 + 0.02 * k), board) for k in range(12)]
    assert [k for k, pixels in enumerate(film) if pixels is not None] == [0, 3, 6, 9]


@pytest.mark.parametrize('name, value', [('dream.steps', 2), ('dream.feedback', 0.5), ('bend.up_scale', 1.2)])
def test_a_turned_knob_is_dreamt(small, conditioning, board, name, value):
    board['dream.skip'] = 1.0
    engine = Turbo(small)
    engine.dream(conditioning(), board)
    board[name] = value
    assert engine.dream(conditioning(), board) is not None


def test_another_init_picture_is_dreamt_as_far_as_it_counts(small, conditioning, board):
    board['dream.skip'], other = 0.1, 255 - MOTES
    for feedback, is_dreamt in ((1.0, False), (0.5, True)):
        board['dream.feedback'] = feedback
        engine = Turbo(small)
        engine.dream(conditioning(), board, MOTES)
        assert (engine.dream(conditioning(), board, other) is not None) is is_dreamt


def test_bending_shows_and_leaves_no_trace(play, board):
    engine, plain = play(board, 1)
    for turn in (90, 0):
        board['bend.middle_rotate'] = turn
        engine.reset()
        assert np.array_equal(play(board, 1, engine=engine)[1], plain) is (turn == 0)


def test_a_broken_embedding_is_reported_and_the_next_dream_is_whole(play, conditioning, board):
    (engine, _), (twin, _) = play(board, 2, MOTES), play(board, 2, MOTES)
    broken = conditioning(end=10 * FRAME)
    broken.embedding[3, 3] = np.nan
    with pytest.raises(DreamError, match='not finite'):
        engine.dream(broken, board, MOTES)
    assert np.array_equal(play(board, 3, MOTES, engine)[1], play(board, 3, MOTES, twin)[1])


def test_zero_terminal_snr_does_not_divide_by_zero(folder_of, conditioning, board):
    model = load_model(str(folder_of('epsilon')), 'cpu')
    table = model.alphas_cumprod.copy()
    table[-1] = 0.0
    engine = Turbo(dataclasses.replace(model, alphas_cumprod=table))
    assert engine.dream(conditioning(strength=1.0), board).shape == (128, 128, 4)


def test_every_parameter_may_stand_anywhere(small, conditioning):
    """At either end of all ranges at once, no dream raises and all are pictures."""
    from live.params import PARAMS
    engine = Turbo(small)
    for end in ('low', 'high'):
        board = Board()
        for param in PARAMS:
            if param.group in ('dream', 'feedback', 'bend') and param.name not in ('dream.size', 'dream.skip'):
                board[param.name] = getattr(param, end)
        film = [engine.dream(conditioning(end=k * 48_000), board, MOTES) for k in range(3)]
        assert all(pixels.shape == (32, 32, 4) for pixels in film)
    engine.reset()
