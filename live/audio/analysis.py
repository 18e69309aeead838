"""Streaming analysis inside the callback: every HOP samples one SLICE goes to its ring. [audio]"""
from live.dsp.features import (
    band_powers, bandwidth, flatness, flux_and_keep, level_and_peak, rolloff, total_and_centroid)
from live.dsp.fft import magnitudes
from live.dsp.kernel import exact
from live.signals import DRIFTS, HOP, N_FFT
from live.wires import load_acquire, store_release


@exact
def hear(arena, sample, clock):
    """Take one mono sample; `clock` is the index of the next one. Emits a slice whenever HOP samples are complete."""
    analysis = arena.analysis
    analysis.history[analysis.place] = sample
    analysis.place = (analysis.place + 1) % N_FFT
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
    describe_synth(arena, item)
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
def describe_synth(arena, item):
    """Fill what is known exactly, since we made the sound."""
    p = arena.params.now
    item.root = p.drone_root * 2.0 ** (p.drone_bend_cents / 1200)
    item.gate = arena.gate.level * arena.gate.mute
    item.pulse, item.pulses, item.pulse_cents = arena.pulse.level, arena.pulse.begun, arena.pulse.cents
    for i in range(DRIFTS):
        item.drift_cents[i] = p.drone_drift_cents * arena.cluster.drift[i]
