"""What tells the sound's class on stage: a classifier from a folder, its thread, and where what it says goes. [main]

What it is sure of are the sources class1, class2 ... of routes, so a class moves whatever a route can: weights of
prompts, the strength of dreams, a filter.
"""
from functools import partial

from live.conditioning.classifier import load_classifier
from live.conditioning.classifying import Classifying
from live.stages import Sound, say


def open_ears(folder: str, sound: Sound) -> Classifying:
    """Return what listens to a sound, not started yet; raise ClassifierError for a folder that holds no classifier."""
    classifier = load_classifier(folder)
    arena, desk = sound.arena, sound.desk
    say('classes', f'{classifier.kind}, over {classifier.seconds:g} s: '
        + ', '.join(f'class{number} is {name}' for number, name in enumerate(classifier.classes, 1))
        + '; a patch may call them otherwise')
    if round(classifier.samplerate) != round(arena.samplerate):
        say('', f'it was trained at {classifier.samplerate:g} Hz and may err at {arena.samplerate:g} Hz')
    return Classifying(classifier, arena.slices.reader(), arena.samplerate, lambda: desk.patch.classes, arena.classify,
                       partial(say, 'classes'))
