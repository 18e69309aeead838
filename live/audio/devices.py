"""Which sound card, through which library, and why. [main] Runs before any stream is opened.

PortAudio's libraries write to the terminal while they look around; they are kept quiet, since every outcome is told in
one sentence (`Choice.reason`). Imports sounddevice and pyaudio only when asked to look.
"""
import contextlib
import os
import sys
from dataclasses import dataclass

from live.params import hint

BACKENDS = ('auto', 'jack', 'sounddevice', 'pyaudio', 'clock')
AUTOMATIC = ('jack', 'sounddevice')      # tried in this order
SAMPLERATE = 48000
JACK = 'JACK Audio Connection Kit'


class DeviceError(ValueError):
    """A sound device that cannot be had: what was asked for, what there is."""


@dataclass(frozen=True)
class Device:
    """A sound device as PortAudio lists it. inputs, outputs: channels; samplerate: its default."""
    index: int
    name: str
    api: str
    inputs: int
    outputs: int
    samplerate: float
    is_default: bool


@dataclass(frozen=True)
class Choice:
    """How the sound will be played. backend: never 'auto'; blocksize 0: as the host likes it; inputs: 0..2."""
    backend: str
    device: Device | None
    samplerate: float
    blocksize: int
    inputs: int
    reason: str


@contextlib.contextmanager
def quiet():
    """Send what C libraries print to nowhere."""
    os.environ.setdefault('JACK_NO_START_SERVER', '1')
    os.environ.setdefault('JACK_NO_AUDIO_RESERVATION', '1')
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def list_devices(backend: str) -> list[Device]:
    """Return the devices that 'jack', 'sounddevice' or 'pyaudio' sees; raise DeviceError when it is not there."""
    if backend == 'jack':
        return _list_jack()
    with quiet():
        try:
            return _list_sounddevice() if backend == 'sounddevice' else _list_pyaudio()
        except ImportError as error:
            raise DeviceError(f'{backend} is not installed (pip install {backend})') from error
        except OSError as error:
            raise DeviceError('PortAudio is not installed (Debian: apt install libportaudio2)') from error
        except Exception as error:      # PortAudioError, which the import itself may raise
            raise DeviceError(f'PortAudio: {error}') from error


def _list_jack() -> list[Device]:
    """Return whoever has audio ports on the JACK server that runs; 'system' are its card's."""
    from live.audio.jack_library import IS_INPUT, IS_OUTPUT, Client
    try:
        client = Client()
    except OSError as error:
        raise DeviceError(f'JACK: {error}') from error
    with contextlib.closing(client):
        owners = [[name.partition(':')[0] for name in client.ports(flags)] for flags in (IS_INPUT, IS_OUTPUT)]
        return [Device(number, name, JACK, min(2, 2 * owners[1].count(name)), 2, client.samplerate, name == 'system')
                for number, name in enumerate(dict.fromkeys(owners[0]))]


def renew(backend: str) -> None:
    """Have PortAudio look again for what is plugged in, which it does but once. No stream of it may be open."""
    if backend == 'sounddevice':
        import sounddevice
        with quiet():
            try:
                if sounddevice._initialized:        # not where the last try failed
                    if any(api['name'] == JACK for api in sounddevice.query_hostapis()):
                        return                      # to end it would abort the process, where that server has died
                    sounddevice._terminate()
                sounddevice._initialize()
            except sounddevice.PortAudioError as error:
                raise DeviceError(f'PortAudio: {error.args[0]}') from error


def _list_sounddevice() -> list[Device]:
    import sounddevice
    apis = sounddevice.query_hostapis()
    defaults = {api['default_output_device'] for api in apis}
    return [Device(d['index'], d['name'], apis[d['hostapi']]['name'], d['max_input_channels'], d['max_output_channels'],
                   d['default_samplerate'], d['index'] in defaults) for d in sounddevice.query_devices()]


def _list_pyaudio() -> list[Device]:
    import pyaudio
    audio = pyaudio.PyAudio()
    try:
        apis = [audio.get_host_api_info_by_index(i) for i in range(audio.get_host_api_count())]
        found = [audio.get_device_info_by_index(i) for i in range(audio.get_device_count())]
    finally:
        audio.terminate()
    defaults = {api['defaultOutputDevice'] for api in apis}
    return [Device(int(d['index']), str(d['name']), str(apis[int(d['hostApi'])]['name']), int(d['maxInputChannels']),
                   int(d['maxOutputChannels']), float(d['defaultSampleRate']), d['index'] in defaults) for d in found]


def choose_stream(backend: str = 'auto', device: str | None = None, samplerate: float | None = None,
                  blocksize: int = 0, inputs: int = 0) -> Choice:
    """Decide how to play; raise DeviceError when something was asked for by name and is not there.

    'auto' never fails: without a sound card it is 'clock', and the reason says why.
    """
    without = ', without an input' if inputs else ''
    if backend == 'clock':
        return Choice('clock', None, samplerate or SAMPLERATE, blocksize, 0, 'it was asked for' + without)
    failures = []
    for kind in AUTOMATIC if backend == 'auto' else (backend,):
        try:
            found = pick_device(list_devices(kind), device, inputs)
        except DeviceError as error:
            failures.append(error)
            continue
        reason = f'{found.name} through {found.api}, ' + ('asked for by name' if device else 'the default output')
        reason += ', which has no input' if inputs and not found.inputs else ''
        return Choice(kind, found, samplerate or found.samplerate, blocksize, min(inputs, found.inputs), reason)
    if backend != 'auto' or device is not None:
        raise failures[-1]
    return Choice('clock', None, samplerate or SAMPLERATE, blocksize, 0, f'because {failures[-1]}{without}')


def pick_device(devices: list[Device], name: str | None, inputs: int) -> Device:
    """Return the device of a name (or part of it), else the default one, JACK's first; raise DeviceError."""
    playing = [d for d in devices if d.outputs >= 2] or [d for d in devices if d.outputs]
    if not playing:
        raise DeviceError('there is no output device')
    playing.sort(key=lambda d: (d.api != JACK, not d.is_default, d.inputs < inputs))
    if name is None:
        return playing[0]
    for device in playing:
        if name.lower() in f'{device.name} {device.api}'.lower():
            return device
    names = [d.name for d in playing]
    raise DeviceError(f'there is no output device {name!r}{hint(name, names)} (there are: {", ".join(names)})')
