import threading
import time

import numpy as np
from numba import njit

from live.dsp.intrinsics import flush_denormals, now_ns, restore_denormals, thread_self


@njit(error_model='numpy')
def _halve(x, flush):
    mode = 0
    if flush:
        mode = flush_denormals()
    for _ in range(40):
        x[0] = x[0] * 0.5
    if flush:
        restore_denormals(mode)
    return x[0]


def test_denormals_become_zero_when_asked_and_come_back():
    assert _halve(np.array([1e-300]), True) == 0
    assert _halve(np.array([1e-300]), False) > 0


def test_clock_goes_with_the_wall_clock():
    read = njit(lambda: now_ns())
    begin, start = read(), time.perf_counter_ns()
    time.sleep(0.05)
    assert abs((read() - begin) - (time.perf_counter_ns() - start)) < 20e6


def test_thread_has_pythons_name_for_it():
    assert njit(lambda: thread_self())() == threading.get_ident()
