"""The performer's page as its server sees it: who comes in, what is obeyed, what is told. No browser here."""
import json
import math
import re
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from panel_hands import make_backstage, put_partials, request, with_page

from live.control.panel.announce import announcement, qr_code
from live.control.panel.backstage import LOOKING, VIEW_RATE, View
from live.control.panel.frame import FRAME, METERS, TAG, Frames, layout
from live.control.panel.guard import GUEST, PLAYER, Guard, keep_tokens
from live.control.panel.orders import LONGEST, Orders
from live.control.panel.sections import Sections, dump
from live.control.panel.server import ORDERS_BURST, ORDERS_RATE, Page, Panel
from live.control.panel.thumbnails import Thumbnails
from live.params import PARAMS, find_number


@pytest.fixture
def backstage(desk):
    return make_backstage(desk)[0]


@pytest.fixture
def panel(backstage):
    one = Panel(backstage, port=0)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def lan(backstage):
    one = Panel(backstage, port=0, lan=True)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def orders(backstage):
    return Orders(backstage)


# who comes in

def test_page_and_its_files_are_served(panel):
    status, headers, text = request(panel.port, '/')
    assert status == 200 and 'Live inside a note' in text
    for name in re.findall(r'(?:src|href)="([\w.-]+)"', text):
        assert request(panel.port, f'/{name}')[0] == 200, name


def test_page_asks_nothing_of_the_world(panel):
    texts = [request(panel.port, f'/{name}')[2] for name in panel._files]
    addresses = {found for text in texts for found in re.findall(r'(?:https?:)?//[\w.-]+\.\w+', text)}
    assert addresses <= {'http://www.w3.org'}       # the name space of SVG, which nobody fetches


def test_browser_is_told_to_load_from_here_alone(panel):
    policy = request(panel.port, '/')[1]['Content-Security-Policy']
    assert "default-src 'none'" in policy and 'unsafe' not in policy


@pytest.mark.parametrize('path', [
    '/server.py', '/../server.py', '/..%2fserver.py', '/%2e%2e/%2e%2e/params.py', '//etc/passwd', '/etc/passwd',
    '/..%5c..%5csetup.cfg', '/index.html/../../guard.py', '/scene-1.jpg', '/scene-999.jpg', '/index.html%00.js',
    '/./././__init__.py', '/\\windows'])
def test_path_that_is_not_listed_leads_nowhere(panel, path):
    status, _, text = request(panel.port, path)
    assert status in (400, 404) and 'import' not in text and 'root:' not in text


@pytest.mark.parametrize('host', ['evil.example', 'evil.example:8040', '127.0.0.1.evil.example', '127.0.0.1@evil.org',
                                  '192.168.1.5', '', '[::1', 'localhost:port', 'localhost/evil'])
def test_name_that_is_not_ours_is_refused(panel, host):
    assert request(panel.port, '/', {'Host': host})[0] in (400, 403)


@pytest.mark.parametrize('host', ['127.0.0.1', 'localhost', 'localhost:9999', '[::1]:8040', '127.0.0.2'])
def test_every_name_of_this_machine_is_ours(panel, host):
    assert request(panel.port, '/', {'Host': host})[0] == 200


@pytest.mark.parametrize('origin', ['http://evil.example', 'null', 'https://127.0.0.1:{port}', 'http://127.0.0.1:1'])
def test_page_of_somebody_else_may_not_steer(panel, origin):
    host = f'127.0.0.1:{panel.port}'
    headers = {'Host': host, 'Origin': origin.format(port=panel.port), 'Upgrade': 'websocket',
               'Connection': 'Upgrade', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA=='}
    assert request(panel.port, '/live', headers)[0] == 403 and panel.guard.refused == 1
    assert request(panel.port, '/', {'Host': host, 'Origin': f'http://{host}'})[0] == 200


@pytest.mark.parametrize('path', ['/', '/live', '/app.js', '/scene-1.jpg', '/?token=', '/?token=wrong', '/?token=%ff',
                                  '/live?token=%c3%a9'])
def test_without_the_token_the_network_gets_nothing(lan, path):
    status, _, text = request(lan.port, path)
    assert status == 401 and 'terminal' in text


@pytest.mark.parametrize('role', [PLAYER, GUEST])
def test_token_goes_from_the_address_into_a_cookie(lan, role):
    status, headers, _ = request(lan.port, f'/?token={lan.guard.tokens[role]}')
    assert (status, headers['Location']) == (303, '/')
    assert 'HttpOnly' in headers['Set-Cookie'] and 'token' not in headers['Set-Cookie']
    assert request(lan.port, '/', {'Cookie': headers['Set-Cookie'].partition(';')[0]})[0] == 200


def test_tokens_are_long_and_new_each_time():
    tokens = [token for _ in range(50) for token in Guard(lan=True).tokens.values()]
    assert len(set(tokens)) == 100 and min(map(len, tokens)) >= 20


def test_tokens_are_kept_for_who_takes_the_performance_up_again(tmp_path):
    folder = tmp_path / 'state'
    first = keep_tokens(False, folder)
    assert keep_tokens(True, folder) == first
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]
    assert keep_tokens(False, folder) != first


@pytest.mark.parametrize('text', ['', '[]', '{}', '{"player": 5}', '{"player": "", "guest": ""}', '\0'])
def test_spoilt_tokens_are_made_anew(tmp_path, text):
    (tmp_path / 'page.json').write_text(text)
    assert min(map(len, keep_tokens(True, tmp_path).values())) >= 20


def test_terminal_shows_the_way_in_for_a_phone(lan, panel):
    text = announcement(lan)
    assert all(token in text for token in lan.guard.tokens.values()) and '█' in text
    assert announcement(panel).startswith(f'http://127.0.0.1:{panel.port}/')


def test_qr_code_is_square():
    lines = qr_code('http://192.168.178.31:8040/?token=abcdefghijklmnopqrst').splitlines()
    plain = [re.sub(r'\x1b\[[\d;]*m', '', line) for line in lines]
    assert abs(len(plain[0]) - 2 * len(plain)) <= 1     # two rows in one line of text


# what is obeyed

@pytest.mark.parametrize('order, read', [
    (['set', 'drone.root', 220], lambda desk: desk.board['drone.root'] == 220),
    (['turn', 'stage.gain_db', 0], lambda desk: desk.board['stage.gain_db'] == -60),
    (['toggle', 'stage.blackout'], lambda desk: desk.board['stage.blackout'] == 1),
    (['act', 'panic', None], lambda desk: desk.silenced),
    (['act', 'store', 3], lambda desk: 3 in desk.scenes.stored),
    (['prompt', 1, 'a  glass\nforest'], lambda desk: desk.prompts.get()[1] == 'a glass forest'),
    (['negative', 'people'], lambda desk: desk.negative.get() == 'people'),
    (['patch', 'nineteen'], lambda desk: desk.patch.name == 'nineteen')])
def test_order_is_done(orders, desk, order, read):
    assert not read(desk)
    assert orders.obey(json.dumps(order), PLAYER) == {} and read(desk)


@pytest.mark.parametrize('text, sentence', [
    ('', 'none'), ('{', 'none'), ('[' * 100000, 'none'), ('{"set": 1}', 'list'), ('[]', 'list'), ('[5]', 'list'),
    ('["fly"]', 'no order'), ('["set"]', 'takes'), ('["set", "drone.root"]', 'takes'), ('["set", 5, 5]', 'takes'),
    ('["set", "drone.root", "440"]', 'takes'), ('["set", "drone.root", true]', 'takes'),
    ('["set", "drone.root", NaN]', 'no number'), ('["set", "drone.root", -Infinity]', 'no number'),
    ('["set", "drone.root", null]', 'takes'), ('["prompt", 0.5, "x"]', 'takes'), ('["prompt", true, "x"]', 'takes'),
    ('["act", "go", "now"]', 'takes'), ('["set", "drone.root", 1' + '0' * 5000 + ']', 'none'),
    ('["learn", "drone.root"]', 'no MIDI'), ('["\\ud800", 1]', 'no order')])
def test_what_is_no_order_is_refused_and_told(orders, desk, text, sentence):
    before = dict(desk.board.items())
    assert sentence in orders.obey(text, PLAYER)['refused']
    assert orders.refused == 1 and dict(desk.board.items()) == before


@pytest.mark.parametrize('order', [['set', 'drone.rot', 1], ['toggle', 'drone.root'], ['act', 'fly', None],
                                   ['set', 'drone.root', 1e400], ['prompt', 99, 'x'], ['act', 'recall', 99]])
def test_what_the_desk_refuses_is_told_there(orders, desk, order):
    assert orders.obey(json.dumps(order).replace('Infinity', '1e999'), PLAYER) == {}
    assert desk.refused == 1 and desk.message


@pytest.mark.parametrize('name', ['../../etc/passwd', '/tmp/x.toml', 'nineteen.toml', 'nineteen/../nineteen', '', '\0'])
def test_patch_that_is_not_listed_is_not_looked_for(orders, desk, name, monkeypatch):
    monkeypatch.setattr(desk, 'load_patch', lambda name: pytest.fail('a path went through'))
    assert 'no patch' in orders.obey(json.dumps(['patch', name]), PLAYER)['refused']


def test_guest_may_look_but_not_touch(orders, desk):
    before = desk.changes
    assert orders.obey('["look", true]', GUEST) == {'look': True}
    assert orders.obey('["ping", 5]', GUEST) == {'pong': 5}
    for name in set(orders.orders) - {'look', 'ping'}:
        assert orders.obey(f'["{name}"]', GUEST) == {'refused': 'guests may look, not steer'}
        assert orders.obey(f'["{name}"]', '') == {'refused': 'guests may look, not steer'}
    assert desk.changes == before


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=4)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.builds(lambda name, rest: json.dumps([name, *rest]), st.sampled_from(
    ['set', 'turn', 'toggle', 'act', 'prompt', 'negative', 'patch', 'learn', 'forget', 'look', 'ping']),
    st.lists(st.sampled_from(['drone.root', 'stage.freeze', 'recall', 'store', 'undo']) | VALUES, max_size=3)))
def test_nothing_a_page_says_raises(orders, text):
    assert isinstance(orders.obey(text, PLAYER), dict)


def test_page_that_floods_is_read_more_slowly():
    page = Page(None, PLAYER)
    waits = [page.owes() for _ in range(int(2 * ORDERS_BURST))]
    assert waits[0] == 0 and waits[int(ORDERS_BURST) - 1] == 0
    assert waits[-1] == pytest.approx(ORDERS_BURST / ORDERS_RATE, rel=.2)


# what is told

def test_frame_says_what_stands_on_the_board_and_what_sounds(desk):
    backstage, slices = make_backstage(desk)
    put_partials(slices, 220, [(220, .5), (330, .25)])
    desk.set('drone.root', 220)
    backstage.sounding['drone.root'] = 221
    data = Frames(backstage).make()
    frame = np.frombuffer(data, FRAME, offset=len(TAG))[0]
    assert data.startswith(TAG) and len(data) % 4 == 0
    assert frame['target'][find_number('drone.root')] == 220 and frame['actual'][find_number('drone.root')] == 221
    assert frame['root'] == 220 and frame['partials'] == 2 and frame['partial_hz'][1] == 330
    assert np.isnan(frame['ghost']).all()


def test_layout_that_is_told_is_the_layout_of_the_frame():
    told = layout()
    assert [name for name, _, _ in told] == list(FRAME.names)
    assert sum(count for _, _, count in told) * 4 == FRAME.itemsize
    assert all(FRAME.fields[name][1] == 4 * first for name, first, _ in told)


def test_control_that_waits_is_a_ghost(desk):
    class Midi:
        pending = {'drone.root': .25, 'no.such': .5}
    backstage, _ = make_backstage(desk, Midi())
    frame = np.frombuffer(Frames(backstage).make(), FRAME, offset=len(TAG))[0]
    assert frame['ghost'][find_number('drone.root')] == .25
    assert np.isnan(frame['ghost']).sum() == len(PARAMS) - 1


def test_load_is_that_of_the_newest_blocks(backstage):
    frames, place = Frames(backstage), [meter.name for meter in METERS].index('load')

    def load():
        return np.frombuffer(frames.make(), FRAME, offset=len(TAG))[0]['meters'][place]
    assert math.isnan(load())
    backstage.stats['load'][10] += 1000
    assert load() == 11
    backstage.stats['load'][60] += 1000
    assert load() == 61
    for _ in range(61):
        load()
    backstage.stats['load'][10] += 1000
    assert load() == 11


def test_figure_that_nobody_knows_is_not_a_number(backstage):
    frame = np.frombuffer(Frames(backstage).make(), FRAME, offset=len(TAG))[0]
    known = {meter.name for meter, value in zip(METERS, frame['meters']) if not math.isnan(value)}
    assert known == {'underflows', 'late', 'morph', 'beat', 'bpm'}


def test_scale_is_told_in_cents(backstage, desk):
    desk.load_patch('nineteen')
    tuning = json.loads(Sections(backstage).make()['tuning'])['tuning']
    assert tuning['cents'] == pytest.approx([1200 * k / 19 for k in range(19)]) and tuning['period'] == 1200


def test_json_has_no_word_that_a_browser_refuses():
    assert json.loads(dump({'a': [math.nan, math.inf, 1.5], 2: (True,)})) == {'a': [None, None, 1.5], '2': [True]}


def test_picture_is_made_only_for_those_who_look():
    now = [0.0]
    view = View(lambda: now[0])
    assert not view.due()
    view.look()
    assert view.due() and not view.due()
    now[0] += 1.01 / VIEW_RATE
    assert view.due()
    now[0] += LOOKING
    assert not view.due()


def test_picture_is_a_jpeg_of_what_was_given():
    view = View()
    assert view.jpeg() == b''
    view.put(np.full((90, 160, 4), 200, np.uint8))
    assert view.jpeg().startswith(b'\xff\xd8') and view.jpeg() is view.jpeg()


def test_scene_that_is_stored_gets_a_picture_and_has_it_again_when_it_comes_back(desk):
    view = View()
    thumbnails = Thumbnails(desk.scenes, view)

    def look():
        for shade in range(3):
            thumbnails.follow()
            view.put(np.full((9, 16, 3), 80 * shade, np.uint8))
        return thumbnails.jpeg(2)
    assert desk.act('store', 2) and thumbnails.jpeg(2) == b''
    scene, picture = desk.scenes.stored[2], look()
    assert picture and desk.act('store', 2) and look()
    assert thumbnails.number(2) == 2 and thumbnails.number(1) == 0
    desk.scenes.stored[2] = scene
    assert thumbnails.jpeg(2) is picture


# the wire

def test_new_page_is_told_everything(panel, desk):
    desk.set_prompt(0, 'glass')

    async def act(page):
        hello = await page.hear('hello')
        words = await page.hear('words')
        return hello, words, await page.hear('frame')
    hello, words, frame = with_page(panel, act)
    assert [row['name'] for row in hello['params']] == [param.name for param in PARAMS]
    assert hello['role'] == PLAYER and words['prompts'][0] == 'glass'
    assert frame['target'][find_number('drone.root')] == np.float32(desk.board['drone.root'])


def test_change_from_elsewhere_reaches_the_page(panel, desk):
    async def act(page):
        await page.hear('frame')
        desk.set('drone.root', 111)
        desk.set_prompt(0, 'moss')
        while (await page.hear('frame'))['target'][find_number('drone.root')] != 111:
            pass
        return (await page.hear('words'))['prompts'][0]
    assert with_page(panel, act) == 'moss'


def test_guest_is_told_what_the_player_is_told(lan, desk):
    async def act(page):
        hello = await page.hear('hello')
        await page.say('set', 'drone.root', 100)
        return hello['role'], await page.hear('refused')
    before = desk.board['drone.root']
    assert with_page(lan, act, lan.guard.tokens[GUEST]) == (GUEST, 'guests may look, not steer')
    assert desk.board['drone.root'] == before


def test_message_that_is_too_long_ends_that_page_alone(panel, desk):
    async def act(page):
        await page.hear('hello')
        await page.say('prompt', 0, 'x' * LONGEST)
        return await page.hear('closed')
    assert with_page(panel, act) == 1009
    assert with_page(panel, lambda page: page.hear('hello'))['role'] == PLAYER


def test_nothing_is_made_while_nobody_is_there(panel, monkeypatch):
    made = []
    monkeypatch.setattr(panel._frames, 'make', lambda: made.append(1) or b'')
    time.sleep(.2)
    assert not made and panel.pages == 0


def test_figure_that_fails_is_told_and_the_page_goes_on(panel, desk):
    def figures():
        raise ZeroDivisionError('a driver')

    async def act(page):
        await page.hear('frame')
        panel.backstage.figures = figures
        await page.hear('message')
        await page.say('ping', 1)
        return await page.hear('pong')
    assert with_page(panel, act) == 1 and 'a driver' in desk.message
