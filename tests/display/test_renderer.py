import numpy as np
import pytest

from live.display.renderer import Renderer, Scene
from live.params import PARAMS, Board
from live.signals import Picture

MOTES = [param.name for param in PARAMS if param.group == 'motes']


def test_there_is_light_before_any_sound(renderer, scenes):
    assert scenes.play(renderer, [None] * 3).mean() > 5


def test_the_motes_are_blue_as_they_come(renderer, scenes):
    red, green, blue = scenes.play(renderer, [scenes.slice()] * 10).mean((0, 1))
    assert blue > 1.4 * green > 1.4 * red


def test_hue_turns_the_colour(renderer, scenes):
    red, green, blue = scenes.play(renderer, [scenes.slice()] * 10, scenes.board(motes_hue=0.0)).mean((0, 1))
    assert red > 1.5 * max(green, blue)


def test_louder_is_brighter(context, scenes):
    means = [scenes.play(Renderer(context, scenes.size), [scenes.slice(rms=rms)] * 5).mean()
             for rms in (0.0, 0.03, 0.1, 0.4)]
    assert all(after > 1.1 * before for before, after in zip(means, means[1:]))


def test_silence_and_a_closed_gate_leave_a_faint_glow(context, scenes):
    dark = scenes.play(Renderer(context, scenes.size), [scenes.slice(rms=0.0, gate=0.0)] * 5)
    lit = scenes.play(Renderer(context, scenes.size), [scenes.slice()] * 5)
    assert 3 < dark.mean() < 0.4 * lit.mean() and dark[..., 2].min() > 3


def test_a_drift_of_five_cents_moves_a_mote(context, scenes):
    still, moved = (scenes.play(Renderer(context, scenes.size), [scenes.slice(drift=cents)] * 5) for cents in (0, 5))
    assert (abs(moved - still).max(axis=2) > 12).mean() > 0.03


def heights_of_partials(renderer, scenes, drift):
    scenes.play(renderer, [scenes.slice(drift=drift)] * 3)
    swarm = np.frombuffer(renderer.air.swarm.read(components=4, dtype='f4'), 'f4').reshape(3, -1, 4)
    return swarm[0, :32, 1]


@pytest.mark.parametrize('partial', range(0, 32, 5))
def test_a_partial_that_drifts_up_lifts_its_own_mote(context, scenes, partial):
    level, risen = (heights_of_partials(Renderer(context, scenes.size), scenes, cents * (np.arange(32) == partial))
                    for cents in (0.0, 5.0))
    assert 0.04 < risen[partial] - level[partial] < 0.06        # of the height of the picture
    assert (np.delete(risen, partial) == np.delete(level, partial)).all()


@pytest.mark.parametrize('band', [2, 12, 22])
def test_every_band_lights_motes_of_its_own(context, scenes, band):
    without, with_band = (scenes.play(Renderer(context, scenes.size), [scenes.slice(rms=1e-3, band=which)] * 5)
                          for which in (None, band))
    assert (with_band - without).max() > 20


def test_a_pulse_blooms_where_its_cents_say(context, scenes):
    def after_pulse(cents):
        slices = [scenes.slice()] * 4 + [scenes.slice(pulses=1, cents=cents)] * 6
        return scenes.play(Renderer(context, scenes.size), slices)

    none = scenes.play(Renderer(context, scenes.size), [scenes.slice()] * 10)
    low, high = (np.unravel_index((after_pulse(cents) - none).sum(axis=2).argmax(), scenes.size[::-1])
                 for cents in (-20.0, 20.0))
    assert high[0] + 10 < low[0]        # row 0 is on top


def test_a_bloom_outlives_its_pulse_and_goes(context, scenes):
    slices = [scenes.slice()] + [scenes.slice(pulses=1)] * 100
    bright = [abs(scenes.play(Renderer(context, scenes.size), slices[:count])
                  - scenes.play(Renderer(context, scenes.size), slices[:1] * count)).max() for count in (20, 100)]
    assert bright[0] > 15 > bright[1]


def test_steady_sound_moves_slowly(renderer, scenes):
    before = scenes.play(renderer, [scenes.slice()] * 60, fps=60)
    after = scenes.play(renderer, [scenes.slice()], start=1.0)
    change = abs(after - before)
    assert 0 < change.mean() < 1.5 and np.percentile(change, 99) < 8


@pytest.mark.parametrize('name', MOTES)
def test_every_parameter_of_the_motes_is_seen(context, scenes, name):
    frames = []
    for position in (0.0, 0.6):
        board = Board()
        board.turn(name, position)
        frames.append(scenes.play(Renderer(context, scenes.size), [scenes.slice()] * 20, board))
    assert abs(frames[1] - frames[0]).mean() > 1


def test_the_same_scenes_give_the_same_frames_to_the_bit(context, scenes):
    slices = [scenes.slice(rms=0.02 * number, pulses=number // 3, cents=number) for number in range(9)]
    first = scenes.play(Renderer(context, scenes.size), slices)
    renderer = Renderer(context, scenes.size)
    scenes.play(renderer, slices[::-1])
    renderer.reset()
    assert np.array_equal(scenes.play(renderer, slices), first)


def test_blackout_is_black(renderer, scenes):
    assert not scenes.play(renderer, [scenes.slice(rms=1.0)] * 3, scenes.board(stage_blackout=1)).any()


def test_freeze_holds_the_picture_and_goes_on_after(renderer, scenes):
    held = scenes.play(renderer, [scenes.slice()] * 5)
    frozen = scenes.play(renderer, [scenes.slice(rms=0.9)] * 5, scenes.board(stage_freeze=1), start=5.0)
    assert np.array_equal(frozen, held)
    assert not np.array_equal(scenes.play(renderer, [scenes.slice(rms=0.9)] * 5, start=6.0), held)


def test_blackout_works_while_frozen(renderer, scenes):
    scenes.play(renderer, [scenes.slice()] * 2)
    assert not scenes.play(renderer, [None], scenes.board(stage_freeze=1, stage_blackout=1)).any()


def test_brightness_zero_is_dark(renderer, scenes):
    assert scenes.play(renderer, [scenes.slice()] * 2, scenes.board(display_brightness=0)).max() <= 1


def test_mix_one_shows_the_dream_as_it_is(renderer, scenes):
    board, picture = scenes.board(display_mix=1, display_fade=0), scenes.picture((200, 60, 30))
    assert abs(scenes.play(renderer, [scenes.slice()] * 2, board, picture=picture) - (200, 60, 30)).max() <= 2


def test_mix_zero_shows_no_dream(context, scenes):
    board = scenes.board(display_mix=0, display_fade=0)
    with_dream, without = (scenes.play(Renderer(context, scenes.size), [scenes.slice()] * 2, board, picture=picture)
                           for picture in (scenes.picture((255, 0, 0)), None))
    assert np.array_equal(with_dream, without)


def test_between_the_two_both_are_seen(context, scenes):
    frames = [scenes.play(Renderer(context, scenes.size), [scenes.slice()] * 3,
                          scenes.board(display_mix=mix, display_fade=0), picture=scenes.picture((255, 120, 0)))
              for mix in (0.0, 0.35, 0.7, 1.0)]
    reds = [frame[..., 0].mean() for frame in frames]
    assert reds == sorted(reds) and reds[1] > reds[0] + 5 and abs(frames[2] - frames[3]).mean() > 10


def test_the_dream_stands_upright_and_fills_the_frame(renderer, scenes):
    picture = scenes.picture((0, 0, 0), size=(64, 64))
    picture.pixels[:32, :32] = 255
    frame = scenes.play(renderer, [None], scenes.board(display_mix=1, display_fade=0), picture=picture)
    assert frame[5, 5].min() > 240 and frame[-5, 5].max() < 15 and frame[5, -5].max() < 15


def test_crossfade_is_half_way_at_half_time(renderer, scenes):
    board = scenes.board(display_mix=1, display_fade=0.5)

    def seen(picture, sample):
        renderer.draw(Scene(sample / 48000, board, None, picture, 48000, sample))
        return renderer.read()[45, 80, 0]

    dark, bright = scenes.picture((20, 20, 20)), scenes.picture((220, 220, 220), number=1)
    for sample in range(0, 48000, 12000):
        seen(dark, sample)
    assert seen(dark, 48000) == pytest.approx(20, abs=2)
    assert seen(bright, 48000) == pytest.approx(20, abs=2)
    assert seen(bright, 60000) == pytest.approx(120, abs=2)
    assert seen(bright, 72000) == pytest.approx(220, abs=2)


def test_dreams_that_come_with_every_frame_are_seen(renderer, scenes):
    board, seen = scenes.board(display_mix=1, display_fade=0.5), []
    for number in range(60):
        picture = scenes.picture((200 if number < 30 else 20, 60, 30), number=number)
        renderer.draw(Scene(number / 30, board, None, picture, sample_now=number * 1600))
        seen.append(float(renderer.read()[..., 0].mean()))
    assert seen[29] > 150 > 60 > seen[59]
    assert (np.diff(seen[:30]) > 0).all() and (np.diff(seen[30:]) < 0).all()


def test_a_dream_that_comes_early_fades_from_what_is_seen(renderer, scenes):
    board = scenes.board(display_mix=1, display_fade=1)
    seen = []
    for number, sample in enumerate((0, 48000, 48000, 60000, 72000)):
        picture = scenes.picture([(40 + 50 * min(number // 2, 2),) * 3 for number in range(5)][number], number=number)
        renderer.draw(Scene(sample / 48000, board, None, picture, 48000, sample))
        seen.append(int(renderer.read()[45, 80, 0]))
    assert max(abs(np.diff(seen[1:]))) < 40


def test_the_last_dream_fades_away_when_nothing_dreams_any_more(context, scenes):
    board = scenes.board(display_mix=1, display_fade=0.5)
    dreamer, other = (Renderer(context, scenes.size) for _ in range(2))
    red, far = scenes.picture((220, 0, 0)), []
    for number, picture in enumerate((red, red, red, None, None, None)):
        for renderer, shown in ((dreamer, picture), (other, None)):
            renderer.draw(Scene(number / 8, board, None, shown, 48000, number * 12000))
        far.append(float(np.abs(dreamer.read().astype(float) - other.read()).mean()))
    assert far[2] > far[3] > 10 and max(far[4:]) < 0.01


def test_dreams_may_change_their_size(renderer, scenes):
    board = scenes.board(display_mix=1, display_fade=0)
    scenes.play(renderer, [None], board, picture=scenes.picture((9, 9, 9), size=(16, 16)))
    frame = scenes.play(renderer, [None], board, picture=scenes.picture((90, 90, 90), size=(24, 40)))
    assert abs(frame - 90).max() <= 2


def test_motes_image_is_the_motes_alone_and_changes_nothing(context, scenes):
    picture = scenes.picture((255, 0, 0))
    frames = []
    for peek in (False, True):
        renderer = Renderer(context, scenes.size)
        scenes.play(renderer, [scenes.slice()] * 4, picture=picture)
        image = renderer.motes_image((64, 64)) if peek else None
        frames.append(scenes.play(renderer, [scenes.slice()] * 4, start=0.2, picture=picture))
    assert np.array_equal(*frames) and image.shape == (64, 64, 4) and image.dtype == np.uint8
    assert image[..., 2].mean() > 2 * image[..., 0].mean() and (image[..., 3] == 255).all()


def test_motes_image_works_before_the_first_scene(renderer):
    assert renderer.motes_image((32, 24))[..., :3].mean() > 3


@pytest.mark.parametrize('size', [(64, 64), (33, 17), (0, 0), (320, 48)])
def test_any_size_can_be_drawn(renderer, scenes, size):
    renderer.resize(size)
    frame = scenes.play(renderer, [scenes.slice()] * 2, picture=Picture(np.full((8, 8, 4), 99, np.uint8), 0, 0))
    assert frame.shape[:2] == renderer.size[::-1] and frame.mean() > 5


def test_resize_keeps_the_motion(context, scenes):
    flows = []
    for sizes in ([], [(64, 64), scenes.size]):
        renderer = Renderer(context, scenes.size)
        scenes.play(renderer, [scenes.slice()] * 9)
        for size in sizes:
            renderer.resize(size)
        flows.append(scenes.play(renderer, [scenes.slice()] * 20, start=0.45))
    assert abs(flows[0] - flows[1]).max() <= 3


def test_rebuild_gives_the_same_picture_again(renderer, scenes):
    before = scenes.play(renderer, [scenes.slice()] * 9)
    renderer.rebuild()
    after = scenes.play(renderer, [scenes.slice()], start=0.45)
    assert abs(after - before).mean() < 1.5 and renderer.errors == []


def test_a_frozen_dream_survives_rebuild(renderer, scenes):
    picture = scenes.picture((200, 60, 30))
    scenes.play(renderer, [None] * 2, scenes.board(display_mix=1, display_fade=0), picture=picture)
    renderer.rebuild()
    frame = scenes.play(renderer, [None], scenes.board(display_mix=1, stage_freeze=1, display_fade=0), picture=picture)
    assert abs(frame - (200, 60, 30)).max() <= 2


def test_reset_forgets_the_dream(renderer, scenes):
    board = scenes.board(display_mix=1, display_fade=0)
    scenes.play(renderer, [None], board, picture=scenes.picture((255, 0, 0)))
    renderer.reset()
    assert scenes.play(renderer, [None], board)[..., 0].max() < 200


def test_extreme_features_leave_a_picture(renderer, scenes):
    wild = scenes.slice(rms=np.inf, centroid=np.nan, gate=9.0, drift=1e9)
    assert np.ptp(scenes.play(renderer, [scenes.slice(), wild, wild])) > 20
