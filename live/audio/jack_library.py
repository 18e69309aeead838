"""libjack by ctypes: what a client with audio ports needs of it, and nothing more. [main]

Signatures are those of jack/jack.h. What the library would print goes nowhere. No server is ever started.
"""
import ctypes
import sys
from ctypes import POINTER, c_char_p, c_int, c_uint32, c_ulong, c_void_p
from functools import cache

from live.jack_server import CLIENTS

NAMES = {'win32': ('libjack64.dll',), 'darwin': ('libjack.0.dylib', '/usr/local/lib/libjack.0.dylib',
                                                 '/opt/homebrew/lib/libjack.0.dylib')}
CLIENT, WHO = b'live', 'sound'
NO_START, IS_INPUT, IS_OUTPUT = 1, 1, 2         # JackNoStartServer, JackPortIsInput, JackPortIsOutput
AUDIO = b'32 bit float mono audio'
PLAYBACK_LATENCY = 1
FUNCTIONS = {       # name: (result, arguments)
    'jack_client_open': (c_void_p, [c_char_p, c_int, POINTER(c_int)]), 'jack_client_close': (c_int, [c_void_p]),
    'jack_activate': (c_int, [c_void_p]), 'jack_deactivate': (c_int, [c_void_p]),
    'jack_get_sample_rate': (c_uint32, [c_void_p]), 'jack_get_buffer_size': (c_uint32, [c_void_p]),
    'jack_set_process_callback': (c_int, [c_void_p, c_void_p, c_void_p]),
    'jack_set_xrun_callback': (c_int, [c_void_p, c_void_p, c_void_p]),
    'jack_on_shutdown': (None, [c_void_p, c_void_p, c_void_p]),
    'jack_port_register': (c_void_p, [c_void_p, c_char_p, c_char_p, c_ulong, c_ulong]),
    'jack_port_name': (c_char_p, [c_void_p]), 'jack_connect': (c_int, [c_void_p, c_char_p, c_char_p]),
    'jack_get_ports': (c_void_p, [c_void_p, c_char_p, c_char_p, c_ulong]), 'jack_free': (None, [c_void_p]),
    'jack_port_get_latency_range': (None, [c_void_p, c_int, POINTER(c_uint32 * 2)]),
    'jack_port_get_buffer': (c_void_p, [c_void_p, c_uint32]),
    'jack_set_error_function': (None, [c_void_p]), 'jack_set_info_function': (None, [c_void_p])}


@cache
def load_library() -> ctypes.CDLL:
    """Return libjack; raise OSError where there is none."""
    for name in NAMES.get(sys.platform, ('libjack.so.0',)):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        for function, (result, arguments) in FUNCTIONS.items():
            getattr(library, function).restype, getattr(library, function).argtypes = result, arguments
        silence = ctypes.cast(ctypes.CDLL(None).strlen, c_void_p) if sys.platform != 'win32' else None
        library.jack_set_error_function(silence)        # it speaks from any thread: nothing of Python is called
        library.jack_set_info_function(silence)
        return library
    raise OSError('libjack is not installed (Debian: apt install libjack-jackd2-0)')


class Client:
    """A client of the server that runs; raise OSError when there is none. Close it also after the server has died."""

    def __init__(self) -> None:
        self.library = load_library()
        if not CLIENTS.enter(WHO):
            raise OSError('clients of the JACK server that died are still being closed')
        self._client = self.library.jack_client_open(CLIENT, NO_START, c_int())
        if not self._client:
            CLIENTS.leave(WHO)
            raise OSError('no JACK server runs')
        self.samplerate = float(self.library.jack_get_sample_rate(self._client))

    def call(self, function: str, *arguments):
        """Call a function of the library whose first argument is the client."""
        return getattr(self.library, function)(self._client, *arguments)

    def ports(self, flags: int) -> list[str]:
        """Return the names of all audio ports: with IS_INPUT, what can be played to; IS_OUTPUT, listened to."""
        found = self.call('jack_get_ports', None, AUDIO, flags)
        names: list[bytes] = []
        place = ctypes.cast(found, POINTER(c_char_p)) if found else None
        while place is not None and (name := place[len(names)]):
            names.append(name)
        self.library.jack_free(found)
        return [name.decode('utf-8', 'replace') for name in names]

    def close(self) -> None:
        """Give the client back."""
        if self._client:
            self.library.jack_client_close(self._client)
            self._client = None
            CLIENTS.leave(WHO)
