"""The bank: captioned pictures as latents, drawn once, read again and again while the UNet learns.

Each entry: the noise its picture was drawn from, its latent, the caption's tokens, family, palette, properties, and
whether sound says what the caption does not. Where neither caption nor sound names a property it stands near the
middle: a model of one step shows the mean of what it cannot know. Files are flat arrays: one process fills what
another reads.
"""
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from live.studio.train.captions import FAMILY_NAMES, Spec, caption, sample_spec
from live.studio.train.parts import LATENT_CHANNELS, SCALE, SIZE, TOKENS, drawing_noise
from live.studio.train.pictures import PALETTES, PROPERTIES, draw

SIDE = SIZE // SCALE
SOUNDING = 0.6          # share of entries whose unnamed properties are said by sound
BLENDED = 0.12          # share that shows two families
UNNAMED = 0.12          # deviation around the middle of what nothing says
MIDDLE = torch.tensor([0.2 if name == 'shimmer' else 0.5 for name in PROPERTIES])      # water is still by itself
PORTION = 32
FIELDS = {
    'noise': ((LATENT_CHANNELS, SIDE, SIDE), np.float16), 'latent': ((LATENT_CHANNELS, SIDE, SIDE), np.float16),
    'tokens': ((TOKENS,), np.int16), 'family': ((), np.int16), 'palette': ((), np.int16),
    'properties': ((len(PROPERTIES),), np.float32), 'sounding': ((), np.bool_)}
DEFAULT = (FAMILY_NAMES.index('dust') + len(FAMILY_NAMES) * (1 + FAMILY_NAMES.index('clouds')), PALETTES.index('blue'))
SILENT = 0.02           # share without any words: blue dust and clouds


class Bank:
    """`size` entries in a folder; `count` of them are filled."""

    def __init__(self, folder: Path, size: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.size, self._counter = size, folder / f'count.{size}'
        self.fields = {name: _open(folder / f'{name}.{size}', (size, *shape), kind)
                       for name, (shape, kind) in FIELDS.items()}

    @property
    def count(self) -> int:
        return int(self._counter.read_text()) if self._counter.is_file() else 0

    def put(self, portion: dict[str, np.ndarray]) -> None:
        start = self.count
        end = min(self.size, start + len(portion['family']))
        for name, values in portion.items():
            self.fields[name][start:end] = values[:end - start]
        fresh = self._counter.with_suffix('.new')
        fresh.write_text(str(end))
        os.replace(fresh, self._counter)        # whoever reads meanwhile finds a number

    def take(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Return entries drawn at random, as tensors; floats as float32."""
        chosen = np.sort(torch.randint(self.count, (count,), generator=generator).numpy())
        taken = {name: torch.from_numpy(np.asarray(field[chosen])) for name, field in self.fields.items()}
        return {name: value.float() if value.is_floating_point() else value for name, value in taken.items()}


def draw_entries(count: int, tokenizer: Any, encoder: Any, generator: torch.Generator, device: torch.device
                 ) -> tuple[dict[str, np.ndarray], Tensor]:
    """Return new entries, and their pictures."""
    specs, captions, sounding = zip(*(draw_spec(generator) for _ in range(count)))
    noise = torch.randn(count, LATENT_CHANNELS, SIDE, SIDE, generator=generator).half().float()
    families, palettes = (torch.tensor([spec[k] for spec in specs]) for k in (0, 1))
    properties = torch.stack([spec.properties for spec in specs])
    pictures = draw(drawing_noise(noise).to(device), families, palettes, properties)
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
        latents = encoder(pictures.contiguous(memory_format=torch.channels_last) * 2 - 1).float().cpu()
    words = tokenizer(list(captions), padding='max_length', max_length=TOKENS, truncation=True)['input_ids']
    return {'noise': noise.half().numpy(), 'latent': latents.half().numpy(), 'tokens': np.array(words, np.int16),
            'family': families.numpy(), 'palette': palettes.numpy(), 'properties': properties.numpy(),
            'sounding': np.array(sounding)}, pictures


def draw_spec(generator: torch.Generator) -> tuple[Spec, str, bool]:
    """Return a picture's spec, its caption, and whether sound says what the caption does not."""
    spec = sample_spec(generator, BLENDED)
    sounding, silent = (torch.rand(2, generator=generator) < torch.tensor([SOUNDING, SILENT])).tolist()
    if silent:
        spec = spec._replace(family=DEFAULT[0], palette=DEFAULT[1], named=torch.zeros_like(spec.named))
    if not sounding:
        near = (MIDDLE + UNNAMED * torch.randn(len(PROPERTIES), generator=generator)).clamp(0.0, 0.8)
        spec = spec._replace(properties=torch.where(spec.named, spec.properties, near))
    else:
        heard = torch.rand(len(PROPERTIES), generator=generator)
        heard[PROPERTIES.index('softness')] = 0.5 + UNNAMED * torch.randn((), generator=generator).clamp(-2, 2)
        spec = spec._replace(properties=torch.where(spec.named, spec.properties, heard))
    return spec, '' if silent else caption(spec, generator), sounding


def fill(bank: Bank, tokenizer: Any, encoder: Any, seed: int, device: torch.device) -> None:
    """Draw until the bank is full; goes on where it stood."""
    from tqdm import tqdm
    bar = tqdm(total=bank.size, initial=bank.count, desc='bank', unit='picture', mininterval=2.0)
    while bank.count < bank.size:
        generator = torch.Generator().manual_seed(seed * 7_777_777 + bank.count)
        portion, _ = draw_entries(PORTION, tokenizer, encoder, generator, device)
        bank.put(portion)
        bar.update(PORTION)
    bar.close()


def _open(path: Path, shape: tuple[int, ...], kind: Any) -> np.ndarray:
    return np.lib.format.open_memmap(path, 'r+' if path.is_file() else 'w+', kind, shape)
