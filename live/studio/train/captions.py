"""Captions: what a picture shall be, drawn at random, and the words that say so, in many wordings.

In: a torch.Generator. Out: a Spec (family, palette, six properties, which of them words name) and its caption. A
property that no word names is drawn freely and the caption is silent about it, so that prompts compose. VOCABULARY
lists every word a caption can hold, all words of the instrument's own prompts among them. Runs in the trainer [any];
draws no pictures.
"""
from typing import TYPE_CHECKING, NamedTuple, Sequence, TypeVar

if TYPE_CHECKING:
    import torch

Item = TypeVar('Item')

WORDS_BY_FAMILY = {
    'dust': ('dust', 'dust motes', 'motes', 'motes of dust', 'sparks', 'particles', 'snow', 'lights',
             'specks of light', 'pollen'),
    'clouds': ('clouds', 'cloud', 'mist', 'fog', 'haze', 'banks of cloud', 'vapour', 'sky'),
    'ink': ('ink', 'ink in water', 'smoke', 'plumes of ink', 'plumes', 'coils of smoke'),
    'embers': ('embers', 'fire', 'coals', 'flames', 'lava', 'ash and embers'),
    'aurora': ('aurora', 'northern lights', 'curtains of light', 'rays'),
    'moss': ('moss', 'lichen', 'moss and lichen', 'moss on stone', 'crust'),
    'ripples': ('ripples', 'rings', 'concentric ripples', 'interference rings', 'ripples on water', 'waves',
                'tree rings',
                'drops on water'),
    'glass': ('glass', 'shards', 'broken glass', 'crystals', 'ice', 'frost', 'mirrors', 'facets',
              'frost on glass', 'staircase'),
    'veins': ('veins', 'roots', 'veins and roots', 'branches', 'lightning', 'spider web', 'web', 'nerves'),
    'dunes': ('dunes', 'dunes of sand', 'sand', 'desert', 'hills'),
    'nebula': ('nebula', 'stars', 'galaxy', 'nebula and stars', 'space', 'stars in space'),
    'silk': ('silk', 'silk folds', 'folds', 'folds of silk', 'satin', 'cloth', 'veil'),
    'rain': ('rain', 'rain on a window', 'wet window', 'dew', 'raindrops'),
    'strands': ('strands', 'strings', 'strings of light', 'threads', 'lines', 'lines of light',
                'horizontal bands of light', 'fibres'),
}
WORDS_BY_PALETTE = {
    'blue': ('blue', 'blue', 'blue', 'azure', 'deep blue', 'cobalt', 'sapphire', 'cold'),
    'indigo': ('indigo', 'indigo', 'ultramarine', 'twilight'),
    'teal': ('teal', 'turquoise', 'cyan', 'aqua', 'blue green'),
    'violet': ('violet', 'violet', 'purple', 'lilac', 'blue violet'),
    'silver': ('silver', 'grey', 'white', 'black and white', 'moonlight'),
    'amber': ('amber', 'orange', 'copper', 'warm', 'dusk'),
    'rose': ('rose', 'pink', 'magenta'),
    'emerald': ('emerald', 'green', 'jade'),
    'crimson': ('crimson', 'red', 'scarlet', 'ruby'),
    'gold': ('gold', 'golden', 'yellow', 'honey'),
}
WORDS_BY_PROPERTY = {
    'light': (('dim', 'dark', 'faint', 'night', 'shadows'), ('bright', 'luminous', 'glowing', 'pale', 'dawn')),
    'fineness': (('large', 'broad', 'wide', 'close', 'big', 'vast'), ('fine', 'tiny', 'delicate', 'small', 'thin')),
    'scatter': (('gathered', 'clustered', 'centre', 'together'), ('scattered', 'everywhere', 'spread', 'over all')),
    'density': (('sparse', 'few', 'lonely', 'empty'), ('dense', 'many', 'countless', 'crowded', 'full')),
    'shimmer': (('still', 'calm', 'motionless', 'smooth'), ('shimmering', 'glittering', 'vibrating',
                'flickering', 'trembling')),
    'softness': (('sharp', 'crisp', 'clear', 'hard'), ('soft', 'blurred', 'hazy', 'out of focus')),
}
OPENINGS = ('a photograph of', 'a picture of', 'a drawing of', 'an image of', 'the', 'a shape of', 'light through',
            'slow motion')
CLOSINGS = ('in air', 'in light', 'on black', 'in motion', 'without end', 'over water', 'on a wall', 'with light')
MOODS = ('slow', 'deep', 'translucent', 'quiet', 'transparent', 'floating', 'drifting', 'beautiful')
# Words that say nothing about these pictures, though prompts hold them: now and then in a caption, to mean nothing.
SILENT = ('that', 'is', 'not', 'there', 'two', 'rows', 'pairs', 'each', 'other', 'corridors', 'throat', 'steps',
          'blowing', 'wet', 'facing', 'vertical', 'branching', 'fractal', 'without', 'from', 'into', 'to', 'under',
          'very', 'at', 'as')


def words_of(phrases: Sequence[str]) -> set[str]:
    return {word for phrase in phrases for word in phrase.split()}


def vocabulary() -> tuple[str, ...]:
    poles = [pole for pair in WORDS_BY_PROPERTY.values() for pole in pair]
    tables = [*WORDS_BY_FAMILY.values(), *WORDS_BY_PALETTE.values(), *poles, OPENINGS, MOODS, CLOSINGS, SILENT]
    return tuple(sorted(set().union(*(words_of(table) for table in tables))))


VOCABULARY = vocabulary()
FAMILY_NAMES, PALETTE_NAMES = tuple(WORDS_BY_FAMILY), tuple(WORDS_BY_PALETTE)


class Spec(NamedTuple):
    """What a picture shall be; family and palette are indices, `named` tells which properties the caption speaks of."""

    family: int
    palette: int
    properties: 'torch.Tensor'
    named: 'torch.Tensor'


def draw_number(generator: 'torch.Generator') -> float:
    import torch
    return torch.rand((), generator=generator).item()


def pick(items: Sequence[Item], generator: 'torch.Generator') -> Item:
    return items[min(int(draw_number(generator) * len(items)), len(items) - 1)]


def sample_spec(generator: 'torch.Generator', blends: float = 0) -> Spec:
    """Draw what a picture shall be. With the chance `blends`, family is the code of two families in one picture.

    Named properties are near an end (lowest or highest third), the others anywhere, rather about the middle.
    """
    import torch
    count = len(FAMILY_NAMES)
    family = pick(range(count), generator)
    if draw_number(generator) < blends:
        family += count * (1 + (family + 1 + pick(range(count - 1), generator)) % count)
    named = torch.rand(6, generator=generator) < .28
    free = torch.rand(2, 6, generator=generator).mean(0)
    end = .3 * torch.rand(6, generator=generator)
    end = torch.where(torch.rand(6, generator=generator) < .5, end, 1 - end)
    return Spec(family, pick(range(len(PALETTE_NAMES)), generator), torch.where(named, end, free), named)


def caption(spec: Spec, generator: 'torch.Generator') -> str:
    """Say what a Spec shows: property words, colour and moods before or after the nouns, in one of many orders."""
    noun = name_family(spec.family, generator)
    colour = pick(WORDS_BY_PALETTE[PALETTE_NAMES[spec.palette]], generator)
    words = [pick(WORDS_BY_PROPERTY[name][int(value > .5)], generator)
             for name, value, named in zip(WORDS_BY_PROPERTY, spec.properties.tolist(), spec.named.tolist()) if named]
    words += [pick(MOODS, generator) for _ in range(int(2.2 * draw_number(generator)))]
    words += [pick(SILENT, generator) for _ in range(int(1.3 * draw_number(generator)))]
    words = shuffled(words, generator)
    before = words[:int(draw_number(generator) * 3)]
    after = words[len(before):]
    if draw_number(generator) < .72:
        before = [*before, colour]
    else:
        after = shuffled([*after, colour], generator)
    text = ', '.join([' '.join([*before, noun]), *after])
    if draw_number(generator) < .2:
        text = f'{pick(OPENINGS, generator)} {text}'
    return f'{text} {pick(CLOSINGS, generator)}' if draw_number(generator) < .12 else text


def name_family(code: int, generator: 'torch.Generator') -> str:
    second, first = divmod(code, len(FAMILY_NAMES))
    noun = pick(WORDS_BY_FAMILY[FAMILY_NAMES[first]], generator)
    if not second:
        return noun
    other = pick(WORDS_BY_FAMILY[FAMILY_NAMES[second - 1]], generator)
    return f'{noun} {pick(("and", "over", "in"), generator)} {other}'


def shuffled(words: Sequence[str], generator: 'torch.Generator') -> list[str]:
    import torch
    return [words[index] for index in torch.randperm(len(words), generator=generator).tolist()]
