"""Words as embeddings: a book of prompts encoded once each, and what real prompts look like and where they differ.

In: texts, and a tokenizer and text encoder of transformers' kind. Out: (tokens, width) float32 arrays. All torch work
runs on the calling thread, the dream's. Knows nothing of sound, models' names or parameters.
"""
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import numpy as np

KEPT = 64               # prompts that stay encoded
AT_ONCE = 16            # prompts encoded together at the calibration
LEAST_STD = 1e-4
PARALLEL = 1e-4         # radians: nearer rows are mixed along the straight line
DIRECTIONS = 16         # in which prompts differ most: nine tenths of all their difference and more
LEAST_WEIGHT = 0.05     # of all prompts together; what lacks is given to the first

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
    """What real prompts look like.

    mean, std: (width,), of their content tokens, channel by channel. directions: (DIRECTIONS, width), the principal
    ones in which whole prompts differ, each as long as one standard deviation; zeros where there are fewer.
    """
    mean: np.ndarray
    std: np.ndarray
    directions: np.ndarray


class PromptBook:
    """Prompts and their embeddings; the last KEPT stay. say: is told of words that the model does not know."""

    def __init__(self, tokenizer: Any, text_encoder: Any, say: Callable[[str], None] = print) -> None:
        self._tokenizer, self._encoder, self._say = tokenizer, text_encoder, say
        self._pages: OrderedDict[str, np.ndarray] = OrderedDict()
        self._told: set[str] = set()
        self.tokens = min(tokenizer.model_max_length, text_encoder.config.max_position_embeddings)
        self.width = text_encoder.config.hidden_size

    def __contains__(self, text: str) -> bool:
        return text in self._pages

    def encode(self, text: str) -> np.ndarray:
        """[dream] Return the embedding (tokens, width) float32 as diffusers computes it; not to be written to.

        Text beyond the encoder's length is cut off. Raise ValueError when the encoder's output is not finite.
        """
        if text in self._pages:
            self._pages.move_to_end(text)
            return self._pages[text]
        words = self._tokenizer([self.known_words(text)], padding='max_length', max_length=self.tokens,
                                truncation=True, return_tensors='pt')
        page = self._run(words.input_ids)[0]
        if not np.isfinite(page).all():
            raise ValueError(f'the text encoder gives no finite embedding for the prompt {text[:40]!r}')
        page.setflags(write=False)
        self._pages[text] = page
        if len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        return page

    def known_words(self, text: str) -> str:
        """[dream] Return a text without words that the tokenizer has no token for; each is told once."""
        unknown = self._tokenizer.unk_token_id
        if unknown is None or unknown == self._tokenizer.eos_token_id:      # CLIP's own spells out any word
            return text
        known = []
        for word in re.findall(r'\w+|[^\w\s]+', text):
            if unknown not in self._tokenizer.encode(word, add_special_tokens=False):
                known.append(word)
            elif word[0].isalnum() and word not in self._told:
                self._told.add(word)
                self._say(self._describe_unknown(word))
        return ' '.join(known)

    def _describe_unknown(self, word: str) -> str:
        near = get_close_matches(word.lower(), self._vocabulary, n=3, cutoff=0.5)
        return f'the model does not know the word {word!r}' + (f'; it knows {", ".join(near)}' if near else '')

    @cached_property
    def _vocabulary(self) -> list[str]:
        special = set(self._tokenizer.all_special_tokens)
        return sorted({word.removesuffix('</w>') for word in self._tokenizer.get_vocab() if word not in special})

    def calibration(self, prompts: Sequence[str] = ()) -> Calibration:
        """[dream] Measure prompts, a bank of its own that a model may bring, or else CALIBRATION_PROMPTS.

        Content tokens alone (neither begin, end nor padding) are measured. The encoder looks back only, so padding to
        the longest prompt is enough: a fifth of the work. Directions are those of the prompts' mean tokens: of all
        rows one by one, the first direction is only how long a prompt is (correlation 0.96 with random:tiny).
        """
        bank, contents = [self.known_words(prompt) for prompt in prompts or CALIBRATION_PROMPTS], []
        for start in range(0, len(bank), AT_ONCE):
            words = self._tokenizer(bank[start:start + AT_ONCE], padding=True, max_length=self.tokens,
                                    truncation=True, return_tensors='pt')
            pages, lengths = self._run(words.input_ids), words.attention_mask.sum(1).tolist()
            contents += [page[1:max(2, length - 1)] for page, length in zip(pages, lengths)]
        rows = np.concatenate(contents).astype(np.float64)
        means = np.stack([content.mean(0, dtype=np.float64) for content in contents])
        return Calibration(rows.mean(0), np.maximum(rows.std(0), LEAST_STD), principal_directions(means, DIRECTIONS))

    def _run(self, ids: Any) -> np.ndarray:
        import torch
        with torch.inference_mode():
            return self._encoder(ids.to(self._encoder.device))[0].float().cpu().numpy()


def principal_directions(points: np.ndarray, count: int) -> np.ndarray:
    """Return the `count` principal directions (count, width) of points (n, width), one deviation long."""
    _, lengths, axes = np.linalg.svd(points - points.mean(0), full_matrices=False)
    found = (axes * (lengths / np.sqrt(len(points)))[:, None])[:count]
    found *= np.where(found.sum(1, keepdims=True) < 0, -1.0, 1.0)       # which way is up is anybody's choice: choose
    return np.concatenate((found, np.zeros((count - len(found), points.shape[1]))))


def blend(pages: Sequence[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Return embeddings mixed by weights, one after the other along great circles; exactly one where it is alone.

    Where the weights come near nothing, the first embedding takes over.
    """
    weights = np.maximum(weights, 0.0)
    weights[0] += max(0.0, LEAST_WEIGHT - weights.sum())
    total, mixed = 0.0, pages[0]
    for page, weight in zip(pages, weights):
        if weight > 0:
            total += weight
            mixed = slerp(mixed, page, float(weight / total))
    return mixed


def hold_norms(rows: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Return rows as long as those of `like`, each for itself."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows * (np.linalg.norm(like, axis=1, keepdims=True) / np.maximum(lengths, 1e-12))


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
