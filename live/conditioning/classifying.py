"""The thread on which a classifier listens while the instrument plays. [classifier]

In: slices from a Reader. Out, ten times a second: how sure it is of each class, in the order that the patch calls them
(`classes = [...]`; without that, the classifier's own), handed to `tell`. In silence it is sure of nothing: all 0. It
may be late without a click: what it said last holds. After a failure, which is said once, all is 0.
"""
import threading
from collections.abc import Callable

import numpy as np

from live.conditioning.classifier import Classifier, Look, width
from live.conditioning.spectrum import gate
from live.wires import Reader

EVERY = 0.1             # seconds
RECENT = 24             # slices (0.26 s at 48 kHz) whose level tells whether there is a sound


class Classifying:
    """Listens until it is stopped. names: the classes as the patch calls them now; tell: takes shares (n,)."""

    def __init__(self, classifier: Classifier, reader: Reader, samplerate: float,
                 names: Callable[[], tuple[str, ...]], tell: Callable[[np.ndarray], None],
                 say: Callable[[str], None]) -> None:
        self.classifier, self._reader, self._names, self._tell, self._say = classifier, reader, names, tell, say
        self._look = Look(classifier.kind, samplerate)
        self._looked = np.zeros((0, width(classifier.kind)), np.float32)
        self._levels = np.zeros(0)
        self._asked: tuple[str, ...] = ()           # names that have been checked
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name='classifier', daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> bool:
        self._ended.set()
        if self._thread.ident:
            self._thread.join(2)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._ended.wait(EVERY):
                self.listen()
        except Exception as error:      # the sound goes on, whatever numbers do
            self._tell(np.zeros(len(self.classifier.classes)))
            self._say(f'has failed and is off: {type(error).__name__}: {error}')

    def listen(self) -> None:
        """[classifier] Take what is new and tell what it is, once there is enough of it."""
        slices = self._reader.get()
        if not len(slices):
            return
        wanted = self.classifier.slices
        self._looked = np.concatenate((self._looked, self._look(slices[-wanted:])))[-wanted:]
        self._levels = np.concatenate((self._levels, slices['features']['rms']))[-RECENT:]
        if len(self._looked) < wanted:
            return
        heard = float(gate(np.sqrt(np.mean(np.square(self._levels)))))
        self._tell(heard * self._in_order(self.classifier.shares(self._looked)))

    def _in_order(self, shares: np.ndarray) -> np.ndarray:
        """Return shares as the patch calls the classes; a name that is no class has none."""
        names = self._names() or self.classifier.classes
        known = dict(zip(self.classifier.classes, shares))
        if names != self._asked:
            self._asked = names
            unknown = [name for name in names if name not in known]
            if unknown:
                self._say(f'{", ".join(unknown)} is none of its classes: {", ".join(self.classifier.classes)}')
        return np.array([known.get(name, 0.0) for name in names])
