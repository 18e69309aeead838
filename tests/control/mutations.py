"""Bad input made from good: bytes cut, turned, repeated, mixed, and values of every kind that nobody asked for."""
from functools import reduce

from hypothesis import strategies as st

PLACE = st.integers(0, 1 << 16)
EDIT = st.tuples(st.sampled_from(['cut', 'turn', 'put', 'repeat', 'mix']), PLACE, PLACE, st.binary(max_size=8))
WORDS = ['nan', 'inf', '-inf', '1e400', '-1', '0', '9' * 400, 'true', '""', "'\u2603'", '[]', '[[1], "a"]', '{}',
         '{a = 1}',
         '1979-05-27', '0x7f', '[nan]', '"' + 'x' * 3000 + '"']


def edit(samples, data, one):
    """Return bytes changed in one place."""
    kind, first, second, extra = one
    start = first % (len(data) + 1)
    end = min(len(data), start + second % 64)
    if kind == 'cut':
        return data[:start] + data[end:] if second % 3 else data[:start]
    if kind == 'turn':
        return data[:start] + bytes(byte ^ 1 << second % 8 for byte in data[start:end]) + data[end:]
    if kind == 'put':
        return data[:start] + extra + data[start:]
    if kind == 'repeat':
        return data[:end] + data[start:end] * (1 + second % 5) + data[end:]
    other = samples[second % len(samples)]
    return data[:start] + other[first % (len(other) + 1):]


def mutants(samples):
    """Strategy: one of the samples, changed in up to four places."""
    return st.builds(lambda data, edits: reduce(lambda a, one: edit(samples, a, one), edits, data),
                     st.sampled_from(samples), st.lists(EDIT, min_size=1, max_size=4))
