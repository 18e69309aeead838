"""Parameters that notes have borrowed: the Board shows what sounds, Loans know what comes back when the notes are over.

A note that plays a layer moves its level, pitch and brightness. Hands, patches and scenes mean the layer as it is
without the note: they read and write here. Used under the desk's lock; knows nothing of notes and scenes.
"""
import numpy as np

from live.control.transit import values_of
from live.params import PARAMS, Board, find_number


class Loans:
    """The Board without its notes. values: (len(PARAMS),), to be read and written between `read` and `write`."""

    def __init__(self, board: Board) -> None:
        self._board = values_of(board)
        self._lent: dict[int, float] = {}
        self.values = self._board.copy()
        self._known = self._board.copy()        # what `values` were

    def lend(self, name: str) -> None:
        """Let a note have a parameter."""
        number = find_number(name)
        self._lent.setdefault(number, float(self._board[number]))

    def give_back(self, name: str) -> None:
        """Put a parameter where it is without the note."""
        number = find_number(name)
        if number in self._lent:
            self._board[number] = self._lent.pop(number)

    def __getitem__(self, name: str) -> float:
        """Return an allowed value, as a Board does."""
        number = find_number(name)
        return PARAMS[number].clamp(self._lent.get(number, float(self._board[number])))

    def __setitem__(self, name: str, value: float) -> None:
        number = find_number(name)
        value = PARAMS[number].clamp(value)
        if number in self._lent:
            self._lent[number] = value
        else:
            self._board[number] = value

    def read(self) -> np.ndarray:
        """Return `values` as everything stands now, after what was changed in them is written."""
        self.write()
        self.values[:] = self._board
        for number, value in self._lent.items():
            self.values[number] = value
        self._known[:] = self.values
        return self.values

    def write(self) -> None:
        """Put what was changed in `values` where it belongs."""
        for number in np.flatnonzero(self.values != self._known).tolist():
            if number in self._lent:
                self._lent[number] = float(self.values[number])
            else:
                self._board[number] = self.values[number]
        self._known[:] = self.values
