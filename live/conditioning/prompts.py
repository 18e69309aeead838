"""Words as embeddings: a book of prompts encoded once each, and what real prompts look like, channel by channel.

In: texts, and a tokenizer and text encoder of transformers' CLIP kind. Out: (tokens, width) float32 arrays. All torch
work runs on the calling thread, the dream's. Knows nothing of sound, models' names or parameters.
"""
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

KEPT = 64               # prompts that stay encoded
AT_ONCE = 16            # prompts encoded together at the calibration
LEAST_STD = 1e-4
PARALLEL = 1e-4         # radians: nearer rows are mixed along the straight line

SUBJECTS = (
    'dust motes in a beam of light', 'a slow river under ice', 'a crowd in the rain at night', 'the inside of a bell',
    'red sandstone', 'an old man playing the cello', 'jellyfish', 'a kitchen table with lemons', 'northern lights',
    'rusted machines in tall grass', 'a cathedral of glass', 'two dancers', 'a fox asleep in snow',
    'the city from above', 'smoke', 'a broken television')
MANNERS = ('{}', 'a photograph of {}, soft focus, blue hour', '{}, abstract oil painting with thick strokes',
           'a delicate ink drawing of {} on white paper, highly detailed')
CALIBRATION_PROMPTS = tuple(manner.format(subject) for manner in MANNERS for subject in SUBJECTS)


@dataclass(frozen=True)
class Calibration:
    """Mean and standard deviation (width,) of real prompts' content tokens, channel by channel."""
    mean: np.ndarray
    std: np.ndarray


class PromptBook:
    """Prompts and their embeddings; the last KEPT stay."""

    def __init__(self, tokenizer: Any, text_encoder: Any) -> None:
        self._tokenizer, self._encoder = tokenizer, text_encoder
        self._pages: OrderedDict[str, np.ndarray] = OrderedDict()
        self.tokens = min(tokenizer.model_max_length, text_encoder.config.max_position_embeddings)
        self.width = text_encoder.config.hidden_size

    def encode(self, text: str) -> np.ndarray:
        """[dream] Return the embedding (tokens, width) float32 as diffusers computes it; not to be written to.

        Text beyond the encoder's length is cut off. Raise ValueError when the encoder's output is not finite.
        """
        if text in self._pages:
            self._pages.move_to_end(text)
            return self._pages[text]
        words = self._tokenizer([text], padding='max_length', max_length=self.tokens, truncation=True,
                                return_tensors='pt')
        page = self._run(words.input_ids)[0]
        if not np.isfinite(page).all():
            raise ValueError(f'the text encoder gives no finite embedding for the prompt {text[:40]!r}')
        page.setflags(write=False)
        self._pages[text] = page
        if len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        return page

    def calibration(self, prompts: tuple[str, ...] = CALIBRATION_PROMPTS) -> Calibration:
        """[dream] Measure mean and deviation of the content tokens (neither begin, end nor padding) of prompts.

        The encoder looks back only, so padding to the longest of them is enough: a fifth of the work.
        """
        contents = []
        for start in range(0, len(prompts), AT_ONCE):
            words = self._tokenizer(list(prompts[start:start + AT_ONCE]), padding=True, max_length=self.tokens,
                                    truncation=True, return_tensors='pt')
            pages, lengths = self._run(words.input_ids), words.attention_mask.sum(1).tolist()
            contents += [page[1:length - 1] for page, length in zip(pages, lengths)]
        rows = np.concatenate(contents).astype(np.float64)
        return Calibration(rows.mean(0), np.maximum(rows.std(0), LEAST_STD))

    def _run(self, ids: Any) -> np.ndarray:
        import torch
        with torch.inference_mode():
            return self._encoder(ids.to(self._encoder.device))[0].float().cpu().numpy()


def slerp(first: np.ndarray, second: np.ndarray, mix: float) -> np.ndarray:
    """Return the embedding between two, row by row along the great circle; exactly one of them at 0 and 1.

    Row by row because each token is a direction of its own to the cross-attention, of nearly constant length (it comes
    out of a layer norm); a straight line would pass through shorter, paler tokens. Rows that are alike, the first
    among them, stay. Rows nearly opposite have no one great circle and take the straight line.
    """
    if mix <= 0.0 or mix >= 1.0:
        return first if mix <= 0.0 else second
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosine = np.clip((first * second).sum(1) / np.maximum(lengths, 1e-12), -1.0, 1.0)
    angle = np.arccos(cosine.astype(np.float64))
    straight = np.sin(angle) < PARALLEL
    sine = np.where(straight, 1.0, np.sin(angle))
    near = np.where(straight, 1.0 - mix, np.sin((1.0 - mix) * angle) / sine)
    far = np.where(straight, mix, np.sin(mix * angle) / sine)
    return (near[:, None] * first + far[:, None] * second).astype(np.float32)
