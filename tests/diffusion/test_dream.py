import copy
import dataclasses
import math
import os
import sys
import threading
import time

import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.devices import choose_stream
from live.audio.streams import open_stream
from live.diffusion import burden, dream as room
from live.diffusion import processor
from live.diffusion.dream import Dream
from live.diffusion.hub import ModelError
from live.diffusion.models import load_model, make_model
from live.diffusion.random_models import build_random
from live.diffusion.turbo import Turbo
from live.params import Board
from live.wires import Latest


class Show:
    """A Dream of real engines on the slices that come at every look; `made` counts engines, `said` what is told."""

    def __init__(self, make, condition, board=None, models=('wanted',), clock=time.monotonic, wishes=None):
        self.make, self.made, self.said = make, [], []
        self.board, self.output = board or Board(), Latest()
        self.dream = Dream(self.load, condition, self.board, self.output, Latest(), models, self.said.append, clock,
                           wishes)

    def load(self, rung, progress):
        self.made.append(rung.model)
        progress('loading it')
        return self.make(rung)

    @property
    def stats(self):
        return self.dream.stats


@pytest.fixture
def little(tiny):
    """A copy of the tiny model, for pictures of 32 x 32."""
    return dataclasses.replace(copy.deepcopy(tiny), size=32)


@pytest.fixture
def stage(little, conditioning, monkeypatch):
    """A function that starts a Show."""
    for name, value in (('PAUSE', 0.01), ('LOOK', 0.02), ('HANG_TIME', 1.5), ('ASK_TIME', 0.0)):
        monkeypatch.setattr(room, name, value)
    monkeypatch.setattr(processor, 'has_bfloat16', lambda: False)       # so that nothing is measured
    shows = []

    def start(make=lambda rung: Turbo(little), condition=lambda engine: conditioning(), **options):
        shows.append(Show(make, condition, **options))
        shows[-1].dream.start()
        return shows[-1]
    yield start
    assert all(show.dream.stop(20) for show in shows)


def wait_for(truth, seconds=30):
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, 'it did not happen'
        time.sleep(0.005)


def grows(output):
    count = output.count
    time.sleep(0.3)
    return output.count > count


class Broken(Turbo):
    """A real engine in which `trouble(number)` happens before each dream; it may raise or wait."""

    def __init__(self, model, trouble):
        super().__init__(model)
        self.trouble = trouble

    def warm_up(self, board, tokens, say):
        """Save the time: what is large here never dreams."""

    def dream(self, conditioning, board, init=None):
        self.trouble(board)
        return super().dream(conditioning, board, init)


def raise_always(board):
    raise RuntimeError('CUDA error: an illegal memory access was encountered\nmore\nlines')


def test_pictures_come_numbered_and_carry_their_slices_index(stage, conditioning):
    ends = iter(range(512, 10 ** 9, 512))
    show = stage(condition=lambda engine: conditioning(end=next(ends)))
    wait_for(lambda: show.output.count >= 3)
    picture = show.output.get()
    assert picture.pixels.shape == (32, 32, 4)
    assert picture.end == 512 * (picture.number + 1)


def test_it_is_built_anew_while_its_last_picture_stands(stage):
    show = stage()
    wait_for(lambda: show.output.count >= 3)
    threads = {thread for thread in threading.enumerate() if thread.name == 'dream'}
    show.dream.renew()
    standing = show.output.get()
    assert standing is not None and show.made == ['wanted']
    wait_for(lambda: len(show.made) == 2)
    count = show.output.count
    assert show.output.get() is not None
    wait_for(lambda: show.output.count >= count + 3)
    assert not any(thread.is_alive() for thread in threads)
    assert show.stats.restarts == 0 and show.stats.error == ''


@pytest.mark.skipif(sys.platform != 'linux', reason='only Linux tells threads apart')
@pytest.mark.parametrize('cores', [1, 7])
def test_it_gives_way_once_torch_is_loaded_or_before_it_has_workers(stage, little, conditioning, monkeypatch, cores):
    monkeypatch.setattr(room, 'spare_a_core', lambda: cores)

    def niceness():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    loading, dreaming = [], []
    stage(lambda rung: loading.append(niceness()) or Turbo(little),
          lambda engine: dreaming.append(niceness()) or conditioning())
    wait_for(lambda: dreaming)
    assert dreaming[0] == burden.NICENESS and loading == [niceness() if cores == 1 else burden.NICENESS]


def test_it_tells_where_it_stands(stage):
    show = stage()
    wait_for(lambda: show.stats.frames >= 5)
    stats = show.stats
    assert (stats.model, stats.restarts, stats.error, stats.note) == ('random:tiny', 0, '', '')
    assert 'cpu' in stats.reason and stats.fps > 0 and stats.reanchors == stats.skipped == 0


def test_loading_and_warming_up_are_told(stage):
    show = stage()
    wait_for(lambda: show.output.count)
    assert show.said[0] == 'loading it' and any('warming up' in words for words in show.said)


def test_everything_runs_on_one_thread(stage, little, conditioning):
    threads = set()

    def make(rung):
        threads.add(threading.get_ident())
        return Turbo(little)

    def condition(engine):
        threads.add(threading.get_ident())
        return conditioning()
    show = stage(make, condition)
    wait_for(lambda: show.output.count)
    assert len(threads) == 1 and threading.get_ident() not in threads


def test_without_a_new_slice_there_is_no_new_picture(stage, conditioning):
    slices, looks = [conditioning()], []

    def condition(engine):
        looks.append(1)
        return slices.pop() if slices else None
    show = stage(condition=condition)
    wait_for(lambda: len(looks) > 10)
    assert show.output.count == 1


def test_freeze_stops_the_pictures_and_thaw_brings_them_back(stage):
    show = stage()
    wait_for(lambda: show.output.count)
    show.board['stage.freeze'] = 1
    wait_for(lambda: not grows(show.output))
    show.board['stage.freeze'] = 0
    wait_for(lambda: grows(show.output))


def test_dreams_that_are_left_out_are_no_pictures_and_no_failures(stage, conditioning):
    board = Board()
    board['dream.skip'] = 1.0
    show = stage(board=board)
    wait_for(lambda: show.stats.skipped >= 3)
    assert show.stats.restarts == 0 and show.output.get().number == show.output.count - 1


def test_a_load_that_fails_is_shown_and_tried_again(stage, little):
    tries = iter(range(10))

    def make(rung):
        if next(tries) < 3:
            raise OSError('the disk is away')
        return Turbo(little)
    show = stage(make)
    wait_for(lambda: show.output.count)
    assert show.stats.restarts == 3 and show.stats.error == '' and show.stats.note == ''


def test_a_dream_that_is_not_finite_is_dropped_and_counted(stage, conditioning):
    broken = conditioning()
    broken.embedding[:] = np.nan
    given = iter([conditioning(), broken])
    show = stage(condition=lambda engine: next(given, conditioning()))
    wait_for(lambda: show.stats.frames >= 3)
    assert show.stats.restarts == 1 and show.made == ['wanted']
    assert show.output.get().pixels[..., :3].std() > 5


def test_an_engine_that_keeps_failing_is_loaded_anew(stage, conditioning):
    engines = set()

    def condition(engine):
        engines.add(engine)
        if len(engines) == 1:
            raise RuntimeError('CUDA error: an illegal memory access was encountered\nmore\nlines')
        return conditioning()
    show = stage(condition=condition)
    wait_for(lambda: show.output.count)
    assert (show.made, show.stats.restarts, show.stats.note) == (['wanted'] * 2, 2, '')


def test_a_model_that_cannot_be_had_gives_way_to_the_next_at_once(stage, little, tmp_path):
    def make(rung):
        return Turbo(load_model(str(tmp_path / 'nowhere') if rung.model == 'wanted' else 'random:tiny', 'cpu'))
    (tmp_path / 'nowhere').mkdir()
    show = stage(make, models=('wanted', 'embedded'))
    wait_for(lambda: show.output.count)
    assert show.made == ['wanted', 'embedded'] and show.stats.restarts == 1
    assert show.stats.note.startswith('nowhere: model_index.json cannot be read')
    assert show.stats.note.endswith('; dreaming with embedded now') and show.said.count(show.stats.note) == 1


def test_built_anew_it_tries_what_was_asked_for_again(stage, little):
    gone = [True]

    def make(rung):
        if rung.model == 'wanted' and gone.pop():
            raise ModelError('the GPU is busy')
        return Turbo(little)
    show = stage(make, models=('wanted', 'embedded'))
    wait_for(lambda: show.output.count)
    gone.append(False)
    show.dream.renew()
    wait_for(lambda: len(show.made) == 3)
    assert show.made == ['wanted', 'embedded', 'wanted']


def test_a_device_that_is_lost_gives_no_memory_back_and_raises_nothing(monkeypatch):
    import torch
    raised = []

    def lost():
        raised.append(RuntimeError('CUDA error: an illegal memory access was encountered'))
        raise raised[0]
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'empty_cache', lost)
    burden.free_memory()
    assert raised


def test_without_any_model_the_dream_is_off_and_the_shader_carries_the_picture(stage):
    def make(rung):
        raise ModelError('there is nothing')
    show = stage(make)
    wait_for(lambda: show.stats.model == 'off')
    assert show.output.count == 1 and show.output.get() is None
    assert show.said[-1] == 'there is nothing; the dream is off, the shader carries the picture'


def test_setting_the_size_asks_an_off_dream_to_try_again(stage, little):
    board = Board()

    def make(rung):
        if board['dream.size'] == 0:
            raise ModelError('there is nothing')
        return Turbo(little)
    show = stage(make, board=board)
    wait_for(lambda: show.stats.model == 'off')
    time.sleep(0.05)
    assert show.made == ['wanted']
    show.board['dream.size'] = 1
    wait_for(lambda: show.output.get() is not None)
    assert show.output.get().pixels.shape == (256, 256, 4)


def test_a_route_that_moves_the_steps_is_no_wish(stage):
    board = Board()

    def make(rung):
        board['dream.steps'] = 3 - board['dream.steps']     # of what sounds, as a route does it
        raise ModelError('there is nothing')
    show = stage(make, board=board, wishes=Board())
    wait_for(lambda: show.stats.model == 'off')
    board['dream.steps'] = 3 - board['dream.steps']
    time.sleep(0.2)
    assert show.made == ['wanted'] and show.stats.model == 'off'


def test_when_memory_does_not_suffice_the_next_smaller_size_is_dreamt(stage, little):
    import torch

    def trouble(board):
        if board.pixels > 256 * 256:
            raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB')
    board = Board()
    board['dream.size'] = 2
    show = stage(lambda rung: Broken(little, trouble), board=board)
    wait_for(lambda: show.output.count)
    assert show.output.get().pixels.shape == (256, 256, 4)
    assert 'out of memory' in show.stats.note and show.stats.note.endswith('; dreaming at 256 now')
    assert board['dream.size'] == 2 and show.stats.error == ''


def test_memory_that_does_not_suffice_is_known_by_any_of_its_names():
    import torch
    with pytest.raises(RuntimeError) as caught:
        torch.empty(10 ** 15)
    assert burden.is_out_of_memory(caught.value)
    assert burden.is_out_of_memory(MemoryError())
    assert burden.is_out_of_memory(torch.OutOfMemoryError('CUDA out of memory'))
    assert not burden.is_out_of_memory(RuntimeError('an illegal memory access was encountered'))


def test_weights_that_give_nan_lead_to_the_next_model(stage, little):
    import torch

    def make(rung):
        parts = build_random('random:tiny')
        if rung.model == 'wanted':
            torch.nn.init.constant_(parts['unet'].conv_out.bias, math.nan)
        return Turbo(make_model(rung.model, parts, 'cpu'))
    show = stage(make, models=('wanted', 'embedded'))
    wait_for(lambda: show.output.count)
    assert show.made == ['wanted', 'wanted', 'embedded']
    assert 'not finite' in show.stats.note and show.stats.model == 'embedded'


def test_a_model_that_always_raises_ends_in_the_shader_rung_by_rung(stage, little):
    board = Board()
    board['dream.size'], board['dream.steps'] = 2, 2
    show = stage(lambda rung: Broken(little, raise_always), board=board)
    wait_for(lambda: show.stats.model == 'off')
    assert [words.rpartition('; ')[2] for words in show.said if words.startswith('RuntimeError')] == [
        'dreaming at 256 now', 'dreaming in one step now', 'the dream is off, the shader carries the picture']
    assert show.output.get() is None and '\n' not in show.stats.note


def test_a_dream_that_hangs_is_replaced_and_its_late_picture_never_seen(stage, little):
    hung, late, numbers = threading.Event(), [], iter(range(10 ** 9))

    def trouble(board):
        if next(numbers) == 3:
            late.append(threading.current_thread())
            hung.wait(60)
    board = Board()
    board['dream.steps'] = 2
    show = stage(lambda rung: Broken(little, trouble), board=board)
    wait_for(lambda: show.output.count > 5)
    assert show.made == ['wanted'] * 2 and show.stats.restarts == 1
    assert show.stats.note == 'the dream hangs and is left behind; dreaming in one step now'
    show.board['stage.freeze'] = 1
    wait_for(lambda: not grows(show.output))
    count = show.output.count
    hung.set()
    late[0].join(30)
    assert not late[0].is_alive() and show.output.count == count == show.stats.frames


def test_a_load_that_hangs_after_a_hang_gives_way_to_a_model_on_the_processor(stage, little, monkeypatch):
    monkeypatch.setattr(room, 'RELOAD_TIME', 0.3)
    never, devices = threading.Event(), []

    def make(rung):
        devices.append(rung.device)
        if len(devices) == 2:
            never.wait(30)
        return Broken(little, lambda board: never.wait(30) if len(devices) == 1 else None)
    board = Board()
    board['dream.steps'] = 2
    show = stage(make, models=('wanted', 'embedded'), board=board)
    wait_for(lambda: show.output.count)
    never.set()
    assert show.made[-1] == 'embedded' and devices[-1] == 'cpu' and show.stats.restarts >= 2


def test_a_long_warm_up_is_no_hang(stage, little):
    class Slow(Turbo):
        def warm_up(self, board, tokens, say):
            time.sleep(1.0)
    show = stage(lambda rung: Slow(little))
    wait_for(lambda: show.output.count)
    assert show.made == ['wanted'] and show.stats.restarts == 0


def test_the_old_picture_stands_while_a_new_kind_of_dream_is_made_ready(stage, little):
    ready = threading.Event()

    class Slow(Turbo):
        def warm_up(self, board, tokens, say):
            assert board['dream.steps'] == 1 or ready.wait(30)
    show = stage(lambda rung: Slow(little))
    wait_for(lambda: show.output.count)
    show.board['dream.steps'] = 2
    wait_for(lambda: not grows(show.output))
    assert show.output.get().pixels.shape == (32, 32, 4)
    ready.set()
    wait_for(lambda: grows(show.output))
    assert show.made == ['wanted'] and show.stats.restarts == 0


def test_how_it_is_run_is_told_again_only_when_it_changes(stage, little):
    class Changing(Turbo):
        @property
        def reason(self):
            return 'graphs' if self.number < 3 else 'graphs, and some steps without'
    show = stage(lambda rung: Changing(little))
    wait_for(lambda: show.stats.frames > 6)
    told = [words for words in show.said if 'graphs' in words]
    assert told == ['random:tiny on graphs', 'random:tiny on graphs, and some steps without']
    assert show.stats.reason == 'graphs, and some steps without'


def test_the_watchdog_waits_as_long_as_dreams_take(little):
    dream = Dream(lambda rung, say: Turbo(little), lambda engine: None, Board(), Latest(), Latest())
    assert dream._patience(dream._life) == room.HANG_TIME
    dream._life.tried = 3.0
    assert dream._patience(dream._life) == 60.0         # the first dream may take its time where the warm-up did
    dream._life.lengths.extend([2.0, 2.0, 30.0])
    assert dream._patience(dream._life) == 40.0


@pytest.mark.parametrize('trouble', ['raises', 'hangs', 'gives nan'])
def test_the_sound_plays_on_whatever_the_dream_does(stage, little, conditioning, trouble):
    arena = Arena(48000)
    stream = open_stream(choose_stream('clock'), arena)
    stream.start()
    hung = threading.Event()
    troubles = {'raises': raise_always, 'hangs': lambda board: hung.wait(30),
                'gives nan': lambda board: little.unet.conv_out.bias.fill_(math.nan)}
    try:
        wait_for(lambda: arena.frames)
        show = stage(lambda rung: Broken(little, troubles[trouble]), board=arena.sounding)
        counts = []
        while show.stats.model != 'off' or len(counts) < 3:
            counts.append(int(arena.stats['callbacks']))
            time.sleep(0.2)
            assert len(counts) < 200
    finally:
        hung.set()
        stream.stop()
    assert (np.diff(counts) > 0).all()


def test_an_error_is_one_line():
    assert burden.describe(RuntimeError('CUDA error\nstack\nstack')) == 'RuntimeError: CUDA error'
    assert burden.describe(MemoryError()) == 'MemoryError'
    assert burden.describe(ModelError('the file is torn')) == 'the file is torn'


def test_the_rate_falls_when_no_dream_comes(little, conditioning):
    now = [0.0]
    show = Show(lambda rung: Turbo(little), lambda engine: conditioning(), clock=lambda: now[0])
    for _ in range(5):
        show.dream._work(show.dream._life)
        now[0] += 0.1
    assert show.stats.fps == pytest.approx(10, rel=0.3)
    now[0] += 10
    assert show.stats.fps < 1


def test_stop_before_start_is_no_error(little):
    assert Show(lambda rung: Turbo(little), lambda engine: None).dream.stop()
