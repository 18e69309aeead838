"""Sounds that our synthesizer has not made, for match.py: a plucked string, a sung vowel, a bell of Csound."""
import subprocess
import tempfile
from pathlib import Path

import numpy as np

RATE = 24000
FORMANTS = ((730, 90), (1090, 110), (2440, 170), (3400, 250))      # Hz and width of an 'a': Peterson and Barney, 1952
BELL = """
sr = 24000
ksmps = 16
nchnls = 1
0dbfs = 1
instr 1
  a1 foscil .2, 180, 1, 3.5, 2
  a2 foscil .15, 182, 1, 5, 1.2
  out a1 + a2
endin
"""


def pluck_string(hertz: float = 98.0, seconds: float = 1.5, seed: int = 5) -> np.ndarray:
    """Return a string as Karplus and Strong plucked it, 1983: noise that goes round through a mean of two."""
    period = round(RATE / hertz)
    line = np.random.default_rng(seed).uniform(-1, 1, period)
    rounds = []
    for _ in range(int(seconds * hertz)):
        rounds.append(line)
        line = 0.498 * (line + np.roll(line, 1))
    return np.concatenate(rounds)


def sing_vowel(hertz: float = 132.0, seconds: float = 1.5) -> np.ndarray:
    """Return a voice: harmonics that fall by 12 dB an octave through resonances, with vibrato."""
    time = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(hertz * (1 + 0.004 * np.sin(2 * np.pi * 5.5 * time))) / RATE
    sound = np.zeros(len(time))
    for n in range(1, int(0.45 * RATE / hertz)):
        f = n * hertz
        gain = sum(1 / np.hypot(1 - (f / centre) ** 2, f * width / centre ** 2) for centre, width in FORMANTS)
        sound += gain / n ** 2 * np.sin(n * phase)
    return sound / np.abs(sound).max()


def ring_bell(seconds: float = 1.5) -> np.ndarray:
    """Return a pair of inharmonic FM tones, by Csound."""
    from live.studio.files import read_sound
    with tempfile.TemporaryDirectory() as folder:
        orchestra, score, out = (Path(folder) / name for name in ('bell.orc', 'bell.sco', 'bell.wav'))
        orchestra.write_text(BELL)
        score.write_text(f'i1 0 {seconds}\ne\n')
        subprocess.run(['csound', '-W', '-f', '-d', '-m0', '-o', str(out), str(orchestra), str(score)], check=True,
                       capture_output=True)
        return read_sound(out, mono=True)[0][:, 0]


SOUNDS = {'plucked string': pluck_string, 'sung vowel': sing_vowel, 'FM bell of Csound': ring_bell}
