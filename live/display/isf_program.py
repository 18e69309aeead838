"""ISF and Shadertoy to OpenGL: a Header -> a program of GLSL 3.30 core, its complaints in the lines of the file. [main]

Every input is a uniform of its name, images are sampler2D. What ISF offers beside them (TIME, RENDERSIZE, IMG_PIXEL
...) stands before the shader's own text; words of GLSL 1.20 (varying, texture2D, gl_FragColor) are replaced by today's,
in their line. A body may also declare any uniform that the instrument knows, such as `uniform float root;`, and include
files of include/. Each pass has a program of its own in which PASSINDEX is a constant, so that a driver leaves out what
the others do: one that draws in software runs branches that are not taken. Knows nothing of textures and values.
"""
import re
from pathlib import Path

import moderngl

from live.display.shaders import VERSION, ShaderError, explain, find_include
from live.isf import IMAGES, Header

Lines = list[tuple[Path, int, str]]     # file, number there, text

TYPES = {'event': 'bool', 'bool': 'bool', 'long': 'int', 'float': 'float', 'point2D': 'vec2', 'color': 'vec4'}
PASS = 'const int PASSINDEX = %d;\n'
COMMON = '''
uniform int FRAMEINDEX;
uniform vec2 RENDERSIZE;
uniform float TIME, TIMEDELTA;
uniform vec4 DATE;
#define IMG_SIZE(image) vec2(textureSize(image, 0))
#define IMG_NORM_PIXEL(image, place) texture(image, place)
#define IMG_PIXEL(image, place) texture(image, (place) / IMG_SIZE(image))
#define IMG_THIS_PIXEL(image) texture(image, isf_FragNormCoord)
#define IMG_THIS_NORM_PIXEL(image) texture(image, isf_FragNormCoord)
'''
FRAGMENT = 'in vec2 isf_FragNormCoord;' + COMMON
OUTPUT = 'out vec4 isf_FragColor;\n'
VERTEX = 'out vec2 isf_FragNormCoord;' + COMMON + '''
void isf_vertShaderInit() {     // a square, so that what a vertex shader clamps stays where it was
    isf_FragNormCoord = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(isf_FragNormCoord * 2.0 - 1.0, 0.0, 1.0);
}
'''
WHOLE = 'void main() { isf_vertShaderInit(); }'
TOY = '''
uniform vec4 iMouse;
uniform vec3 iChannelResolution[4];
uniform float iChannelTime[4];
uniform float iSampleRate;
uniform sampler2D iChannel0, iChannel1, iChannel2, iChannel3;
#define iTime TIME
#define iGlobalTime TIME
#define iTimeDelta TIMEDELTA
#define iFrameRate (1.0 / max(TIMEDELTA, 0.001))
#define iFrame FRAMEINDEX
#define iDate DATE
#define iResolution vec3(RENDERSIZE, 1.0)
'''
TOY_MAIN = 'void main() { mainImage(isf_FragColor, gl_FragCoord.xy); isf_FragColor.a = 1.0; }'

# Names that were free in GLSL 1.20 and are words of 3.30.
TAKEN = 'active', 'common', 'filter', 'flat', 'partition', 'sample', 'smooth'
TODAY = {'gl_FragColor': 'isf_FragColor', 'vv_FragNormCoord': 'isf_FragNormCoord',
         'vv_vertShaderInit': 'isf_vertShaderInit', 'texture2D': 'texture', 'texture2DLod': 'textureLod',
         'texture2DProj': 'textureProj', 'textureCube': 'texture', 'texture2DRect': 'IMG_PIXEL', 'attribute': 'in'}
_WORD = re.compile(r'\bgl_FragData\s*\[\s*0\s*\]|\b[A-Za-z_]\w*\b')
_DIRECTIVE = re.compile(r'\s*#\s*(?:version|extension)\b')
_INCLUDE = re.compile(r'\s*#include\s+"([\w.]+)"\s*')
_QUALIFIER = re.compile(r'\b(flat|smooth)\s+(?:in|out|varying)\b')
_OWN_OUTPUT = re.compile(r'^\s*(?:layout\s*\([^)]*\)\s*)?out\s+vec4\s+\w+\s*;', re.MULTILINE)


def uniform_name(name: str) -> str:
    """Return the name of an input or target in the program: its own, unless GLSL has taken it since."""
    return f'{name}_' if name in TAKEN else name


def compile_passes(context: moderngl.Context, header: Header, path: Path) -> list[moderngl.Program]:
    """Return the program of each pass; raise ShaderError, then none is left."""
    programs: list[moderngl.Program] = []
    try:
        for number in range(len(header.passes)):
            programs.append(compile_pass(context, header, path, number))
    except ShaderError:
        for program in programs:
            program.release()
        raise
    return programs


def compile_pass(context: moderngl.Context, header: Header, path: Path, number: int) -> moderngl.Program:
    """Return the program of one pass; raise ShaderError with file, line and what the driver says."""
    try:
        fragment, vertex = fragment_lines(header, path, number), vertex_lines(header, path, number)
        return context.program(join(vertex), join(fragment))
    except (OSError, UnicodeDecodeError) as error:
        raise ShaderError(f'{path.name}: what it includes cannot be read: {error}') from error
    except moderngl.Error as error:
        in_vertex = 'vertex_shader' in str(error).lower().replace(' ', '_')
        raise ShaderError(explain(str(error), vertex if in_vertex else fragment)) from error


def join(lines: Lines) -> str:
    return VERSION + '\n'.join(line for _, _, line in lines) + '\n'


def fragment_lines(header: Header, path: Path, number: int = 0) -> Lines:
    output = '' if _OWN_OUTPUT.search(header.body) else OUTPUT
    head = PASS % number + FRAGMENT + output + uniforms(header) + (TOY if header.is_toy else '')
    return [*place(head, path), *own_lines(header.body, path, 'in'),
            *place(TOY_MAIN if header.is_toy else '', path)]


def vertex_lines(header: Header, path: Path, number: int = 0) -> Lines:
    if not header.vertex:
        return place(VERTEX + WHOLE, path)
    own = path.with_suffix('.vs')
    return [*place(PASS % number + VERTEX + uniforms(header), own), *own_lines(header.vertex, own, 'out')]


def uniforms(header: Header) -> str:
    """Return the declarations of inputs, targets and imported images."""
    lines = [f'uniform {TYPES[item.kind]} {uniform_name(item.name)};' for item in header.inputs if item.kind in TYPES]
    images = [item.name for item in header.inputs if item.kind in IMAGES]
    images += [*header.imported, *(each.target for each in header.passes if each.target)]
    for name in map(uniform_name, dict.fromkeys(images)):
        lines += [f'uniform sampler2D {name};', f'uniform vec4 _{name}_imgRect;', f'uniform vec2 _{name}_imgSize;',
                  f'const bool _{name}_flip = false;']
    return '\n'.join(lines)


def place(text: str, path: Path) -> Lines:
    """Return lines of ours as lines of a file that has none of them."""
    return [(path, 0, line) for line in text.splitlines()]


def own_lines(text: str, path: Path, varying: str) -> Lines:
    """Return the lines of a body in today's words; what it includes keeps its own places."""
    kept = _QUALIFIER.findall(text)
    words = {**TODAY, 'varying': varying, **{name: uniform_name(name) for name in TAKEN if name not in kept}}
    lines: Lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if include := _INCLUDE.fullmatch(line):
            lines += find_include(path, include[1])
        else:
            lines.append((path, number, '' if _DIRECTIVE.match(line) else translate(line, words)))
    return lines


def translate(line: str, words: dict[str, str]) -> str:
    return _WORD.sub(lambda found: 'isf_FragColor' if '[' in found[0] else words.get(found[0], found[0]), line)
