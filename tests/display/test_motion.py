import numpy as np
import pytest

from live.display.motion import FLOW_PERIOD, LONGEST_STEP, LONGEST_TIME, UNIFORMS, Motion, flow_rate
from live.params import Board


def test_every_value_is_named_in_the_table_or_is_a_parameter():
    values = Motion().step(0.0, Board(), None)
    assert set(values) == set(UNIFORMS) | {name.replace('.', '_') for name, _ in Board().items()}


def test_turning_the_speed_never_makes_the_flow_jump(scenes):
    motion, slow, fast = Motion(), scenes.board(motes_speed=0), scenes.board(motes_speed=1)
    flows = [motion.step(number / 50, fast if number % 7 else slow, None)['flow'] for number in range(100)]
    assert 0 < min(np.diff(flows)) and max(np.diff(flows)) <= flow_rate(1) / 50 + 1e-9


def test_a_display_that_hung_goes_on_from_where_it_was():
    motion = Motion()
    motion.step(0.0, Board(), None)
    assert motion.step(100.0, Board(), None)['flow'] == pytest.approx(LONGEST_STEP * flow_rate(Board()['motes.speed']))


def test_time_and_flow_stay_small_for_days():
    motion = Motion()
    motion._flow = FLOW_PERIOD - 1e-3
    motion.step(1e6, Board(), None)
    values = motion.step(1e6 + 0.1, Board(), None)
    assert 0 <= values['flow'] < 1 and values['time'] < FLOW_PERIOD


def test_loudness_arrives_slowly_and_leaves_more_slowly(scenes):
    motion, board = Motion(), Board()
    motion.step(0.0, board, scenes.slice(rms=0.0))
    up = motion.step(0.1, board, scenes.slice(rms=1.0))['feature_rms']
    motion.reset()
    motion.step(0.0, board, scenes.slice(rms=1.0))
    down = 1 - motion.step(0.1, board, scenes.slice(rms=0.0))['feature_rms']
    assert 0.6 > up > down > 0.05


def test_a_feature_that_is_not_a_number_keeps_its_last_value(scenes):
    motion = Motion()
    motion.step(0.0, Board(), scenes.slice(rms=0.5))
    assert motion.step(0.1, Board(), scenes.slice(rms=np.nan))['feature_rms'] == 0.5


def test_a_new_pulse_leaves_a_bloom_that_grows_older(scenes):
    motion = Motion()
    motion.step(0.0, Board(), scenes.slice(pulses=7))
    motion.step(1.0, Board(), scenes.slice(pulses=8, cents=-13.0))
    values = motion.step(1.5, Board(), scenes.slice(pulses=8, cents=-13.0))
    newest = values['bloom_age'].argmin()
    assert (values['bloom_age'][newest], values['bloom_cents'][newest]) == (0.5, -13.0)
    assert (values['bloom_age'] < 100).sum() == 1


def test_the_same_scenes_give_the_same_values_after_reset(scenes):
    def run():
        for number in range(9):
            values = motion.step(number / 9, Board(), scenes.slice(rms=0.1 * number, pulses=number))
        return values

    motion = Motion()
    first = run()
    motion.reset()
    again = run()
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_partials_and_their_beats_are_exact(scenes):
    newest = scenes.slice()
    newest['partials'], newest['partial_hz'][:3], newest['partial_level'][:3] = 2, (440, 441.5, 7), (0.5, 0.25, 9)
    motion = Motion()
    motion.step(0.0, Board(), None)
    values = motion.step(0.01, Board(), newest)
    assert values['partials'] == 2 and list(values['partial_hz'][:3]) == [440, 441.5, 0]
    assert list(values['partial_level'][:3]) == [0.5, 0.25, 0]


@pytest.mark.parametrize('partials, tone', [(1, 440), (0, 700)])
def test_tones_are_partials_where_they_are_known_and_peaks_elsewhere(scenes, partials, tone):
    newest = scenes.slice()
    newest['partials'], newest['partial_hz'][:2], newest['peaks'], newest['peak_hz'][0] = partials, (440, 880), 1, 700
    values = Motion().step(0.0, Board(), newest)
    assert values['tones'] == 1 and list(values['tone_hz'][:2]) == [tone, 0]


def test_the_phase_of_a_beat_goes_round_as_often_as_it_beats(scenes):
    newest = scenes.slice()
    newest['beat_hz'][:2] = 0.5, 1.5
    motion = Motion()
    phases = [motion.step(number / 50, Board(), newest)['beat_phase'][:2] for number in range(51)]
    assert phases[-1] == pytest.approx([0.5, 0.5]) and phases[20] == pytest.approx([0.2, 0.6])


@pytest.mark.parametrize('rms, level', [(0.0, 0), (1e-3, 0), (0.0316, 0.5), (1.0, 1)])
def test_level_counts_in_decibels(scenes, rms, level):
    motion = Motion()
    assert motion.step(0.0, Board(), scenes.slice(rms=rms))['level'] == pytest.approx(level, abs=0.01)


def test_level_time_runs_as_fast_as_it_is_loud(scenes):
    motion = Motion()
    quiet = [motion.step(number / 10, Board(), scenes.slice(rms=0.0316))['level_time'] for number in range(11)]
    assert quiet[-1] == pytest.approx(0.5, abs=0.01) and min(np.diff(quiet)) > 0


def test_time_never_stops_for_a_frame():
    motion = Motion()
    motion._frame = 65534
    seconds = [motion.step(number / 10, Board(), None)['seconds'] for number in range(6)]
    assert np.diff(seconds) == pytest.approx([0.1] * 5)


def test_the_root_is_exact_as_its_tones_are(scenes):
    """So that what is told against it stands still while both bend."""
    motion, newest = Motion(), scenes.slice()
    motion.step(0.0, Board(), newest)
    newest['root'] *= 2 ** (20 / 1200)
    assert motion.step(0.01, Board(), newest)['root'] == newest['root']
    newest['root'] = np.nan
    assert motion.step(0.02, Board(), newest)['root'] == pytest.approx(466.16 * 2 ** (20 / 1200))


def test_times_that_are_added_up_stay_small_for_months(scenes):
    motion = Motion()
    motion.step(0.0, Board(), scenes.slice(rms=1.0))
    motion._level_time, motion._band_time = LONGEST_TIME - 1e-3, motion._band_time + LONGEST_TIME
    values = motion.step(0.1, Board(), scenes.slice(rms=1.0))
    assert 0 <= values['level_time'] < 1 and (values['band_time'] < 1).all()
