"""Csound as the matcher plays it: an orchestra, ours or the user's, whose instrument 1 makes one sound a note.

The orchestra says in its header what can be steered, a line for each p-field from p4 on, ranges or choices:

    ; param p4 pitch: 40..2000 Hz exp, What it sounds at.
    ; param p5 wave: saw | square | pulse, The wave.

The curve is one of live/params.py (lin if none is named); a choice arrives as its number, 0, 1, 2 ... A .csd is taken
as well: what stands between <CsInstruments>. All sounds of a batch are notes of one score, played by one run of the
`csound` program, a rest between them.
"""
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from live.params import CURVES, Param
from live.studio.files import StudioError, check_file, check_folder, read_sound
from live.studio.match.synth import RATE, SECONDS, SETTLING, Knob, Synth, Tell

FOLDER = Path(__file__).parent / 'orchestras'
REST = 0.1              # seconds between two notes
KSMPS = 16              # frames of a control period
BATCH = 64              # notes of a score
HEADER = re.compile(r'^\s*;+\s*param\s+p(\d+)\s+([A-Za-z]\w*)\s*:\s*(.+?)\s*$', re.MULTILINE)
RANGE = re.compile(r'^([-+.\deE]+)\.\.([-+.\deE]+)\s*(.*)$')
COLOURS = re.compile(r'\x1b\[[\d;]*m')
WRONG = re.compile(r'^.*\b(?:error|failed|cannot|not found)\b.*$', re.IGNORECASE | re.MULTILINE)
SCORE = """<CsoundSynthesizer>
; {description}
<CsOptions>
-o dac
</CsOptions>
<CsInstruments>
{orchestra}
</CsInstruments>
<CsScore>
i1 0 3600 {fields}
</CsScore>
</CsoundSynthesizer>
"""


class CsoundSynth(Synth):
    """An orchestra. It may be given as a file, or as the text of one."""
    suffix = '.csd'

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.name = path.name if path.parent != FOLDER else path.stem
        self.text = instruments(check_file(path).read_text(encoding='utf-8') if text is None else text)
        self.knobs = tuple(Knob(param) for param in read_header(self.name, self.text))

    def render(self, settings: np.ndarray, seeds: Sequence[int], seconds: float = SECONDS, samplerate: int = RATE,
               tell: Tell = lambda count: None) -> np.ndarray:
        parts = []
        for first in range(0, len(settings), BATCH):
            parts.append(self._play(settings[first:first + BATCH], seconds, samplerate))
            tell(len(parts[-1]))
        return np.concatenate(parts)

    def _play(self, settings: np.ndarray, seconds: float, samplerate: int) -> np.ndarray:
        note = SETTLING + seconds
        score = [f'i1 {k * (note + REST):.6f} {note:.6f} {fields(row)}' for k, row in enumerate(settings)]
        with tempfile.TemporaryDirectory() as folder:
            orchestra, played, out = (Path(folder) / name for name in ('match.orc', 'match.sco', 'match.wav'))
            orchestra.write_text(self.text, encoding='utf-8')
            played.write_text('\n'.join((*score, f'f0 {len(settings) * (note + REST):.6f}', 'e')) + '\n')
            self._run(['-W', '-f', '-o', str(out), f'--sample-rate={samplerate}', f'--ksmps={KSMPS}', '-d', '-m0',
                       str(orchestra), str(played)], out)
            sound = read_sound(out, mono=True)[0][:, 0]
        frames = round(seconds * samplerate)
        starts = [round((k * (note + REST) + SETTLING) * samplerate) for k in range(len(settings))]
        sound = np.pad(sound, (0, max(0, starts[-1] + frames - len(sound))))
        return np.stack([sound[start:start + frames] for start in starts])

    def _run(self, words: list[str], out: Path) -> None:
        program = shutil.which('csound')
        if not program:
            raise StudioError('csound is not installed, and plays this orchestra (Debian: apt install csound)')
        ran = subprocess.run([program, *words], capture_output=True, text=True, errors='replace', check=False)
        if ran.returncode or not out.is_file():
            told = COLOURS.sub('', ran.stderr)
            wrong = WRONG.findall(told) or told.strip().splitlines() or ['no reason given']
            raise StudioError(f'{self.name}: csound cannot play it: {" ".join(wrong[0].split())}')

    def save(self, path: Path, settings: np.ndarray, gain: float, description: str, seed: int) -> None:
        """Write a .csd; how loud it is, is the orchestra's affair."""
        text = SCORE.format(description=' '.join(description.split()), orchestra=self.text.strip(),
                            fields=fields(settings))
        check_folder(path).write_text(text, encoding='utf-8')


def list_orchestras() -> dict[str, Path]:
    """Return the orchestras that ship, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob('*.orc'))}


def fields(settings: np.ndarray) -> str:
    """Return p4, p5 ... of a note."""
    return ' '.join(f'{value:.9g}' for value in settings)


def instruments(text: str) -> str:
    """Return the orchestra of a .csd; of an .orc, all of it."""
    found = re.search(r'<CsInstruments>(.*?)</CsInstruments>', text, re.DOTALL)
    return found[1] if found else text


def read_header(name: str, text: str) -> tuple[Param, ...]:
    """Return what an orchestra can be steered by, p4 first."""
    lines = HEADER.findall(text)
    if not lines:
        raise StudioError(f'{name}: it does not say what can be steered; write for each p-field from p4 on a line like '
                          '"; param p4 pitch: 40..2000 Hz exp, What it sounds at."')
    for expected, (number, knob, _) in enumerate(lines, 4):
        if int(number) != expected:
            raise StudioError(f'{name}: {knob} is p{number} where p{expected} comes next')
    return tuple(read_param(name, knob, rest) for _, knob, rest in lines)


def read_param(orchestra: str, name: str, text: str) -> Param:
    """Return the row that `LOW..HIGH UNIT CURVE, doc` or `one | other, doc` describes."""
    head, _, doc = (part.strip() for part in text.partition(','))
    choices = tuple(choice.strip() for choice in head.split('|'))
    if len(choices) > 1:
        return Param(name, '', 0, len(choices) - 1, 0, 'step', 0, doc, choices)
    found = RANGE.match(head)
    try:
        low, high = float(found[1]), float(found[2])        # type: ignore[index]
    except (TypeError, ValueError):
        raise StudioError(f'{orchestra}: {name}: {head!r} is neither a range like 40..2000 nor choices like '
                          'saw | square') from None
    words = found[3].split() if found else []
    curve = words.pop() if words and words[-1] in CURVES else 'lin'
    if not low < high or (curve in ('exp', 'count') and low <= 0):
        raise StudioError(f'{orchestra}: {name}: {low:g}..{high:g} is no range for the curve {curve}')
    middle = Param(name, '', low, high, low, curve, 0, doc).from_knob(0.5)
    return Param(name, ' '.join(words), low, high, middle, curve, 0, doc)
