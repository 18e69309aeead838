"""Ableton Link, if it is installed: tempo and beats shared with the other programs of this network. [control]

In: a tempo to propose. Out: the beats and the tempo that all agree on. The library is an extra of its own, under the
GPL, and is imported only when Link is asked for.
"""


class LinkError(RuntimeError):
    """Link is not there."""


class LinkSession:
    """One's own part in a session. bpm: proposed if nobody else is there yet."""

    def __init__(self, bpm: float) -> None:
        try:
            import link
        except ImportError as error:
            raise LinkError('Ableton Link is not installed: pip install LinkPython-extern') from error
        self._link = link.Link(bpm)
        self._link.enabled = True

    @property
    def peers(self) -> int:
        """How many others are in the session."""
        return int(self._link.numPeers())

    def read(self, bar: int) -> tuple[float, float]:
        """Return the beats, of which every `bar`th begins a bar, and the tempo, now."""
        state = self._link.captureSessionState()
        return state.beatAtTime(self._link.clock().micros(), bar), state.tempo()

    def propose(self, bpm: float) -> None:
        """Set the tempo for everybody."""
        state = self._link.captureSessionState()
        state.setTempo(bpm, self._link.clock().micros())
        self._link.commitSessionState(state)

    def close(self) -> None:
        """Leave the session."""
        self._link.enabled = False
