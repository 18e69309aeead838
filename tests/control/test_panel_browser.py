"""The performer's page in a real browser: Debian's Chromium without a screen. An error in its console is a failure."""
import shutil
import time

import numpy as np
import pytest
from mido import Message
from panel_hands import make_backstage, make_desk, put_partials
from test_midi import API, Device, wait_for

from live.control.history import History
from live.control.mapping import Map
from live.control.midi import MidiInput
from live.control.panel.guard import GUEST
from live.control.panel.server import Panel
from live.params import PARAMS, find_param
from live.tuning.systems import equal
from live.tuning.tuning import Tuning

LAPTOP, PHONE = {'width': 1280, 'height': 800}, {'width': 360, 'height': 740}
PATIENCE = 15000        # ms, of which a busy machine needs a few


class Stage:
    """A panel with what is behind it, and pages that look at it. One for all tests: a page takes a second to load."""

    def __init__(self, browser):
        self.desk = make_desk()
        self.backstage, self.slices = make_backstage(self.desk)
        self.browser, self.errors = browser, []
        self.panel = self.open_panel()

    def open_panel(self, port=0, lan=False):
        panel = Panel(self.backstage, port, lan)
        panel.start()
        return panel

    def visit(self, path='/', port=None, **options):
        """Return a page that is connected."""
        context = self.browser.new_context(**{'viewport': LAPTOP, **options})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on('console', lambda said: self.errors.append(said.text) if said.type in ('error', 'warning') else None)
        page.on('pageerror', lambda error: self.errors.append(str(error)))
        page.goto(f'http://127.0.0.1:{port or self.panel.port}{path}')
        page.wait_for_selector('body:not(.lost) .row', state='attached')
        return page

    def see(self, shown):
        """Give pictures, as the window does, until something is shown."""
        def give():
            if self.backstage.view.due():
                self.backstage.view.put(np.full((90, 160, 3), 120, np.uint8))
            return shown()
        wait_for(give)


@pytest.fixture(scope='module')
def theatre():
    program = shutil.which('chromium')
    if program is None:
        pytest.skip('system program missing: chromium')
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=['--disable-gpu'])
        one = Stage(browser)
        yield one
        one.panel.stop()
        browser.close()


@pytest.fixture(scope='module')
def laptop(theatre):
    return theatre.visit()


@pytest.fixture
def stage(theatre):
    """The theatre as on the first day; in the end no console may have shown errors."""
    desk = theatre.desk
    desk.board.reset()
    desk.scenes.stored.clear()
    desk.scenes.history = History()
    desk.prompts.put(('', ''))
    desk.message, desk.silenced, theatre.backstage.midi = '', False, None
    theatre.backstage.sounding.reset()
    yield theatre
    errors, theatre.errors[:] = list(theatre.errors), []
    assert not errors


@pytest.fixture
def desk(stage):
    return stage.desk


@pytest.fixture
def page(stage, laptop):
    """A page of the size of a laptop, with the first parameters."""
    laptop.click('nav [data-tab="params"]')
    show(laptop, 'drone')
    shown = f'[aria-valuenow="{np.float32(stage.desk.board["drone.root"])}"]'
    laptop.wait_for_selector(f'#rows .row[data-name="drone.root"] {shown}')
    return laptop


def bar(page, name):
    return page.locator(f'#rows .row[data-name="{name}"] .bar')


def show(page, group):
    page.click(f'#groups [data-group="{group}"]')


def drag(page, name, part, modifier=''):
    """Move a slider to the right by a part of its width."""
    box = bar(page, name).bounding_box()
    x, y = box['x'] + box['width'] / 2, box['y'] + box['height'] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    if modifier:
        page.keyboard.down(modifier)
    for step in range(1, 6):
        page.mouse.move(x + step / 5 * part * box['width'], y)
    page.mouse.up()
    if modifier:
        page.keyboard.up(modifier)


def test_slider_that_is_dragged_moves_the_board_from_where_it_stands(page, desk):
    desk.turn('drone.root', .5)
    page.wait_for_selector(f'.row[data-name="drone.root"] [aria-valuenow="{np.float32(desk.board["drone.root"])}"]')
    drag(page, 'drone.root', .25)
    wait_for(lambda: find_param('drone.root').to_knob(desk.board['drone.root']) == pytest.approx(.75, abs=.03))


def test_shift_makes_it_ten_times_finer(page, desk):
    show(page, 'stage')
    drag(page, 'stage.gain_db', -.4, 'Shift')
    wait_for(lambda: desk.board['stage.gain_db'] == pytest.approx(-.04 * 66, abs=.4))


def test_touch_alone_changes_nothing(page, desk):
    before = desk.changes
    bar(page, 'drone.root').click()
    bar(page, 'drone.release').click(position={'x': 5, 'y': 5})
    time.sleep(.2)
    assert desk.changes == before


def test_slider_listens_to_the_keyboard(page, desk):
    show(page, 'stage')
    bar(page, 'stage.scene_a').press('ArrowRight')
    wait_for(lambda: desk.board['stage.scene_a'] == 2)
    bar(page, 'stage.scene_a').press('End')
    wait_for(lambda: desk.board['stage.scene_a'] == 16)
    bar(page, 'stage.scene_a').press('Delete')
    wait_for(lambda: desk.board['stage.scene_a'] == 1)


def test_finger_moves_a_slider_and_a_second_one_makes_it_finer(stage, desk):
    page = stage.visit(viewport=PHONE, has_touch=True, is_mobile=True)
    page.click('[data-tab="params"]')
    box = bar(page, 'drone.bend_cents').bounding_box()
    touch = page.context.new_cdp_session(page)
    y, left = box['y'] + box['height'] / 2, box['x'] + box['width'] / 2

    def send(kind, *points):
        touch.send('Input.dispatchTouchEvent', {'type': kind, 'touchPoints': [
            {'x': x, 'y': y, 'id': number} for number, (x, y) in enumerate(points)]})
    send('touchStart', (left, y))
    send('touchMove', (left + 10, y))
    send('touchMove', (left + 10 + box['width'] / 4, y))
    wait_for(lambda: desk.board['drone.bend_cents'] == pytest.approx(1200, abs=100))
    send('touchStart', (left + 10 + box['width'] / 4, y), (100, 600))
    send('touchMove', (left + 10, y), (100, 600))
    wait_for(lambda: desk.board['drone.bend_cents'] == pytest.approx(1080, abs=100))
    send('touchEnd')
    page.context.close()


def test_value_opens_a_field_for_exact_numbers(page, desk):
    page.click('.row[data-name="drone.root"] .value')
    page.fill('#sheet input', 'loud')
    page.keyboard.press('Enter')
    assert page.inner_text('#sheet .error') == 'That is not a number.'
    page.fill('#sheet input', '233,08')
    page.keyboard.press('Enter')
    wait_for(lambda: desk.board['drone.root'] == 233.08)
    page.wait_for_selector('#sheet:not([open])', state='attached')


def test_slider_shows_target_and_what_sounds_and_what_waits(page, stage, desk):
    class Midi:
        devices, pending = [], {'drone.bend_cents': .9}

        class learn:
            state = {'armed': '', 'bound': {}}
    stage.backstage.midi = Midi
    desk.set('drone.bend_cents', 600)
    stage.backstage.sounding['drone.bend_cents'] = -1200
    row = page.locator('#rows .row[data-name="drone.bend_cents"]')
    row.locator('.sounding:text("−1200")').wait_for()
    parts = {name: row.locator(f'.{name}').get_attribute('style') for name in ('fill', 'actual', 'ghost')}
    assert parts['fill'] == 'transform: scaleX(0.625);' and parts['actual'] == 'transform: translateX(25%);'
    assert parts['ghost'].startswith('transform: translateX(90')


def test_choice_and_switch_are_buttons_and_lists(page, desk):
    page.select_option('.row[data-name="drone.source"] select', label='ghost')
    wait_for(lambda: find_param('drone.source').text(desk.board['drone.source']) == 'ghost')
    page.click('.row[data-name="drone.distribution"] button:text-is("scale")')
    wait_for(lambda: desk.board['drone.distribution'] == 2)
    page.click('.row[data-name="drone.hold"] button')
    wait_for(lambda: desk.board['drone.hold'] == 0)


def test_fixed_row_does_and_shows(page, desk):
    page.click('text=BLACKOUT')
    wait_for(lambda: desk.board['stage.blackout'] == 1)
    page.wait_for_selector('[data-switch="stage.blackout"][aria-pressed="true"]')
    page.click('text=PANIC')
    page.wait_for_selector('[data-action="panic"][aria-pressed="true"]')
    assert desk.silenced
    desk.set('stage.freeze', 1)
    page.wait_for_selector('[data-switch="stage.freeze"][aria-pressed="true"]')


def test_undo_takes_back_what_the_page_did(page, desk):
    before = desk.board['drone.root']
    drag(page, 'drone.root', .1)
    wait_for(lambda: desk.board['drone.root'] != before)
    page.click('[data-action="undo"]')
    wait_for(lambda: desk.board['drone.root'] == before)


def test_parameters_are_found_by_what_they_do_and_can_be_pinned(page):
    page.fill('#find', 'ring-mod')
    assert page.locator('#rows .row').count() == 8
    page.click('.row[data-name="layer3.ring"] .value')
    page.click('[data-do="pin"]')
    show(page, 'pinned')
    assert page.locator('#rows .row').count() == 1
    page.reload()
    page.wait_for_selector('.row[data-name="layer3.ring"]')


def test_prompt_is_sent_with_enter_and_shown_when_it_comes_from_elsewhere(page, desk):
    page.click('[data-tab="words"]')
    first = page.get_by_label('prompt 1', exact=True)
    first.fill('a glass forest')
    assert desk.prompts.get()[0] != 'a glass forest'
    first.press('Enter')
    wait_for(lambda: desk.prompts.get()[0] == 'a glass forest')
    page.get_by_label('prompt 3', exact=True).fill('half a tho')
    desk.set_prompt(2, 'moss')
    desk.set_negative('people')
    wait_for(lambda: page.get_by_label('negative', exact=True).input_value() == 'people')
    assert page.get_by_label('prompt 3', exact=True).input_value() == 'half a tho'


def test_words_of_others_are_never_markup(page, desk):
    desk.set_prompt(0, '<img src=x onerror=alert(1)>')
    desk.say('<b id="bold">loud</b>')
    page.wait_for_selector('text=<b id="bold">loud</b>')
    assert page.locator('#bold').count() == 0


def test_scene_is_stored_with_its_picture_and_recalled(page, desk, stage):
    page.click('[data-tab="scenes"]')
    page.click('#store')
    page.click('[data-scene="4"]')
    wait_for(lambda: 4 in desk.scenes.stored)
    stage.see(page.locator('[data-scene="4"] img').is_visible)
    refused = desk.refused
    page.click('[data-scene="9"]')
    wait_for(lambda: desk.refused > refused)
    assert list(desk.scenes.stored) == [4]


def test_view_of_the_output_is_shown(page, stage):
    stage.see(page.locator('#view').is_visible)


def test_knob_is_learned_from_a_real_port(jack, page, stage, desk, tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CONFIG_HOME', str(tmp_path))
    device = Device('Panel knobs')
    midi = stage.backstage.midi = MidiInput(desk, 'Panel knobs', Map(), API)
    midi.start()
    try:
        wait_for(lambda: midi.devices)
        page.click('#learn')
        page.click('#rows .row[data-name="drone.attack"] .label', force=True)
        wait_for(lambda: midi.learn.armed == 'drone.attack')
        page.wait_for_selector('.row.armed[data-name="drone.attack"]')
        device.send(*(Message('control_change', control=77, value=value) for value in (30, 33, 37, 40, 44)))
        page.wait_for_selector('#rows .row[data-name="drone.attack"]:not(.armed)')
        page.click('#rows .row[data-name="drone.attack"] .value')
        assert '77' in page.inner_text('#sheet .bound')
        page.click('[data-do="close"]')
        desk.turn('drone.attack', 50 / 127)
        device.send(*(Message('control_change', control=77, value=value) for value in (44, 49, 52, 60, 100)))
        wait_for(lambda: find_param('drone.attack').to_knob(desk.board['drone.attack']) == pytest.approx(100 / 127))
    finally:
        stage.backstage.midi = None
        midi.stop()
        device.unplug()


def test_page_finds_the_server_again(page, stage, desk):
    page.click('[data-tab="words"]')
    page.get_by_label('prompt 2', exact=True).fill('half a tho')
    stage.panel.stop()
    page.wait_for_selector('body.lost')
    assert 'looking for' in page.inner_text('#link')
    stage.panel = stage.open_panel(stage.panel.port)
    page.wait_for_selector('body:not(.lost)')
    assert page.get_by_label('prompt 2', exact=True).input_value() == 'half a tho'
    page.click('[data-tab="params"]')
    drag(page, 'drone.bend_cents', .1)
    wait_for(lambda: desk.board['drone.bend_cents'] > 100)
    stage.errors[:] = [error for error in stage.errors if 'WebSocket' not in error]     # each vain try is told


def test_two_pages_agree(page, stage, desk):
    other = stage.visit(viewport=PHONE)
    other.click('[data-tab="params"]')
    drag(page, 'drone.bend_cents', .2)
    wait_for(lambda: desk.board['drone.bend_cents'] > 500)
    value = np.float32(desk.board['drone.bend_cents'])
    for each in (page, other):
        wait_for(lambda: np.float32(bar(each, 'drone.bend_cents').get_attribute('aria-valuenow')) == value)
    assert stage.panel.pages == 2
    other.context.close()


def test_guest_sees_but_cannot_steer(stage, desk):
    lan = stage.open_panel(lan=True)
    try:
        guest = stage.visit(f'/?token={lan.guard.tokens[GUEST]}', lan.port)
        assert 'token' not in guest.url
        before = desk.changes
        drag(guest, 'drone.root', .2)
        bar(guest, 'drone.root').press('End')
        guest.locator('[data-switch="stage.blackout"]').focus()
        guest.keyboard.press('Enter')
        guest.wait_for_selector('text=guests may look, not steer')
        assert desk.changes == before and desk.board['stage.blackout'] == 0
        desk.set('stage.blackout', 1)
        guest.wait_for_selector('[data-switch="stage.blackout"][aria-pressed="true"]')
        guest.context.close()
    finally:
        lan.stop()


@pytest.fixture(scope='module')
def maths(theatre):
    """A page in which tests may run functions of the page's modules."""
    page = theatre.visit(bypass_csp=True)
    yield page
    page.context.close()


def test_curves_of_the_page_are_those_of_the_instrument(maths):
    wanted = {param.name: [param.from_knob(k / 7) for k in range(8)] for param in PARAMS}
    found = maths.evaluate('''async () => {
        const { fromKnob } = await import('/curves.js');
        const { params } = await import('/app.js');
        const places = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => k / 7);
        return Object.fromEntries(params.params.map((p) => [p.name, places.map((place) => fromKnob(p, place))]));
    }''')
    for name, values in wanted.items():
        assert found[name] == pytest.approx(values, rel=1e-9), name


def test_every_parameter_has_its_place_in_a_group(maths):
    names = maths.evaluate('''async () => {
        const { params } = await import('/app.js');
        return params.buttons.flatMap((button) => params.choose(button.dataset.group));
    }''')
    assert sorted(names) == sorted(param.name for param in PARAMS)


@pytest.mark.parametrize('scale', [equal(12), equal(19), equal(13, 1901.955)])
def test_wheel_measures_as_the_tuning_does(maths, scale):
    tuning, root = Tuning(scale), 220.0
    heard = [root * 2 ** (cents / 1200) for cents in (-1234.5, -3, 0, 49, 51, 697, 1199, 1902, 3333.3)]
    told = {'cents': tuning.scale_cents().tolist(), 'period': tuning.period_cents, 'names': []}
    found = maths.evaluate('''async ([told, heard, root]) => {
        const { locate } = await import('/pitch.js');
        return heard.map((hz) => locate(hz, root, told).deviation);
    }''', [told, heard, root])
    assert found == pytest.approx(1200 * np.log2(np.array(heard) / tuning.snap(np.array(heard), root)), abs=1e-6)


@pytest.mark.parametrize('cents, period, spokes', [
    ([0, 386.31, 701.96], 1200, [0, 386.31, 701.96]), ([0, 700], 1901.955, [0, 700]),
    ([0, 701.955, 1200, 1901.955, 2786.314], 3500, [0, 386.314, 701.955]), ([0, 100, 1300], 0, [0, 100])])
def test_wheel_winds_what_repeats_late_by_octaves(maths, cents, period, spokes):
    found = maths.evaluate('''async (told) => {
        const { spokesOf } = await import('/pitch.js');
        return spokesOf(told).map((spoke) => spoke.cents);
    }''', {'cents': cents, 'period': period, 'names': []})
    assert found == pytest.approx(spokes)


@pytest.mark.parametrize('size', [LAPTOP, PHONE, {'width': 768, 'height': 1024}], ids=['laptop', 'phone', 'tablet'])
def test_everything_at_hand_fits_on_the_screen(page, stage, size):
    page.set_viewport_size(size)
    for button in page.locator('#fixed button').all():
        box = button.bounding_box()
        assert box['x'] >= 0 and box['x'] + box['width'] <= size['width'] and box['height'] >= 44
    for tab in page.locator('nav [data-tab]:visible').all():
        tab.click()
        body, rest = page.locator('body').bounding_box(), page.locator('main').bounding_box()
        assert (body['width'], body['height']) == (size['width'], size['height'])
        assert rest['y'] + rest['height'] == size['height'] and rest['height'] > size['height'] / 2
    page.set_viewport_size(LAPTOP)


def test_wheel_shows_what_sounds(page, stage):
    put_partials(stage.slices, 220, [(220, .2), (330, .1)])
    page.wait_for_selector('#loudest li >> text=+2.0')      # a pure fifth in twelve equal steps
    assert page.inner_text('#loudest li:nth-child(1)').split() == ['220', 'Hz', '0', 'c', '+0.0']
