"""Many steps and guidance, for models that know them: the stage's step is one to four, and distilled ones want no more.

    y = away + guidance * (text - away)         what the UNet says of the text and of the negative prompt
    z = x0(y);  x = a' z + b' epsilon(y)        DDIM without noise of its own (Song et al., 2020, eta 0)

Timesteps are spaced as on stage (`trailing`), so one step is the stage's own. Guidance 1 and below is none, as in
diffusers. A distilled model was taught to answer as if it were guided: for it guidance, and steps beyond four, are
ignored, and the reason can be told. [main]
"""
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from live.diffusion.bend import Bend
from live.diffusion.models import Model
from live.diffusion.step import MOST_STEPS, Step, clean, dtype_of, upload


class GuidedStep(Step):
    """A Step that turns towards the text and away from another. away: embedding like the text's; guidance: 1 is none.

    steps: how many, as many as wanted; None: as the caller of `dream` says.
    """

    def __init__(self, model: Model, guidance: float = 1.0, away: np.ndarray | None = None,
                 steps: int | None = None) -> None:
        super().__init__(model, graphs=False)
        self.distilled = why_distilled(model)
        self.guidance, self.away, self.steps = guidance, away, steps
        self.watch: Callable[[Any], Iterable[Any]] = iter       # shows how far it has come

    @property
    def is_guided(self) -> bool:
        return self.guidance > 1 and not self.distilled and self.away is not None

    def dream(self, start, noise, strength: float, embedding: np.ndarray, steps: int = 1, bend: Bend | None = None,
              init: Any = None, share: float = 1.0):
        """Return the next clean latent and its picture, as `Step.dream` does."""
        import torch
        steps = self.steps or steps
        if self.distilled:
            return super().dream(start, noise, strength, embedding, min(steps, MOST_STEPS), bend, init, share)
        with torch.inference_mode():
            latent = start if start.shape == noise.shape else self.encode(start)
            if init is not None:
                latent = (1 - share) * latent + share * self.encode(init)
            latent = self._walk(latent, noise, upload(self.schedule(strength, steps), self.model.device),
                                upload(embedding, self.model.device)[None])
            return latent, self.decode(latent)

    def _walk(self, latent, noise, numbers, words):
        """Go down from the first timestep to the clean latent."""
        prediction = self.model.prediction_type
        noised = numbers[0, 1] * latent + numbers[0, 2] * noise
        for k, (time, a, b) in enumerate(self.watch(numbers)):
            said = self._ask(noised, time, words)
            latent = clean(prediction, said, noised, a, b)
            if k + 1 < len(numbers):
                noised = numbers[k + 1, 1] * latent + numbers[k + 1, 2] * (noised - a * latent) / b
        return latent

    def _ask(self, noised, time, words):
        """Return what the UNet says, guided. One after the other: hooks on the UNet count on one text at a time."""
        def say(embedding):
            dtype = dtype_of(self.model.unet)
            return self.model.unet(noised.to(dtype), time[None], encoder_hidden_states=embedding.to(dtype),
                                   return_dict=False)[0].float()
        said = say(words)
        if not self.is_guided:
            return said
        away = say(upload(self.away, self.model.device)[None])
        return away + self.guidance * (said - away)


def why_distilled(model: Model) -> str:
    """Return why a model takes no guidance and few steps, '' where it does take them.

    By its configuration: LCM's UNets are told their guidance, and models of few steps (SD-Turbo, the embedded one) are
    saved with `trailing` timesteps. Models with zero terminal SNR are saved with these too, and are not distilled.
    """
    if model.unet.config.time_cond_proj_dim:
        return 'this model was taught a guidance of its own'
    config = model.scheduler.config
    if config.get('timestep_spacing') == 'trailing' and not config.get('rescale_betas_zero_snr'):
        return 'this model was made for one to four steps and knows no guidance'
    return ''
