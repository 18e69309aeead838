import os

import pytest

from live.display.desktop import Monitor, find_monitor
from live.display.placing import Watch, centred, scale_spots, side_by_side, spread_out
from live.display.screens import Output, Screens, load_screens

LAPTOP = Monitor(0, 'eDP-1', (0, 0, 1920, 1200))
BEAMER = Monitor(1, 'HDMI-1', (1920, 0, 1280, 800))
OTHER = Monitor(2, 'HDMI-1-0', (1920, 800, 1280, 720))
ALL = [LAPTOP, BEAMER, OTHER]


@pytest.mark.parametrize('wanted, found', [
    (None, LAPTOP), (0, LAPTOP), (2, OTHER), ('1', BEAMER), ('HDMI-1', BEAMER), ('hdmi', BEAMER), ('1-0', OTHER),
    (3, None), ('7', None), ('DP-9', None)])
def test_monitors_are_found_by_number_name_or_part_of_it(wanted, found):
    assert find_monitor(wanted, ALL) == found


def test_without_monitors_none_is_found():
    assert find_monitor(None, []) is None


def test_outputs_spread_over_their_monitors():
    left, right = Output('HDMI-1'), Output(2)
    area, spots = spread_out([left, right], ALL)
    assert area == (1920, 0, 1280, 1520) and spots == [(left, (0, 0, 1280, 800)), (right, (0, 800, 1280, 720))]


def test_outputs_without_a_monitor_are_left_out():
    here, away = Output('HDMI-1'), Output('DP-3')
    assert spread_out([away, here], ALL) == ((1920, 0, 1280, 800), [(here, (0, 0, 1280, 800))])
    assert spread_out([away], ALL) is None


def test_outputs_stand_side_by_side_in_a_window():
    spots = side_by_side([Output(0), Output(1), Output(2)], (1000, 300))
    assert [area for _, area in spots] == [(0, 0, 333, 300), (333, 0, 334, 300), (667, 0, 333, 300)]


def test_points_become_pixels():
    (_, area), = scale_spots([(Output(), (100, 50, 200, 100))], (0, 0, 400, 200), (800, 400))
    assert area == (200, 100, 400, 200)


def test_a_window_stands_in_the_middle_or_where_it_can():
    assert centred((1280, 720), LAPTOP.area) == (320, 240, 1280, 720)
    assert centred((2000, 700), BEAMER.area) == (1920, 50, 2000, 700)


@pytest.fixture
def plugged(monkeypatch):
    """The monitors that are plugged in; put others in, or take them out."""
    there = [LAPTOP, BEAMER]
    monkeypatch.setattr('live.display.placing.list_monitors', lambda: list(there))
    return there


def look(watch):
    watch.hurry()
    return watch.look()


def test_monitors_that_come_and_go_are_told(plugged):
    watch = Watch(Screens((Output('HDMI-1'),)))
    assert look(watch) == [] and watch.missing == []
    plugged.remove(BEAMER)
    assert look(watch) == ['monitor 1: HDMI-1, 1280x800 is gone'] and watch.look() == []
    assert watch.missing == ['monitor HDMI-1 is not there (connected: 0: eDP-1, 1920x1200)']
    plugged.append(BEAMER)
    assert look(watch) == ['monitor 1: HDMI-1, 1280x800 is there']


def test_it_looks_once_a_second(plugged):
    watch = Watch(Screens())
    plugged.clear()
    assert watch.look() == [] and watch.monitors == [LAPTOP, BEAMER]


def test_a_file_is_read_again_when_it_changes_and_a_bad_one_is_told(plugged, tmp_path):
    path = tmp_path / 'wall.toml'
    path.write_text('[[output]]\ngamma = 1.5')
    watch = Watch(load_screens(path))
    for number, (text, gamma, told) in enumerate([
            ('[[output]]\ngamma = 2', 2.0, 'wall.toml read again'),
            ('[[output]]\ngamma = 0', 2.0, 'wall.toml: output 1: gamma = 0 is not a number in 0.2..5; the')]):
        path.write_text(text)
        os.utime(path, ns=(10 ** 9 * number, 10 ** 9 * number))
        assert look(watch)[0].startswith(told) and watch.screens.outputs[0].gamma == gamma
