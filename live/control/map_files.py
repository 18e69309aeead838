"""Where maps lie: shipped in patches/maps, the performer's own in the user's folder; a map of the same name wins there.

In: a name, a path, or the name of a device. Out: a Map, or its file written whole. Only what a performer learns is ever
written, and never over a shipped map.
"""
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

from live.control.autosave import write_whole
from live.control.mapping import ALONE, BOUND, Binding, Map, MapError, Rule, default_mode, load_map
from live.control.midi_controls import KINDS
from live.control.midi_out import plain
from live.control.mpe import MpeSetup
from live.params import hint
from live.patch import PATCHES
from live.toml_file import quote

MAPS = PATCHES / 'maps'
GENERIC = 'generic'         # for devices that have no map of their own


def user_folder() -> Path:
    """Return where this user's settings of the instrument lie, as the system wants it."""
    home = Path.home()
    if sys.platform == 'win32':
        return Path(os.environ.get('APPDATA') or home / 'AppData' / 'Roaming') / 'live'
    if sys.platform == 'darwin':
        return home / 'Library' / 'Application Support' / 'live'
    return Path(os.environ.get('XDG_CONFIG_HOME') or home / '.config') / 'live'


def user_maps() -> Path:
    return user_folder() / 'maps'


def list_maps(*folders: Path) -> list[str]:
    """Return the names of all maps."""
    return sorted({path.stem for folder in folders or (user_maps(), MAPS) for path in folder.glob('*.toml')})


def find_map(name: str, *folders: Path) -> Path:
    """Return the file of a map given by name or path; raise MapError with the nearest name."""
    path = Path(name)
    if path.suffix == '.toml' and path.is_file():
        return path
    folders = folders or (user_maps(), MAPS)
    known = list_maps(*folders)
    if name not in known:
        raise MapError(f'there is no map {name!r}{hint(name, known)} (known: {", ".join(known)})')
    return next(path for folder in folders if (path := folder / f'{name}.toml').is_file())


def choose_map(device: str, *folders: Path) -> tuple[Map, str]:
    """Return the map for a device: its own, else the generic one; and why. A map that cannot be read is passed over."""
    failures, chosen = [], None
    for name in list_maps(*folders):
        try:
            found = load_map(find_map(name, *folders))
        except MapError as error:
            failures.append(str(error))
            continue
        if is_for(found, device) and (chosen is None or longest(found, device) > longest(chosen, device)):
            chosen = found
    if chosen is not None:
        return chosen, '; '.join((f'{chosen.name} is for it', *failures))
    try:
        return load_map(find_map(GENERIC, *folders)), '; '.join(('no map is for it', *failures))
    except MapError as error:
        return Map(), '; '.join((*failures, str(error)))


def is_for(found: Map, device: str) -> bool:
    return longest(found, device) > 0


def longest(found: Map, device: str) -> int:
    """Return the length of the longest part of a device's name that a map names; 0 = none."""
    return max((len(part) for part in found.devices if part and part.casefold() in device.casefold()), default=0)


def own_map(found: Map, device: str) -> Map:
    """Return the map that what is learned on a device goes into: its own if it has one, else a copy named for it."""
    if found.path is None or (found.path.parent == MAPS and not is_for(found, device) and found.name == GENERIC):
        return replace(found, name=slug(device), devices=(device,), description=f'Learned on {device}.', path=None)
    return found


def slug(device: str) -> str:
    """Return a name for a file."""
    words = dict.fromkeys(re.sub('[^a-z0-9]+', ' ', plain(device)).split())
    return '_'.join(words)[:60] or 'device'


def save_map(changed: Map) -> Map:
    """Write a map whole or not at all: to the file it came from if that is the performer's own, else to the user's
    folder. Return it with its path; raise OSError."""
    path = changed.path
    if path is None or path.resolve().parent == MAPS.resolve():
        path = user_maps() / f'{changed.name}.toml'
        path.parent.mkdir(parents=True, exist_ok=True)
    text = ''.join(_head(path)) + dump_map(changed)
    write_whole(path, text)
    return replace(changed, path=path)


def _head(path: Path) -> list[str]:
    """Return the comment that a file begins with."""
    lines = path.read_text(encoding='utf-8').splitlines(keepends=True) if path.is_file() else []
    end = next((number for number, line in enumerate(lines) if not line.startswith('#')), len(lines))
    return [*lines[:end], '\n'] if end else []


def dump_map(saved: Map) -> str:
    """Return a map as TOML text that `load_map` reads back to the same map."""
    lines = [f'description = {quote(saved.description)}',
             f'devices = [{", ".join(map(quote, saved.devices))}]',
             *([f'channel = {saved.channel}'] if saved.channel else []),
             f'bend_cents = {saved.bend_cents!r}',
             f'keys = {str(saved.keys).lower()}',
             f'takeover = {quote(saved.takeover)}']
    for kind in sorted(BOUND, key=lambda kind: kind not in ALONE):      # those without a number stand above tables
        numbers = sorted(number for known, number in saved.bindings if known == kind)
        lines += ['', f'[{kind}]'] if numbers and kind not in ALONE else []
        lines += [f'{kind if kind in ALONE else number} = {_bindings(kind, saved, number)}' for number in numbers]
    if saved.mpe:
        lines += ['', '[mpe]', *_mpe(saved.mpe)]
    for rule in saved.rules:
        lines += ['', '[[feedback]]', *_rule(rule)]
    return '\n'.join(lines) + '\n'


def _bindings(kind: str, saved: Map, number: int) -> str:
    texts = [_binding(kind, binding, saved.takeover) for binding in saved.bindings[kind, number]]
    return texts[0] if len(texts) == 1 else f'[{", ".join(texts)}]'


def _binding(kind: str, binding: Binding, takeover: str) -> str:
    most, param = KINDS[kind][1], binding.param
    entries: dict[str, object] = {}
    if param is None:
        entries = {'action': binding.action} | ({} if binding.value is None else {'value': int(binding.value)})
    else:
        ends = (('low', binding.low), ('high', binding.high))
        entries = {'param': param.name}
        entries |= {end: param.text(value) if param.choices else value for end, value in ends if value is not None}
        shown = {'in_low': (round(binding.in_low * most), 0), 'in_high': (round(binding.in_high * most), most),
                 'curve': (binding.curve, 'lin'), 'takeover': (binding.takeover, takeover),
                 'mode': (binding.mode, default_mode(kind, param)), 'step': (binding.step, 0)}
        entries |= {key: value for key, (value, default) in shown.items() if value != default}
    entries |= {'channel': binding.channel} if binding.channel else {}
    entries |= {} if binding.lit is None else {'lit': binding.lit}
    if list(entries) == ['param']:
        return _value(entries['param'])
    return f'{{ {", ".join(f"{key} = {_value(value)}" for key, value in entries.items())} }}'


def _mpe(setup: MpeSetup) -> list[str]:
    shown = {'zone': setup.zone or None, 'members': setup.members, 'bend_cents': setup.bend_cents,
             'master_bend_cents': setup.master_bend_cents}
    return [*(f'{key} = {_value(value)}' for key, value in shown.items() if value is not None),
            f'layers = [{", ".join(map(quote, setup.layers))}]']


def _rule(rule: Rule) -> list[str]:
    shown = {'kind': rule.kind, 'first': rule.first, 'last': rule.last, 'send': rule.send or None,
             'number': rule.number, 'channel': rule.channel or None, 'off': rule.off, 'on': rule.on}
    return [f'{key} = {_value(value)}' for key, value in shown.items() if value is not None]


def _value(value: object) -> str:
    return quote(value) if isinstance(value, str) else repr(value)
