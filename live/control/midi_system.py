"""The system's MIDI: which one there is, and what is plugged in. On Linux ALSA where it opens, else JACK.

python-rtmidi may be missing, and so may any MIDI system: both are normal, told by `reason`. What ALSA's and JACK's
libraries would print goes nowhere. No JACK server is ever started. Knows nothing of messages.

Inputs are asked for what has come; none calls us. JACK would do so on its real-time thread, which must not wait for
Python: measured, the rest of a chord is lost when it does. The others would freeze Python: whoever closes a port holds
Python's lock until the system's thread has ended, and that may be waiting for the lock to call us.
"""
import ctypes
import re
import sys
from functools import cache
from typing import Any

from live.jack_server import CLIENTS, jack_answers

try:
    import rtmidi
    from rtmidi import _rtmidi
    MISSING = ''
except ImportError as import_error:         # there are no wheels for Python 3.13, and Linux needs libasound
    rtmidi = None
    MISSING = f'python-rtmidi cannot be loaded: {import_error}'

CLIENT = 'live'                             # how patchbays show us
APIS = {        # in the order of trial
    'LINUX_ALSA': 'ALSA', 'UNIX_JACK': 'JACK', 'MACOSX_CORE': 'CoreMIDI', 'WINDOWS_MM': 'Windows'}
OURS = re.compile(rf'{CLIENT}(-\d+)?:(in|out)\b')     # our ports; JACK numbers clients of the same name
NUMBERS = re.compile(r' \d+$' if sys.platform == 'win32' else r' \d+:\d+$| \[\d+\](?= \()')     # ALSA's, a2jmidid's


class MidiSystem:
    """One way to MIDI and its list of inputs, asked through a single client that is kept open.

    api: one of APIS, or nothing to take the first that opens. name, reason: what was chosen and why; no name is none.
    """

    def __init__(self, api: str | None = None) -> None:
        self.wanted = (api,) if api else tuple(APIS)
        self.api, self.reason = '', MISSING or 'not looked for yet'
        self._client: Any = None
        self._who = f'midi {id(self)}'

    @property
    def name(self) -> str:
        return APIS.get(self.api, '')

    def open(self) -> bool:
        """Make sure that a system is open; False when there is none."""
        if self._client is None and rtmidi is not None:
            _hush()
            self.api = ''
            failures = [failure for api in self.wanted if (failure := self._try(api))]
            self.reason = ' and '.join(failures) or 'it opens'
        return self._client is not None

    def _try(self, api: str) -> str:
        """Open one system unless one is open; return why it is not there."""
        number = getattr(rtmidi, f'API_{api}')
        if self._client is not None or number not in rtmidi.get_compiled_api():
            return ''
        if api == 'UNIX_JACK' and not (jack_answers() and CLIENTS.enter(self._who)):
            return 'no JACK server runs'
        try:
            self._client = rtmidi.MidiIn(number, name=f'{CLIENT} looking')
        except rtmidi.RtMidiError:
            CLIENTS.leave(self._who)
            return f'{APIS[api]} does not open'
        self.api = api
        return ''

    def close(self) -> None:
        """Let the list's client go. With JACK, before anything else is tried: see `died`."""
        if self._client is not None:
            self._client.delete()
            self._client = None
            CLIENTS.leave(self._who)

    def died(self) -> bool:
        """Tell whether the JACK server has gone.

        Its clients must be closed then, all of them and before the next is opened, or libjack crashes.
        """
        if self.api != 'UNIX_JACK':
            return False
        if not jack_answers():
            CLIENTS.tell_death()
        return CLIENTS.died

    def inputs(self) -> dict[tuple[str, int], str]:
        """Return what can be listened to: (name without numbers, how many before it have that name) -> full name."""
        found: dict[tuple[str, int], str] = {}
        for full in self._client.get_ports() if self._client is not None else []:
            if OURS.match(full):
                continue
            name = NUMBERS.sub('', full)
            found[name, sum(known == name for known, _ in found)] = full
        return found

    def connect(self, full: str) -> Any:
        """Listen to an input; raise OSError when it is gone.

        Ask its `get_message()`: (bytes, seconds since the one before), or None.
        """
        port = rtmidi.MidiIn(getattr(rtmidi, f'API_{self.api}'), name=CLIENT)
        port.ignore_types(sysex=False, timing=False)
        try:
            port.open_port(port.get_ports().index(full), name='in')
        except (ValueError, rtmidi.RtMidiError) as error:
            port.delete()
            raise OSError(f'{full} is gone') from error
        return port


@cache
def _hush() -> None:
    """Keep ALSA's and JACK's libraries from printing. They speak from any thread: nothing of Python is called."""
    if sys.platform.startswith('linux'):
        library = ctypes.CDLL(_rtmidi.__file__)     # finds what it is linked with as well
        does_nothing = ctypes.CDLL(None).strlen     # to a sentence
        library.jack_set_error_function(does_nothing)
        library.jack_set_info_function(does_nothing)
        library.snd_lib_error_set_handler(does_nothing)
