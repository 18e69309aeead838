"""Equal divisions: keys to Hz and back."""
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.tuning.edo import BOUNDS, Tuning

TUNINGS = st.builds(Tuning, **{name: st.floats(low, high) for name, (low, high) in BOUNDS.items()})


@pytest.mark.parametrize('tuning, key, hz', [
    (Tuning(), 70, 466.16), (Tuning(), 82, 932.32), (Tuning(reference_note=69, reference=440), 60, 261.6256),
    (Tuning(divisions=24), 71, 466.16 * 2 ** (1 / 24)),         # quarter tones
    (Tuning(divisions=13, period_cents=1901.955), 83, 466.16 * 3),      # Bohlen-Pierce: a tritave of 13 steps
])
def test_keys_sound_where_the_tuning_says(tuning, key, hz):
    assert tuning.frequency(key) == pytest.approx(hz, rel=1e-6)


@pytest.mark.parametrize('divisions', [5, 12, 19, 31, 53, 1200])
def test_every_step_is_the_same_ratio(divisions):
    tuning = Tuning(divisions=divisions)
    ratios = [tuning.frequency(key + 1) / tuning.frequency(key) for key in range(127)]
    assert ratios == pytest.approx([2 ** (1 / divisions)] * 127)


@pytest.mark.parametrize('tuning', [Tuning(), Tuning(divisions=19), Tuning(divisions=13, period_cents=1902)])
def test_nearest_key_of_a_key_is_that_key(tuning):
    assert [tuning.nearest_key(tuning.frequency(key) * 1.001) for key in range(128)] == list(range(128))


@given(TUNINGS, st.floats(-1e6, 1e6))
def test_every_key_of_every_tuning_has_a_finite_frequency(tuning, key):
    frequency = tuning.frequency(key)
    assert math.isfinite(frequency) and frequency > 0


@given(TUNINGS)
def test_table_is_read_back_the_same(tuning):
    table = dict(line.split(' = ') for line in tuning.to_lines())
    assert Tuning.from_table({name: float(value) for name, value in table.items()}) == tuning


def test_misspelt_entry_gets_a_hint():
    with pytest.raises(KeyError, match=r'tuning.refrence is unknown; did you mean reference\?'):
        Tuning.from_table({'refrence': 440})


@pytest.mark.parametrize('name', BOUNDS)
@pytest.mark.parametrize('value', ['12', True, None, -1, 1e9, float('nan')])
def test_value_out_of_bounds_is_refused(name, value):
    with pytest.raises(ValueError, match=f'tuning.{name} = .* is outside'):
        Tuning.from_table({name: value})
