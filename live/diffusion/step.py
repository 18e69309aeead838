"""One dream's arithmetic: from a noised start to a decoded picture, in one to four steps of diffusion.

    x = a z + b n                       a clean latent z, noised with n to timestep t = strength * (T - 1)
    y = unet(x, t, embedding)           epsilon, v or the picture itself, as the model says
    z = x0(y)                           decoded; or noised again, to the next t

t is continuous: the table of alphas_cumprod is interpolated, and the UNet's time embedding takes fractions. More steps
are spaced as diffusers' `trailing` does it, so that four from strength 1 are 999, 749, 499 and 249, which SD-Turbo was
distilled at. Each begins from x0 and new noise, as consistency models are sampled: the same noise, mirrored, which is
another one at every place and as steady as the first from dream to dream.

On CUDA a dream is one captured graph for each (size, tokens, steps, from a latent or a picture or both, blocks that are
bent); on a processor, bfloat16 where it was measured to win. Latents and arithmetic are float32. All of it runs on one
thread, the dream's. Knows nothing of feedback, noise policies, sizes, prompts or parameters.
"""
from collections.abc import Callable
from typing import Any

import numpy as np

from live.diffusion.bend import Bend
from live.diffusion.burden import wait_asleep
from live.diffusion.graphs import Graphs
from live.diffusion.models import Model
from live.diffusion.processor import choose_format, keep_memory

SMALLEST_ALPHA = 2.0 ** -24         # diffusers' EulerDiscreteScheduler keeps zero-SNR tables divisible with it
MIRRORS = ((), (3,), (2,), (2, 3))  # axes along which the noise is turned, step by step
MOST_STEPS = len(MIRRORS)


class Step:
    """From a noised start to a decoded picture.

    graphs: capture on CUDA; compiled: on CUDA, have torch.compile fuse the UNet's kernels as well, which takes minutes.
    """

    def __init__(self, model: Model, graphs: bool = True, compiled: bool = False) -> None:
        self.model = model
        self._reason = 'step by step'
        self._graphs: Graphs | None = None
        self._unet = model.unet
        self._shown: tuple[Any, Any] = (None, None)     # the last picture, and its bytes
        self._tuned = False
        if model.device == 'cuda':
            self._use_cuda(graphs, compiled)
        elif model.device == 'cpu':
            keep_memory()
            lay_channels_last(model)

    @property
    def reason(self) -> str:
        """How the model is run, and why. [any]"""
        failed = self._graphs.failures.reason if self._graphs else ''
        return self._reason + (f', step by step where none can be captured ({failed})' if failed else '')

    @property
    def uncaptured(self) -> int:
        """How many captures have failed. [any]"""
        return self._graphs.failures.count if self._graphs else 0

    def dream(self, start, noise, strength: float, embedding: np.ndarray, steps: int = 1, bend: Bend | None = None,
              init: Any = None, share: float = 1.0):
        """[dream] Return the next clean latent (1, C, rows, columns) and its picture (1, 3, height, width), float32.

        start: a clean latent, or a picture (1, 3, height, width) of -1..1, on the model's device. noise: like the
        latent. embedding: (tokens, width) float32. steps: 1..4. bend: the Bend of this model's UNet, if there is one.
        init: another picture, mixed into the start by its share.
        The picture is about -1..1 and not clamped. No later call changes what is returned.
        """
        import torch
        steps = min(MOST_STEPS, max(1, steps))
        with torch.inference_mode():
            bent = (bend, bend.bent) if bend and bend.bent else None
            inputs: tuple[Any, ...] = (start, noise, upload(embedding, self.model.device)[None],
                                       upload(self.schedule(strength, steps), self.model.device))
            if init is not None:
                inputs += init, upload((1 - share, share), self.model.device)
            if self._graphs is None:
                return self._compute(inputs, bent)
            key = (*(tuple(value.shape) for value in inputs), bent)
            latent, picture, pixels = self._graphs.run(key, lambda *values: self._compute_bytes(values, bent), inputs)
            self._shown = picture, pixels
            return latent, picture

    def schedule(self, strength: float, steps: int) -> list[tuple[float, float, float]]:
        """Return (timestep, share of signal, share of noise) of each step, the strength's own first."""
        last = len(self.model.alphas_cumprod) - 1
        first = self.timestep(strength)[0]
        strengths = [strength, *(((first + 1) * (steps - k) / steps - 1) / last for k in range(1, steps))]
        return [(time, alpha ** 0.5, (1.0 - alpha) ** 0.5) for time, alpha in map(self.timestep, strengths)]

    def timestep(self, strength: float) -> tuple[float, float]:
        """Return the timestep 0..T-1 of a strength 0..1, and alphas_cumprod there, between the table's rows."""
        table = self.model.alphas_cumprod
        time = min(1.0, max(0.0, strength)) * (len(table) - 1)
        alpha = float(np.interp(time, np.arange(len(table)), table))
        return time, max(alpha, SMALLEST_ALPHA) if self.model.prediction_type == 'epsilon' else alpha

    def encode(self, picture):
        """[dream] Return the clean latent, float32, of a picture (1, 3, height, width) of -1..1 on the device.

        The mean, where the autoencoder gives a distribution.
        """
        import torch
        with torch.inference_mode():
            said = self.model.vae.encode(picture.to(dtype_of(self.model.vae)))
            latent = said.latent_dist.mode() if hasattr(said, 'latent_dist') else said.latents
            return latent.float() * self.model.scaling_factor

    def decode(self, latent):
        """[dream] Return the picture of a clean latent, (1, 3, height, width) about -1..1, float32, not clamped."""
        import torch
        with torch.inference_mode():
            vae = self.model.vae
            return vae.decode((latent / self.model.scaling_factor).to(dtype_of(vae)), return_dict=False)[0].float()

    def show(self, latent) -> np.ndarray:
        """[dream] Return the picture of a clean latent as `read` does."""
        import torch
        with torch.inference_mode():
            if self._graphs is None:
                return self.read(self.decode(latent))
            pixels, = self._graphs.run(('show', latent.shape), lambda value: (to_rgba(self.decode(value)),), (latent,))
            return fetch(pixels)

    def read(self, picture) -> np.ndarray:
        """[dream] Return a picture as (height, width, 4) uint8 RGBA, opaque, rounded as diffusers rounds.

        A picture that `dream` returned must not have been changed in place: its bytes were made along with it.
        """
        import torch
        with torch.inference_mode():
            pixels = self._shown[1] if picture is self._shown[0] else to_rgba(picture)
            return fetch(pixels) if pixels.is_cuda else pixels.cpu().numpy()

    def warm_up(self, rows: int, columns: int, tokens: int, say: Callable[[str], None], steps: int = 1,
                bend: Bend | None = None) -> None:
        """[dream] Dream from all that a dream can begin from, so that no later dream of this size is the first one.

        say: called with a few words at each part. The first time, formats on a processor and kernels on CUDA are chosen
        by measuring; a step that was never warmed up makes the same of the same on every run.
        """
        import torch
        model, scale = self.model, self.model.vae_scale_factor
        noise = torch.zeros((1, model.latent_channels, rows, columns), device=model.device)
        picture = torch.zeros((1, 3, rows * scale, columns * scale), device=model.device)
        embedding = np.zeros((tokens, model.width), np.float32)
        torch.backends.cudnn.benchmark = True       # few sizes, each tried once
        if model.device == 'cpu' and not self._tuned:
            say('choosing number formats')
            self._tune(noise, torch.zeros((1, tokens, model.width)))
        begins = (noise, None, 'latents'), (picture, None, 'pictures'), (noise, picture, 'latents and pictures')
        for start, init, name in begins if self._graphs else begins[-1:]:       # the last uses all that the others use
            say(f'warming up for {columns * scale} x {rows * scale} from {name}')
            self.read(self.dream(start, noise, 0.5, embedding, steps, bend, init, 0.5)[1])

    def _compute(self, inputs: tuple, bent: tuple | None = None) -> tuple:
        """Return latent and picture; nothing here waits for the device, so that it can be captured."""
        start, noise, words, numbers, *mixed = inputs
        latent = start if start.shape == noise.shape else self.encode(start)
        if mixed:
            init, (old, new) = mixed
            latent = old * latent + new * self.encode(init)
        unet = self._unet if bent is None else self.model.unet      # a compiled one does not see the hooks
        dtype = dtype_of(self.model.unet)
        for (time, a, b), mirror in zip(numbers, MIRRORS):
            noised = a * latent + b * (noise.flip(mirror) if mirror else noise)
            said = unet(noised.to(dtype), time[None], encoder_hidden_states=words.to(dtype), return_dict=False)[0]
            latent = clean(self.model.prediction_type, said.float(), noised, a, b)
        return latent, self.decode(latent)

    def _compute_bytes(self, inputs: tuple, bent: tuple | None) -> tuple:
        latent, picture = self._compute(inputs, bent)
        return latent, picture, to_rgba(picture)

    def _use_cuda(self, graphs: bool, compiled: bool) -> None:
        import torch
        lay_channels_last(self.model)
        if graphs:
            self._graphs = Graphs()
            self._reason = 'a captured graph for each size'
        if compiled:
            self._unet = torch.compile(self.model.unet, mode='max-autotune-no-cudagraphs', dynamic=False)

    def _tune(self, latent, words) -> None:
        import torch
        time = torch.tensor([499.0])

        def say(unet):
            dtype = dtype_of(unet)
            return unet(latent.to(dtype), time, encoder_hidden_states=words.to(dtype), return_dict=False)

        with torch.inference_mode():
            reasons = [choose_format('UNet', self.model.unet, say),
                       choose_format('autoencoder', self.model.vae, lambda vae: vae.decode(latent.to(dtype_of(vae))))]
        self._reason = '; '.join(reasons)
        self._tuned = True


def clean(prediction: str, said, noised, a, b):
    """Return x0 of what the UNet said of a * x0 + b * noise."""
    if prediction == 'epsilon':
        return (noised - b * said) / a
    if prediction == 'v_prediction':
        return a * noised - b * said
    return said


def to_rgba(picture):
    """Return (1, 3, height, width) of -1..1 as a tensor (height, width, 4) of uint8."""
    import torch
    scaled = ((picture[0] / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    return torch.cat((scaled, torch.full_like(scaled[:1], 255))).permute(1, 2, 0).contiguous()


def upload(values, device: str):
    """[dream] Return numbers as a float32 tensor on the device; on CUDA the copy waits for nothing under way."""
    import torch
    tensor = torch.tensor(values, dtype=torch.float32)
    return tensor.pin_memory().to(device, non_blocking=True) if device == 'cuda' else tensor.to(device)


class DevicePixels(np.ndarray):
    """Pixels in the host's memory that know where the same bytes lie on the device: `address`, valid while they live.

    What is cut or computed from them is another picture and has no address.
    """
    address = 0
    source: Any = None      # the tensor there


def fetch(pixels) -> np.ndarray:
    """[dream] Return a tensor of the GPU as DevicePixels in pinned memory, which goes back to torch's store with them.

    The store hands out memory that nobody reads any more, so pictures rotate through as many pages as are in use.
    """
    import torch
    page = torch.empty(pixels.shape, dtype=pixels.dtype, pin_memory=True)
    page.copy_(pixels, non_blocking=True)
    wait_asleep()
    fetched = page.numpy().view(DevicePixels)
    fetched.address, fetched.source = pixels.data_ptr(), pixels
    return fetched


def lay_channels_last(model: Model) -> None:
    """Lay the weights of UNet and autoencoder out as convolutions read them fastest; no value changes."""
    import torch
    for module in (model.unet, model.vae):
        module.to(memory_format=torch.channels_last)


def dtype_of(module: Any) -> Any:
    return next(module.parameters()).dtype
