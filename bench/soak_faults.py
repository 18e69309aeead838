"""The faults of soak.py: each breaks something, mends what stays broken, and returns seconds to recovery, or None."""
import signal
import time
from collections.abc import Callable

import soundfile
from soak_hands import Knob, flood
from soak_stage import Stage

FLOOD = 20_000          # messages
Fault = Callable[[], float | None]


class Faults:
    """All that can be broken on a stage, by name."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.by_name: dict[str, Fault] = {
            'sound server': self.lose_server, 'dream raises': self.raise_in_dream, 'dream nan': self.dream_nan,
            'dream hangs': self.hang_dream, 'MIDI unplugged': self.unplug_midi, 'shader broken': self.break_shader,
            'disk full': self.fill_disk, 'OSC flood': self.flood_osc}

    def choose(self, only: str = '') -> tuple[dict[str, Fault], dict[str, str]]:
        """Return those whose names hold one of some words, and, by name, why others of them are left out.

        The word nothing adds a fault that is none: a message that is to be obeyed.
        """
        words = only.split(',') if only else ['']
        chosen = {name: fault for name, fault in self.by_name.items() if any(word in name for word in words)}
        left_out = {}
        if 'disk full' in chosen and not self.stage.disk.small:
            del chosen['disk full']
            left_out['disk full'] = self.stage.disk.reason
        if 'nothing' in words:
            chosen['nothing'] = self.stage.obeys
        return chosen, left_out

    def lose_server(self) -> float | None:
        losses = self.stage.status['sound']['losses']
        self.stage.server.stop(signal.SIGTERM if losses % 2 == 0 else signal.SIGKILL)
        if self.stage.wait_for(lambda s: s['sound']['losses'] > losses and s['sound']['lost'], 10) is None:
            return None
        time.sleep(2)
        self.stage.knob.unplug()
        self.stage.server.start()
        took = self.stage.wait_for(lambda s: not s['sound']['lost'])
        self.stage.knob.plug()
        return took if self.stage.steers() is not None else None

    def raise_in_dream(self) -> float | None:
        return self.trouble_dream('raise', lambda s, b: s['dream']['restarts'] >= b + 3)

    def dream_nan(self) -> float | None:
        return self.trouble_dream('nan', lambda s, b: s['dream']['restarts'] >= b + 3)

    def hang_dream(self) -> float | None:
        return self.trouble_dream('hang', lambda s, b: s['dream']['restarts'] > b)

    def trouble_dream(self, word: str, came: Callable[[dict, int], bool]) -> float | None:
        before, began = self.stage.status['dream']['restarts'], time.monotonic()
        self.stage.trouble.write_text(word)
        seen = self.stage.wait_for(lambda s: came(s, before))
        if seen is not None and self.stage.dreams(20) is None:
            self.ask_for_more()             # it is off
        took = time.monotonic() - began if seen is not None and self.stage.dreams() is not None else None
        self.stage.trouble.unlink(missing_ok=True)
        self.ask_for_more()
        return took if took is not None and self.stage.dreams() is not None else None

    def ask_for_more(self) -> None:
        """Turn steps as a performer does, who wants as much as before: the ladder climbs."""
        for steps in (2, 1):
            time.sleep(3)
            self.stage.say('/dream/steps', steps)

    def unplug_midi(self) -> float | None:
        self.stage.knob.unplug()
        if self.stage.wait_for(lambda s: not any(Knob.name in name for name in s['midi']['devices']), 10) is None:
            return None
        self.stage.knob.plug()
        return self.stage.steers()

    def break_shader(self) -> float | None:
        path = self.stage.shaders / 'motes.glsl'
        good = path.read_text()
        path.write_text(good + '\nthis is no GLSL(\n')
        frames = self.stage.status['display']['frames']
        seen = self.stage.wait_for(lambda s: s['shader_errors'] and s['display']['frames'] > frames + 5, 20)
        path.write_text(good)
        mended = self.stage.wait_for(lambda s: not s['shader_errors'], 20)
        return mended if seen is not None else None

    def fill_disk(self) -> float | None:
        """Record until the disk is full, make room, record again; both takes must play."""
        began = self.stage.status['sound']['frames']
        if self.record(lambda s: not all(take['running'] for take in s['record']), 60) is None:
            return None
        took = self.record(lambda s: s['record'][0]['seconds'] > 1, 20)
        return took if self.stage.status['sound']['frames'] > began else None

    def record(self, until: Callable[[dict], object], seconds: float) -> float | None:
        """Record until something holds; return the seconds to that, None where it does not, or no take plays."""
        self.stage.say('/record_start')
        took = self.stage.wait_for(lambda s: s['record'] and until(s), seconds)
        self.stage.say('/record_stop')
        closed = self.stage.wait_for(lambda s: not s['record'], 20)
        takes = list(self.stage.disk.folder.glob('*.w64'))
        plays = len(takes) == 1 and soundfile.info(takes[0]).frames > 10000
        self.stage.disk.clear()
        return took if closed is not None and plays else None

    def flood_osc(self) -> float | None:
        flood(self.stage.port, FLOOD, self.stage.random)
        return self.stage.obeys()
