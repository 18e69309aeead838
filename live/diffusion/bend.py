"""Network bending: scale, turn and shake what the UNet's blocks say while it dreams.

In: the values of the group `bend` in the Board's order: scales, rotations in degrees, noises, each of the down, middle
and up blocks; then which of the down and which of the up blocks. Out: hooks on these blocks, which change what they
return:

    rotate      the first half of the channels into the second: (p, q) -> (p cos - q sin, p sin + q cos)
    scale       all of it
    noise       adds a pattern, always the same one, in deviations of what the block says

The down blocks are bent in all that they say: what goes on and what is handed across to the up blocks. The last up
block speaks to a normalisation, so its own scale does not show. With every value at rest there are no hooks at all: the
picture is the unbent one to the bit, and nothing is spent. The values live on the device, so they move without new
hooks, and captured graphs see them move; a graph knows only the blocks that were bent when it was captured (`bent`).
Runs on the dream's thread. Knows nothing of diffusion.
"""
import hashlib
import math
from collections.abc import Sequence
from typing import Any

Place = tuple[int, int]     # part, block
PARTS = ('down', 'middle', 'up')
STRAIGHT = (1.0,) * 3 + (0.0,) * 3 + (0.0,) * 3     # scales, rotations, noises
ALL = 0                 # of the blocks; any other number counts them
AT_REST = STRAIGHT + (float(ALL),) * 2              # and the down, the up block


class Bend:
    """The bending of one UNet. bent: (part, place) of each block that is bent now, () at rest."""

    def __init__(self, unet: Any, device: str) -> None:
        import torch
        self.bent: tuple[Place, ...] = ()
        self._parts = tuple(unet.down_blocks), (unet.mid_block,), tuple(unet.up_blocks)
        self._values = torch.zeros((len(PARTS), 4), device=device)      # of each part: cosine, sine, scale, noise
        self._noises: dict[tuple, Any] = {}
        self._hooks: list[Any] = []

    def set(self, values: Sequence[float]) -> None:
        """[dream] Take scales, rotations in degrees and noises of (down, middle, up), and the (down, up) block."""
        import torch
        bent = self.find_bent(values)
        if bent:
            rows = [(math.cos(math.radians(turn)), math.sin(math.radians(turn)), scale, noise)
                    for scale, turn, noise in zip(values[:3], values[3:6], values[6:9])]
            with torch.inference_mode():        # wherever the values were made
                self._values.copy_(torch.tensor(rows))
        if bent != self.bent:
            self._install(bent)

    def find_bent(self, values: Sequence[float]) -> tuple[Place, ...]:
        """[dream] Return which blocks these values bend; beyond the last is the last, and there may be no middle."""
        if tuple(values[:9]) == STRAIGHT:
            return ()
        choices = int(values[9]), ALL, int(values[10])
        return tuple((row, k) for row, (part, choice) in enumerate(zip(self._parts, choices))
                     for k, block in enumerate(part)
                     if block is not None and min(choice, len(part)) in (ALL, k + 1))

    def remove(self) -> None:
        """[dream] Take all hooks away."""
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()
        self.bent = ()

    def _install(self, bent: tuple[Place, ...]) -> None:
        self.remove()
        self._hooks = [self._parts[row][k].register_forward_hook(make_hook(self._values[row], (row, k), self._noises))
                       for row, k in bent]
        self.bent = bent


def make_hook(values, place: Place, noises: dict):
    """[dream] Return a hook that bends by what `values`, a row of them, holds at the time.

    It holds on to no block: what goes round in circles is freed late, and an engine that is left must go at once.
    """
    def change(said, output: int = 0):
        return bend(said, values.to(said.dtype), find_noise(said, (*place, output), noises))

    def hook(block, inputs, said):
        if not isinstance(said, tuple):
            return change(said)
        on, across = said       # the last of what goes across is what goes on
        bent = tuple(change(value, k) for k, value in enumerate(across))
        return (bent[-1] if on is across[-1] else change(on, len(across))), bent
    return hook


def bend(said, values, noise):
    """[dream] Return what a block says, turned, scaled and shaken."""
    import torch
    cosine, sine, scale, share = values
    first, second, rest = said.tensor_split((said.shape[1] // 2, said.shape[1] // 2 * 2), dim=1)
    turned = torch.cat((first * cosine - second * sine, first * sine + second * cosine, rest), dim=1)
    return turned * scale + share * said.std() * noise


def find_noise(said, place: tuple, noises: dict):
    """[dream] Return unit noise like `said` for a place, drawn on the processor once, so alike on every device."""
    import torch
    key = (place, said.shape, said.dtype)
    if key not in noises:
        digest = hashlib.blake2b(f'{place}'.encode(), digest_size=7).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(digest, 'big'))
        drawn = torch.randn(said.shape, generator=generator).to(said.device, said.dtype)
        noises[key] = drawn.to(memory_format=torch.channels_last)
    return noises[key]
