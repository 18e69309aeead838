"""Batches of sounds: written with a manifest, read back, deleted; the disk stays bounded."""
import csv

import numpy as np
import pytest
import soundfile

from live.__main__ import main
from live.studio.files import StudioError
from live.studio.match.batches import (
    count_steps, draw_settings, make_folder, read_batches, step_through, stream, write_batch)
from live.studio.match.synth import RATE, SECONDS, open_synth


@pytest.fixture(scope='module')
def synth():
    return open_synth('live', ['source', 'root', 'tilt_db'])


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob('*') if path.is_file())


def test_a_batch_is_read_as_it_was_written(synth, tmp_path):
    settings = np.stack(list(draw_settings(synth, 5, 1)))
    write_batch(synth, tmp_path, settings[:3])
    write_batch(synth, tmp_path, settings[3:], first=3)
    sounds, read = map(np.concatenate, zip(*read_batches(synth, tmp_path, 2)))
    assert read == pytest.approx(settings)
    assert (sounds == synth.render(settings, [1, 2, 3, 4, 5])).all()


def test_the_manifest_names_files_and_parameters(synth, tmp_path):
    write_batch(synth, tmp_path, np.stack(list(draw_settings(synth, 2, 1))))
    rows = list(csv.DictReader((tmp_path / 'manifest.csv').read_text().splitlines()))
    assert list(rows[0]) == ['file', 'seed', 'drone.source', 'drone.root', 'drone.tilt_db']
    assert soundfile.info(tmp_path / rows[1]['file']).frames == SECONDS * RATE
    assert rows[0]['drone.source'].isalpha() and 40 <= float(rows[0]['drone.root']) <= 2000


def test_the_disk_never_holds_more_than_one_batch(synth, tmp_path):
    peaks = []
    for batch in stream(synth, 40, 1, 8, tmp_path, tell=lambda count: peaks.append(size(tmp_path))):
        peaks.append(size(tmp_path))
    one = 8 * (SECONDS * RATE * 4 + 200) + 2000
    assert len(batch.sounds) == 8 and max(peaks) <= one < 40 * SECONDS * RATE * 4
    assert not list(tmp_path.iterdir())


def test_a_batch_is_gone_even_when_its_user_fails(synth, tmp_path):
    batches = stream(synth, 8, 1, 4, tmp_path)
    next(batches)
    batches.close()
    assert not list(tmp_path.iterdir())


def test_the_nth_sound_does_not_depend_on_the_batch_size(synth):
    small, large = (np.concatenate([batch.sounds for batch in stream(synth, 6, 1, many)]) for many in (2, 6))
    assert (small == large).all()


def test_steps_make_every_combination():
    synth = open_synth('live')
    steps = count_steps(synth, ['cutoff:3', 'filter'])
    rows = np.stack(list(step_through(synth, synth.put(synth.defaults(), ['root=100']), steps)))
    cutoff, kind, root = (rows[:, synth.place(name)] for name in ('cutoff', 'filter', 'root'))
    assert len(rows) == 3 * 4 and len(set(zip(cutoff, kind))) == 12 and set(root) == {100}
    assert (cutoff.min(), cutoff.max()) == pytest.approx((60, 10000))


@pytest.mark.parametrize('words', [['cutoff'], ['cutoff:1'], ['cutoff:x'], ['cutof:3'],
                                   ['cutoff:10000', 'root:10000']])
def test_steps_that_cannot_be_taken_are_told(words):
    with pytest.raises(StudioError):
        count_steps(open_synth('live'), words)


def test_a_manifest_of_another_synthesizer_is_told(synth, tmp_path):
    write_batch(synth, tmp_path, np.stack(list(draw_settings(synth, 1, 1))))
    with pytest.raises(StudioError, match='no column drone.filter'):
        next(read_batches(open_synth('live'), tmp_path, 1))


def test_a_wrong_line_of_a_manifest_is_told(synth, tmp_path):
    (tmp_path / 'manifest.csv').write_text('file,seed,drone.source,drone.root,drone.tilt_db\na.wav,1,saw,high,0\n')
    with pytest.raises(StudioError, match='manifest.csv, line 2: .*not a number'):
        next(read_batches(synth, tmp_path, 1))


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / 'mine.txt').write_text('mine')
    with pytest.raises(StudioError, match='not an empty folder'):
        make_folder(tmp_path)


def test_batches_are_handed_to_a_command_and_deleted(tmp_path, capfd):
    counts = tmp_path / 'counts'
    script = tmp_path / 'use.sh'
    script.write_text(f'#!/bin/sh\nls "$1" | grep -c wav >> {counts}\n')
    script.chmod(0o755)
    folder = tmp_path / 'sounds'
    assert main(['studio', 'match', 'dataset', str(folder), '--count', '7', '--batch', '3', '--use', str(script)]) == 0
    assert counts.read_text().split() == ['3', '3', '1'] and not list(folder.iterdir())


def test_a_command_that_fails_keeps_its_batch(tmp_path, capfd):
    folder = tmp_path / 'sounds'
    assert main(['studio', 'match', 'dataset', str(folder), '--count', '4', '--batch', '2', '--use', 'false']) == 2
    assert len(list(folder.glob('*.wav'))) == 2 and 'it ended with 1' in capfd.readouterr().err
