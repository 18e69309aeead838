"""The dream's engine off stage: a model by its name, words as embeddings, one picture at a time.

In: a name as `--model` takes it, texts. Out: embeddings (tokens, width) and pictures (height, width, 3) uint8. The same
seed, model and words give the same bits on a processor: no format is chosen by measuring. Shares the loading, the
prompts and the arithmetic of the stage; what is only here is guidance and many steps. [main]
"""
import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np

from live.conditioning.prompts import Calibration, PromptBook
from live.diffusion.noise import FIXED, Noise
from live.diffusion.turbo import find_size, to_field
from live.params import find_param
from live.studio.art.sampling import GuidedStep
from live.studio.files import StudioError
from live.studio.seed import add_seed

SIZE_NAMES = find_param('dream.size').choices
MANY_STEPS = 25         # of a model that is not distilled


@dataclass(frozen=True)
class Art:
    """How art is made: what all of these tools ask for.

    guidance: 1 is none. steps: None is what the model was made for. size: one of SIZE_NAMES.
    """
    model: str = 'embedded'
    seed: int = 0
    steps: int | None = None
    guidance: float = 1.0
    negative: str = ''
    size: str = 'model'


class Engine:
    """A loaded model. rows, columns: of a latent; scale: pixels a latent's pixel; notes: what is ignored, and why."""

    def __init__(self, art: Art) -> None:
        from live.diffusion.models import choose_model, load_model
        name = choose_model(art.model)[0]
        if name == 'off':
            raise StudioError(f'--model {art.model}: there is no model to dream with here; use embedded, or a folder '
                              'in diffusers format')
        self.art, self.model = art, load_model(name)
        self.book = PromptBook(self.model.tokenizer, self.model.text_encoder)
        steps = art.steps or (1 if self._make_step(1).distilled else MANY_STEPS)
        self.step = self._make_step(steps)
        self.scale = self.model.vae_scale_factor
        self.rows, self.columns = find_size(self.model, SIZE_NAMES.index(art.size))
        self._calibration: Calibration | None = None

    def _make_step(self, steps: int) -> GuidedStep:
        return GuidedStep(self.model, self.art.guidance, self.book.encode(self.art.negative), steps)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a picture."""
        return self.columns * self.scale, self.rows * self.scale

    @property
    def notes(self) -> list[str]:
        """Say what was asked for and has no effect here."""
        wanted = [what for what, is_wanted in (('guidance', self.art.guidance > 1), ('negative', self.art.negative),
                                               ('steps beyond four', (self.art.steps or 0) > 4)) if is_wanted]
        if self.step.distilled and wanted:
            return [f'{self.model.name}: {" and ".join(wanted)} ignored: {self.step.distilled}']
        if self.art.negative and self.art.guidance <= 1:
            return ['the negative prompt has no effect while guidance is 1: try --guidance 7.5']
        return []

    @property
    def calibration(self) -> Calibration:
        """What embeddings of real prompts look like to this model; measured when it is asked for."""
        if self._calibration is None:
            self._calibration = self.book.calibration(self.model.prompts)
        return self._calibration

    def make_noise(self, columns: int | None = None) -> Any:
        """Return the seed's noise (1, C, rows, columns)."""
        shape = 1, self.model.latent_channels, self.rows, columns or self.columns
        return Noise(self.model.device, self.art.seed).draw(FIXED, shape)

    def paint(self, embedding: np.ndarray, init: np.ndarray | None = None, strength: float = 1.0,
              noise: Any = None) -> np.ndarray:
        """Return a picture (height, width, 3) uint8 of an embedding, from noise alone or from a picture.

        noise: (1, C, rows, columns), another shape for another size. Raise StudioError when the model says NaN.
        """
        import torch
        noise = self.make_noise() if noise is None else noise
        size = noise.shape[2] * self.scale, noise.shape[3] * self.scale
        with torch.inference_mode():
            start = torch.zeros_like(noise) if init is None else to_field(init, size, self.model.device)
            picture = self.step.dream(start, noise, strength if init is not None else 1.0,
                                      np.array(embedding, np.float32))[1]
            if not torch.isfinite(picture).all():
                raise StudioError(f'{self.model.name}: the picture is not finite; the embedding is beyond what the '
                                  'model bears: leave --raw away, or take another model')
            return self.step.read(picture)[..., :3]


def add_art_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of Art."""
    add = parser.add_argument
    add('--model', default='embedded', help='as on stage: embedded (default), sd-turbo, a folder or hub id, '
        'random:tiny')
    add_seed(parser, 'of the noise')
    add('--steps', type=int, metavar='N', help='of diffusion; default what the model was made for: 1, or 25')
    add('--guidance', type=float, default=1.0, metavar='G', help='how far towards the text and away from --negative; '
        '1 = none (default); models of one to four steps know none, and it is said')
    add('--negative', default='', metavar='TEXT', help='what guidance turns away from')
    add('--size', choices=SIZE_NAMES, default='model', help="of a picture (default the model's own)")


def read_art(arguments: argparse.Namespace) -> Art:
    """Return what those arguments say."""
    if arguments.steps is not None and arguments.steps < 1:
        raise StudioError(f'--steps {arguments.steps}: at least 1')
    return Art(arguments.model, arguments.seed, arguments.steps, arguments.guidance, arguments.negative,
               arguments.size)


def check_strength(strength: float) -> None:
    """Raise StudioError for a strength that is none."""
    if not 0 <= strength <= 1:
        raise StudioError(f'--strength {strength:g}: 0 (the picture as it is) to 1 (a new one)')
