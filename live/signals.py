"""What travels between the stages: Event, Slice, Features, Conditioning, Picture. The data flow on one page.

    control      Board, EVENT  -> audio
    audio        SLICE         -> conditioning, display       (Ring, one every HOP samples)
                 samples       -> record                      (Ring)
                 TAKEN         -> record                      (Ring, what the sound took from control, and when)
    conditioning Conditioning  -> diffusion
    diffusion    Picture       -> display, record             (Latest)

All times are indices of audio samples since the stream began: one clock for sound and picture.
"""
from dataclasses import dataclass

import numpy as np

N_FFT = 2048            # analysis window, samples
HOP = 512               # samples from one slice to the next
BINS = N_FFT // 2 + 1
BANDS = 24              # log-spaced energies from 40 Hz to 16 kHz
DRIFTS = 32             # partials whose drift travels with each slice
MFCCS, DEGREES, PEAKS = 13, 128, 64
PARTIALS = 64           # partials that travel with each slice, exactly as they sound, one layer after the other
BEATS = 16

GATE, PANIC, SEED = 1, 2, 3     # kinds of Event
EVENT = np.dtype([('kind', 'i8'), ('value', 'f8')])     # GATE: velocity 0..1, 0 closes; SEED: of the patch

# And of TAKEN: a value of the Board, a scale, routes, a picture that sounds, a spectrum, how sure a class is.
MOVED, TUNED, ROUTED, SHOWN, HELD, CLASSED = 0, 4, 5, 6, 7, 8
TAKEN = np.dtype([
    ('tick', 'i8'), ('kind', 'i8'),                     # of those above
    ('place', 'i8'),                                    # of the parameter (MOVED), layer (SHOWN, HELD) or class
    ('value', 'f8'),                                    # of those or of the event; number of scale, routes ...
], align=True)

FEATURES = np.dtype([
    ('rms', 'f8'), ('peak', 'f8'),                      # linear, full scale = 1
    ('centroid', 'f8'), ('bandwidth', 'f8'), ('rolloff', 'f8'),     # Hz, librosa's definitions
    ('flatness', 'f8'),                                 # 0 tone .. 1 noise
    ('flux', 'f8'),                                     # mean rise of magnitude since the slice before
    ('bands', 'f8', (BANDS,)),                          # mean power of the bins in each band
    ('mfcc', 'f8', (MFCCS,)),                           # dB, orthonormal DCT
    ('onset', 'f8'), ('novelty', 'f8'),                 # mean rise in dB; how new the last second is, 0..1
    ('momentary', 'f8'), ('short_term', 'f8'),          # loudness of what is heard, LUFS; -120 is silence
    ('pitch', 'f8'), ('pitch_confidence', 'f8'),        # of the live input: Hz, 0 is none; 0..1
    ('chroma', 'f8', (DEGREES,)),                       # on the degrees of the scale; the strongest = 1
])

SLICE = np.dtype([
    ('end', 'i8'),                                      # index of the sample after the newest one in it
    ('features', FEATURES),
    ('peaks', 'i8'), ('peak_hz', 'f8', (PEAKS,)), ('peak_level', 'f8', (PEAKS,)),   # measured, the loudest first
    ('partials', 'i8'), ('partial_hz', 'f8', (PARTIALS,)), ('partial_level', 'f8', (PARTIALS,)),    # known exactly
    ('beat_hz', 'f8', (BEATS,)),                        # of each of the first of them with its nearest neighbour
    ('root', 'f8'),                                     # Hz, as it sounds now, bend included
    ('gate', 'f8'), ('pulse', 'f8'),                    # 0..1: level of the gate, of the newest pulse
    ('pulses', 'f8'),                                   # pulses begun so far
    ('pulse_cents', 'f8'),                              # where the newest pulse lies against the root
    ('drift_cents', 'f4', (DRIFTS,)),                   # where the first partials have wandered
    ('samples', 'f4', (HOP,)),                          # the newest samples, mono
    ('magnitudes', 'f4', (BINS,)),                      # of the Hann-windowed last N_FFT samples
], align=True)


@dataclass(frozen=True, slots=True)
class Conditioning:
    """What one dream is made from.

    embedding: (tokens, width) float32, takes the place of the text encoder's output.
    strength: 0..1, the timestep; walk: angle in radians of the noise on its great circle.
    end: sample index of the newest slice in it.
    """
    embedding: np.ndarray
    strength: float
    walk: float
    end: int


@dataclass(frozen=True, slots=True)
class Picture:
    """One dream. pixels: (height, width, 4) uint8 RGBA, row 0 at the top; end: sample index of its newest slice."""
    pixels: np.ndarray
    end: int
    number: int
