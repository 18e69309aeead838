"""Tables to disk, some rows at a time: .csv, or .parquet through pyarrow (the extra `parquet`).

    with open_table('all.csv') as table:
        table.write({'file': names, 'seconds': seconds})        # the same columns each time
"""
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from live.studio.files import StudioError, beside, check_folder

KINDS = '.csv', '.parquet'
DIGITS = 7              # of a number in a .csv


class Table(Protocol):
    """Takes columns (n,) of the same names each time."""
    def write(self, columns: dict[str, np.ndarray]) -> None: ...


@contextmanager
def open_table(path: str | Path) -> Iterator[Table]:
    """Open a table to be written; what is half written when something goes wrong is taken away."""
    path = check_table(path)
    with beside(path) as part, (_open_csv if path.suffix.lower() == '.csv' else _open_parquet)(part) as table:
        yield table


def check_table(path: str | Path) -> Path:
    """Return the path of a table that can be made."""
    path = check_folder(path)
    if path.suffix.lower() not in KINDS:
        raise StudioError(f'{path.name}: {path.suffix or "no suffix"} is no kind of table; use {" or ".join(KINDS)}')
    return path


class _Csv:
    def __init__(self, file: Any) -> None:
        self._rows, self._named = csv.writer(file, lineterminator='\n'), False

    def write(self, columns: dict[str, np.ndarray]) -> None:
        if not self._named:
            self._rows.writerow(columns)
            self._named = True
        self._rows.writerows(zip(*(map(_text, values.tolist()) for values in columns.values())))


def _text(value: object) -> str:
    return f'{value:.{DIGITS}g}' if isinstance(value, float) else str(value)


@contextmanager
def _open_csv(path: Path) -> Iterator[Table]:
    with path.open('w', newline='', encoding='utf-8') as file:
        yield _Csv(file)


class _Parquet:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def write(self, columns: dict[str, np.ndarray]) -> None:
        import pyarrow
        from pyarrow import parquet
        rows = pyarrow.table({name: pyarrow.array(np.ascontiguousarray(values)) for name, values in columns.items()})
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self._path, rows.schema)
        self._writer.write_table(rows)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@contextmanager
def _open_parquet(path: Path) -> Iterator[Table]:
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise StudioError(f'{path.name}: .parquet needs pyarrow: pip install -e .[parquet]; '
                          'or use .csv') from error
    table = _Parquet(path)
    try:
        yield table
    finally:
        table.close()
