"""The system's MIDI: which one there is, and what is plugged in. On Linux ALSA where it opens, else JACK.

python-rtmidi may be missing, and so may any MIDI system: both are normal, told by `reason`. What ALSA's and JACK's
libraries would print goes nowhere. No JACK server is ever started. Knows nothing of messages.
"""
import atexit
import ctypes
import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

try:
    import rtmidi
    from rtmidi import _rtmidi
    MISSING = ''
except ImportError as import_error:         # there are no wheels for Python 3.13, and Linux needs libasound
    rtmidi = None
    MISSING = f'python-rtmidi cannot be loaded: {import_error}'

CLIENT = 'live'                             # how patchbays show us
APIS = ('LINUX_ALSA', 'UNIX_JACK', 'MACOSX_CORE', 'WINDOWS_MM')     # in the order of trial
NUMBERS = re.compile(r' \d+$' if sys.platform == 'win32' else r' \d+:\d+$')
_jack_errors = 0


class MidiSystem:
    """One way to MIDI and its list of inputs, asked through a single client that is kept open.

    api: one of APIS, or nothing to take the first that opens. name, reason: what was chosen and why.
    """

    def __init__(self, api: str | None = None) -> None:
        self.wanted = (api,) if api else APIS
        self.name, self.reason = '', MISSING or 'not looked for yet'
        self._client: Any = None
        self._jack_errors = 0

    def open(self) -> bool:
        """Make sure that a system is open; False when there is none."""
        if self._client is None and rtmidi is not None:
            _hush()
            failures = [failure for name in self.wanted if (failure := self._try(name))]
            if self._client is None:
                self.name, self.reason = '', ' and '.join(failures)
        return self._client is not None

    def _try(self, name: str) -> str:
        """Open one system unless one is open; return why it is not there."""
        number = getattr(rtmidi, f'API_{name}')
        if self._client is not None or number not in rtmidi.get_compiled_api():
            return ''
        if name == 'UNIX_JACK' and not jack_socket().exists():
            return 'no JACK server runs'
        try:
            self._client = rtmidi.MidiIn(number, name=f'{CLIENT} looking')
        except rtmidi.RtMidiError:
            return f'{name} does not open'
        self.name, self._jack_errors = name, _jack_errors
        self.reason = 'it is the first that opens' if len(self.wanted) > 1 else 'it was asked for'
        return ''

    def close(self) -> None:
        """Let the list's client go. With JACK, before anything else is tried: see `died`."""
        if self._client is not None:
            self._client.delete()
            self._client = None

    def died(self) -> bool:
        """Tell whether the JACK server has gone.

        Its clients must be closed then, all of them and before the next is opened, or libjack crashes.
        """
        return self.polled and (self._jack_errors != _jack_errors or not jack_socket().exists())

    @property
    def polled(self) -> bool:
        """Whether inputs must be asked. JACK would call us on its real-time thread, which must not wait for Python:
        measured, the rest of a chord is lost when it does."""
        return self.name == 'UNIX_JACK'

    def inputs(self) -> dict[tuple[str, int], str]:
        """Return what can be listened to: (name without numbers, how many before it have that name) -> full name."""
        found: dict[tuple[str, int], str] = {}
        for full in self._client.get_ports() if self._client is not None else []:
            name = NUMBERS.sub('', full)
            found[name, sum(known == name for known, _ in found)] = full
        return found

    def connect(self, full: str, callback) -> Any:
        """Listen to an input; raise OSError when it is gone.

        callback((bytes, seconds since the one before), None) is called unless `polled`: then ask `get_message()`.
        """
        port = rtmidi.MidiIn(getattr(rtmidi, f'API_{self.name}'), name=CLIENT)
        try:
            if not self.polled:
                port.set_callback(callback)
            port.open_port(port.get_ports().index(full), name='in')
        except (ValueError, rtmidi.RtMidiError) as error:
            port.delete()
            raise OSError(f'{full} is gone') from error
        return port


def jack_socket() -> Path:
    """Return where a JACK server of ours would be listening."""
    os.environ.setdefault('JACK_NO_START_SERVER', '1')
    return Path(f'/dev/shm/jack_{os.environ.get("JACK_DEFAULT_SERVER", "default")}_{os.getuid()}_0')


@cache
def _hush() -> None:
    """Keep ALSA's and JACK's libraries from printing; note when JACK tells that its server has gone."""
    if not sys.platform.startswith('linux'):
        return
    library = ctypes.CDLL(_rtmidi.__file__)     # finds what it is linked with as well
    for handler in (library.jack_set_error_function, library.jack_set_info_function):
        handler(_on_jack)
        atexit.register(handler, None)          # Python must not be called when it is no more
    library.snd_lib_error_set_handler(_on_alsa)
    atexit.register(library.snd_lib_error_set_handler, None)


@ctypes.CFUNCTYPE(None, ctypes.c_char_p)
def _on_jack(sentence: bytes) -> None:
    global _jack_errors
    _jack_errors += b'Cannot read socket' in sentence


@ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)
def _on_alsa(file: bytes, line: int, function: bytes, error: int, form: bytes) -> None:
    pass
