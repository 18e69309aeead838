"""Frequency systems, scales, chords: the figures of theory, and the commands that write them."""
import csv

import numpy as np
import pytest
import soundfile

from live.dsp.series import WAVES
from live.studio.command import main
from live.studio.files import StudioError, read_picture
from live.studio.tones.chords import parse_chords
from live.studio.tones.scale_command import scale
from live.studio.tones.score import tones
from live.studio.tones.systems import SYSTEMS, system
from live.tuning.scala import load_scale

SEMITONE = 1.0594630943592953


def frequency(sound, rate):
    spectrum = np.abs(np.fft.rfft(sound * np.blackman(len(sound)), 1 << 20))
    return spectrum.argmax() * rate / (1 << 20)


def test_128_semitones_from_the_lowest_c():
    hz = [row[2] for row in system('keys').rows()]
    assert len(hz) == 128 and hz[0] == pytest.approx(8.1758, abs=1e-4) and hz[69] == pytest.approx(440)
    assert np.diff(np.log(hz)) == pytest.approx(np.log(SEMITONE))
    assert [round(row[2], 2) for row in system('keys', root=8.18).rows()[:4]] == [8.18, 8.67, 9.18, 9.73]


def test_overtones_on_3_14():
    assert [row[2] for row in system('overtones').rows()] == pytest.approx([3.14 * n for n in range(1, 33)])
    assert [row[2] for row in system('overtones', root=100).rows()[:3]] == pytest.approx([100, 200, 300])


@pytest.mark.parametrize('steps', [1, 5, 19, 24, 53, 311])
def test_any_division_of_the_octave(steps):
    rows = system(str(steps), root=440).rows()
    assert [row[3] for row in rows] == pytest.approx([1200 * k / steps for k in range(steps + 1)])


def test_a_whole_system_inside_each_step_of_another():
    nested = system('semitones', 440, inside=['quarter-tones', '5'])
    assert len(nested.rows()) == 12 * 24 * 5 + 1
    assert [row[3] for row in nested.rows()] == pytest.approx([1200 * k / 1440 for k in range(1441)])
    by_words = system('nested = [{edo = 12}, {edo = 24}, {edo = 5}]', 440)
    assert by_words.rows() == nested.rows()
    inside = system('diatonic', inside=['harmonics = [2, 4]']).scale.cents      # harmonics 2 and 3, in whole tones
    assert inside[:4] == pytest.approx([0, 200 * np.log2(1.5), 200, 200 + 200 * np.log2(1.5)])


@pytest.mark.parametrize('words', ['semi', 'edo = 0', 'edo = ', 'none.scl', 'harmonics = [4, 2]'])
def test_what_is_no_system_is_told(words):
    with pytest.raises(StudioError):
        system(words)
    with pytest.raises(StudioError, match='did you mean semitones'):
        system('semitone')


@pytest.mark.parametrize('name, begin, end, count', [('quarter-tones', 440, 880, 25), ('semitones', 880, 440, 13),
                                                     ('diatonic', 440, 880, 8), ('overtones', 3.14, 32 * 3.14, 32),
                                                     ('semitones', 440, 440, 1), ('7', 440, 1759.9, 14)])
def test_scales_go_from_end_to_end(name, begin, end, count):
    hz = scale(name, begin, end)
    assert len(hz) == count and hz[0] == begin and (np.diff(hz) * np.sign(end - begin) > 0).all()
    if name != '7':
        assert hz[-1] == pytest.approx(end)


def test_the_major_scale_goes_down_as_it_went_up():
    assert scale('diatonic', 880, 440) == pytest.approx(scale('diatonic', 440, 880)[::-1])


def test_a_progression_in_c():
    names = [[round(12 * np.log2(hz / 261.6256)) for hz in chord]
             for chord in parse_chords('I ii V6 I'.split(), system('semitones', 261.6256))]
    assert names == [[0, 4, 7], [2, 5, 9], [-1, 2, 7], [0, 4, 7]]


@pytest.mark.parametrize('numeral, steps', [('V7', [7, 11, 14, 17]), ('viio', [11, 14, 17]), ('IV64', [12, 17, 21]),
                                            ('bVI', [8, 12, 15]), ('I+', [0, 4, 8]), ('ii65', [5, 9, 12, 14])])
def test_numerals(numeral, steps):
    chord, = parse_chords([numeral], system('semitones', 1))
    assert [12 * np.log2(hz) for hz in chord] == pytest.approx(steps)


def test_a_progression_turns_microtonal_by_its_steps():
    plain, turned = (parse_chords(['I', 'V6'], system(name, 200)) for name in ('semitones', 'quarter-tones'))
    assert np.log2(np.array(turned) / 200) == pytest.approx(np.log2(np.array(plain) / 200) / 2)


def test_pitches_by_name_and_in_hz():
    assert parse_chords(['A4', 'C4+E4+466.16'], system('semitones')) == [
        (pytest.approx(440),), (pytest.approx(261.6256), pytest.approx(329.6276), 466.16)]
    assert parse_chords(['Bb4+14', 'C-1+3.5+A4+14+440', '466.16+14'], system('semitones')) == [
        (pytest.approx(466.1638 * 2 ** (14 / 1200)),),
        (pytest.approx(8.1758 * 2 ** (3.5 / 1200)), pytest.approx(440 * 2 ** (14 / 1200)), 440), (466.16, 14)]
    with pytest.raises(StudioError, match='H4.*C4'):
        parse_chords(['H4'], system('semitones'))


@pytest.mark.parametrize('wave', WAVES)
def test_tones_sound_at_their_pitch_and_level(wave):
    rate, level, made = 44100, 10 ** (-12 / 20), tones([440, (466.16, 600)], .5, wave, 44100, level_db=-12)
    assert len(made) == rate and np.abs(made).max() < level + 1e-9 and abs(made[0]) < 1e-3
    assert np.abs(made[:rate // 2]).max() == pytest.approx(level, rel=.01)
    assert frequency(made[:rate // 2], rate) == pytest.approx(440, abs=.05)


def test_what_is_too_loud_is_told(tmp_path, capsys):
    main(['tones', 'A4', '--level-db', '6', '--seconds', '.1', '--out', str(tmp_path / 'a.wav')])
    assert 'a.wav: ' in (told := capsys.readouterr().out) and 'samples were too loud and were cut; lower' in told


def test_two_thousand_tones_go_on_paper(tmp_path):
    main(['system', '12', '--tones', '2000', '--root', '0.001', '--plot', str(tmp_path / 'a.png')])
    assert (tmp_path / 'a.png').stat().st_size > 1000


@pytest.mark.parametrize('bits, subtype', [('8', 'PCM_U8'), ('16', 'PCM_16'), ('24', 'PCM_24'), ('32', 'FLOAT')])
@pytest.mark.parametrize('rate', [8000, 44100, 192000])
def test_sounds_are_written_at_any_rate_and_depth(tmp_path, rate, bits, subtype):
    out = tmp_path / 'a.wav'
    assert main(['tones', 'Bb4', '--out', str(out), '--rate', str(rate), '--bits', bits, '--seconds', '.25']) == 0
    info = soundfile.info(out)
    assert (info.samplerate, info.subtype, info.frames) == (rate, subtype, rate // 4)
    assert frequency(soundfile.read(out)[0], rate) == pytest.approx(466.16, abs=.3)


def test_the_progression_of_the_source_is_written_and_drawn(tmp_path, capsys):
    assert main(['tones', *'I ii V6 I --turn quarter-tones --seconds .2 --rate 16000 --out'.split(),
                 str(tmp_path / 'a.flac'), '--plot', str(tmp_path / 'a.png')]) == 0
    assert soundfile.info(tmp_path / 'a.flac').frames == 8 * 3200
    assert capsys.readouterr().out.count(' Hz\n') == 8
    assert read_picture(tmp_path / 'a.png').shape[1] == 990


@pytest.mark.parametrize('name', [name for name, _, _ in SYSTEMS])
def test_a_system_goes_to_scala_to_csv_and_to_paper(tmp_path, name, capsys):
    files = {kind: str(tmp_path / f'a.{kind}') for kind in ('scl', 'csv', 'png')}
    assert main(['system', name, '--scl', files['scl'], '--csv', files['csv'], '--plot', files['png']]) == 0
    found = system(name)
    assert load_scale(tmp_path / 'a.scl').cents == pytest.approx(found.scale.cents)
    with open(files['csv'], newline='') as file:
        header, *rows = csv.reader(file)
    assert header == ['degree', 'name', 'hz', 'cents'] and len(rows) == found.tones
    assert [float(row[2]) for row in rows] == pytest.approx([row[2] for row in found.rows()])
    assert len(capsys.readouterr().out.splitlines()) == found.tones + 1
    assert read_picture(files['png']).std() > 5


@pytest.mark.parametrize('words', ['tones A4 --rate 7 --out a.wav', 'tones A4 --seconds -1 --out a.wav',
                                   'scale semitones 440 nowhere', 'system edo', 'tones A4 --out nowhere/a.wav',
                                   'tones A4 --level-db nan --out a.wav', 'tones A4 --level-db 99 --out a.wav',
                                   'tones A4 --out a.wav --plot nowhere/a.png'])
def test_mistakes_are_told(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match='outside|no pitch|no system|no folder'):
        main(words.split())
    assert not list(tmp_path.iterdir())
