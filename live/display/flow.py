"""Flow: how each place of one dream moves to the next, found on the GPU.

In: two textures of any size. Out: a small texture of ways, in widths and heights, with how far each can be trusted.
From the coarsest level, on which most moves are shorter than a point, to the finest, each level mends what the one
before found (Bouguet's pyramid of Lucas and Kanade's method); one pass of shift.glsl each. It is done once for each
dream, not for each frame. [main] Knows nothing of time.
"""
import moderngl

from live.display.shaders import Shaders
from live.display.targets import make_target, release_target, texture_of

EDGES_SIDE = 128        # the longer side of what is looked at, in points
FINEST, COARSEST = 64, 8        # that of the levels

Size = tuple[int, int]


def fit(size: Size, side: int) -> Size:
    """Return a size of the same shape whose longer side is no longer than `side`."""
    scale = min(1.0, side / max(size))
    return max(2, round(size[0] * scale)), max(2, round(size[1] * scale))


class Flow:
    """The passes, and the textures between them, which are made when they are first used."""

    def __init__(self, context: moderngl.Context, shaders: Shaders) -> None:
        self.context, self.shaders = context, shaders
        self._edges: list[moderngl.Framebuffer] = []
        self._levels: list[tuple[float, moderngl.Framebuffer]] = []     # mip of the edges; the coarsest first

    def find(self, before: moderngl.Texture, picture: moderngl.Texture) -> moderngl.Texture:
        """Return the ways from `before` to `picture`, whose row 0 is on top. They hold until the next call."""
        edges = fit(picture.size, EDGES_SIDE)
        if not self._edges or self._edges[0].size != edges:
            self.release()
            self._make(edges)
        for target, texture, top_first in zip(self._edges, (before, picture), (0, 1)):
            self.shaders['edges'].draw(target, {'picture': texture, 'grid': edges, 'top_first': top_first})
            texture_of(target).build_mipmaps()
        old, fresh = map(texture_of, self._edges)
        ways: moderngl.Texture | None = None
        for mip, target in self._levels:
            self.shaders['shift'].draw(target, {'old': old, 'fresh': fresh, 'coarse': ways or old, 'mip': mip,
                                                'first': float(ways is None), 'grid': target.size})
            ways = texture_of(target)
        assert ways is not None
        return ways

    def release(self) -> None:
        for target in (*self._edges, *(target for _, target in self._levels)):
            release_target(target)
        self._edges, self._levels = [], []

    def _make(self, edges: Size) -> None:
        self._edges = [make_target(self.context, edges, 'f2', moderngl.LINEAR_MIPMAP_NEAREST) for _ in range(2)]
        mip, size = 0, edges
        while not self._levels or max(size) >= COARSEST:
            if max(size) <= FINEST:
                self._levels.insert(0, (float(mip), make_target(self.context, size, 'f4')))
            mip, size = mip + 1, (max(1, size[0] // 2), max(1, size[1] // 2))
