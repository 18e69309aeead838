"""The shipped model as the stage plays it, and the captions, drawn pictures and judge that it is compared with.

For embedded.py. Everything drawn or said comes from seeds that no training uses.
"""
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SEED = 2 ** 40              # training draws from seeds far below
RATE, FPS = 48000, 12


class Player:
    """The model on stage: what it is told becomes a picture (3, 256, 256) of 0..1. load_s: without the libraries."""

    def __init__(self, folder: str) -> None:
        from live.conditioning.prompts import PromptBook
        from live.diffusion.models import load_model
        from live.diffusion.turbo import Turbo
        from live.params import Board
        import_libraries()
        begin = time.perf_counter()
        self.model = load_model(folder, progress=lambda words: None)
        self.book = PromptBook(self.model.tokenizer, self.model.text_encoder)
        self.calibration = self.book.calibration(self.model.prompts)
        self.engine = Turbo(self.model, 0, RATE)
        self.load_s = time.perf_counter() - begin
        self.board = Board()
        self.engine.warm_up(self.board, 2 * self.book.tokens, lambda words: None)

    def words(self, text: str) -> np.ndarray:
        """Return a prompt as the conditioner gives it in silence."""
        return np.concatenate((self.book.encode(text),) * 2)

    def heard(self, text: str, rows: np.ndarray) -> np.ndarray:
        """Return a prompt with sound behind it, at full weight."""
        from live.conditioning.mix import LIMIT, append
        page, known = self.book.encode(text), self.calibration
        return np.concatenate((page, append(page, known.mean + known.std * np.clip(rows, -LIMIT, LIMIT), 1.0)))

    def dream(self, embedding: np.ndarray, noise: int, strength: float = 1.0, init: np.ndarray | None = None):
        """Return the first picture of a loop: from noise alone, or from a picture of init. noise: which one."""
        import torch
        from live.diffusion.noise import QUARTER
        from live.signals import Conditioning
        self.engine.reset()
        pixels = self.engine.dream(Conditioning(embedding, strength, noise * QUARTER, 0), self.board, init)
        return torch.from_numpy(pixels[..., :3].copy()).permute(2, 0, 1) / 255


def import_libraries() -> None:
    """Import what loading would: those modules are the same for every model, and slow."""
    from diffusers import AutoencoderTiny, DDIMScheduler, UNet2DConditionModel  # noqa: F401
    from transformers import CLIPTextModel, PreTrainedTokenizerFast  # noqa: F401


class Captions(NamedTuple):
    """What pictures shall be, and the words for it. Tensors (n,), (n,), (n, 6)."""
    texts: list[str]
    families: Any
    palettes: Any
    properties: Any

    def drawn(self, seed: int):
        """Return drawn pictures (n, 3, 256, 256) of these specs, from noise of this seed."""
        import torch
        from live.studio.train.pictures import PICTURE_CELLS, draw
        generator = torch.Generator().manual_seed(SEED + seed)
        noise = torch.randn(len(self.texts), 16, PICTURE_CELLS, PICTURE_CELLS, generator=generator)
        return torch.cat([draw(noise[k:k + 16], self.families[k:k + 16], self.palettes[k:k + 16],
                               self.properties[k:k + 16]) for k in range(0, len(noise), 16)])


def make_captions(count: int) -> Captions:
    """Return captions of one family each; what they do not name is near its middle, as in training without sound."""
    import torch
    from live.studio.train.bank import MIDDLE, UNNAMED
    from live.studio.train.captions import caption, sample_spec
    generator = torch.Generator().manual_seed(SEED)
    specs = [sample_spec(generator) for _ in range(count)]
    texts = [caption(spec, generator) for spec in specs]
    near = (MIDDLE + UNNAMED * torch.randn(count, specs[0].named.numel(), generator=generator)).clamp(0.0, 0.8)
    properties = torch.stack([torch.where(spec.named, spec.properties, near[k]) for k, spec in enumerate(specs)])
    families, palettes = (torch.tensor([spec[k] for spec in specs]) for k in (0, 1))
    return Captions(texts, families, palettes, properties)


def plain_captions() -> Captions:
    """Return one caption of each family, '{palette} {family}', the palettes in turn, every property in its middle."""
    import torch
    from live.studio.train.bank import MIDDLE
    from live.studio.train.captions import FAMILY_NAMES, PALETTE_NAMES, WORDS_BY_FAMILY, WORDS_BY_PALETTE
    families = torch.arange(len(FAMILY_NAMES))
    palettes = families % len(PALETTE_NAMES)
    texts = [f'{WORDS_BY_PALETTE[PALETTE_NAMES[palette]][0]} {WORDS_BY_FAMILY[name][0]}'
             for name, palette in zip(FAMILY_NAMES, palettes.tolist())]
    return Captions(texts, families, palettes, MIDDLE.repeat(len(texts), 1))


def load_judge(folder: str):
    """Return the judge of this folder; trained first, for half an hour of a core, where there is none."""
    from live.studio.train.judge import train_judge
    from live.studio.train.training import Training
    return train_judge(Training(Path(folder))).cpu()


def look(judge, pictures) -> tuple[Any, Any, Any]:
    """Return features (n, 544), families and palettes (n,) as the judge sees them."""
    import torch
    with torch.inference_mode():
        features = torch.cat([judge.features(part) for part in pictures.split(32)])
        return features, judge.family(features).argmax(1), judge.palette(features).argmax(1)
