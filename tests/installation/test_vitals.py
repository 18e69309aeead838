"""Signs of life, and what monitors are told."""
import http.client
import json
import re

import numpy as np
import pytest

from live.control.desk import Desk
from live.control.panel.backstage import Backstage
from live.control.panel.server import Panel
from live.installation.vitals import PATIENCE, Vitals, health_page, metric_lines, metrics_page
from live.params import Board
from live.signals import EVENT, SLICE
from live.wires import Latest, Ring

LINE = re.compile(r'[a-z_]+ -?(?:\d+\.?\d*(?:e[+-]?\d+)?|nan|inf)')


@pytest.fixture
def life():
    """Counts of sound and window, a time, and the vitals that look at them."""
    counts = {'sound': 0, 'window': 0, 'now': 0.0}
    vitals = Vitals({name: lambda name=name: counts[name] for name in ('sound', 'window')}, clock=lambda: counts['now'])
    return counts, vitals


def test_beat_needs_both(life):
    counts, vitals = life
    assert vitals.look() is True
    counts['sound'] += 5
    assert vitals.look() is False
    counts['window'] += 1
    assert vitals.look() is True and vitals.look() is False and vitals.beats == 2


@pytest.mark.parametrize('still', ['sound', 'window'])
def test_health_tells_who_stands_still(life, still):
    counts, vitals = life
    for second in range(10):
        counts['now'] += 1
        for name in ('sound', 'window'):
            counts[name] += name != still or second < 2
        vitals.look()
    status, text, kind = health_page(vitals.health())
    assert status == 503 and json.loads(text)['ill'] == [still] and kind == 'application/json'
    assert json.loads(text)['still_s'][still] > PATIENCE


def test_health_is_200_while_all_moves(life):
    counts, vitals = life
    for _ in range(10):
        counts['now'] += 1
        counts['sound'] += 1
        counts['window'] += 1
        vitals.look()
    assert health_page(vitals.health())[0] == 200


def test_metrics_are_prometheus_text():
    status, text, kind = metrics_page({'up': ('gauge', 'Is it?', True), 'frames_total': ('counter', 'Frames.', 12)})
    assert status == 200 and 'version=0.0.4' in kind
    for line in text.splitlines():
        assert line.startswith(('# HELP live_', '# TYPE live_')) or LINE.fullmatch(line), line
    assert 'live_frames_total 12.0\n' in text and list(metric_lines({})) == []


def ask(port, path):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=5)
    connection.request('GET', path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.getheader('Content-Type'), text


def test_panel_serves_them_without_a_token_and_nothing_else():
    desk = Desk(Board(), Ring.make(64, EVENT), Latest(('', '')))
    backstage = Backstage(desk, Board(), Ring.make(8, SLICE).reader(), np.zeros(1, [('load', 'i8', (200,))])[0])
    ok = [True]
    panel = Panel(backstage, 0, lan=True, plain={'/health': lambda: health_page({'ok': ok[0]})})
    panel.start()
    try:
        status, kind, text = ask(panel.port, '/health')
        assert (status, text) == (200, '{"ok": true}') and kind.startswith('application/json')
        ok[0] = False
        assert ask(panel.port, '/health')[0] == 503
        assert ask(panel.port, '/')[0] == 401 and ask(panel.port, '/metrics')[0] in (401, 404)
    finally:
        panel.stop()
