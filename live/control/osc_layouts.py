"""Surfaces for other programs, made from the registry: a session for Open Stage Control, a patch for Max.

`live params --layouts` writes them to docs/, so that they know every parameter there is. Faders move the mirror (/n,
0..1), so they follow each parameter's own curve; the field beside a fader shows and takes plain units. Pure.
"""
import json
from collections.abc import Sequence
from pathlib import Path

from live.control.actions import ACTIONS
from live.control.osc_values import MIRROR
from live.params import GROUPS, LAYER_PARAMS, LAYERS, PARAMS, PROMPTS, SCENES, SWITCH, Param, find_param

PORT, ANSWER_PORT = 9000, 9001
HANDS = ('drone.root', 'drone.drift_cents', 'drone.spread_cents', 'drone.tilt_db', 'drone.width', 'drone.level_db',
         'reverb.level_db', 'delay.level_db', 'prompt.mix', 'embedding.depth', 'embedding.steer', 'dream.strength',
         'feedback.zoom', 'display.mix', 'stage.position', 'stage.gain_db')      # what two hands reach for first
SWITCHES = ('stage.blackout', 'stage.freeze', 'drone.hold', 'reverb.freeze')
ROW, LABEL, FIELD = 44, 190, 120        # pixels
RENEW_MS = 5000         # a subscription is renewed, in case the instrument was started later

Widget = dict


def write_layouts(folder: Path) -> None:
    """Write all surfaces into a folder."""
    for name, make in LAYOUTS.items():
        (folder / name).write_text(json.dumps(make(), indent=1) + '\n', encoding='utf-8')


def session() -> Widget:
    """Return the session for Open Stage Control."""
    tabs = [play_tab()]
    for group in GROUPS:
        if group not in LAYERS[1:]:
            tabs.append(tab(group, [row(param.address, param, param.name) for param in PARAMS if param.group == group]))
        elif group == LAYERS[1]:
            tabs.append(layer_tab())
    subscribe = f"send('/subscribe', '/', '{MIRROR}')"
    return {'createdWith': 'Open Stage Control', 'version': '1.26.0', 'type': 'session', 'content': {
        'type': 'root', 'id': 'root', 'tabs': tabs,
        'onCreate': f'{subscribe}\nsetInterval("subscribe", () => {subscribe}, {RENEW_MS})'}}


def tab(name: str, rows: Sequence[Widget]) -> Widget:
    return {'type': 'tab', 'id': f'tab_{name}', 'label': name, 'layout': 'vertical', 'contain': False,
            'widgets': list(rows)}


def strip(name: str, widgets: Sequence[Widget], height: int = ROW) -> Widget:
    """Return widgets side by side."""
    return {'type': 'panel', 'id': f'strip_{name}', 'layout': 'horizontal', 'height': height, 'scroll': False,
            'padding': 2, 'widgets': list(widgets)}


def play_tab() -> Widget:
    """Return what is always at hand: actions, switches, scenes, prompts, and the parameters of HANDS."""
    buttons = [{'type': 'button', 'id': action.name, 'label': action.name, 'address': action.address, 'mode': 'push',
                'expand': True} for action in ACTIONS if not action.takes]
    switches = [switch(find_param(name), f'play_{name}', find_param(name).address) for name in SWITCHES]
    scenes = [{'type': 'button', 'id': f'recall_{number}', 'label': str(number), 'address': '/recall', 'mode': 'tap',
               'on': number, 'expand': True} for number in range(1, SCENES + 1)]
    prompts = [strip(f'prompt_{number}', [label(f'prompt_{number}', f'prompt {number}'), words(f'/prompt/{number}')])
               for number in range(1, PROMPTS + 1)]
    hands = [row(find_param(name).address, find_param(name), f'play {name}') for name in HANDS]
    return tab('play', [
        strip('actions', buttons, 60), strip('switches', switches), strip('scenes', scenes),
        {'type': 'text', 'id': 'message', 'address': '/message', 'height': ROW}, *hands, *prompts])


def layer_tab() -> Widget:
    """Return one tab for all layers but the first: a menu says which one it shows."""
    menu = {'type': 'switch', 'id': 'layer', 'values': list(LAYERS[1:]), 'default': LAYERS[1], 'layout': 'horizontal',
            'bypass': True, 'height': ROW, 'onValue': f"send('/sync', '/' + value, '{MIRROR}/' + value)"}
    return tab('layers', [menu, *(row(param.address.replace('*', '@{layer}'), param, param.name.replace('*', 'layer'))
                                  for param in LAYER_PARAMS)])


def row(address: str, param: Param, name: str) -> Widget:
    """Return name, control and value of a parameter."""
    field = name.replace('.', '_').replace(' ', '_')
    text = param.name.partition('.')[2] + (f' ({param.unit})' if param.unit else '')
    return strip(field, [label(field, text), *controls(address, param, field)])


def controls(address: str, param: Param, field: str) -> list[Widget]:
    if param.choices == SWITCH:
        return [switch(param, field, address)]
    if param.choices:
        values = {'labels': list(param.choices), 'values': list(range(len(param.choices)))}
        return [{'type': 'dropdown', 'id': f'menu_{field}', 'address': address, 'values': values, 'label': '%key',
                 'expand': True}]
    fader = {'type': 'fader', 'id': f'fader_{field}', 'address': MIRROR + address, 'horizontal': True,
             'design': 'compact', 'decimals': 4, 'doubleTap': True, 'default': round(param.to_knob(param.default), 4),
             'expand': True}
    number = {'type': 'input', 'id': f'value_{field}', 'address': address, 'numeric': True, 'decimals': 4,
              'unit': param.unit, 'width': FIELD}
    return [fader, number]


def switch(param: Param, field: str, address: str) -> Widget:
    return {'type': 'button', 'id': f'switch_{field.replace(".", "_")}', 'address': address,
            'label': param.name.partition('.')[2], 'mode': 'toggle', 'expand': True}


def label(field: str, text: str) -> Widget:
    return {'type': 'text', 'id': f'label_{field}', 'default': text, 'align': 'left', 'width': LABEL}


def words(address: str) -> Widget:
    return {'type': 'input', 'id': f'words_{address[1:].replace("/", "_")}', 'address': address, 'align': 'left',
            'typeTags': 's', 'expand': True}


class MaxPatch:
    """Boxes and cords of a Max patch."""

    def __init__(self) -> None:
        self.boxes: list[dict] = []
        self.lines: list[dict] = []

    def add(self, kind: str, text: str, x: float, y: float, width: float, inlets: int, outlets: int,
            **more: object) -> str:
        """Add a box; return its id."""
        name = f'obj-{len(self.boxes) + 1}'
        height = more.pop('height', 22.0)
        box = {'id': name, 'maxclass': kind, 'numinlets': inlets, 'numoutlets': outlets,
               'patching_rect': [float(x), float(y), float(width), height], **more}
        self.boxes.append({'box': {**box, 'text': text, 'outlettype': [''] * outlets} if text else box})
        return name

    def connect(self, source: str, outlet: int, destination: str) -> None:
        self.lines.append({'patchline': {'source': [source, outlet], 'destination': [destination, 0]}})

    def message(self, text: str, x: float, y: float, width: float, destination: str) -> str:
        """Add a message box that is sent where clicked."""
        name = self.add('message', text, x, y, width, 2, 1)
        self.connect(name, 0, destination)
        return name

    def file(self) -> dict:
        version = {'major': 8, 'minor': 5, 'revision': 0, 'architecture': 'x64', 'modernui': 1}
        return {'patcher': {
            'fileversion': 1, 'appversion': version, 'classnamespace': 'box', 'rect': [60.0, 90.0, 900.0, 620.0],
            'bglocked': 0, 'openinpresentation': 0, 'default_fontsize': 12.0, 'default_fontname': 'Arial',
            'gridonopen': 1, 'gridsize': [15.0, 15.0], 'boxes': self.boxes, 'lines': self.lines}}


def max_patch() -> dict:
    """Return the patch for Max: dials for HANDS that move and are moved, actions, words."""
    patch = MaxPatch()
    patch.add('comment', 'Dials move the instrument and follow it. Copy a dial with its cords for another parameter.',
              20, 15, 700, 1, 0)
    send = patch.add('newobj', f'udpsend 127.0.0.1 {PORT}', 20, 560, 160, 1, 0)
    begin = patch.add('newobj', 'loadbang', 20, 45, 60, 1, 1)
    addresses = [MIRROR + find_param(name).address for name in HANDS]
    asked = patch.message(f'/answer {ANSWER_PORT}, /subscribe {" ".join(addresses)}', 95, 45, 780, send)
    patch.connect(begin, 0, asked)
    receive = patch.add('newobj', f'udpreceive {ANSWER_PORT}', 20, 90, 120, 1, 1)
    route = patch.add('newobj', f'route {" ".join(addresses)}', 20, 125, 860, 1, len(addresses) + 1)
    patch.connect(receive, 0, route)
    for number, address in enumerate(addresses):
        add_dial(patch, route, number, address, send)
    for number, action in enumerate([action for action in ACTIONS if not action.takes]):
        patch.message(action.address, 20 + 85 * (number % 10), 440 + 30 * (number // 10), 78, send)
    for number, text in enumerate(('/prompt a glass forest under water', '/recall 1', '/dream/noise walk',
                                   '/stage/blackout 1', '/stage/blackout 0')):
        patch.message(text, (20, 260, 350, 490, 620)[number], 510, (230, 80, 130, 120, 120)[number], send)
    return patch.file()


def add_dial(patch: MaxPatch, route: str, number: int, address: str, send: str) -> None:
    """Add a dial that sends its position, and is set without sending when the instrument tells where it stands."""
    x, y = 20 + 108 * (number % 8), 165 + 135 * (number // 8)
    told = patch.add('newobj', 'prepend set', x, y, 72, 1, 1)
    dial = patch.add('dial', '', x, y + 30, 40, 1, 1, height=40.0, floatoutput=1, size=1.0, outlettype=['float'],
                     parameter_enable=0)
    sent = patch.add('newobj', f'prepend {address}', x, y + 75, 104, 1, 1)
    patch.add('comment', address.removeprefix(MIRROR + '/').replace('/', '.'), x, y + 100, 106, 1, 0)
    for source, outlet, destination in ((route, number, told), (told, 0, dial), (dial, 0, sent), (sent, 0, send)):
        patch.connect(source, outlet, destination)


LAYOUTS = {'open-stage-control.json': session, 'live.maxpat': max_patch}
