import numpy as np
import pytest
from flashes import screen_flashes, worst_area, worst_red_area

from live.display.guard import Guard
from live.display.renderer import Renderer, Scene
from live.display.targets import make_target, read_target, release_target, texture_of

SIZE = 192, 108
QUARTER = 0.25
ROWS, COLUMNS = np.mgrid[:SIZE[1], :SIZE[0]]


@pytest.fixture
def watch(context):
    """Return a function that shows frames through a guard, and gives what is seen and what the guard has counted."""
    guard, picture, frame = Guard(context), make_target(context, SIZE, 'f1'), make_target(context, SIZE, 'f1')

    def show(frames, fps, blackout_from=np.inf):
        seen = []
        for number, pixels in enumerate(frames):
            texture_of(picture).write(np.ascontiguousarray(pixels[::-1]))
            guard.draw(texture_of(picture), frame, number / fps, number >= blackout_from)
            seen.append(read_target(frame))
        guard.draw(texture_of(picture), frame, len(frames) / fps + 1)
        guard.draw(texture_of(picture), frame, len(frames) / fps + 2)
        return np.array(seen), guard.counts
    yield show
    guard.release()
    release_target(picture)
    release_target(frame)


def grey(level, where=True):
    """Return a frame with colour where it is asked for, on black."""
    frame = np.zeros((*ROWS.shape, 4), np.uint8)
    frame[..., 3] = 255
    frame[..., :3] = np.where(np.broadcast_to(where, ROWS.shape)[..., None], level, 0)
    return frame


def strobe(hz, fps, seconds, bright, dark):
    """Return frames that go from dark to bright and back."""
    return [bright if (number * hz / fps) % 1 < 0.5 else dark for number in range(round(seconds * fps))]


def obeys(frames, fps):
    return (worst_area(frames, fps) <= QUARTER and worst_red_area(frames, fps) <= QUARTER
            and screen_flashes(frames, fps) <= 3)


@pytest.mark.parametrize('hz, fps', [(4, 30), (5, 30), (10, 30), (15, 30), (5, 60), (10, 60), (15, 60), (30, 60)])
def test_stroboscopes_obey_the_rule(watch, hz, fps):
    given = strobe(hz, fps, 2, grey(255), grey(0))
    seen, counts = watch(given, fps)
    assert worst_area(given, fps) == 1 and obeys(seen, fps)
    assert counts.interventions >= 1 and counts.seconds > 1


@pytest.mark.parametrize('size', [4, 16, 54])
def test_chequers_that_change_their_colours_obey_the_rule(watch, size):
    white = (ROWS // size + COLUMNS // size) % 2 == 0
    given = strobe(10, 30, 2, grey(255, white), grey(255, ~white))
    seen, _ = watch(given, 30)
    assert worst_area(given, 30) == 1 and obeys(seen, 30)


def test_a_quarter_of_the_screen_is_a_whole_field(watch):
    given = strobe(10, 30, 2, grey(255, (ROWS < 54) & (COLUMNS < 96)), grey(0))
    seen, _ = watch(given, 30)
    assert worst_area(given, 30) == 1 and obeys(seen, 30)


def test_places_that_take_turns_obey_the_rule_for_the_screen(watch):
    """Each third flashes twice a second, one after the other."""
    thirds = [grey(255, (COLUMNS // 64 == part)) for part in range(3)]
    given = [thirds[number // 5 % 3] if number % 5 < 3 else grey(0) for number in range(90)]
    seen, _ = watch(given, 30)
    assert worst_area(given, 30) == 0 and screen_flashes(given, 30) > 3
    assert obeys(seen, 30)


@pytest.mark.parametrize('colour', [(255, 0, 0), (128, 0, 0)])
def test_red_obeys_its_own_rule(watch, colour):
    given = strobe(8, 30, 2, grey(colour), grey((0, 80, 0)))
    seen, _ = watch(given, 30)
    assert worst_red_area(given, 30) == 1 and obeys(seen, 30)


def test_noise_of_any_rate_obeys_the_rule(watch):
    noise = np.random.default_rng(1)
    given = [np.kron(noise.integers(0, 256, (9, 16, 4), np.uint8), np.ones((12, 12, 1), np.uint8))
             for _ in range(60)]
    seen, _ = watch(given, 30)
    assert worst_area(given, 30) > QUARTER and obeys(seen, 30)


def test_a_stroboscope_becomes_its_mean(watch):
    seen, _ = watch(strobe(15, 60, 4, grey(255), grey(0)), 60)
    levels = seen[-60:, 50, 90, 0]
    assert np.ptp(levels) < 20 and 150 < levels.mean() < 215     # half the light of white is 188


def test_after_a_stroboscope_the_picture_is_untouched_again(watch):
    given = strobe(10, 30, 1.5, grey(255), grey(0)) + [grey(number % 90) for number in range(90)]
    seen, counts = watch(given, 30)
    assert np.array_equal(seen[-30:], given[-30:]) and counts.held == 0


@pytest.mark.parametrize('seconds', [0.5, 2])
def test_fades_pass_untouched(watch, seconds):
    levels = 255 * (0.5 - 0.5 * np.cos(np.arange(120) / 60 * np.pi / seconds))
    given = [grey(int(level)) for level in levels]
    seen, counts = watch(given, 60)
    assert np.array_equal(seen, given) and counts == (0, 0, 0)


def test_two_flashes_a_second_pass_untouched(watch):
    given = strobe(2, 60, 3, grey(128, COLUMNS < 60), grey(0))
    seen, counts = watch(given, 60)
    assert np.array_equal(seen, given) and counts.interventions == 0


def test_what_is_small_may_flicker(watch):
    given = strobe(15, 60, 2, grey(255, (ROWS < 14) & (COLUMNS < 14)), grey(0))
    seen, counts = watch(given, 60)
    assert worst_area(given, 60) <= QUARTER and np.array_equal(seen, given) and counts.interventions == 0


def test_one_white_frame_is_softened(watch):
    given = [grey(20)] * 10 + [grey(255)] + [grey(20)] * 10
    seen, counts = watch(given, 60)
    assert seen[10, ..., :3].max() < 100 and counts.interventions == 1 and np.array_equal(seen[-9:], given[-9:])


@pytest.mark.parametrize('fps', [30, 60])
def test_the_whole_screen_brightens_no_faster_than_six_a_second(watch, fps):
    seen, _ = watch([grey(0)] * 5 + [grey(255)] * fps, fps)
    light = (seen[:, 50, 90, 0] / 255.0) ** 2.2
    assert np.diff(light).max() < 6.6 / fps and light[-1] == 1


def test_blackout_comes_at_once_even_in_a_stroboscope(watch):
    given = strobe(15, 60, 1, grey(255), grey(60)) + [grey(0)] * 3
    seen, _ = watch(given, 60, blackout_from=60)
    assert seen[-4, ..., 0].min() > 60 and seen[-3:, ..., :3].max() == 0


def test_counts_outlive_what_is_forgotten(context):
    guard, picture, frame = Guard(context), make_target(context, SIZE, 'f1'), make_target(context, SIZE, 'f1')
    for round_ in range(2):
        for number, pixels in enumerate(strobe(15, 30, 1.5, grey(255), grey(0))):
            texture_of(picture).write(pixels)
            guard.draw(texture_of(picture), frame, number / 30)
        assert guard.counts.interventions == round_ + 1
        guard.release()
    release_target(picture)
    release_target(frame)


@pytest.mark.parametrize('guarded, switch, counted', [(False, 0, 0), (False, 1, 1), (True, 0, 1)])
def test_the_renderer_is_guarded_when_asked_for_or_always(context, scenes, guarded, switch, counted):
    renderer = Renderer(context, scenes.size, guarded=guarded)
    for number in range(45):
        board = scenes.board(stage_guard=switch, display_mix=1, display_fade=0, display_motion=0)
        dream = scenes.picture((255 * (number % 4 > 1),) * 3, number=number)
        renderer.draw(Scene(number / 30, board, scenes.slice(), dream, sample_now=number * 1600))
    assert renderer.guard.counts.interventions == counted
    renderer.release()


def test_our_own_picture_passes_untouched(context, renderer, scenes):
    """Motes with pulses, over dreams that fade into each other five times a second."""
    noise = np.random.default_rng(3)
    dreams = [scenes.picture(tuple(noise.integers(90, 120, 3)), number=number) for number in range(15)]
    guard, frame = Guard(context), make_target(context, renderer.size, 'f1')
    for number in range(90):
        slice_ = scenes.slice(rms=0.2 + 0.1 * np.sin(number), pulses=number // 8, cents=700)
        renderer.draw(Scene(number / 30, scenes.board(), slice_, dreams[number // 6], sample_now=number * 1600))
        guard.draw(texture_of(renderer.frame), frame, number / 30)
        assert np.array_equal(read_target(frame), renderer.read())
    assert guard.counts == (0, 0, 0)
    guard.release()
    release_target(frame)
