"""The command line: `python -m live --help` is the table of contents."""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from live import is_compiled
from live.params import PARAMS, describe, markdown_table
from live.pipe import is_shut, pipe_may_shut

README = Path(__file__).resolve().parents[1] / 'README.md'
TABLE_BEGIN, TABLE_END = '## Parameters\n\n', '\n\n## How it is built'


@pipe_may_shut()
def main(words: list[str] | None = None) -> int:
    words = sys.argv[1:] if words is None else words
    try:
        if words[:1] == ['studio']:     # its tools have arguments of their own, read when one is used
            from live.studio.command import main as run_studio
            return run_studio(words[1:])
        arguments = make_parser().parse_args(words)
        return COMMANDS[arguments.command](arguments)
    except (ValueError, OSError, RuntimeError) as error:    # PatchError, DeviceError, MapError, OscError, ModelError
        if not is_shut():
            print(f'live: {error}', file=sys.stderr)
        return 2


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='live', description='Live inside a note: a microtonal drone and the pictures '
                                     'it dreams. "live play" is what you want.')
    commands = parser.add_subparsers(dest='command', required=True, metavar='COMMAND')
    _add_play(commands.add_parser('play', help='perform: sound, picture, MIDI, OSC'))
    _add_render(commands.add_parser('render', help='write a patch, or a performance again, to a file, offline'))
    _add_shader(commands.add_parser('shader', help='draw a shader to a PNG, or list them'))
    params = commands.add_parser('params', help='list every parameter')
    params.add_argument('--json', action='store_true', help='as JSON')
    params.add_argument('--markdown', action='store_true', help='as the table of the README')
    params.add_argument('--readme', action='store_true', help='put that table into README.md')
    params.add_argument('--layouts', action='store_true', help='write the surfaces for other programs into docs/')
    commands.add_parser('devices', help='list sound cards, MIDI inputs, cameras, monitors')
    commands.add_parser('doctor', help='tell what of this machine the instrument can use, and what is missing')
    commands.add_parser('studio', help='what is made off stage: live studio --help')
    return parser


def _add_play(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('patch', nargs='?', default='bflat', help='a name from patches/, or a .toml file (default: bflat)')
    add('--audio', default='auto', choices=('auto', 'jack', 'sounddevice', 'pyaudio', 'clock'),
        help='how the sound is played')
    add('--device', metavar='NAME', help='part of the name of a sound card')
    add('--samplerate', type=_positive, metavar='HZ')
    add('--blocksize', type=int, default=0, metavar='FRAMES', help='0 = as the sound card likes it (default)')
    add('--input', action='store_true', help='listen to the live input')
    add('--display', default='auto', choices=('auto', 'window', 'offscreen', 'none'))
    add('--monitor', metavar='NAME', help='name or number of the monitor that shows the picture: live devices')
    add('--fullscreen', action='store_true')
    add('--screens', metavar='FILE', help='which monitors show what, bent to fit the wall: patches/screens')
    add('--performer', nargs='?', const='', metavar='MONITOR',
        help='a window with figures and a small picture, on another monitor')
    add('--size', type=_size, metavar='WxH', help='of the window')
    add('--model', default='auto', metavar='MODEL',
        help='auto, embedded, sd-turbo, a folder or hub id, random:tiny, random:sd-turbo, off')
    _add_lora(parser)
    add('--compile', action='store_true', help='on CUDA, fuse kernels at the start: minutes once, faster then')
    add('--share-gl', action='store_true', help='on CUDA, show dreams without the way through the host (pip install -e '
        '.[gl-share]); where that fails, as without it')
    add('--share', type=_words, default=(), metavar='WAY,...', help='give the picture to other programs: ndi, spout, '
        'syphon, camera, websocket, osc:HOST:PORT')
    add('--image', metavar='PATH', help='an image, or a folder of images, that dreams can begin from: init.image')
    add('--camera', nargs='?', const='', metavar='DEVICE',
        help='a camera that dreams can begin from: init.camera; a number, name, address, or a film')
    add('--classifier', metavar='FOLDER', help='let it tell kinds of sounds: class1, class2 ... move what routes say; '
        'live studio classify train makes one')
    add('--osc-port', type=int, metavar='PORT', help='default 9000')
    add('--panel', nargs='?', type=int, const=8040, metavar='PORT', help="serve the performer's page (default 8040)")
    add('--lan', action='store_true', help='let other machines send OSC, and phones open the page by its QR code')
    add('--midi', metavar='NAME', help='part of the name of a MIDI input; without it all are heard')
    add('--midi-clock', metavar='NAME', help='part of the names of MIDI outputs that get our clock')
    add('--map', metavar='NAME', help='map for all MIDI controllers: patches/maps; without it each has its own')
    add('--gamepad', default='gamepad', metavar='NAME', help='map for gamepads: patches/gamepads')
    add('--set', metavar='NAME', help='cues to go through: patches/sets')
    add('--safe', default='safe', metavar='PATCH', help='where SAFE goes (default: safe)')
    add('--resume', action='store_true', help='take the last performance up where it stopped')
    add('--installation', metavar='FILE', help='play in a house, alone and for weeks: patches/installations')
    add('--supervised', action='store_true', help=argparse.SUPPRESS)
    add('--record', metavar='FILE', help='.wav .w64 .flac; .mp4 .mkv with pictures, and beside it a .w64, the sound '
        'as it was played')
    add('--keep', type=_minutes, metavar='MINUTES', help='minutes of sound and picture that a key writes afterwards '
        '(default 5; 0: none)')
    add('--seconds', type=_positive, metavar='N', help='play so long')
    add('--status-json', metavar='FILE', help='rewritten once a second')


def _add_render(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('patch', help='a name from patches/, a .toml file, or TAKE.live: a performance, as it was played')
    add('--seconds', type=_positive, metavar='N', help='default: 20 of a patch, the whole of a performance')
    add('--out', required=True, metavar='FILE', help='.wav .w64 .flac for sound; .mp4 .mkv with pictures')
    add('--samplerate', type=_positive, metavar='HZ', help='default 48000; a performance has its own')
    add('--size', type=_size, default=(1280, 720), metavar='WxH')
    add('--fps', type=_positive, default=30.0)
    add('--model', metavar='MODEL', help='as in play; without it auto, or that of the performance')
    _add_lora(parser)
    add('--dream-fps', type=_positive, default=10.0, help='dreams a second (default 10)')
    add('--steps', type=int, choices=range(1, 5), metavar='N', help='steps of diffusion in a dream: 1 to 4')
    add('--image', metavar='PATH', help='as in play')
    add('--camera', metavar='FILM', help='a film, in place of a camera')


def _add_shader(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('name', nargs='?', help='a name from shaders/, or a file; without it they are listed, or all drawn')
    add('--png', metavar='FILE', help='where the last frame goes')
    add('--patch', default='bflat', help='whose sound moves it (default: bflat)')
    add('--size', type=_size, default=(960, 540), metavar='WxH')
    add('--seconds', type=_positive, default=4.0, metavar='N', help='default 4')
    add('--fps', type=_positive, default=30.0)
    add('--set', action='append', default=[], metavar='NAME=VALUE', help='turn a knob of it; may be given again')
    add('--picture', metavar='FILE', help='what a filter changes, in place of the test card')


def _add_lora(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--lora', action='append', default=[], metavar='PATH[:WEIGHT]',
                        help='a LoRA (.safetensors) added to the model; may be given again')


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e7:
        raise argparse.ArgumentTypeError(f'{text} is not a positive number')
    return value


def _minutes(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 60:
        raise argparse.ArgumentTypeError(f'{text} is not a number of minutes from 0 to 60')
    return value


def _words(text: str) -> list[str]:
    return [word for word in text.split(',') if word.strip()]


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition('x')
    if not (width.isdigit() and height.isdigit() and 16 <= int(width) <= 16384 and 16 <= int(height) <= 16384):
        raise argparse.ArgumentTypeError(f'{text} is not a size like 1280x720')
    return int(width), int(height)


def announce_compiling() -> None:
    """Say why it takes a while before anything happens, if it will."""
    if not is_compiled():
        print('Compiling the sound for this processor: once, a minute or two.', flush=True)


def _supervise(name: str) -> int:
    """Become the supervisor of an installation, once its file has been read."""
    from live.control.autosave import state_folder
    from live.installed import read_installation
    said = read_installation(name)
    words = ['-m', 'live.installation.supervisor', str(said.hang), str(state_folder() / 'logs'), *sys.argv[2:]]
    if sys.platform == 'win32':
        return subprocess.call([sys.executable, *words])
    os.execv(sys.executable, [sys.executable, *words])


def _play(arguments: argparse.Namespace) -> int:
    if arguments.installation and not arguments.supervised:
        return _supervise(arguments.installation)
    announce_compiling()
    from live.app import Settings, play
    settings = vars(arguments).copy()
    del settings['command']
    code = play(Settings(**settings))
    sys.stdout.flush()
    sys.stderr.flush()
    # C libraries run code at exit that can hang or abort when a sound server or display has gone before us.
    os._exit(code)


def _render(arguments: argparse.Namespace) -> int:
    announce_compiling()
    from live.render import render_file
    rate = round(arguments.samplerate) if arguments.samplerate else None
    render_file(arguments.patch, arguments.out, arguments.seconds, rate, arguments.size, arguments.fps, arguments.model,
                arguments.dream_fps, arguments.image, arguments.camera, arguments.lora, arguments.steps)
    return 0


def _shader(arguments: argparse.Namespace) -> int:
    from live.shader_view import list_all, show_all, show_shader
    if not arguments.name and not arguments.png:
        print(list_all())
        return 0
    announce_compiling()
    film = arguments.patch, arguments.size, arguments.seconds, arguments.fps
    if arguments.name:
        print(show_shader(arguments.name, arguments.png, *film, arguments.set, arguments.picture))
    else:
        print(show_all(arguments.png, *film, arguments.picture))
    return 0


def _params(arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps(describe(), indent=1))
    elif arguments.markdown:
        print(markdown_table())
    elif arguments.readme:
        write_readme()
    elif arguments.layouts:
        from live.control.osc_layouts import write_layouts
        write_layouts(README.parent / 'docs')
    else:
        for p in PARAMS:
            print(f'{p.name:26} {p.text(p.default):>12}   {p.range_text:24} {p.doc}')
    return 0


def write_readme() -> None:
    """Put the parameter table between its heading and the next one."""
    text = README.read_text(encoding='utf-8')
    head, _, rest = text.partition(TABLE_BEGIN)
    tail = rest.partition(TABLE_END)[2]
    README.write_text(head + TABLE_BEGIN + markdown_table() + TABLE_END + tail, encoding='utf-8')


def _devices(arguments: argparse.Namespace) -> int:
    from live.doctor import print_devices
    return print_devices()


def _doctor(arguments: argparse.Namespace) -> int:
    from live.doctor import print_report
    return print_report()


COMMANDS = {'play': _play, 'render': _render, 'shader': _shader, 'params': _params, 'devices': _devices,
            'doctor': _doctor}

if __name__ == '__main__':
    sys.exit(main())
