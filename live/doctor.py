"""What this machine offers: devices, and a report of what works and what is missing, with what to do. [main]"""
import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Callable, Iterator

from live.stages import say

PACKAGES = ('numpy', 'numba', 'sounddevice', 'pyaudio', 'python-osc', 'mido', 'python-rtmidi', 'pygame-ce', 'moderngl',
            'torch', 'diffusers', 'transformers', 'soundfile', 'av')
PROGRAMS = {'jackd': 'for tests without a sound card: apt install jackd2',
            'chromium': "for tests of the performer's page: apt install chromium",
            'ffprobe': 'for tests of recordings: apt install ffmpeg',
            'Xorg': 'for tests of monitors: apt install xserver-xorg-core xserver-xorg-video-dummy x11-xserver-utils'}


def print_devices() -> int:
    """Print sound cards, MIDI inputs, cameras and monitors."""
    from live.audio.devices import DeviceError, list_devices
    for backend in ('sounddevice', 'pyaudio'):
        print(f'{backend}:')
        try:
            for d in list_devices(backend) or ():
                print(f'  {d.name}   ({d.api}, {d.inputs} in, {d.outputs} out, {d.samplerate:g} Hz'
                      + (', default)' if d.is_default else ')'))
        except DeviceError as error:
            print(f'  none: {error}')
    from live.control.midi import list_devices as list_midi
    print('midi:')
    for name in list_midi() or ['none']:
        print(f'  {name}')
    from live.diffusion.video import DEVICES, list_cameras
    print('cameras:')
    for name in list_cameras(DEVICES.get(sys.platform, '')) or ['none that FFmpeg can list']:
        print(f'  {name}')
    print('monitors:')
    for line in list_monitors():
        print(f'  {line}')
    return 0


def list_monitors() -> list[str]:
    """Return a line for each monitor, or one that says why there is none."""
    from live.display.window import choose_display
    mode, reason = choose_display('auto')
    if mode != 'window':
        return [f'none: {reason}']
    import pygame
    from live.display import desktop
    pygame.display.init()
    lines = [str(monitor) for monitor in desktop.list_monitors()]
    pygame.display.quit()
    return lines


def print_report() -> int:
    """Print what works here; return 0 when the instrument can play."""
    print(f'Python {platform.python_version()} on {platform.system()} {platform.machine()}')
    for name in PACKAGES:
        print(f'  {name:16}{version(name)}')
    checks: dict[str, Callable[[], str]] = {'sound': check_sound, 'kernels': check_kernels, 'picture': check_picture,
                                            'midi': check_midi, 'dream': check_dream}
    broken = 0
    for name, check in checks.items():
        try:
            say(name, check())
        except Exception as error:      # a doctor reports whatever is wrong
            broken += name == 'kernels'
            say(name, f'does not work: {error}')
    for line in missing_programs():
        print(line)
    return 1 if broken else 0


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return 'not installed'


def check_sound() -> str:
    from live.audio.devices import choose_stream
    choice = choose_stream('auto')
    return f'{choice.backend}, {choice.reason}; {choice.samplerate:g} Hz'


def check_kernels() -> str:
    """Render ten seconds and say how much faster than real time that was."""
    import time

    from live.audio.arena import Arena
    from live.audio.offline import render
    arena = Arena(48000)
    render(arena, 4800)
    begin = time.perf_counter()
    render(arena, 480000)
    return f'compiled, {10 / (time.perf_counter() - begin):.0f} times faster than real time'


def check_picture() -> str:
    from live.display.window import Window, choose_display
    mode, reason = choose_display('auto')
    window = Window(mode, (64, 64))
    name = window.renderer_name
    window.close()
    return f'{mode}, because {reason}; {name}'


def check_midi() -> str:
    from live.control.midi_system import MidiSystem
    system = MidiSystem()
    system.open()
    told = f'{system.name}, because {system.reason}' if system.name else f'off, because {system.reason}'
    system.close()
    return told


def check_dream() -> str:
    from live.diffusion.models import choose_model, find_device
    name, reason = choose_model('auto')
    device, why = find_device()
    return f'{reason}; torch on {why}'


def missing_programs() -> Iterator[str]:
    for name, what in PROGRAMS.items():
        if sys.platform.startswith('linux') and not shutil.which(name):
            yield f'  {name} is not installed ({what})'
