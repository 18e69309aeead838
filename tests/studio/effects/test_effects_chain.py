"""Chains: told in words and as TOML, checked before they sound, played from file to file in constant memory."""
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from pedalling import RATE, noise, partials, play, sine

from live.studio.command import main
from live.studio.effects.chain import CHAINS, load_chain, parse_words
from live.studio.effects.command import apply_effects, effects
from live.studio.effects.pedals import PEDALS, chain_doc
from live.studio.effects.stream import BLOCK, Reader, Shelf, Stream
from live.studio.files import StudioError

MEASURE = '''
import resource, sys
from live.studio.effects.command import effects
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
effects(sys.argv[1], sys.argv[3], sys.argv[4:])
before = peak()
effects(sys.argv[2], sys.argv[3], sys.argv[4:])
print(peak() - before)
'''


def write(path, sound, rate=RATE):
    soundfile.write(path, sound, rate, 'FLOAT')
    return path


@pytest.mark.parametrize('words, message', [
    (['strech:2'], 'there is no pedal .strech.; did you mean stretch'),
    (['stretch'], 'stretch: factor must be given, 0.03125..32'),
    (['stretch:99'], "factor = '99' is outside 0.03125..32"),
    (['delay:1,2'], "'2' has no name"),
    (['delay:fad=1'], 'fad is unknown; did you mean fade'),
    (['delay:repeats=1.5'], 'whole numbers'),
    (['delay:time=nan'], 'outside'),
    (['reverse:1'], 'more than it has knobs'),
    (['shift:1,by=magic'], 'none of fft, ssb'),
    (['layer:back'], 'no file and no point of the chain before it'),
    (['layer:back', 'reverse:as=back'], 'no file and no point'),
    (['reverse:as=back', 'layer:bak'], 'did you mean back'),
    ([], 'no pedal'),
])
def test_a_chain_that_cannot_be_is_told_in_a_sentence(words, message):
    with pytest.raises(StudioError, match=message):
        parse_words(words)


@pytest.mark.parametrize('text, message', [
    ("[[pedal]]\nname = 'stretch'\nfactor = true", 'a.toml: stretch: factor = True is outside'),
    ('[[pedal]]\nfactor = 2', "a.toml: pedal 1 has no name"),
    ("pedals = 1", 'a.toml: pedals is unknown'), ('[[pedal', 'a.toml: '), ('', 'there is no pedal in the chain')])
def test_a_file_that_is_no_chain_is_told_by_name(tmp_path, text, message):
    (tmp_path / 'a.toml').write_text(text)
    with pytest.raises(StudioError, match=message):
        load_chain(tmp_path / 'a.toml')


def test_an_unknown_chain_gets_a_hint():
    with pytest.raises(StudioError, match='did you mean inside-out'):
        load_chain('insideout')


@pytest.mark.parametrize('path', sorted(CHAINS.glob('*.toml')), ids=lambda path: path.stem)
def test_every_chain_that_ships_plays(path):
    made, rate = apply_effects(sine(466.16, .5), RATE, load_chain(path))
    assert rate == RATE and len(made) > RATE // 2 and np.isfinite(made).all() and made.std() > .01


def test_words_and_toml_tell_the_same(tmp_path):
    (tmp_path / 'a.toml').write_text("[[pedal]]\nname = 'reverse'\nas = 'back'\n[[pedal]]\nname = 'layer'\n"
                                     "source = 'back'\nat = 0.5")
    assert load_chain(tmp_path / 'a.toml') == parse_words(['reverse:as=back', 'layer:back,at=.5'])


def test_the_chain_of_the_source_is_its_five_steps():
    steps = load_chain('inside-out')
    assert [step.pedal.name for step in steps] == ['reverse', 'delay', 'stretch', 'delay', 'layer']
    assert steps[1].settings == {'time': 1, 'fade': .5, 'repeats': 3, 'speed': 1} and steps[3].settings['speed'] == .5
    assert steps[4].settings['source'] == steps[0].point


def test_a_layer_of_an_earlier_point():
    sound = noise(50000, 2)
    made = play(sound, 'gain:0,as=dry', 'reverse', 'layer:dry,db=-6')
    assert made == pytest.approx(sound[::-1] + 10 ** -.3 * sound, abs=1e-6)


@pytest.mark.parametrize('at', [0, .5, 3])
def test_a_layer_of_a_file_at_another_rate(tmp_path, at):
    path = write(tmp_path / 'a.wav', sine(1000, 1, rate=44100), 44100)
    made = play(np.zeros((RATE, 2)), f'layer:{path},at={at}')
    start = round(at * RATE)
    assert len(made) == max(RATE, start + RATE) and not made[:max(0, start - 50)].any()
    assert partials(made[start:start + RATE])[0] == pytest.approx(1000, abs=.1)


def test_a_layer_with_other_channels_is_refused():
    with pytest.raises(StudioError, match='has 3 channels and cannot be made 2'):
        play(noise(5000, 3), 'gain:0,as=three', 'channels:1', 'channels:2', 'layer:three')


def test_pieces_go_on_alone(tmp_path):
    sound = noise(RATE * 5 // 2, 2)
    written = effects(write(tmp_path / 'in.wav', sound), tmp_path / 'out.wav', ['split:1', 'reverse'])
    assert [path.name for path in written] == ['out-001.wav', 'out-002.wav', 'out-003.wav']
    for number, path in enumerate(written):
        piece = sound[number * RATE:(number + 1) * RATE]
        assert np.array_equal(soundfile.read(path, dtype='float32', always_2d=True)[0], piece[::-1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ['in.wav', *(path.name for path in written)]


def test_a_file_of_16_bits_is_the_same_after_two_reversals(tmp_path):
    source, out = tmp_path / 'in.flac', tmp_path / 'out.wav'
    whole = np.random.default_rng(0).integers(-2 ** 15, 2 ** 15, (30000, 3), np.int16)
    soundfile.write(source, whole, 11025)
    effects(source, out, ['reverse', 'reverse'], '16')
    assert np.array_equal(soundfile.read(out, dtype='int16')[0], whole) and soundfile.info(out).samplerate == 11025


@pytest.mark.parametrize('sound, message', [(np.zeros((0, 1)), 'no sound in it, 0 frames'),
                                            (np.full((100, 1), np.nan), 'is no number')])
@pytest.mark.parametrize('layered', [False, True])
def test_what_is_no_sound_is_told_and_what_was_there_stays(tmp_path, sound, message, layered):
    bad, good = write(tmp_path / 'in.wav', sound), write(tmp_path / 'good.wav', noise(100))
    (tmp_path / 'out.wav').write_bytes(b'what was there')
    with pytest.raises(StudioError, match=message):
        effects(good if layered else bad, tmp_path / 'out.wav', [f'layer:{bad}'] if layered else ['gain:-6'])
    assert (tmp_path / 'out.wav').read_bytes() == b'what was there'
    assert sorted(path.name for path in tmp_path.iterdir()) == ['good.wav', 'in.wav', 'out.wav']


def test_what_is_read_is_not_written_over(tmp_path):
    path = write(tmp_path / 'in.wav', noise(RATE // 40))
    with pytest.raises(StudioError, match='cannot be written over'):
        effects(path, path, ['reverse'])
    for number in (1, 2):
        piece = write(tmp_path / f'piece-{number:03}.wav', noise(100))
        with pytest.raises(StudioError, match='cannot be written over'):
            effects(path, tmp_path / 'piece.wav', ['split:0.01', f'layer:{piece}'])
        assert len(soundfile.read(piece)[0]) == 100
        piece.unlink()


@pytest.mark.parametrize('out, words, message', [
    ('out.wav', ['--plot', 'none/a.png'], 'there is no folder none'), ('out.xyz', [], 'no kind of sound file'),
    ('out.wav', ['--plot', 'a.xyz'], 'no kind of figure')])
def test_outputs_that_cannot_be_are_told_before_anything_is_read(tmp_path, out, words, message):
    with pytest.raises(StudioError, match=message):
        main(['effects', 'none.wav', str(tmp_path / out), 'reverse', *words])


def test_pieces_let_go_of_what_waited_for_them(tmp_path):
    """A hundred and fifty pieces, each of which waits on disk, while no more than 100 files may be open."""
    path = write(tmp_path / 'in.wav', noise(RATE * 3 // 2))
    code = ('import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)); '
            'from live.studio.effects.command import effects; '
            'print(len(effects(sys.argv[1], sys.argv[2], ["gain:0,as=dry", "split:0.01", "reverse", "layer:dry"])))')
    done = subprocess.run([sys.executable, '-c', code, path, tmp_path / 'out.wav'], capture_output=True, text=True)
    assert done.stdout.strip() == '150', done.stderr[-500:]


def test_many_sounds_are_refused_where_one_is_wanted():
    with pytest.raises(StudioError, match='only one is wanted'):
        apply_effects(noise(100), RATE, ['split:1'])


@pytest.mark.parametrize('words', [['reverse'], ['stretch:.5', 'delay:.5', 'shift:100', 'fade:1,fall=1'],
                                   ['gain:0,as=dry', 'speed:2', 'layer:dry', 'normalise']],
                         ids=lambda words: words[0][:6])
def test_memory_does_not_grow_with_the_sound(tmp_path, words):
    """Fifty seconds (19 MB) take no more than two seconds did, within 6 MB."""
    paths = [write(tmp_path / f'{seconds}.w64', noise(48000 * seconds, 2), 48000) for seconds in (2, 50)]
    done = subprocess.run([sys.executable, '-c', MEASURE, *paths, tmp_path / 'out.w64', *words], capture_output=True,
                          text=True)
    assert float(done.stdout) < 6, done.stderr


def test_a_reader_lets_go_of_what_lies_behind():
    sound = noise(40 * BLOCK)
    reader = Reader(Stream(RATE, 1, (sound[at:at + 1000] for at in range(0, len(sound), 1000))))
    for start in range(-500, len(sound), 5000):
        wanted = sound[max(0, start):start + 700]
        assert np.array_equal(reader.read(start, 700)[max(0, -start):][:len(wanted)], wanted)
        assert len(reader._held) < 3 * BLOCK


def test_the_shelf_is_empty_when_it_is_closed(tmp_path):
    with Shelf(tmp_path) as shelf:
        stored = shelf.store(Stream(RATE, 1, iter([noise(100)])))
        assert stored.frames == 100
    assert not list(tmp_path.iterdir())


def test_the_table_of_pedals_names_every_knob():
    table = chain_doc()
    assert all(f'`{knob.name}`' in table for pedal in PEDALS for knob in pedal.knobs)


def test_the_docs_hold_the_table_of_pedals():
    assert chain_doc() in (CHAINS.parents[1] / 'docs' / 'studio.md').read_text(encoding='utf-8')
