"""Captions: they say what the picture shows, know the words of every patch, and come in many wordings."""
import re
import tomllib
from pathlib import Path

import pytest
import torch

from live.studio.train.captions import (VOCABULARY, WORDS_BY_FAMILY, WORDS_BY_PALETTE, WORDS_BY_PROPERTY, Spec,
                                        caption, sample_spec)
from live.studio.train.palettes import PALETTES
from live.studio.train.pictures import FAMILIES, PROPERTIES

PATCHES = sorted((Path(__file__).parents[2] / 'patches').glob('*.toml'))


def words(text):
    return re.findall(r'[a-z]+', text.lower())


def specs(count, blends=0.):
    generator = torch.Generator().manual_seed(5)
    return [sample_spec(generator, blends) for _ in range(count)]


def test_tables_of_words_follow_the_picture_maker():
    tables = WORDS_BY_FAMILY, WORDS_BY_PALETTE, WORDS_BY_PROPERTY
    assert tuple(map(tuple, tables)) == (FAMILIES, PALETTES, PROPERTIES)
    assert len(VOCABULARY) <= 400 and all(word == word.lower() for word in VOCABULARY)


@pytest.mark.parametrize('path', PATCHES, ids=lambda path: path.stem)
def test_every_word_of_every_patch_is_known(path):
    prompts = tomllib.loads(path.read_text())['prompts']
    assert set(words(' '.join(prompts))) <= set(VOCABULARY)


def test_captions_hold_known_words_only():
    generator = torch.Generator().manual_seed(6)
    said = {word for spec in specs(500, .3) for word in words(caption(spec, generator))}
    assert said <= set(VOCABULARY)
    assert len(said) > .9 * len(VOCABULARY)


def test_a_caption_names_family_palette_and_named_ends():
    generator = torch.Generator().manual_seed(7)
    for spec in specs(200):
        text = f' {" ".join(words(caption(spec, generator)))} '
        assert any(f' {noun} ' in text for noun in WORDS_BY_FAMILY[FAMILIES[spec.family]])
        assert any(f' {colour} ' in text for colour in WORDS_BY_PALETTE[PALETTES[spec.palette]])
        for poles, value, named in zip(WORDS_BY_PROPERTY.values(), spec.properties, spec.named):
            assert not named or any(f' {word} ' in text for word in poles[int(value > .5)])


def test_a_caption_is_silent_about_what_it_does_not_name():
    silent = Spec(0, 0, torch.full((6,), .9), torch.zeros(6, dtype=torch.bool))
    generator = torch.Generator().manual_seed(8)
    said = {word for _ in range(300) for word in words(caption(silent, generator))}
    poles = {word for pair in WORDS_BY_PROPERTY.values() for pole in pair for phrase in pole for word in words(phrase)}
    assert not said & (poles - set(words(' '.join(WORDS_BY_FAMILY['dust'] + ('of over all',)))))


def test_no_property_word_means_two_things():
    poles = [word for pair in WORDS_BY_PROPERTY.values() for pole in pair for word in pole]
    assert len(poles) == len(set(poles))


def test_named_properties_lie_near_an_end():
    drawn = specs(300)
    named = torch.cat([spec.properties[spec.named] for spec in drawn])
    free = torch.cat([spec.properties[~spec.named] for spec in drawn])
    assert ((named <= .3) | (named >= .7)).all()
    assert (free - .5).abs().mean() < .25 and free.min() < .1 and free.max() > .9


def test_one_picture_is_said_in_many_wordings():
    generator = torch.Generator().manual_seed(9)
    assert len({caption(specs(1)[0], generator) for _ in range(50)}) > 40


def test_specs_and_captions_repeat_with_their_seed():
    one, two = (torch.Generator().manual_seed(10) for _ in range(2))
    assert caption(sample_spec(one), one) == caption(sample_spec(two), two)
