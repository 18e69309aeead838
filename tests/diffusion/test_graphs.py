import pytest
import torch

from live.diffusion import graphs as room
from live.diffusion.graphs import MOST_TRIES, REST, Failures, Graphs


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def failures(clock):
    return Failures(clock)


def test_a_capture_that_failed_rests_a_while(failures, clock):
    assert failures.allows('large')
    failures.add('large', RuntimeError('no'))
    clock.now += REST - 0.1
    assert not failures.allows('large')
    clock.now += 0.2
    assert failures.allows('large')


def test_another_kind_is_tried_at_once(failures):
    failures.add('large', RuntimeError('no'))
    assert failures.allows('small') and not failures.allows('large')


def test_a_capture_is_tried_a_few_times_and_never_again(failures, clock):
    tries = 0
    for _ in range(20):
        if failures.allows('large'):
            failures.add('large', RuntimeError('no'))
            tries += 1
        clock.now += REST
    assert tries == failures.count == MOST_TRIES


def test_the_first_reason_is_kept_in_one_line_and_all_are_counted(failures):
    failures.add('large', RuntimeError('operation not permitted\nmore\n'))
    failures.add('small', RuntimeError('another'))
    assert failures.reason == 'operation not permitted' and failures.count == 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
def test_a_graph_that_could_not_be_captured_is_captured_later(monkeypatch):
    monkeypatch.setattr(room, 'REST', 0.0)
    graphs, hinders = Graphs(), [True]

    def double(value):
        if hinders[0] and torch.cuda.is_current_stream_capturing():
            value.sum().item()
        return (2 * value,)
    for turn in range(4):
        hinders[0] = turn < 2
        doubled, = graphs.run('double', double, (torch.full((3,), float(turn), device='cuda'),))
        assert doubled.tolist() == [2 * turn] * 3
    assert graphs.failures.count == 2 and list(graphs._captured) == ['double']
