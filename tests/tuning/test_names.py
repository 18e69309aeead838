import pytest

from live.tuning.names import key_hz, parse_hz, pitch_name
from live.tuning.scale import ScaleError


@pytest.mark.parametrize('name, hz', [
    ('A4', 440), ('C-1', 8.1758), ('Bb4', 466.1638), ('C4', 261.6256), ('b3', 246.9417), ('bb4', 466.1638),
    ('C#5', 554.3653), ('Fx2', 97.9989), ('Cbb5', 466.1638), ('A4+50', 452.8930), ('A4-31.2', 432.1414), ('3.14', 3.14),
    ('440 Hz', 440), ('1e3', 1000), ('B♭4', 466.1638)])
def test_a_name_is_a_frequency(name, hz):
    assert parse_hz(name) == pytest.approx(hz, rel=2e-6)


@pytest.mark.parametrize('key', range(-20, 140, 7))
def test_names_are_read_back(key):
    assert parse_hz(pitch_name(key_hz(key))) == pytest.approx(key_hz(key), rel=1e-12)


def test_a_tone_between_two_names_is_told_in_cents():
    assert pitch_name(466.16 * 2 ** (14 / 1200)) == 'Bb4 +14' and pitch_name(3.14) == 'G-3 +43'


@pytest.mark.parametrize('name', ['H4', 'A', '', 'A4++3', 'A#b4', 'nan', '-3', '1e99', 'A444'])
def test_what_is_no_pitch_is_refused(name):
    with pytest.raises(ScaleError, match='no pitch|outside'):
        parse_hz(name)
