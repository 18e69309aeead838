"""The other pedals: echoes at their samples, partials moved by Hz, the instrument's reverb; any cut gives the same."""
import tracemalloc

import numpy as np
import pytest
from pedalling import RATE, noise, partials, play, sine

from live.dsp.kernel import TICK
from live.studio.effects import simple
from live.studio.effects.pedals import PEDALS
from live.studio.effects.stream import Shelf, Stream

SETTINGS = ('reverse', 'delay:.1', 'delay:.1,speed=.7', 'stretch:1.3', 'stretch:.6', 'speed:1.3', 'pitch:300',
            'shift:100', 'shift:-50,by=ssb', 'gain:-6', 'normalise', 'fade:.1,fall=.2', 'reverb:decay=.2,decay_high=.1',
            'rate:32000', 'channels:1')


def impulse(frames=RATE, place=0):
    sound = np.zeros(frames)
    sound[place] = 1
    return sound


def test_every_pedal_is_cut_in_blocks_below():
    told = {words.partition(':')[0] for words in SETTINGS}
    assert told == {pedal.name for pedal in PEDALS} - {'layer', 'split'}


@pytest.mark.parametrize('words', SETTINGS)
def test_any_blocks_give_the_same_bits(words):
    sound = np.concatenate([noise(30000, 2), np.zeros((9000, 2)), noise(11111, 2, 1)])
    whole = play(sound, words, size=10 ** 6)
    assert np.isfinite(whole).all() and np.abs(whole).max() > .01
    for size in (16384, 999):
        assert np.array_equal(play(sound, words, size=size), whole)


@pytest.mark.parametrize('words', SETTINGS)
def test_nothing_comes_of_nothing(words):
    assert len(play(np.zeros((0, 2)), words)) == 0


def test_backwards_twice_is_what_it_was():
    sound = noise(40001, 3)
    assert np.array_equal(play(sound, 'reverse', 'reverse'), sound)
    assert np.array_equal(play(sound, 'reverse'), sound[::-1])


@pytest.mark.parametrize('time, fade, repeats', [(.25, .5, 3), (.0123, .9, 7), (1, 0, 2), (.5, 1, 0)])
def test_echoes_lie_at_their_samples_and_fade(time, fade, repeats):
    made = play(impulse(), f'delay:{time},fade={fade},repeats={repeats}')[:, 0]
    step = round(time * RATE)
    wanted = np.zeros(RATE + step * repeats)
    for k in range(repeats + 1):
        wanted[k * step] += fade ** k
    assert made == pytest.approx(wanted, abs=1e-7)


def test_echoes_from_disk_are_those_from_memory(monkeypatch):
    sound = noise(20001, 2)
    held = play(sound, 'delay:.2,repeats=5')
    monkeypatch.setattr(simple, 'HELD', .5)
    assert np.array_equal(play(sound, 'delay:.2,repeats=5'), held)


def test_many_late_echoes_take_no_memory():
    with Shelf() as shelf:
        tracemalloc.start()
        made = simple.delay(Stream(RATE, 1, iter([noise(RATE)])), shelf, 60.0, .5, 100, 1.0)
        assert len(next(made.blocks)) > 0 and tracemalloc.get_traced_memory()[1] < 3e7
        tracemalloc.stop()


def test_echoes_at_half_speed_are_an_octave_lower_and_twice_as_long():
    made = play(sine(800, .5), 'delay:1,repeats=1,fade=.5,speed=.5')
    assert len(made) == 2 * RATE and not made[RATE // 2:RATE].any()
    assert partials(made[RATE:])[0] == pytest.approx(400, abs=.2)
    assert np.abs(made[RATE + 2000:-2000]).max() == pytest.approx(.25, abs=.01)


@pytest.mark.parametrize('by', ['fft', 'ssb'])
@pytest.mark.parametrize('hz', [100, -61.3])
def test_every_partial_moves_by_the_same_hz(by, hz):
    tones = 220, 440, 660, 2200, 9000
    made = play(sum(sine(tone, 2, .15) for tone in tones), f'shift:{hz},by={by}')
    assert len(made) == 2 * RATE
    assert partials(made, 5) == pytest.approx([tone + hz for tone in tones], abs=.05)
    assert made[RATE // 2:-RATE // 2].std() == pytest.approx(.15 * (5 / 2) ** .5, rel=.02)


@pytest.mark.parametrize('by', ['fft', 'ssb'])
@pytest.mark.parametrize('tone, hz', [(300, -1000), (11000, 3000)])
def test_what_passes_the_ends_of_the_band_is_gone(by, tone, hz):
    made = play(sine(tone, 2), f'shift:{hz},by={by}')
    assert np.abs(made[RATE // 2:-RATE // 2]).max() < .5e-3


@pytest.mark.parametrize('by', ['fft', 'ssb'])
@pytest.mark.parametrize('hz', [20000, -20000])
def test_more_than_the_whole_band_leaves_nothing(by, hz):
    assert np.abs(play(sine(1000, 2), f'shift:{hz},by={by}')).max() < 1e-6


def test_both_ways_of_shifting_agree():
    sound = sum(sine(tone, 2, .15) for tone in (300, 1000, 5000))
    fft, ssb = (play(sound, f'shift:77.7,by={by}')[8000:-8000] for by in ('fft', 'ssb'))
    assert np.abs(fft - ssb).max() < 2e-3


def test_the_tail_is_that_of_the_instrument():
    from live.dsp.reverb import REVERB, render_reverb, reset_reverb
    sound = np.pad(noise(TICK * 20, 2), ((0, TICK * 30), (0, 0)))
    room = np.zeros(1, REVERB)[0]
    reset_reverb(room, float(RATE))
    wanted, (left, right) = np.zeros((2, len(sound)), np.float32), np.ascontiguousarray(sound.T)
    for k in range(0, len(sound), TICK):
        tick = slice(k, k + TICK)
        render_reverb(room, 8.0, 3.0, 2500.0, 1.0, .02, .4, 0.0, 10 ** (-6 / 20), left[tick], right[tick],
                      wanted[0, tick], wanted[1, tick])
    made = play(sound, 'reverb')
    assert np.array_equal(made[:len(sound)], sound + wanted.T)
    assert len(made) == len(sound) + round(8.02 * RATE)


def test_the_tail_has_fallen_by_60_db_at_its_end():
    made = play(noise(RATE // 4, 2), 'reverb:0,decay=1,decay_high=1,predelay=0')
    loud, last = made[RATE // 4:RATE // 4 + 2400].std(), made[-2400:].std()
    assert 20 * np.log10(last / loud) == pytest.approx(-57, abs=4)


def test_mono_becomes_stereo_in_the_reverb_and_three_channels_stay_three():
    assert play(noise(5000), 'reverb:decay=.2,decay_high=.2').shape[1] == 2
    assert play(noise(5000, 3), 'reverb:decay=.2,decay_high=.2').shape[1] == 3


def test_gain_fade_and_normalise():
    ones = np.ones(RATE)
    assert play(ones, 'gain:-20')[5, 0] == pytest.approx(.1)
    assert np.abs(play(noise(5000), 'normalise:-3')).max() == pytest.approx(10 ** (-3 / 20))
    faded = play(ones, 'fade:.5,fall=.25')[:, 0]
    assert faded[[0, 6000, 12000, 18000, -1]] == pytest.approx([0, .5, 1, 1, 0], abs=1e-3)
    assert faded[-3000] == pytest.approx(.5, abs=1e-3)


def test_channels_are_mixed_and_multiplied():
    sound = noise(3000, 4)
    assert play(sound, 'channels:1')[:, 0] == pytest.approx(sound.mean(1), abs=1e-6)
    assert np.array_equal(play(sound[:, :1], 'channels:3'), np.repeat(sound[:, :1], 3, 1))
