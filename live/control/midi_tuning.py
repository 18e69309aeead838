"""The MIDI Tuning Standard at a port: devices tune the Desk, and who asks for the tuning gets all 128 keys.

In: SysEx from devices. Out: the Desk's tuning, what sounds on single layers, and dumps to the device that asked. A dump
takes a slow cable an eighth of a second, so it is sent by `tend`, one for each device however often it asks. [midi]
"""
from collections.abc import Sequence

from live.control.desk import Desk
from live.control.midi_out import MidiOutputs
from live.control.mpe_voices import Voices
from live.tuning import mts


class MidiTuning:
    """What devices say of tuning. dumps: sent so far."""

    def __init__(self, desk: Desk, outputs: MidiOutputs, voices: Voices) -> None:
        self.desk, self.outputs, self.voices = desk, outputs, voices
        self.dumps = 0
        self._asked: dict[str, mts.DumpRequest] = {}    # by name of the device

    def handle(self, message: Sequence[int], name: str, channel: int = 0) -> None:
        """Retune as a message for a channel that is heard asks, 0 = all; note who wants a dump."""
        try:
            said = mts.parse(message)
        except mts.MtsError as error:
            self.desk.refuse(str(error))
            return
        if isinstance(said, mts.DumpRequest):
            self._asked[name] = said
        elif said is not None and said.channels & ({channel} if channel else mts.ALL_CHANNELS):
            self.desk.retune(said)
            if said.real_time:
                self.voices.retune()

    def tend(self) -> None:
        """Answer who has asked."""
        while self._asked:
            name, asked = self._asked.popitem()
            tuning = self.desk.tuning
            dump = mts.bulk_dump(tuning.frequencies.tolist(), tuning.sounding_scale.name or self.desk.patch.name,
                                 asked.program, asked.bank, asked.device)
            if self.outputs.send(self.outputs.twin(name), dump):
                self.dumps += 1
            else:
                self.desk.say(f'{name or "a device"} asks for the tuning and has no input')
