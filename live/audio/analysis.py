"""Streaming analysis inside the callback: every HOP samples one SLICE goes to its ring. [audio]"""
import math

import numpy as np

from live.audio.layer import ADDED, CLUSTERED, CUBIC_GHOST, PAIRED, SWARMED
from live.audio.modulation import sounding_root
from live.dsp.beat import find_beat
from live.dsp.chroma import fold_peaks
from live.dsp.cluster import HIGHEST
from live.dsp.features import (
    band_powers, bandwidth, flatness, flux_and_keep, level_and_peak, rolloff, total_and_centroid)
from live.dsp.fft import magnitudes
from live.dsp.kernel import exact
from live.dsp.loudness import measure_loudness
from live.dsp.mel import measure_mel
from live.dsp.mfcc import mfcc
from live.dsp.novelty import measure_novelty
from live.dsp.oscillators import CYCLE
from live.dsp.peaks import find_peaks
from live.dsp.pitch import hear_pitch, measure_pitch
from live.signals import BEATS, DRIFTS, HOP, N_FFT, PARTIALS
from live.wires import load_acquire, store_release

FAINTEST = 1e-5         # amplitude of a peak that is worth a name


@exact
def hear(arena, sample, direct, left, right, clock):
    """Take one sample: of what is analyzed, of the live input, of what is heard; `clock` is the index of the next one.

    Emits a slice whenever HOP samples are complete; the input's pitch is measured half a hop away from that.
    """
    analysis = arena.analysis
    analysis.history[analysis.place] = sample
    analysis.place = (analysis.place + 1) % N_FFT
    measure_loudness(analysis.loudness, left, right)
    if arena.inputs > 0:
        hear_pitch(analysis.pitch, direct)
        if clock % HOP == HOP // 2:
            measure_pitch(analysis.pitch)
    if clock % HOP == 0:
        emit_slice(arena, clock)


@exact
def emit_slice(arena, clock):
    """Analyze the newest N_FFT samples and write them, with the state of the synthesizer, as the next slice."""
    head = load_acquire(arena.slices_head, 0)
    item = arena.slices[head % len(arena.slices)]
    unroll(arena.analysis, item.samples)
    item.end = clock
    describe_spectrum(arena.analysis, arena.samplerate, item)
    describe_music(arena.analysis, arena.samplerate, sounding_root(arena.sounding.now), item)
    describe_synth(arena, item)
    describe_partials(arena, item)
    store_release(arena.slices_head, 0, head + 1)


@exact
def unroll(analysis, newest):
    """Copy the circular history into a frame, oldest first, and its last HOP samples to `newest` (HOP,)."""
    for k in range(N_FFT):
        analysis.frame[k] = analysis.history[(analysis.place + k) % N_FFT]
    for k in range(HOP):
        newest[k] = analysis.frame[N_FFT - HOP + k]


@exact
def describe_spectrum(analysis, samplerate, item):
    """Fill the spectrum and its features."""
    spectrum, f = analysis.magnitudes, item.features
    magnitudes(analysis.frame, analysis.window, analysis.turn, analysis.work, spectrum)
    bin_width = samplerate / N_FFT
    f.rms, f.peak = level_and_peak(analysis.frame)
    total, f.centroid = total_and_centroid(spectrum, bin_width)
    f.bandwidth = bandwidth(spectrum, bin_width, total, f.centroid)
    f.rolloff = rolloff(spectrum, bin_width, total)
    f.flatness = flatness(spectrum)
    f.flux = flux_and_keep(spectrum, analysis.previous)
    band_powers(spectrum, bin_width, analysis.edges, f.bands)
    for k in range(len(spectrum)):
        item.magnitudes[k] = spectrum[k]


@exact
def describe_music(analysis, samplerate, root, item):
    """Fill what listeners hear: colour, novelty, loudness, pitch of the input, peaks on the degrees of the scale."""
    f = item.features
    measure_mel(analysis.mel, analysis.magnitudes)
    mfcc(analysis.mel.db, analysis.dct, f.mfcc)
    measure_novelty(analysis.novelty, analysis.mel.db)
    f.onset, f.novelty = analysis.novelty.onset, analysis.novelty.novelty
    f.momentary, f.short_term = analysis.loudness.momentary, analysis.loudness.short_term
    f.pitch, f.pitch_confidence = analysis.pitch.frequency, analysis.pitch.confidence
    item.peaks = find_peaks(analysis.magnitudes, samplerate / N_FFT, FAINTEST, item.peak_hz, item.peak_level)
    fold_peaks(analysis.chroma, root, item.peak_hz, item.peak_level, item.peaks, f.chroma)


@exact
def describe_synth(arena, item):
    """Fill what is known exactly, since we made the sound."""
    p = arena.sounding.now
    item.root = sounding_root(p)
    item.gate = arena.gate.level * arena.gate.mute
    item.pulse, item.pulses, item.pulse_cents = arena.pulse.level, arena.pulse.begun, arena.pulse.cents
    first = arena.layers[0]
    for i in range(DRIFTS):
        walk = first.cluster.drift[i] if first.source == CLUSTERED else first.wander
        if first.source == SWARMED:
            walk = np.float64(arena.swarm.drift[i])
        item.drift_cents[i] = p.drone_drift_cents * walk


@exact
def describe_partials(arena, item):
    """Fill frequency and level of the partials that we know exactly, layer by layer, and how they beat."""
    phases, item.partials = arena.analysis.phases, 0
    for number in range(len(arena.layers)):
        layer, q = arena.layers[number], arena.sounding.layers[number]
        left, right = layer.gains_end[0], layer.gains_end[1]
        if left + right <= 0:
            continue
        if layer.source == CLUSTERED:
            cluster = layer.cluster
            for i in range(min(cluster.count, PARTIALS)):
                step = min(cluster.ratio[i] * cluster.root_step, HIGHEST)
                tell(item, phases, step / CYCLE * arena.samplerate, left * cluster.left[i] + right * cluster.right[i],
                     cluster.phase[i])
        elif PAIRED <= layer.source <= CUBIC_GHOST:
            comb, lowest, gap = layer.pair, layer.pair.step / CYCLE, np.int64(layer.pair.turn * CYCLE)
            for k in range(len(comb.left)):
                tell(item, phases, (lowest + k * comb.rate) * arena.samplerate,
                     left * comb.left[k] + right * comb.right[k], comb.phase + k * gap)
        elif layer.source == ADDED and q.stretch == 0:
            bank = layer.harmonic.bank
            for i in range(min(int(q.partials + 0.5), PARTIALS)):
                tell(item, phases, (i + 1) * layer.hertz, left * bank.left[i] + right * bank.right[i], bank.phase[i])
    describe_beats(item)
    find_beat(arena.analysis.beat, item.partial_hz, item.partial_level, phases, item.partials)


@exact
def tell(item, phases, frequency, level, phase):
    """Add a partial that is heard to the list while there is room; phase: of the next sample, int32 once it wraps."""
    if item.partials < PARTIALS and level > 0:
        item.partial_hz[item.partials] = frequency
        item.partial_level[item.partials] = level
        phases[item.partials] = np.int32(phase)
        item.partials += 1


@exact
def describe_beats(item):
    """Fill the distance in Hz from each of the first partials to its nearest neighbour; 0 where there is none."""
    for i in range(BEATS):
        nearest = math.inf
        for j in range(item.partials):
            if j != i and i < item.partials:
                nearest = min(nearest, abs(item.partial_hz[j] - item.partial_hz[i]))
        item.beat_hz[i] = nearest if nearest < math.inf else 0.0
