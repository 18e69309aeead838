"""What steers the sound and the picture, from outside and in time. [main]

    Control       OSC, MIDI -> desk
    Course        tempo, scenes, the set -> desk; what happens -> disk
"""
import threading
from functools import partial
from typing import TYPE_CHECKING

from live.control.autosave import Autosave
from live.control.conductor import Conductor
from live.control.desk import Desk
from live.control.gamepad import Gamepad
from live.control.gamepad_map import find_pad, load_pad
from live.control.setlist import find_set, load_set
from live.patch import find_patch, load_patch
from live.stages import Settings, say

if TYPE_CHECKING:
    from live.control.mapping import Map
    from live.control.oscquery import OscQueryServer

OSC_PORT = 9000


class Control:
    """OSC, OSCQuery and MIDI; each may be missing, and then says why. given: the map of all devices."""

    def __init__(self, settings: Settings, desk: Desk, given: 'Map | None' = None) -> None:
        from live.control.midi import MidiInput
        from live.control.osc import OscServer
        from live.control.osc_sockets import OscError
        self.midi = MidiInput(desk, settings.midi, given, clock=settings.midi_clock or '')
        port = settings.osc_port or OSC_PORT
        self.osc: OscServer | None = OscServer(desk, port, settings.lan, self.midi.learn)
        try:
            self.osc.start()
            say('osc', f'port {self.osc.port}, ' + ('from the whole network' if settings.lan else 'from this machine'))
        except OscError as error:
            if settings.osc_port:
                raise
            self.osc = None
            say('osc', f'off, because {error}')
        self.query: OscQueryServer | None = None
        self._opening = threading.Thread(target=self._open_query, args=[settings.lan], daemon=True)
        self._opening.start()
        self.midi.start()
        say('midi', f'{"; ".join(self.midi.maps) or "no device yet"}; {self.midi.reason}')

    def _open_query(self, lan: bool) -> None:
        """Answer OSCQuery: beside the start of the rest, for its libraries take a while."""
        if self.osc is None:
            return
        from live.control.oscquery import OscQueryServer
        from live.control.web import WebError
        query = OscQueryServer(self.osc, lan=lan)
        try:
            query.start()
            self.query = query
            say('osc', f'OSCQuery on port {query.port}')
        except WebError as error:
            say('osc', f'OSCQuery is off, because {error}')
        if query.announcement and (reason := query.announcement.wait()):
            say('osc', reason)

    def stop(self) -> None:
        self.midi.stop()
        self._opening.join(2)
        if self.query:
            self.query.stop()
        if self.osc:
            self.osc.stop()


def read_map(name: str | None) -> 'Map | None':
    """Return the map that was asked for, None when each device shall have its own; raise MapError."""
    from live.control.map_files import find_map
    from live.control.mapping import load_map
    return None if name in (None, 'auto') else load_map(find_map(name))


class Course:
    """What happens in time: the conductor, the set, gamepads, and the performance kept on disk."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        desk.scenes.safe_patch = load_patch(find_patch(settings.safe))
        if settings.set:
            setlist = load_set(find_set(settings.set))
            desk.cues.load(setlist)
            say('set', f'{setlist.name}, {len(setlist.cues)} cues')
        self.gamepad = Gamepad(desk, load_pad(find_pad(settings.gamepad)))
        self.conductor = Conductor(desk, [self.gamepad])
        self._autosave = Autosave(desk, say=partial(say, 'state'))
        self._autosave.begin(settings.resume)

    def start(self) -> None:
        self.conductor.start()

    def stop(self) -> None:
        self.conductor.stop()
        self._autosave.end()
