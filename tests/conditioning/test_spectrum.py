import numpy as np
import pytest
from hypothesis import given, settings, strategies
from hypothesis.extra import numpy as arrays

from live.conditioning.spectrum import (
    CHANNEL_CENTS, FEATURES, LOW_HZ, ROWS, Cents, Follower, Linear, Spectrum, Waveform, area_means, gate, make_history)
from live.signals import BINS, HOP, SLICE

RATE = 48000
WIDTHS = (64, 128, 256, 768, 1024)


def listen(feature, width, slices):
    """Return the feature after it heard the slices, and its tokens."""
    history, reading = make_history(width), feature(width, RATE)
    for start in range(0, len(slices), ROWS):
        portion = slices[start:start + ROWS]
        history.put(portion)
        reading.listen(history, len(portion))
    return reading.tokens(history)


@pytest.mark.parametrize('width', WIDTHS)
@pytest.mark.parametrize('feature', FEATURES)
def test_tokens_have_the_models_shape(feature, width, slices_of, drone):
    deviations, gates = listen(feature, width, slices_of(drone(seconds=1)))
    assert deviations.shape == (77, width) and gates.shape == (77, 1)


@pytest.mark.parametrize('width', WIDTHS)
@pytest.mark.parametrize('feature', FEATURES)
@pytest.mark.parametrize('level', [0.01, 0.1, 0.5])
def test_deviations_have_about_unit_variance_at_any_level(feature, width, level, slices_of, drone):
    deviations, gates = listen(feature, width, slices_of(drone(seconds=4, level=level)))
    heard = np.clip(deviations[gates[:, 0] > 0.5], -3, 3)
    assert (0.25 if feature is Linear else 0.6) < heard.std() < 1.5     # few of its channels lie where a drone does


@pytest.mark.parametrize('feature', FEATURES)
def test_silence_closes_every_gate(feature, slices_of):
    noise = 1e-5 * np.random.default_rng(0).standard_normal(2 * RATE)
    assert not listen(feature, 256, slices_of(noise))[1].any()


@pytest.mark.parametrize('feature', FEATURES)
def test_silence_after_sound_closes_row_by_row(feature, slices_of, drone):
    sound = np.concatenate((drone(seconds=2), np.zeros(30 * HOP)))
    gates = listen(feature, 512, slices_of(sound))[1][:, 0]
    assert (gates[-20:] == 0).all() and gates[0] == 1 and (np.diff(gates) <= 0).all()


def test_a_tone_lights_the_channels_of_its_pitch(slices_of):
    time = np.arange(2 * RATE) / RATE
    for hertz in (110, 440, 3520):
        row = listen(Spectrum, 1024, slices_of(0.1 * np.sin(2 * np.pi * hertz * time)))[0][-1]
        channel = 1024 * np.log(hertz / 30) / np.log(16000 / 30)
        assert abs(row.argmax() - channel) < 1024 * np.log(1 + 24 / hertz) / np.log(16000 / 30)     # one bin


def test_a_tone_lights_the_channel_of_its_bin_on_the_linear_axis(slices_of):
    row = listen(Linear, 1024, slices_of(0.1 * np.sin(2 * np.pi * 3000 * np.arange(2 * RATE) / RATE)))[0][-1]
    assert row.argmax() == 3000 * 2048 / RATE - 1


def known(hertz, count=90):
    """Return slices of partials that are known exactly, as loud as they sound."""
    slices = np.zeros(count, SLICE)
    slices['partials'], slices['features']['rms'] = len(hertz), 0.1
    slices['partial_hz'][:, :len(hertz)], slices['partial_level'][:, :len(hertz)] = hertz, 0.1
    return slices


@pytest.mark.parametrize('width', (64, 1024))
def test_a_known_partial_is_drawn_at_its_cents(width):
    rows = listen(Cents, width, known([440.0]))[0]
    spans = max(1, round(np.log2(16000 / LOW_HZ) * 120 / width))
    assert rows[-spans:].argmax() == int(1200 * np.log2(440 / LOW_HZ) / CHANNEL_CENTS)


def test_two_cents_show_in_the_channels_around_a_partial():
    here, there = (listen(Cents, 1024, known([440.0 * 2 ** (cents / 1200)]))[0][-1] for cents in (0, 2))
    assert 0.1 < np.abs(here - there).max() < 1 and (here != there).sum() >= 6


def test_different_sounds_lie_further_apart_than_moments_of_one(slices_of, drone):
    def mean_of(sound):
        return np.clip(listen(Spectrum, 1024, slices_of(sound))[0], -3, 3).mean(0)
    one, later, moved = mean_of(drone(seed=1)), mean_of(drone(seconds=3, seed=1)), mean_of(drone(587, seed=1))
    noise = mean_of(0.1 * np.random.default_rng(0).standard_normal(2 * RATE))
    near = np.linalg.norm(one - later)
    assert np.linalg.norm(one - moved) > 4 * near
    assert np.linalg.norm(one - noise) > 4 * near


def test_what_lies_below_the_floor_changes_nothing(slices_of, drone):
    whistle = 1e-5 * np.sin(2 * np.pi * 9000 * np.arange(2 * RATE) / RATE)
    alone, both = (listen(Spectrum, 256, slices_of(sound))[0] for sound in (drone(), drone() + whistle))
    assert np.allclose(alone, both, atol=0.02)


def test_the_running_mean_is_plain_at_first_and_forgets_in_five_seconds():
    follower = Follower(RATE, 99.0)
    for value in (1.0, 2.0, 6.0):
        follower.put(value)
    assert follower.value == pytest.approx(3.0)
    for second, level in ((60, 1.0), (5, 0.0)):
        for _ in range(second * RATE // HOP):
            follower.put(level)
    assert follower.value == pytest.approx(np.exp(-1), abs=0.01)


def test_twice_as_loud_is_the_same_after_a_while(slices_of, drone):
    quiet, loud = (listen(Spectrum, 256, slices_of(drone(level=level)))[0][20:] for level in (0.2, 0.4))
    assert np.abs(quiet - loud).mean() < 0.15


def test_a_waveform_row_only_moves_once_it_stands(slices_of, drone):
    slices = slices_of(drone(seconds=2))
    before, after = (listen(Waveform, 768, slices[:count])[0] for count in (150, 153))     # 3 hops = 2 rows
    assert np.allclose(before[-10:] / np.abs(before[-10:]).max(), after[-12:-2] / np.abs(after[-12:-2]).max())


def test_waveform_rows_are_successive_samples():
    history = make_history(100)
    slices = np.zeros(80, SLICE)
    ramp = np.arange(80 * HOP, dtype=np.float64)
    slices['samples'], slices['end'] = ramp.reshape(-1, HOP), HOP * np.arange(1, 81)
    history.put(slices)
    rows = Waveform(100, RATE).tokens(history)[0]
    flat = rows.flatten() / (rows[0, 1] - rows[0, 0])
    assert np.allclose(np.diff(flat), 1.0)
    newest = round(flat[-1])
    assert newest + 1 == 80 * HOP // 100 * 100


@pytest.mark.parametrize('feature', FEATURES)
def test_any_portions_give_the_same_tokens(feature, slices_of, drone):
    slices = slices_of(drone(seconds=1))
    history, reading = make_history(128), feature(128, RATE)
    for piece in np.split(slices, (1, 4, 30, 31)):
        history.put(piece)
        reading.listen(history, len(piece))
    assert np.array_equal(reading.tokens(history)[0], listen(feature, 128, slices)[0])


FINITE = strategies.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None)
@given(width=strategies.sampled_from((5, 64, 300)), data=strategies.data())
@pytest.mark.parametrize('feature', FEATURES)
def test_any_finite_slices_give_finite_tokens(feature, width, data):
    slices = np.zeros(data.draw(strategies.integers(1, 90)), SLICE)
    slices['end'] = HOP * np.arange(1, len(slices) + 1)
    slices['magnitudes'] = data.draw(arrays.arrays('f4', BINS, elements=FINITE, fill=FINITE))
    slices['samples'] = data.draw(arrays.arrays('f4', HOP, elements=FINITE, fill=FINITE))
    slices['features']['rms'] = data.draw(strategies.floats(allow_nan=False, allow_infinity=False))
    deviations, gates = listen(feature, width, slices)
    assert np.isfinite(deviations).all() and (0 <= gates).all() and (gates <= 1).all()


def test_area_means_keep_the_power():
    magnitudes = np.random.default_rng(0).random((3, 1024))
    edges = np.linspace(0, 1024, 301)
    power = (area_means(magnitudes, edges) ** 2 * np.diff(edges)).sum(1)
    assert np.allclose(power, (magnitudes ** 2).sum(1))


def test_as_many_channels_as_bins_are_the_bins():
    magnitudes = np.random.default_rng(0).random((3, 1024))
    assert np.allclose(area_means(magnitudes, np.arange(1025.0)), magnitudes)


def test_the_gate_is_monotone_and_reaches_both_ends():
    gates = gate(10 ** (np.linspace(-90, 0, 200) / 20))
    assert (np.diff(gates) >= 0).all() and gates[0] == 0 and gates[-1] == 1
