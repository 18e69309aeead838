"""The classifier on stage: what sounds moves the words, on the clock's stream."""
import time

import pytest

from live.conditioning.classifier import ClassifierError
from live.ears import open_ears
from live.patch import load_patch
from live.stages import Settings, Sound
from hearing_by_hand import save_bright_or_dark

PATCH = '''
prompts = ['soot', 'snow']
layers = ['drone']
classes = ['dark', 'bright']

[drone]
source = 'harmonic'
partials = {partials}
tilt_db = {tilt}
attack = 0.01
root = 110

[prompt]
weight1 = 0
weight2 = 0

[[route]]
from = 'class1'
to = 'prompt.weight1'
amount = 1

[[route]]
from = 'class2'
to = 'prompt.weight2'
amount = 1
'''
SOUNDS = {'dark': {'partials': 2, 'tilt': -12}, 'bright': {'partials': 200, 'tilt': 3}}


@pytest.fixture
def play(tmp_path):
    """A stage that sounds by the clock, with ears; call it with a sound's name to change the patch."""
    paths = {name: tmp_path / f'{name}.toml' for name in SOUNDS}
    for name, path in paths.items():
        path.write_text(PATCH.format(**SOUNDS[name]))
    sound = Sound(Settings(patch=str(paths['dark']), audio='clock'))
    ears = open_ears(str(save_bright_or_dark(tmp_path / 'heard')), sound)
    sound.start()
    ears.start()

    def change(name):
        sound.desk.use_patch(load_patch(paths[name]))
        sound.follow_desk()
        return sound.arena.sounding
    yield change
    assert ears.stop() and sound.stream.stop()


def wait(said, seconds=20):
    until = time.monotonic() + seconds
    while not said() and time.monotonic() < until:
        time.sleep(.05)
    return said()


def test_a_change_of_the_sound_changes_its_class_and_thereby_the_words(play):
    board = play('dark')
    assert wait(lambda: board['prompt.weight1'] > .9 and board['prompt.weight2'] < .1)
    play('bright')
    assert wait(lambda: board['prompt.weight2'] > .9 and board['prompt.weight1'] < .1)
    play('dark')
    assert wait(lambda: board['prompt.weight1'] > .9 and board['prompt.weight2'] < .1)


def test_a_folder_without_a_classifier_is_refused_before_anything_sounds(tmp_path):
    with pytest.raises(ClassifierError, match='there is no classifier in it'):
        open_ears(str(tmp_path), None)
