"""A performance as a file from which it can be played again: TAKE.live. JSON, a line at a time. [any]

    {"live": 1, "samplerate": 48000, "inputs": 0, "seed": 1, "patch": "bflat", ...}     where and with what
    [0, {"set": {"drone.root": 466.16, ...}, "tune": {...}, "routes": [], "words": [["ink"], ""]}]
    [48064, {"set": {"drone.drift_cents": 12.5}, "do": [["gate", 0.7]]}]                    what the sound took, when
    [96000, {}]                                                                         that it has come so far
    [96000, {"take": {"from": 51200, "to": 96000}}]                                     which part is the take

A line begins with the index of a sample. It is read again as it was: floats keep every bit. All of it begins with the
first sample of the performance, whenever the take began: sound is what became of all that was before, down to phases
and tails. To keep that instead would be to copy 90 MB between two blocks, and to bind the file to one version.

In: dicts by these names. Out: Score. Strict: a mistake is told in one sentence, ScoreError. A last line that was cut
off is left out. Names of values that are unknown by now, as of a shader that is gone, are left out and told.
"""
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from live.record.score_lines import check_key

VERSION = 1
SUFFIX = '.live'
LONGEST_LINE = 2 ** 22          # bytes


class ScoreError(ValueError):
    """A performance file that cannot be read: file, line, what is wrong."""


@dataclass
class Score:
    """A performance file. header: its first line; end: sample it has come to; take: first sample and the one after
    the last; whole: nothing was cut off; lost: changes it misses; unknown: names that mean nothing here."""
    path: Path
    header: dict[str, Any]
    end: int = 0
    take: tuple[int, int] = (0, 0)
    whole: bool = True
    lost: int = 0
    unknown: set[str] = field(default_factory=set)

    def steps(self) -> Iterator[tuple[int, dict]]:
        """Yield sample and what happens there, ready to be used: see READ."""
        with self.path.open('rb') as file:
            file.readline(LONGEST_LINE)
            sample, number = 0, 1
            while (line := file.readline(LONGEST_LINE)).endswith(b'\n'):
                number += 1
                sample, step = self._read(line, number, sample)
                yield sample, step
            self.whole = not line

    def _read(self, line: bytes, number: int, before: int) -> tuple[int, dict]:
        try:
            sample, said = read_json(line)
            if type(sample) is not int or not before <= sample < 1 << 60:
                raise ValueError(f'{sample!r:.40} is not the index of a sample from {before} on')
            return sample, {key: check_key(key)(value, self.unknown) for key, value in said.items()}
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ScoreError(f'{self.path.name}: line {number}: {sentence(error)}') from error


def load_score(path: Path) -> Score:
    """Read a whole file; raise ScoreError that says what is wrong."""
    with path.open('rb') as file:
        line = file.readline(LONGEST_LINE)
    try:
        header = read_header(read_json(line))
    except (ValueError, KeyError, TypeError) as error:
        raise ScoreError(f'{path.name}: it is no performance file: {sentence(error)}') from error
    score, take = Score(path, header), None
    for sample, step in score.steps():
        score.end = sample
        score.lost += step.get('lost', 0)
        take = step.get('take', take)
    first, last = take or (0, None)
    last = score.end if last is None else last
    if not first <= last <= score.end:
        raise ScoreError(f'{path.name}: the take from sample {first} to {last} is not within {score.end}')
    score.take = first, last
    return score


def read_json(line: bytes) -> Any:
    """Return what a line says; raise ValueError, also for what lies too deep."""
    try:
        return json.loads(line.decode('utf-8'), parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError('lists lie too deep in each other') from error


def _no_constant(word: str) -> None:
    raise ValueError(f'{word} is not a number')


def sentence(error: Exception) -> str:
    text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    return text if len(text) <= 300 else f'{text[:150]} ... {text[-150:]}'


def read_header(header: Any) -> dict:
    """Return the first line, checked where it matters for the sound."""
    if not isinstance(header, dict) or header.get('live') != VERSION:
        said = header.get('live') if isinstance(header, dict) else header
        raise ValueError(f'its first line must say {{"live": {VERSION}, ...}}, not {said!r:.60}')
    for key, low, high in (('samplerate', 8000, 768000), ('inputs', 0, 2), ('seed', -2 ** 62, 2 ** 62)):
        if type(header.get(key)) is not int or not low <= header[key] <= high:
            raise ValueError(f'{key} = {header.get(key)!r:.40} is not a whole number in {low}..{high}')
    for key in ('patch', 'model', 'image', 'camera'):
        if not isinstance(header.get(key), str) and (key == 'patch' or header.get(key) is not None):
            raise ValueError(f'{key} = {header.get(key)!r:.40} is not a text')
    loras = header.get('lora', [])
    if not isinstance(loras, list) or not all(isinstance(lora, str) for lora in loras):
        raise ValueError(f'lora = {loras!r:.40} is not a list of texts')
    return header


def write_header(header: dict) -> bytes:
    return json.dumps({'live': VERSION, **header}, ensure_ascii=False).encode() + b'\n'


def write_line(sample: int, said: dict) -> bytes:
    return json.dumps([sample, said], separators=(',', ':'), allow_nan=False).encode() + b'\n'
