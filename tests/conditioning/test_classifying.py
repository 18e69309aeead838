"""What a classifier says while it listens: in the patch's order, nothing of silence, and a failure once."""
import numpy as np
import pytest
from hearing_by_hand import RATE, bright_or_dark

from live.conditioning.classifying import Classifying
from live.signals import SLICE
from live.wires import Ring


class Stage:
    """Slices that are made by hand, and what was told of them."""

    def __init__(self, names=(), classifier=None):
        self.ring, self.names, self.told, self.said = Ring.make(512, SLICE), names, [], []
        self.ears = Classifying(classifier or bright_or_dark(), self.ring.reader(), RATE, lambda: self.names,
                                self.told.append, self.said.append)

    def sound(self, centroid, rms=0.1, count=40):
        slices = np.zeros(count, SLICE)
        slices['features']['centroid'], slices['features']['rms'] = centroid, rms
        self.ring.put(slices)
        self.ears.listen()
        return self.told[-1] if self.told else None


def test_it_says_nothing_before_it_has_heard_enough():
    stage = Stage()
    assert stage.sound(4000, count=30) is None
    assert stage.sound(4000, count=10) == pytest.approx([1, 0], abs=1e-3)


def test_it_follows_the_sound():
    stage = Stage()
    assert stage.sound(4000)[0] > .99 and stage.sound(200)[1] > .99


def test_of_silence_it_is_sure_of_nothing():
    assert not Stage().sound(4000, rms=1e-5).any()


def test_classes_stand_in_the_order_of_the_patch_and_a_strange_name_is_told_once():
    stage = Stage(('dark', 'loud', 'bright'))
    assert stage.sound(4000) == pytest.approx([0, 0, 1], abs=1e-3)
    stage.sound(4000)
    assert stage.said == ['loud is none of its classes: bright, dark']
    stage.names = ()
    assert stage.sound(4000) == pytest.approx([1, 0], abs=1e-3)


def test_a_failure_is_said_once_and_ends_in_silence():
    classifier = bright_or_dark()
    stage = Stage(classifier=classifier)
    classifier.weights['first.weight'] = np.zeros((3, 3))
    stage.ears.start()
    slices = np.zeros(60, SLICE)
    slices['features']['rms'] = .1
    stage.ring.put(slices)
    stage.ears._thread.join(5)
    assert len(stage.said) == 1 and 'has failed and is off: ValueError' in stage.said[0]
    assert not stage.told[-1].any()
