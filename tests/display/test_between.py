import numpy as np
import pytest

from live.display.between import LONGEST_WAY, Between, Rhythm
from live.display.shaders import Shaders
from live.display.targets import make_target, read_target, texture_of
from live.diffusion.inbetween import LedPicture
from live.params import Board
from live.signals import Picture

FADE, FLOW, LATENT = range(3)
FPS, SIDE = 60, 128
MOTIONS = pytest.mark.parametrize('motion', [FADE, FLOW, LATENT])


@pytest.fixture(scope='module')
def shaders(context):
    made = Shaders(context)
    yield made
    made.release()


@pytest.fixture
def between(context, shaders):
    made = Between(context, shaders)
    yield made
    made.release()


def make_board(motion, fade=0.4):
    board = Board()
    board['display.motion'], board['display.fade'] = motion, fade
    return board


def make_disc(x, y=64.0, radius=20.0, back=None, side=SIDE):
    """Return a dream (side, side, 4) of a spotted disc before a background."""
    down, across = np.mgrid[:side, :side].astype(float)
    inside = np.clip(radius - np.hypot(across - x, down - y) + 0.5, 0, 1)[..., None]
    spots = 170 + 60 * np.sin((across - x) / 3)[..., None] * np.cos((down - y) / 4)[..., None] * (1, 0.8, 0.5)
    back = np.full((side, side, 3), 30.0) if back is None else back
    return opaque(spots * inside + back * (1 - inside))


def make_back(seed=0, side=SIDE):
    """Return a soft background of many colours."""
    waves = np.random.default_rng(seed).uniform(-0.5, 0.5, (12, 2))
    down, across = np.mgrid[:side, :side]
    field = sum(np.sin(a * across + b * down + 9 * a) for a, b in waves)[..., None]
    return 70 + 12 * field * (1, 0.5, -0.5)


def opaque(colours):
    return np.dstack((np.clip(colours, 0, 255).round(), np.full(colours.shape[:2], 255))).astype(np.uint8)


def grey(level, side=16):
    return opaque(np.full((side, side, 3), level))


def read(texture):
    """Return a texture of half floats as colours 0..255, row 0 on top."""
    pixels = np.frombuffer(texture.read(), np.float16).reshape(texture.height, texture.width, 4)
    return 255 * pixels[::-1, :, :3].astype(float)


def play(between, board, dreams, arrivals, seconds, fps=FPS, between_of=lambda number: ()):
    """Return what is seen at each frame, from the one that shows the first dream."""
    pictures = [LedPicture(pixels, 0, number, tuple(between_of(number))) for number, pixels in enumerate(dreams)]
    film = []
    between.reset()
    for frame in range(round(seconds * fps)):
        newest = int(np.searchsorted(arrivals, frame / fps + 1e-9)) - 1
        texture = between.draw(pictures[newest] if newest >= 0 else None, board, frame / fps)
        if texture is not None:
            film.append(read(texture))
    return np.array(film)


def jumps(film):
    """Return the mean change of luminance from each frame to the next."""
    return np.abs(np.diff(film @ (0.299, 0.587, 0.114), axis=0)).mean((1, 2))


def jittered(count, rate, jitter=0.3, seed=0):
    gaps = 1 / rate * np.maximum(0.2, 1 + jitter * np.random.default_rng(seed).standard_normal(count))
    return np.cumsum(gaps) - gaps[0]


def half_way(between, old, new, motion):
    """Return what is seen in the middle of the way from a dream to the next."""
    film = play(between, make_board(motion, 0.11), [old, old, new], [0, 0.1, 0.2], 0.3, fps=200)
    return film[40 + 11 - 1]        # of a way of 22 frames, which has begun with the first


@pytest.mark.parametrize('rate', [3, 8, 15])
@MOTIONS
def test_no_frame_jumps_as_dreams_shown_raw_do(between, rate, motion):
    arrivals = jittered(12, rate)

    def dream(number):
        return make_disc(20 + 7 * number, 50 + 3 * number, back=make_back())
    dreams = [dream(number) for number in range(12)]
    film = play(between, make_board(motion, 1 / rate), dreams, arrivals, arrivals[-1],
                between_of=lambda number: [dream(number - 2 / 3), dream(number - 1 / 3)])[FPS // rate:]
    raw = jumps(np.array([dream[..., :3] for dream in dreams]).astype(float)).mean()
    assert jumps(film).max() < 2.5 * rate / FPS * raw


@MOTIONS
def test_another_picture_altogether_comes_without_a_pop(between, motion):
    dreams = [make_disc(30 + number, back=make_back()) if number < 6 else make_disc(90, back=255 - make_back(5))
              for number in range(12)]
    film = play(between, make_board(motion), dreams, np.arange(12) / 8, 1.5)[FPS // 4:]
    raw = jumps(np.array([dream[..., :3] for dream in dreams]).astype(float)).max()
    assert jumps(film).max() < 0.2 * raw


@pytest.mark.parametrize('rate, jitter', [(3, 0.2), (8, 0.3), (15, 0.3), (40, 0.2)])
@MOTIONS
def test_what_is_seen_never_goes_back(between, rate, jitter, motion):
    arrivals = jittered(60, rate, jitter)
    film = play(between, make_board(motion), map(grey, range(100, 160)), arrivals, min(4.0, arrivals[-1]))
    assert (np.diff(film.mean((1, 2, 3))[30:]) >= -0.1).all()


@pytest.mark.parametrize('rate', [3, 8, 15])
def test_a_steady_rise_is_seen_as_one(between, rate):
    film = play(between, make_board(FLOW), map(grey, range(10, 250, 4)), np.arange(60) / rate, 3.0)
    rises = np.diff(film.mean((1, 2, 3))[FPS:])
    assert rises.std() < 0.15 * rises.mean() and rises.min() > 0.5 * rises.mean()


@pytest.mark.parametrize('rate', [3, 8, 15])
def test_dreams_that_come_unevenly_rarely_find_the_picture_standing(between, rate):
    arrivals = jittered(60, rate, 0.2)
    film = play(between, make_board(FLOW), map(grey, range(10, 250, 4)), arrivals, 4.0)
    rises = np.diff(film.mean((1, 2, 3))[FPS:])
    assert (rises < 0.1 * rises.mean()).mean() < 0.06


@MOTIONS
def test_the_dream_itself_is_reached(between, motion):
    dreams = [make_disc(40), make_disc(60), make_disc(80)]
    film = play(between, make_board(motion, 0.2), dreams, [0, 0.3, 0.6], 1.2)
    assert abs(film[-1] - dreams[-1][..., :3]).max() < 0.6


@MOTIONS
def test_setting_out_begins_with_what_was_seen(between, motion):
    board, frame = make_board(motion, 0.5), 1 / 240
    play(between, board, [make_disc(40), make_disc(50), make_disc(60)], [0, 0.2, 0.4], 0.5)
    before = read(texture_of(between.now))
    after = read(between.draw(Picture(make_disc(90), 0, 9), board, 0.5 - 1 / FPS + frame))
    assert abs(after - before).mean() < 0.1 * abs(before - make_disc(90)[..., :3]).mean()


@pytest.mark.parametrize('distance', [4, 8, 16, 28])
@pytest.mark.parametrize('back', [None, make_back()], ids=['plain', 'coloured'])
def test_a_disc_moves_where_a_crossfade_shows_two(between, distance, back):
    ends = [make_disc(64 + side * distance / 2, back=back) for side in (-1, 1)]
    truth = make_disc(64, back=back)[..., :3]
    faded, moved = (abs(half_way(between, *ends, motion) - truth).mean() for motion in (FADE, FLOW))
    assert moved < 0.4 * faded


def test_the_flow_is_the_way_that_the_disc_went(between):
    half_way(between, make_disc(56, 60), make_disc(72, 68), FLOW)
    ways = np.frombuffer(between._ways.read(), np.float32).reshape(64, 64, 4)[::-1]
    right, up, trust = ways[32, 32, :3] * (SIDE, SIDE, 1)
    assert (right, up) == pytest.approx((16, -8), abs=0.7) and trust > 0.8


def test_light_that_changes_all_over_moves_nothing(between):
    back = make_back()
    half_way(between, opaque(back), opaque(back * 0.8 + 60), FLOW)
    ways = np.frombuffer(between._ways.read(), np.float32).reshape(64, 64, 4)
    assert SIDE * np.percentile(np.hypot(ways[..., 0], ways[..., 1]) * (ways[..., 2] > 0.1), 95) < 1.0


def test_what_has_nothing_in_common_fades(between):
    old, new = (opaque(np.random.default_rng(seed).uniform(0, 255, (SIDE, SIDE, 3))) for seed in (1, 2))
    fade, flow = (half_way(between, old, new, motion) for motion in (FADE, FLOW))
    assert abs(fade - flow).mean() < 0.25 * abs(fade - old[..., :3]).mean()


def test_pictures_in_between_are_seen_on_the_way(between):
    film = play(between, make_board(LATENT), [grey(100), grey(100), grey(100), grey(100)], np.arange(4) / 2, 2.0,
                between_of=lambda number: [grey(160), grey(220), grey(160)] if number == 3 else ())
    levels = film[-FPS // 2:].mean((1, 2, 3))
    assert levels.max() > 200 and levels[0] < 120 and np.abs(np.diff(levels)).max() < 18
    assert 0.35 < levels.argmax() / (between.lag * FPS) < 0.65


def test_steps_stay_even_where_dreams_cut_short_what_leads_to_them(between):
    arrivals = np.array([0, 0.5, 1.0, 1.5, 1.6, 2.1])
    film = play(between, make_board(LATENT), [grey(level) for level in range(0, 240, 40)], arrivals, 2.5,
                between_of=lambda number: [grey(40 * number - 30), grey(40 * number - 20), grey(40 * number - 10)])
    steps = np.diff(film[round(0.5 * FPS):].mean((1, 2, 3)))
    assert steps.min() > -0.1 and steps.max() < 2.5 * 40 / (0.55 * FPS)


def test_pictures_in_between_are_for_latent_motion_alone(between):
    film = play(between, make_board(FADE), [grey(100)] * 3, np.arange(3) / 2, 1.5,
                between_of=lambda number: [grey(200)])
    assert film[FPS // 2:].max() < 101


def test_latent_motion_flows_where_nothing_was_dreamt_in_between(between):
    flow, latent = (half_way(between, make_disc(56), make_disc(72), motion) for motion in (FLOW, LATENT))
    assert np.array_equal(flow, latent)


def test_a_display_that_hung_goes_on_from_where_it_was(between):
    board = make_board(FLOW, 1.0)
    play(between, board, [grey(50), grey(50), grey(50)], [0, 1, 2], 2.5)
    between.draw(dream := Picture(grey(250), 0, 9), board, 2.5)
    level = read(between.draw(dream, board, 60.0)).mean()
    assert 50 < level < 120


def test_the_clock_may_go_back(between):
    board = make_board(FLOW)
    play(between, board, [grey(50), grey(90), grey(130)], [0, 0.2, 0.4], 0.5)
    dream, levels = Picture(grey(170), 0, 9), []
    for seconds in (0.5, 0.52, 0.1, 0.12, 0.14):
        levels.append(read(between.draw(dream, board, seconds)).mean())
    assert levels == sorted(levels)


def test_a_larger_dream_sets_out_from_what_was_seen(between):
    board = make_board(FADE, 1.0)
    play(between, board, [make_disc(40)] * 2, [0, 0.1], 2.0)
    seen = read(between.draw(Picture(make_disc(40, side=256), 0, 9), board, 2.0))
    assert abs(seen[::2, ::2] - make_disc(40)[..., :3]).mean() < 10


def test_rebuilding_on_the_way_leaves_the_newest_dream(between):
    dreams, board = [make_disc(40), make_disc(60), make_disc(80)], make_board(FLOW)
    play(between, board, dreams, [0, 0.2, 0.4], 0.45)
    between.rebuild()
    for number in range(30):
        last = between.draw(between._picture, board, 0.45 + number / FPS)
    assert abs(read(last) - dreams[-1][..., :3]).max() < 0.6


@MOTIONS
def test_the_same_dreams_give_the_same_pictures_to_the_bit(between, motion):
    films = []
    for _ in range(2):
        between.reset()
        films.append(play(between, make_board(motion), [make_disc(40 + 9 * number) for number in range(6)],
                          jittered(6, 8), 0.8))
    assert np.array_equal(*films)


def test_dreams_are_expected_at_the_pace_at_which_they_came():
    rhythm = Rhythm()
    assert rhythm.due(0.4) == 0.4
    for seconds in np.arange(20) / 8:
        rhythm.arrive(seconds)
    assert 1.0 <= rhythm.due(0.4) * 8 <= 1.2


def test_one_pause_does_not_slow_what_comes_after():
    rhythm = Rhythm()
    for seconds in (*np.arange(8) / 8, 30, 30.125):
        rhythm.arrive(seconds)
    assert rhythm.due(0.4) * 8 <= 1.2


def test_no_way_takes_longer_than_the_longest():
    rhythm = Rhythm()
    for seconds in range(0, 60, 20):
        rhythm.arrive(seconds)
    assert rhythm.due(0.4) == LONGEST_WAY


def test_edges_rise_to_the_right_and_upwards(context, shaders):
    target = make_target(context, (32, 32), 'f4')
    slope = opaque(np.add.outer(-np.arange(32), 2 * np.arange(32))[..., None] + np.full(3, 100.0))
    texture = context.texture((32, 32), 4, slope.tobytes())
    shaders['edges'].draw(target, {'picture': texture, 'grid': (32, 32), 'top_first': 1})
    middle = np.frombuffer(target.read(components=4, dtype='f4'), 'f4').reshape(32, 32, 4)[16, 16]
    assert middle[1:3] * 255 / 32 == pytest.approx((2, 1), abs=0.05)
    assert read_target(target).shape == (32, 32, 4)
