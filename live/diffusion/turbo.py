"""One step from picture to picture: the img2img loop over diffusers' components, without its pipeline.

In: a Conditioning (embedding, strength, walk), how much of the last dream to keep, a picture of the motes. Out: pixels.

    z = feedback * last + (1 - feedback) * encode(motes)        what the dream grows from
    x = a z + b n                                               noised to timestep t = strength * (T - 1)
    y = unet(x, t, embedding)                                   epsilon, v or the picture itself
    last = x0(y)                                                decoded, clamped, 8 bits

The last dream stays a latent: no trip through pixels, and no trip at all through the encoder at feedback 1. t is
continuous: the table of alphas_cumprod is interpolated, and the UNet's time embedding takes fractions. Latents and
arithmetic are float32, the UNet runs in the model's own format. Same seed and inputs, same pictures. All of it runs on
the dream's thread. Knows nothing of parameters, prompts, slices or threads.
"""
import hashlib
import math
from typing import Any

import numpy as np

from live.diffusion.hub import DreamError
from live.diffusion.models import Model
from live.signals import Conditioning

FIXED, FRESH, WALK = range(3)       # as dream.noise counts them
MEAN_LIMIT, STD_LOW, STD_HIGH = 1.5, 0.3, 1.6       # where a channel of real latents, of unit variance, is found
SMALLEST_ALPHA = 2.0 ** -24         # diffusers' EulerDiscreteScheduler keeps zero-SNR tables divisible with it


class Turbo:
    """The one-step engine. State: the last latent and the number of the dream.

    height, width: pixels, rounded down to what the autoencoder can make; None = the model's own size.
    guard: share taken back, each dream, of what leaves the range of real latents; 0 switches it off. A closed loop
    otherwise burns in: a few per cent of contrast a frame is a white picture in a minute.
    """

    def __init__(self, model: Model, height: int | None = None, width: int | None = None, seed: int = 0,
                 guard: float = 1.0) -> None:
        step = model.vae_scale_factor
        rows, columns = (max(1, (size or model.size) // step) for size in (height, width))
        self.model, self.seed, self.guard = model, seed, guard
        self.height, self.width = rows * step, columns * step
        self._shape = (1, model.latent_channels, rows, columns)
        self._drawn: dict[int, Any] = {}
        self.reset()

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def reason(self) -> str:
        return self.model.reason

    def reset(self) -> None:
        """[dream] Forget the last dream; the next one is the first again."""
        self.latent, self.number = None, 0

    def dream(self, conditioning: Conditioning, feedback: float = 1.0, noise: int = WALK,
              init: np.ndarray | None = None) -> np.ndarray:
        """[dream] Return the next dream, (height, width, 4) uint8 RGBA, row 0 on top.

        init: (rows, columns, 3 or 4), uint8 or 0..1, any size, row 0 on top. The first dream without one is made
        from noise alone. Raise DreamError, and stay as before, when the model's output is not finite.
        """
        import torch
        with torch.inference_mode():
            start = self._start(feedback, init)
            strength = 1.0 if start is None else conditioning.strength
            start = torch.zeros(self._shape, device=self.model.device) if start is None else start
            embedding = torch.tensor(conditioning.embedding[None], dtype=self.model.dtype, device=self.model.device)
            latent = self._hold(self.step(start, self.noise(noise, conditioning.walk), strength, embedding))
            picture = self.decode(latent)
            if not bool(torch.isfinite(picture).all()):
                raise DreamError(f'{self.name}: dream {self.number} is not finite; it is dropped')
            self.latent, self.number = latent, self.number + 1
            return to_rgba(picture)

    def step(self, start, noise, strength: float, embedding):
        """Return the x0 of one step from `start`, a clean latent, noised with `noise` to `strength`; float32."""
        import torch
        time, alpha = self.timestep(strength)
        a, b = math.sqrt(alpha), math.sqrt(1.0 - alpha)
        noised = a * start + b * noise
        moment = torch.tensor([time], dtype=torch.float32, device=self.model.device)
        said = self.model.unet(noised.to(self.model.dtype), moment, encoder_hidden_states=embedding,
                               return_dict=False)[0].float()
        if self.model.prediction_type == 'epsilon':
            return (noised - b * said) / a
        if self.model.prediction_type == 'v_prediction':
            return a * noised - b * said
        return said

    def timestep(self, strength: float) -> tuple[float, float]:
        """Return the timestep 0..T-1 of a strength 0..1, and the share of signal there, between the table's rows."""
        table = self.model.alphas_cumprod
        time = min(1.0, max(0.0, strength)) * (len(table) - 1)
        alpha = float(np.interp(time, np.arange(len(table)), table))
        return time, max(alpha, SMALLEST_ALPHA) if self.model.prediction_type == 'epsilon' else alpha

    def noise(self, policy: int, walk: float):
        """Return unit noise: always the same, new for each dream, or at angle `walk` of a path over the sphere.

        The path: n = cos(t) X + sin(t) Y has unit variance at every t. Where the cosine or the sine is zero, its
        noise does not show and is drawn anew: a quarter turn from X to Y, the next from Y to Z, never a jump, never
        the same again, and any angle can be computed without those before it.
        """
        if policy == FRESH:
            return self._draw('fresh', self.number)
        if policy == FIXED:
            return self._corner(0)
        quarter = math.floor(walk / (math.pi / 2))
        rest = walk - quarter * (math.pi / 2)
        return math.cos(rest) * self._corner(quarter) + math.sin(rest) * self._corner(quarter + 1)

    def encode(self, picture: np.ndarray):
        """Return the clean latent of a picture of any size; the mean where the autoencoder gives a distribution."""
        import torch
        scaled = np.asarray(picture)[..., :3].astype(np.float32) / (255.0 if picture.dtype == np.uint8 else 1.0)
        image = torch.from_numpy(scaled).permute(2, 0, 1)[None].to(self.model.device)
        if image.shape[2:] != (self.height, self.width):
            image = torch.nn.functional.interpolate(image, (self.height, self.width), mode='bilinear', antialias=True)
        said = self.model.vae.encode((image.clamp(0, 1) * 2 - 1).to(self.model.dtype))
        latent = said.latent_dist.mode() if hasattr(said, 'latent_dist') else said.latents
        return latent.float() * self.model.scaling_factor

    def decode(self, latent):
        """Return the picture of a clean latent, (1, 3, height, width) about -1..1, not yet clamped."""
        return self.model.vae.decode((latent / self.model.scaling_factor).to(self.model.dtype),
                                     return_dict=False)[0].float()

    def _start(self, feedback: float, init: np.ndarray | None):
        if init is None:
            return self.latent
        if self.latent is None:
            return self.encode(init)
        if feedback >= 1.0:
            return self.latent
        return feedback * self.latent + (1.0 - feedback) * self.encode(init)

    def _hold(self, latent):
        """Return the latent with each channel's mean and deviation pulled back into the range of real ones."""
        if not self.guard:
            return latent
        mean = latent.mean((2, 3), keepdim=True)
        std = latent.std((2, 3), correction=0, keepdim=True).clamp_min(1e-6)
        held = (latent - mean) / std * std.clamp(STD_LOW, STD_HIGH) + mean.clamp(-MEAN_LIMIT, MEAN_LIMIT)
        return latent + self.guard * (held - latent)

    def _corner(self, index: int):
        """Return the noise at a corner of the walk; the two in use are kept."""
        if index not in self._drawn:
            self._drawn = {k: drawn for k, drawn in self._drawn.items() if abs(k - index) == 1}
            self._drawn[index] = self._draw('walk', index)
        return self._drawn[index]

    def _draw(self, kind: str, index: int):
        """Return noise that depends on seed, kind and index alone; drawn on the processor, so alike on every device."""
        import torch
        digest = hashlib.blake2b(f'{self.seed} {kind} {index}'.encode(), digest_size=7).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(digest, 'big'))
        return torch.randn(self._shape, generator=generator).to(self.model.device)


def to_rgba(picture) -> np.ndarray:
    """Return (1, 3, height, width) of -1..1 as (height, width, 4) uint8, opaque, rounded as diffusers rounds."""
    import torch
    scaled = ((picture[0] / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    opaque = torch.full_like(scaled[:1], 255)
    return torch.cat((scaled, opaque)).permute(1, 2, 0).contiguous().cpu().numpy()
