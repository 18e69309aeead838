"""One dream's arithmetic: from a noised start to a decoded picture, in one to four steps of diffusion.

    x = a z + b n                               a clean latent z, noised with n to timestep t = strength * (T - 1)
    y = unet(x, t, embedding)                   epsilon, v or the picture itself, as the model says
    z = x0(y)                                   noised again to the next, lower t, or decoded

t is continuous: the table of alphas_cumprod is interpolated, and the UNet's time embedding takes fractions. Latents and
arithmetic are float32, the UNet and the autoencoder run in the model's own format. All of it runs on one thread, the
dream's. Knows nothing of feedback, noise policies, sizes, prompts or parameters.
"""
import numpy as np

from live.diffusion.models import Model

SMALLEST_ALPHA = 2.0 ** -24         # diffusers' EulerDiscreteScheduler keeps zero-SNR tables divisible with it


class Step:
    """From a noised start to a decoded picture."""

    def __init__(self, model: Model, graphs: bool = True, compiled: bool = False) -> None:
        self.model = model

    def dream(self, start, noise, strength: float, embedding: np.ndarray, steps: int = 1, bend=None):
        """[dream] Return the next clean latent (1, C, rows, columns) and its picture (1, 3, height, width), float32.

        start: a clean latent, or a picture (1, 3, height, width) of -1..1, on the model's device. noise: like the
        latent. embedding: (tokens, width) float32. The picture is about -1..1 and not clamped. Both are the caller's
        own: no later call changes them.
        """
        import torch
        with torch.inference_mode():
            latent = start if start.shape == noise.shape else self.encode(start)
            words = torch.from_numpy(embedding).to(self.model.device, self.model.dtype)[None]
            for time, alpha in self.schedule(strength, steps):
                latent = self._denoise(latent, noise, time, alpha, words)
            return latent, self.decode(latent)

    def schedule(self, strength: float, steps: int) -> list[tuple[float, float]]:
        """Return (timestep, share of signal) of each step, from the strength's own downwards, evenly spaced."""
        last = len(self.model.alphas_cumprod) - 1
        first = self.timestep(strength)[0]
        return [self.timestep(((first + 1) * (steps - k) / steps - 1) / last) for k in range(steps)]

    def timestep(self, strength: float) -> tuple[float, float]:
        """Return the timestep 0..T-1 of a strength 0..1, and the share of signal there, between the table's rows."""
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
            said = self.model.vae.encode(picture.to(self.model.dtype))
            latent = said.latent_dist.mode() if hasattr(said, 'latent_dist') else said.latents
            return latent.float() * self.model.scaling_factor

    def decode(self, latent):
        """[dream] Return the picture of a clean latent, (1, 3, height, width) about -1..1, float32, not clamped."""
        import torch
        with torch.inference_mode():
            return self.model.vae.decode((latent / self.model.scaling_factor).to(self.model.dtype),
                                         return_dict=False)[0].float()

    def read(self, picture) -> np.ndarray:
        """[dream] Return a picture as (height, width, 4) uint8 RGBA, opaque, rounded as diffusers rounds."""
        import torch
        with torch.inference_mode():
            scaled = ((picture[0] / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
            opaque = torch.full_like(scaled[:1], 255)
            return torch.cat((scaled, opaque)).permute(1, 2, 0).contiguous().cpu().numpy()

    def warm_up(self, rows: int, columns: int, tokens: int, say) -> None:
        """[dream] Dream once from pixels and once from a latent of this size, so that no later dream is the first.

        say: called with a few words at each part.
        """
        import torch
        model, scale = self.model, self.model.vae_scale_factor
        noise = torch.zeros((1, model.latent_channels, rows, columns), device=model.device)
        picture = torch.zeros((1, 3, rows * scale, columns * scale), device=model.device)
        embedding = np.zeros((tokens, model.width), np.float32)
        for start, name in ((noise, 'latents'), (picture, 'pictures')):
            say(f'warming up for {columns * scale} x {rows * scale} from {name}')
            self.read(self.dream(start, noise, 0.5, embedding)[1])

    def _denoise(self, latent, noise, time: float, alpha: float, words):
        import torch
        a, b = alpha ** 0.5, (1.0 - alpha) ** 0.5
        noised = a * latent + b * noise
        moment = torch.tensor([time], dtype=torch.float32, device=self.model.device)
        said = self.model.unet(noised.to(self.model.dtype), moment, encoder_hidden_states=words,
                               return_dict=False)[0].float()
        return clean(self.model.prediction_type, said, noised, a, b)


def clean(prediction: str, said, noised, a, b):
    """Return x0 of what the UNet said of a * x0 + b * noise."""
    if prediction == 'epsilon':
        return (noised - b * said) / a
    if prediction == 'v_prediction':
        return a * noised - b * said
    return said
