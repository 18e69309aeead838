"""The loop around the step: each dream grows from the last one, moved, held to its colours, and noised again.

In: a Conditioning, where the parameters stand, a picture of init. Out: pixels, or None while nothing has changed.

    z = the last dream, its channels mapped (hold, hue), moved (zoom .. blur), limited
    z = feedback * z + (1 - feedback) * init
    last = step(z, noise, strength, embedding)

The loop goes over latents (no trip through pixels, and through the encoder for init alone) or over pixels. Size and
number of steps may change from dream to dream; the picture goes on. Time is that of the sound, so everything that moves
does so at the same pace whatever the rate of dreams, and the same seed and inputs give the same pictures. When a
picture has died, or when asked to, the loop begins anew from init. All of it runs on the dream's thread. Knows nothing
of prompts, slices or threads.
"""
from typing import Any

import numpy as np

from live.diffusion.bend import Bend
from live.diffusion.colours import PIXELS, measure_colours, recolour
from live.diffusion.feedback import Motion, move
from live.diffusion.hold import LATENT_FENCE, PIXEL_FENCE, Hold, limit
from live.diffusion.hub import DreamError
from live.diffusion.inbetween import arc, share_out
from live.diffusion.ingredients import Ingredients
from live.diffusion.models import Model
from live.diffusion.noise import FRESH, Noise
from live.diffusion.step import Step
from live.diffusion.watch import FROZEN, REST, Figures, Watch, look_at
from live.params import PARAMS
from live.signals import Conditioning

LATENT, PIXEL = range(2)                # as dream.loop counts them
SIZES = (None, (256, 256), (384, 384), (512, 512), (384, 640))      # rows, columns, as dream.size counts them
BENDS = tuple(param.name for param in PARAMS if param.group == 'bend')
LONGEST_STEP = 1.0      # seconds that the loop moves in one dream at most: after a pause it goes on, it does not jump
MOST_SKIPPED = 8        # in a row: 85 ms where slices come every 10.7 ms
WORTH_MOVING = 0.05     # change of what a dream is made from that must show, or it is frozen
ASKED_TO_STAND = 0.05   # strength under which nothing need show


class Turbo:
    """The engine. State: the last dream as latent and as picture, what is remembered of them, the number of the next.

    seed: of the noise; when it is set anew, the noise goes over to it while the words do, in prompt.transition.
    samplerate: of the sound that Conditioning.end counts. step: made for the model where none is given.
    reanchors: how often the loop began anew; died: why it did so last by itself; skipped: dreams left out.
    """

    def __init__(self, model: Model, seed: int = 0, samplerate: float = 48000.0, step: Step | None = None) -> None:
        self.model, self.samplerate, self.step = model, samplerate, step or Step(model)
        self.seed, self._bend = seed, Bend(model.unet, model.device)
        self._colours = measure_colours(self.step.decode, model.latent_channels, model.device), PIXELS
        self._holds = Hold(model.latent_channels, LATENT_FENCE), Hold(3, PIXEL_FENCE)
        self._watch = Watch()
        self.latent: Any = None             # of the last dream
        self._before: Any = None            # of the one before
        self._landmark: tuple[Any, Any] = (None, None)      # picture and ingredients of the last that was different
        self.reset()

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def reason(self) -> str:
        return f'{self.model.reason}; {self.step.reason}'

    @property
    def uncaptured(self) -> int:
        """How many captures of a graph have failed. [any]"""
        return self.step.uncaptured

    @property
    def drift(self) -> float:
        """How far colour and contrast are from what is remembered of them, in its deviations. [any]"""
        return self._holds[self._loop].drift

    def reset(self) -> None:
        """[dream] Forget everything; the next dream is the first again."""
        self.number = self.reanchors = self.skipped = self._skipped_in_row = 0
        self.died, self._moment, self._loop, self._asked = '', 0.0, LATENT, False
        self._made_from: Any = None         # Ingredients of the last dream
        self._end: int | None = None
        self._noise = Noise(self.model.device, self.seed)
        self._bend.remove()
        self._forget()

    def kind(self, board: Any, tokens: int) -> tuple:
        """[dream] Return what the Board asks for that takes long when it is dreamt for the first time."""
        bent = self._bend.find_bent(read_bends(board)) if self.model.device == 'cuda' else ()
        return *find_size(self.model, int(board['dream.size'])), tokens, int(board['dream.steps']), bent

    def warm_up(self, board: Any, tokens: int, say: Any) -> None:
        """[dream] Make ready for the kind of dream that the Board asks for, and embeddings of so many rows."""
        self._bend.set(read_bends(board))
        self.step.warm_up(*find_size(self.model, int(board['dream.size'])), tokens, say, int(board['dream.steps']),
                          self._bend)

    def dream(self, conditioning: Conditioning, board: Any, init: np.ndarray | None = None) -> np.ndarray | None:
        """[dream] Return the next dream, (height, width, 4) uint8 RGBA, row 0 on top; None = nothing new.

        board: anything that gives dream.*, feedback.* and bend.* by name. init: (rows, columns, 3 or 4), uint8 or
        0..1, any size, row 0 on top. The first dream without one is made from noise alone. Raise DreamError, and stay
        as before, when the model's output is not finite.
        """
        import torch
        with torch.inference_mode():
            self._listen(board)
            made_from = Ingredients.gather(conditioning, board, init)
            change = made_from.distance(self._made_from)
            if self._may_rest(board, change):
                return None
            seconds = self._elapsed(conditioning.end)
            self._noise.follow(self.seed, seconds / max(1e-9, board['prompt.transition']))
            start, fresh = self._start_of(board, init, seconds)
            strength = 1.0 if start is None else conditioning.strength
            latent, picture = self._make(start, fresh, strength, conditioning, board)
            figures = look_at(latent, picture, self._landmark[0])
            if not figures.finite:
                raise DreamError(f'{self.name}: dream {self.number} is not finite; it is dropped')
            self._keep(latent, picture, made_from, conditioning.end)
            self._judge(figures, board, seconds, strength)
            return self.step.read(picture)

    def between(self, count: int) -> list[np.ndarray]:
        """[dream] Return so many pictures on the way to the last dream from the one before, in the form of a dream.

        None where there is no way: after a beginning, or a change of size.
        """
        import torch
        if self._before is None or self._before.shape != self.latent.shape:
            return []
        with torch.inference_mode():
            return [self.step.show(arc(self._before, self.latent, share)) for share in share_out(count)]

    def _listen(self, board: Any) -> None:
        asked = board['feedback.reanchor'] >= 0.5
        if asked and not self._asked:
            self._begin_anew()
        self._asked = asked

    def _may_rest(self, board: Any, change: float) -> bool:
        """Tell whether this dream is left out: nothing it is made from has moved, and the loop does not move either."""
        rests = (self.latent is not None and change < board['dream.skip'] and self._skipped_in_row < MOST_SKIPPED
                 and Motion.read(board).is_still and self._noise.is_at(self.seed))
        self._skipped_in_row = self._skipped_in_row + 1 if rests else 0
        self.skipped += rests
        return rests

    def _elapsed(self, end: int) -> float:
        """Return the seconds of sound since the last dream; none before the first, or when the clock begins anew."""
        passed = 0 if self._end is None else end - self._end
        return min(LONGEST_STEP, max(0.0, passed / self.samplerate))

    def _make(self, start, fresh, strength: float, conditioning: Conditioning, board: Any) -> tuple[Any, Any]:
        """Return latent and picture of one dream; start: None = from noise alone, each time from another."""
        import torch
        rows, columns = find_size(self.model, int(board['dream.size']))
        shape = 1, self.model.latent_channels, rows, columns
        anew = start is None and self.number > 0
        noise = self._noise.draw(FRESH if anew else int(board['dream.noise']), shape, conditioning.walk,
                                 board['dream.seed'], self.number)
        start = torch.zeros(shape, device=self.model.device) if start is None else start
        self._bend.set(read_bends(board))
        return self.step.dream(start, noise, strength, conditioning.embedding, int(board['dream.steps']), self._bend,
                               fresh, 1 - board['dream.feedback'])

    def _start_of(self, board: Any, init: np.ndarray | None, seconds: float) -> tuple[Any, Any]:
        """Return what the next dream grows from, a latent or a picture, and a picture that is still to be mixed in.

        None where there is nothing. Pixels are mixed here, latents where the encoder is.
        """
        rows, columns = find_size(self.model, int(board['dream.size']))
        scale, feedback, loop = self.model.vae_scale_factor, board['dream.feedback'], int(board['dream.loop'])
        kept = None if self.latent is None else self._carry(loop, (rows, columns), board, seconds)
        if init is None or kept is not None and feedback >= 1:
            return kept, None
        fresh = to_field(init, (rows * scale, columns * scale), self.model.device)
        if kept is None:
            return fresh, None
        return (feedback * kept + (1 - feedback) * fresh, None) if loop == PIXEL else (kept, fresh)

    def _carry(self, loop: int, size: tuple[int, int], board: Any, seconds: float):
        """Return the last dream as it is when the next one grows from it."""
        motion = Motion.read(board)
        field = self.latent if loop == LATENT else self.picture.clamp(-1, 1)
        scale = 1 if loop == LATENT else self.model.vae_scale_factor
        field = resize(field, (size[0] * scale, size[1] * scale))
        map_ = self._colours[loop].turn(motion.hue * seconds) @ self._holds[loop].pull(board['feedback.hold'], seconds)
        field = move(recolour(field, map_), motion, seconds, self._moment)
        return limit(field, board['feedback.limit']) if loop == LATENT else field.clamp(-1, 1)

    def _keep(self, latent, picture, made_from: Ingredients, end: int) -> None:
        self._before = self.latent
        self.latent, self.picture, self._made_from, self._end = latent, picture, made_from, end
        self.number += 1

    def _judge(self, figures: Figures, board: Any, seconds: float, strength: float) -> None:
        """Remember where the colours stand; begin anew with the next dream where this one has died."""
        self._loop, self._moment = int(board['dream.loop']), self._moment + seconds
        for hold, moments in zip(self._holds, (figures.latent, figures.picture)):
            hold.follow(moments, seconds, board['feedback.memory'])
        if figures.change >= FROZEN:
            self._landmark = self.picture, self._made_from
        moved = self._made_from.distance(self._landmark[1]) > WORTH_MOVING and strength >= ASKED_TO_STAND
        died = self._watch.look(figures, seconds, moved)
        if died and board['feedback.rescue'] >= 0.5:
            self.died = died
            self._begin_anew()

    def _begin_anew(self) -> None:
        self.reanchors += self.number > 0
        self._forget(REST)

    def _forget(self, rest: float = 0.0) -> None:
        self.latent = self.picture = self._before = None
        self._landmark = None, None
        for hold in self._holds:
            hold.reset()
        self._watch.reset(rest)


def read_bends(board: Any) -> list[float]:
    return [board[name] for name in BENDS]


def find_size(model: Model, choice: int) -> tuple[int, int]:
    """Return rows and columns of a latent, rounded to what the UNet halves evenly; choice 0 is the model's own size."""
    rows, columns = SIZES[choice] or (model.size, model.size)
    halved = 2 ** (len(model.unet.config.block_out_channels) - 1) if choice else 1
    pixels = halved * model.vae_scale_factor
    return max(1, round(rows / pixels)) * halved, max(1, round(columns / pixels)) * halved


def to_field(picture: np.ndarray, size: tuple[int, int], device: str):
    """[dream] Return a picture (rows, columns, 3 or 4) of uint8 or 0..1 as (1, 3, *size) of -1..1 on the device.

    It is resized on the processor and, if it has 8 bits, in these: a window's worth takes a millisecond, not 30.
    """
    import torch
    whole = resize(torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None], size)[:, :3].to(device)
    return (whole.float() / (127.5 if picture.dtype == np.uint8 else 0.5) - 1).clamp(-1, 1)


def resize(field, size: tuple[int, int]):
    """[dream] Return a field stretched to (rows, columns); the window stretches dreams back to its own shape."""
    import torch
    if field.shape[-2:] == size:
        return field
    return torch.nn.functional.interpolate(field, size, mode='bilinear', antialias=True)
