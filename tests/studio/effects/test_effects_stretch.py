"""Stretch and pitch: lengths to the sample, pitch to the cent, attacks where they belong, channels as they were."""
import numpy as np
import pytest
from pedalling import RATE, cents, noise, partials, play, sine

from live.studio.effects.stretch import window_size

FACTORS = (.25, .5, .8, 1.0, 1.37, 2.0, 4.0)


def clicks(places, frames=RATE):
    sound = np.zeros(frames)
    for place in places:
        sound[place:place + 60] = np.exp(-np.arange(60) / 12) * np.sin(np.arange(60) * .9)
    return sound


@pytest.mark.parametrize('factor', FACTORS)
@pytest.mark.parametrize('frames', [1, 777, RATE + 1])
def test_length_is_the_factor_to_the_sample(factor, frames):
    assert len(play(noise(frames), f'stretch:{factor}')) == round(frames * factor)


@pytest.mark.parametrize('factor', FACTORS)
@pytest.mark.parametrize('hz', [97.3, 466.16, 3001.7])
def test_pitch_and_level_stay(factor, hz):
    made = play(sine(hz, 2), f'stretch:{factor}')
    assert abs(cents(partials(made), hz)[0]) < 1
    middle = made[len(made) // 4:-len(made) // 4]
    assert 20 * np.log10(middle.std() / (.5 / 2 ** .5)) == pytest.approx(0, abs=.3)


def test_stretched_by_nothing_it_is_what_it_was():
    sound = noise(9000, 2)
    assert np.array_equal(play(sound, 'stretch:1'), sound)


@pytest.mark.parametrize('factor', [.5, .75, 1.5, 2.0, 4.0])
def test_attacks_stay_short_and_lie_where_they_belong(factor):
    places = 5000, 12000, 19000
    made = np.abs(play(clicks(places), f'stretch:{factor}')[:, 0])
    for place in places:
        place = round(place * factor)
        near = made[place - 1500:place + 1500]
        assert abs(int(near.argmax()) - 1500) < window_size(RATE) // 16
        assert np.square(near[1500 - 200:1500 + 200]).sum() > .9 * np.square(near).sum()
        assert near.max() > .7 * np.abs(clicks(places)).max()


def test_a_tone_behind_an_attack_goes_on():
    made = play(sine(440, 2, .2) + clicks((20000,), 2 * RATE), 'stretch:2')
    assert abs(cents(partials(made), 440)[0]) < 1


def test_channels_keep_their_places():
    tone = sine(500, 2)
    made = play(np.stack([tone, -.25 * tone], 1), 'stretch:1.7').astype(float)
    middle = made[RATE // 2:-RATE // 2]
    assert np.corrcoef(middle.T)[0, 1] < -.9999 and middle[:, 1].std() / middle[:, 0].std() == pytest.approx(.25, .01)


@pytest.mark.parametrize('words, ratio', [('pitch:1200', 2), ('pitch:cents=-1200', .5), ('pitch:ratio=1.5', 1.5),
                                          ('pitch:35', 2 ** (35 / 1200)), ('pitch:ratio=2,cents=-700', 2 ** (5 / 12))])
def test_pitch_is_shifted_to_the_cent_and_length_stays(words, ratio):
    made = play(sine(440, 2), words)
    assert len(made) == 2 * RATE
    assert abs(cents(partials(made), 440 * ratio)[0]) < 1


@pytest.mark.parametrize('factor', [.5, 2.0, 3.3])
def test_speed_moves_pitch_and_length_as_a_tape(factor):
    made = play(sine(440, 2), f'speed:{factor}')
    assert len(made) == round(2 * RATE / factor)
    assert abs(cents(partials(made), 440 * factor)[0]) < .1


def test_nothing_folds_back_when_played_faster():
    made = play(sine(9000), 'speed:2')
    assert np.abs(made[200:-200]).max() < 1e-4


def test_rate_changes_and_pitch_stays():
    made = play(sine(440, 2), 'rate:44100')
    assert len(made) == 2 * 44100 and abs(cents(partials(made, rate=44100), 440)[0]) < .1
    back = play(made, f'rate:{RATE}', rate=44100)
    assert np.abs(back[200:-200, 0] - sine(440, 2)[200:-200]).max() < 1e-4
