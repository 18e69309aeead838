"""Ring and Latest: order, loss and whole items, also against a compiled writer that never stops."""
import threading

import numpy as np
import pytest
from numba import njit

from live.wires import Latest, Ring, load_acquire, store_release

PAIR = np.dtype([('number', 'i8'), ('twice', 'i8'), ('rest', 'i8', (30,))])


@njit(nogil=True)
def write_numbers(items, head, stop, burst):
    """Write numbers without end, `burst` at a time before the head moves."""
    number = 0
    while load_acquire(stop, 0) == 0:
        for k in range(burst):
            item = items[(number + k) % len(items)]
            item.number = number + k
            for i in range(30):
                item.rest[i] = number + k
            item.twice = 2 * (number + k)
        number += burst
        store_release(head, 0, number)


def numbers(start, stop):
    return np.arange(start, stop, dtype='f8')


@pytest.fixture
def ring():
    return Ring.make(8, 'f8')


def test_items_come_out_in_order_and_once(ring):
    reader = ring.reader()
    got = []
    for start in range(0, 60, 3):
        ring.put(numbers(start, start + 3))
        got += reader.get().tolist()
    assert got == list(range(60)) and reader.lost == 0 and len(reader.get()) == 0


def test_readers_have_places_of_their_own(ring):
    first, second = ring.reader(), ring.reader()
    ring.put(numbers(0, 2))
    assert first.get().tolist() == second.get().tolist() == [0, 1]


def test_reader_begins_with_what_is_written_next_or_where_it_is_told(ring):
    ring.put(numbers(0, 3))
    late, early = ring.reader(), ring.reader(1)
    ring.put(numbers(3, 4))
    assert late.get().tolist() == [3] and early.get().tolist() == [1, 2, 3]


def test_reader_takes_no_more_than_it_asks_for(ring):
    reader = ring.reader()
    ring.put(numbers(0, 4))
    assert [reader.get(3).tolist(), reader.get(3).tolist()] == [[0, 1, 2], [3]]


def test_slow_reader_loses_the_oldest_and_counts_them(ring):
    reader = ring.reader()
    for number in range(20):
        ring.put(numbers(number, number + 1))
    assert reader.get().tolist() == list(range(13, 20)) and reader.lost == 13


def test_newest_passes_over_the_older_without_losing_them(ring):
    reader = ring.reader()
    ring.put(numbers(0, 3))
    assert reader.newest() == 2 and reader.newest() is None and reader.lost == 0


def test_items_have_any_shape():
    ring = Ring.make(8, 'f4', (2,))
    reader = ring.reader()
    ring.put(np.ones((3, 2), 'f4'))
    assert reader.get().shape == (3, 2) and reader.get().shape == (0, 2)


def test_what_is_read_is_a_copy(ring):
    reader = ring.reader()
    ring.put(numbers(1, 4))
    got = reader.get()
    ring.put(numbers(10, 14))
    ring.put(numbers(14, 18))
    assert got.tolist() == [1, 2, 3]


@pytest.mark.parametrize('burst', [1, 16])
def test_no_item_is_torn_by_a_writer_that_never_stops(burst):
    ring = Ring(np.zeros(64, PAIR), np.zeros(8, np.int64), burst)
    stop = np.zeros(1, np.int64)
    write_numbers(ring.items, np.zeros(8, np.int64), np.ones(1, np.int64), burst)       # compiles
    writer = threading.Thread(target=write_numbers, args=(ring.items, ring.head, stop, burst))
    reader = ring.reader(0)
    writer.start()
    last, read = -1, 0
    try:
        for _ in range(3000):
            items = reader.get()
            assert (items['twice'] == 2 * items['number']).all()
            assert (items['rest'] == items['number'][:, None]).all()
            assert (np.diff(items['number']) == 1).all() and (not len(items) or items['number'][0] > last)
            last, read = items['number'][-1] if len(items) else last, read + len(items)
    finally:
        stop[0] = 1
        writer.join()
    assert read > 0 and reader.lost > 0 and reader.place == read + reader.lost


def test_several_threads_write_without_losing_an_item():
    ring = Ring.make(4096, 'f8')
    reader = ring.reader()
    threads = [threading.Thread(target=lambda n=n: [ring.put(np.array([n])) for _ in range(500)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.bincount(reader.get().astype(int)).tolist() == [500] * 4


def test_latest_holds_the_newest_and_counts():
    latest = Latest('first')
    assert (latest.get(), latest.count) == ('first', 0)
    latest.put('second')
    latest.put('third')
    assert (latest.get(), latest.count) == ('third', 2)
