"""Placing: which monitor shows which output, and what of that has changed. [main] Moves nothing itself."""
import time
from collections.abc import Sequence

from live.display.desktop import Area, Monitor, find_monitor, list_monitors
from live.display.screens import Output, Screens, ScreensError, load_screens

EVERY = 1.0             # seconds between two looks at monitors and file

Spots = list[tuple[Output, Area]]       # outputs, and where each stands in its window


def spread_out(outputs: Sequence[Output], monitors: Sequence[Monitor]) -> tuple[Area, Spots] | None:
    """Return the area of a window over the monitors of the outputs, and where they stand in it.

    Outputs whose monitor is not there are left out; None: no monitor is.
    """
    found = [(output, monitor.area) for output in outputs if (monitor := find_monitor(output.monitor, monitors))]
    if not found:
        return None
    left, top = (min(area[side] for _, area in found) for side in (0, 1))
    right, bottom = (max(area[side] + area[side + 2] for _, area in found) for side in (0, 1))
    return ((left, top, right - left, bottom - top),
            [(output, (area[0] - left, area[1] - top, area[2], area[3])) for output, area in found])


def side_by_side(outputs: Sequence[Output], size: tuple[int, int]) -> Spots:
    """Return outputs in one row, for rehearsing without their monitors."""
    edges = [round(size[0] * number / len(outputs)) for number in range(len(outputs) + 1)]
    return [(output, (left, 0, right - left, size[1])) for output, left, right in zip(outputs, edges, edges[1:])]


def scale_spots(spots: Spots, area: Area, size: tuple[int, int]) -> Spots:
    """Return spots in pixels: of a window that fills an area with so many of them."""
    across, down = size[0] / area[2], size[1] / area[3]
    return [(output, (round(left * across), round(top * down), round(wide * across), round(high * down)))
            for output, (left, top, wide, high) in spots]


def centred(size: tuple[int, int], area: Area) -> Area:
    """Return where a window of this size stands in the middle of a monitor."""
    return (area[0] + max(0, area[2] - size[0]) // 2, area[1] + max(0, area[3] - size[1]) // 2, *size)


class Watch:
    """The monitors and the screens as they stood at the last look."""

    def __init__(self, screens: Screens) -> None:
        self.screens, self.monitors = screens, list_monitors()
        self._stamp = self._date()
        self._next = time.monotonic() + EVERY

    @property
    def missing(self) -> list[str]:
        """A sentence for each output that has no monitor."""
        there = '; '.join(map(str, self.monitors)) or 'none'
        return [f'monitor {output.monitor} is not there (connected: {there})' for output in self.screens.outputs
                if not find_monitor(output.monitor, self.monitors)]

    def hurry(self) -> None:
        """Look again at once."""
        self._next = 0.0

    def look(self) -> list[str]:
        """Return a sentence for each thing that has changed, at most every EVERY seconds."""
        if time.monotonic() < self._next:
            return []
        self._next = time.monotonic() + EVERY
        return self._look_at_monitors() + self._look_at_file()

    def _look_at_monitors(self) -> list[str]:
        before, self.monitors = self.monitors, list_monitors()
        if before == self.monitors:
            return []
        told = [f'monitor {monitor} is {word}' for word, one, other in (
            ('gone', before, self.monitors), ('there', self.monitors, before))
            for monitor in one if monitor.name not in [m.name for m in other]]
        return told or ['the monitors stand differently']

    def _look_at_file(self) -> list[str]:
        stamp, path = self._date(), self.screens.path
        if path is None or stamp == self._stamp:
            return []
        self._stamp = stamp
        try:
            self.screens = load_screens(path)
        except ScreensError as error:
            return [f'{error}; the screens stay as they were']
        return [f'{path.name} read again']

    def _date(self) -> int:
        path = self.screens.path
        return path.stat().st_mtime_ns if path and path.exists() else 0
