"""Pictures of scenes: what the window showed when a scene was stored. [web]

A scene that is undone comes back with the picture it had; one that came out of a file has none until it is stored
again. In: the scenes of the Desk, the View. Out: JPEGs by slot.
"""
from weakref import WeakKeyDictionary

from live.control.history import Scene
from live.control.panel.backstage import View
from live.control.scenes import Scenes


class Thumbnails:
    """Follows what is stored."""

    def __init__(self, scenes: Scenes, view: View | None) -> None:
        self._scenes, self._view = scenes, view
        self._pictures: WeakKeyDictionary[Scene, tuple[int, bytes]] = WeakKeyDictionary()
        self._known = set(scenes.stored.values())
        self._wanted: Scene | None = None
        self._since = 0             # pictures the view had given when it was wanted
        self._made = 0

    def follow(self) -> None:
        """Have a picture taken of a scene that has just been stored, and take it when it is there."""
        stored = self._scenes.stored
        here = stored.get(self._place())
        if self._view is None:
            return
        if here is not None and here not in self._known and here not in self._pictures:
            self._wanted, self._since = here, self._view.count
        self._known = set(stored.values())
        if self._wanted is not None:
            self._take(self._wanted, self._view, here is self._wanted)

    def _take(self, scene: Scene, view: View, here: bool) -> None:
        view.look()
        if view.count > self._since + 1:        # the one on its way may be older than the scene
            self._made += 1
            self._pictures[scene] = self._made, view.jpeg()
        if not here or scene in self._pictures:
            self._wanted = None

    def _place(self) -> int:
        word, _, number = self._scenes.place.partition(' ')
        return int(number) if word == 'scene' and number.isdecimal() else 0

    def number(self, slot: int) -> int:
        """Return a number that is another with every picture of a slot; 0 where there is none."""
        scene = self._scenes.stored.get(slot)
        return self._pictures.get(scene, (0, b''))[0] if scene else 0

    def jpeg(self, slot: int) -> bytes:
        """Return the picture of a slot, b'' where there is none."""
        scene = self._scenes.stored.get(slot)
        return self._pictures.get(scene, (0, b''))[1] if scene else b''

    @property
    def at(self) -> int:
        """The scene one is in, 0 for none."""
        return self._place()
