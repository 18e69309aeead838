"""ISF 2: what a shader says of itself in the JSON at its head -> Header, and its inputs -> rows of the registry.

    /*{ "ISFVSN": "2", "DESCRIPTION": "...", "CATEGORIES": [...],
        "INPUTS": [{"NAME": "amount", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5, "LABEL": "..."}],
        "PASSES": [{"TARGET": "buffer", "PERSISTENT": true, "FLOAT": true, "WIDTH": "$WIDTH / 2"}],
        "IMPORTED": {"paper": {"PATH": "paper.png"}} }*/

A float becomes one parameter, a bool or event a switch, a long a choice, a point2D two (_x, _y), a color four (_r, _g,
_b, _a); images and sound are given by the instrument. The parameter's group is the file's name: `amount` in
bloom.fs is bloom.amount. Every shader also has `mix`: how much of it is seen over what came before it.

Files: .fs is ISF, of version 1 too; a .frag or .glsl with `mainImage`, as Shadertoy has it, is read as an ISF without
a head: iChannel0 is the sound, iChannel1 the picture before it. Knows nothing of OpenGL: display/ draws. Strict:
IsfError says what is wrong and where.
Source: https://docs.isf.video
"""
import ast
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from live.spelling import hint

SHADERS = Path(__file__).resolve().parents[1] / 'shaders'
SUFFIX, TOY_SUFFIXES = '.fs', ('.frag', '.glsl')
PICTURE = 'inputImage'      # what a filter calls the picture before it
MIX = 'mix'
IMAGES = ('image', 'audio', 'audioFFT')
TYPES = ('event', 'bool', 'long', 'float', 'point2D', 'color', *IMAGES)
PARTS = {'point2D': ('x', 'y'), 'color': ('r', 'g', 'b', 'a')}
_HEAD = re.compile(r'\s*/\*(.*?)\*/', re.DOTALL)
_COMMA = re.compile(r',(?=\s*[\]}])')
_HUMP = re.compile(r'(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+')


class IsfError(ValueError):
    """A shader whose head cannot be understood: file, entry, what is allowed."""


@dataclass(frozen=True)
class Knob:
    """One number of an input, as a row of the registry wants it. name: 'bloom.amount'; choices: of a switch or long."""
    name: str
    low: float
    high: float
    default: float
    doc: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Input:
    """One input. name: the uniform's; kind: one of TYPES; values: what the choices of a long stand for."""
    name: str
    kind: str
    knobs: tuple[Knob, ...] = ()
    values: tuple[float, ...] = ()
    samples: int = 0


@dataclass(frozen=True)
class Pass:
    """One pass. target: name of its texture, '' for the picture; width, height: expressions, '' = the picture's."""
    target: str = ''
    persistent: bool = False
    float: bool = False
    width: str = ''
    height: str = ''


@dataclass(frozen=True)
class Header:
    """What a shader says of itself.

    is_filter: it changes the picture that it is given; is_toy: it is written for Shadertoy; body: its GLSL, with the
    lines of the file; vertex: that of the .vs beside it; imported: file names by uniform.
    """
    name: str
    description: str
    inputs: tuple[Input, ...]
    passes: tuple[Pass, ...]
    imported: Mapping[str, str]
    body: str
    vertex: str = ''
    is_toy: bool = False

    @property
    def is_filter(self) -> bool:
        return any(item.kind == 'image' for item in self.inputs)

    @property
    def knobs(self) -> tuple[Knob, ...]:
        own = tuple(knob for item in self.inputs for knob in item.knobs)
        mix = Knob(f'{self.name}.{MIX}', 0, 1, 1, f'How much of {self.name} is seen over what comes before it.')
        return own if self.mixes_itself else (*own, mix)

    @property
    def mixes_itself(self) -> bool:
        """It has a `mix` of its own, and does with it what it likes."""
        return any(snake(item.name) == MIX for item in self.inputs)


def list_shaders(folder: Path = SHADERS) -> list[Path]:
    """Return the files that can stand in a chain."""
    return sorted(path for path in folder.glob('*') if path.suffix in (SUFFIX, *TOY_SUFFIXES))


def find_shader(name: str, folder: Path = SHADERS) -> Path:
    """Return the file of a shader given by name or path; raise IsfError with the nearest name."""
    path = Path(name)
    if path.suffix in (SUFFIX, *TOY_SUFFIXES) and path.is_file():
        return path
    known = {path.stem: path for path in list_shaders(folder)}
    if name not in known:
        raise IsfError(f'there is no shader {name!r}{hint(name, tuple(known))} (known: {", ".join(known)})')
    return known[name]


def read_header(path: Path) -> Header:
    """Read a shader, and the .vs beside it; raise IsfError."""
    try:
        text = path.read_text(encoding='utf-8')
        vertex = path.with_suffix('.vs')
        header = parse_toy(path.stem, text) if path.suffix in TOY_SUFFIXES else parse_header(path.stem, text)
        return replace(header, vertex=vertex.read_text(encoding='utf-8')) if vertex.is_file() else header
    except (OSError, UnicodeDecodeError) as error:
        raise IsfError(f'{path.name}: cannot be read: {error}') from error


def parse_header(name: str, text: str) -> Header:
    """Return what the head of this text says; raise IsfError."""
    text = text.removeprefix('\ufeff')
    found = _HEAD.match(text)
    if not found:
        raise IsfError(f'{name}{SUFFIX}: does not begin with a comment that holds JSON, as ISF wants')
    data = _load(name, found[1])
    # As many empty lines stand for the head, so that lines are counted as in the file.
    body = '\n' * found[0].count('\n') + text[found.end():]
    return Header(name, str(data.get('DESCRIPTION', '')),
                  tuple(_input(name, item) for item in _items(name, data, 'INPUTS')),
                  _passes(name, data), _imported(data.get('IMPORTED', {})), body)


def parse_toy(name: str, text: str) -> Header:
    """Return a header for a fragment written for Shadertoy; raise IsfError where there is no mainImage."""
    if not re.search(r'\bmainImage\s*\(', text):
        raise IsfError(f'{name}: has no mainImage(out vec4, in vec2), as Shadertoy wants')
    described = re.match(r'\s*(?://|/\*)\s*(.*)', text)
    inputs = (Input(PICTURE, 'image'),) if 'iChannel1' in text else ()
    return Header(name, described[1].strip(' */') if described else '', inputs, (Pass(),), {}, text, is_toy=True)


def _load(name: str, text: str) -> dict:
    """Return the object in a head; commas too many and line ends within texts are taken, as other hosts do."""
    try:
        data = json.loads(_COMMA.sub('', text), strict=False)
    except (ValueError, RecursionError) as error:
        raise IsfError(f'{name}{SUFFIX}: the JSON at its head is broken: {error}') from error
    if not isinstance(data, dict):
        raise IsfError(f'{name}{SUFFIX}: the JSON at its head is not an object')
    return data


def _passes(name: str, data: dict) -> tuple[Pass, ...]:
    """Return the passes; version 1 of ISF tells of what persists in a list of its own."""
    kept = data.get('PERSISTENT_BUFFERS', {})
    kept = {str(key): kept[key] if isinstance(kept, dict) and isinstance(kept[key], dict) else {}
            for key in (kept if isinstance(kept, (list, dict)) else ())}
    items = _items(name, data, 'PASSES') or [{}]
    targets = [str(item.get('TARGET', '')) for item in items]
    return tuple(_pass({**item, 'PERSISTENT': True, **kept[target]} if target in kept else item)
                 for target, item in zip(targets, items))


def _items(name: str, data: dict, key: str) -> list[dict]:
    items = data.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise IsfError(f'{name}{SUFFIX}: {key} is not a list of objects')
    return items


def _input(shader: str, item: dict) -> Input:
    name, kind = item.get('NAME'), item.get('TYPE')
    if not isinstance(name, str) or not re.fullmatch(r'[A-Za-z_]\w*', name, re.ASCII):
        raise IsfError(f'{shader}{SUFFIX}: NAME = {name!r} is not a name that GLSL takes')
    if kind not in TYPES:
        raise IsfError(f'{shader}{SUFFIX}: {name}: TYPE = {kind!r} is none of {", ".join(TYPES)}')
    try:
        if kind in IMAGES:
            return Input(name, kind, samples=int(item.get('MAX', 0)) if kind != 'image' else 0)
        values = tuple(map(float, item.get('VALUES', ()))) if kind == 'long' else ()
        return Input(name, kind, _knobs(shader, name, kind, item, values), values)
    except (TypeError, ValueError, OverflowError) as error:
        raise IsfError(f'{shader}{SUFFIX}: {name}: MIN, MAX, DEFAULT or VALUES do not fit a {kind}: {error}') from error


def _knobs(shader: str, name: str, kind: str, item: dict, values: tuple[float, ...]) -> tuple[Knob, ...]:
    row = f'{shader}.{snake(name)}'
    doc = str(item.get('LABEL') or name).rstrip('.') + '.'
    if kind in ('bool', 'event'):
        return Knob(row, 0, 1, float(bool(item.get('DEFAULT', 0))), doc, ('off', 'on')),
    if kind == 'long' and values:
        labels, numbers = tuple(map(str, item.get('LABELS') or ())), [f'{value:g}' for value in values]
        default = float(item.get('DEFAULT', values[0]))
        return Knob(row, 0, len(values) - 1, values.index(default) if default in values else 0, doc,
                    (*labels, *numbers[len(labels):])[:len(values)]),
    parts = PARTS.get(kind, ('',))
    wide = kind == 'point2D'
    lows, highs, defaults = (_spread(item.get(key, other), len(parts)) for key, other in (
        ('MIN', 0), ('MAX', 1), ('DEFAULT', [0, 0] if wide else [0, 0, 0, 1] if kind == 'color' else 0)))
    return tuple(Knob(f'{row}_{part}' if part else row, *_ordered(low, high, default), doc)
                 for part, low, high, default in zip(parts, lows, highs, defaults))


def _spread(value: object, count: int) -> list[float]:
    """Return a number for each part; one number serves all."""
    numbers = [float(number) for number in (value if isinstance(value, list) else [value] * count)]     # type: ignore
    if len(numbers) < count or not all(map(math.isfinite, numbers)):
        raise ValueError(f'{value!r} is not {count} numbers')
    return numbers


def _ordered(low: float, high: float, default: float) -> tuple[float, float, float]:
    low, high = min(low, high), max(low, high)
    high = high if high > low else low + 1
    return low, high, min(high, max(low, default))


def _pass(item: dict) -> Pass:
    return Pass(str(item.get('TARGET', '')), bool(item.get('PERSISTENT')), bool(item.get('FLOAT')),
                str(item.get('WIDTH', '')), str(item.get('HEIGHT', '')))


def _imported(data: object) -> dict[str, str]:
    """Return file names by uniform; both forms that ISF knows are taken."""
    pairs = ([(item.get('NAME'), item) for item in data if isinstance(item, dict)] if isinstance(data, list)
             else list(data.items()) if isinstance(data, dict) else [])
    return {str(name): str(item['PATH']) for name, item in pairs if isinstance(item, dict) and 'PATH' in item}


def snake(name: str) -> str:
    """Return an ISF name as the registry writes it: inputSize -> input_size."""
    return '_'.join(part for part in _HUMP.split(name) if part).lower()


_OPERATIONS: dict[type, Callable[..., float]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b, ast.Mod: lambda a, b: a % b}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    'floor': math.floor, 'ceil': math.ceil, 'round': round, 'min': min, 'max': max, 'abs': abs,
    'sqrt': math.sqrt, 'pow': pow}


def evaluate(expression: str, names: Mapping[str, float]) -> float:
    """Return the value of a size such as '$WIDTH / 2' or 'floor($amount * 10)'; raise IsfError for anything else."""
    try:
        return float(_value(ast.parse(re.sub(r'\$(\w+)', r'\1', expression).strip(), mode='eval').body, names))
    except (SyntaxError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError, MemoryError) as error:
        raise IsfError(f'the size {expression[:60]!r} cannot be computed; use numbers, $WIDTH, $HEIGHT, inputs, '
                       f'+ - * / and {", ".join(_FUNCTIONS)}') from error


def _value(node: ast.AST, names: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = _value(node.operand, names)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        return _OPERATIONS[type(node.op)](_value(node.left, names), _value(node.right, names))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _FUNCTIONS[node.func.id](*(_value(item, names) for item in node.args))
    raise ValueError(type(node).__name__)
