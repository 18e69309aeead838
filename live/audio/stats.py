"""The callback's counters as a performer reads them. [any] Polls; the callback is never asked to wait."""
import numpy as np

from live.audio.arena import Arena


def percentile(histogram: np.ndarray, share: float) -> float:
    """Return the upper edge, in bins, below which `share` of the counts lie; 0 when there are none."""
    total = histogram.sum()
    return float(np.searchsorted(np.cumsum(histogram), share * total) + 1) if total else 0.0


def read_stats(arena: Arena) -> dict:
    """Return the counters as plain numbers. loads: share of the block's duration; intervals: in blocks."""
    stats = arena.stats.copy()
    load = stats['load']
    busy = np.nonzero(load)[0]
    return {
        'callbacks': int(stats['callbacks']), 'frames': int(stats['frames']),
        'underflows': int(stats['underflows']), 'overflows': int(stats['overflows']),
        'late': int(stats['late']), 'nan': int(stats['nan']), 'refused': int(stats['refused']),
        'load_p50': percentile(load, .5) / 100, 'load_p99': percentile(load, .99) / 100,
        'load_max': (int(busy[-1]) + 1) / 100 if len(busy) else 0.0,
        'interval_p50': percentile(stats['interval'], .5) / 20, 'interval_p99': percentile(stats['interval'], .99) / 20,
        'longest_ms': int(stats['longest_ns']) / 1e6,
    }
