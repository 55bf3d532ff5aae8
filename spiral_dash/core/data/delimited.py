"""CSV in the forms that people's programs write, read with pandas."""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import numpy.typing as npt

from spiral_dash.core.data.column import MISSING, Column
from spiral_dash.core.data.dialect import DELIMITERS, LINE_MAX, SAMPLE_CHARACTERS, Dialect, detect
from spiral_dash.core.data.naming import different, tidy
from spiral_dash.core.data.rows import ROWS_MAX
from spiral_dash.core.data.table import Form, Table
from spiral_dash.core.validation import ConfigError

if TYPE_CHECKING:
    import pandas

Array = npt.NDArray[Any]

_MARKS = {
    codecs.BOM_UTF8: ("utf-8", "UTF-8"),
    codecs.BOM_UTF32_LE: ("utf-32-le", "UTF-32"),  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: ("utf-32-be", "UTF-32"),
    codecs.BOM_UTF16_LE: ("utf-16-le", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16-be", "UTF-16"),
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
# Some of the rows may be empty. What is behind the last of them is not read.
_LINES_MAX = 2 * ROWS_MAX
_TRAILING = b" \t\r\n,;|"


def read_delimited(data: bytes) -> Table:
    """Read the bytes of a text file; raise `ConfigError` where they are no table."""
    data, encoding = _as_utf8(data)
    # Spreadsheets write empty rows at the end, sometimes a million of them.
    data = data.rstrip(_TRAILING)
    head = data[: 2 * SAMPLE_CHARACTERS + LINE_MAX].decode("utf-8", "ignore")
    if not head:
        raise ConfigError({"file": "expected a table, got an empty file."})
    _check_first_line(data)
    dialect = detect(head)
    data = data[len(head[: dialect.start].encode()) :]
    frame = _frame(data, dialect)
    columns, names = _columns(frame, dialect), different(_names(dialect))
    present = np.zeros(len(frame), bool)
    for column in columns:
        present |= ~column.missing
    kept = np.flatnonzero(present)
    if len(kept) > ROWS_MAX or len(frame) == _LINES_MAX:
        _refuse_rows(data)
    whole = len(kept) == len(frame)
    notes = _notes(dialect, names, len(frame) - len(kept))
    return Table(
        tuple(
            Column(
                name,
                column.numbers if whole or column.numbers is None else column.numbers[kept],
                column.codes if whole or column.codes is None else column.codes[kept],
                column.texts,
            )
            for name, column in zip(names, columns, strict=True)
        ),
        (kept + 1 + dialect.lines_before + dialect.header).astype(np.int32),
        Form("CSV", DELIMITERS[dialect.delimiter], dialect.decimal, encoding, dialect.header),
        notes,
    )


def _as_utf8(data: bytes) -> tuple[bytes, str]:
    """Return a text as UTF-8 without a byte order mark, and the encoding that it had."""
    title = "UTF-8"
    data = data.rstrip(b"\x1a")  # the end of a file in the days of CP/M, still written
    mark = next((mark for mark in _MARKS if data.startswith(mark)), None)
    if mark is not None:
        codec, title = _MARKS[mark]
        data = data[len(mark) :]
        if codec != "utf-8":
            data = data.decode(codec, "replace").encode("utf-8", "replace")
    if b"\0" in data or _CONTROLS.search(data[:SAMPLE_CHARACTERS]):
        raise ConfigError(
            {"file": "expected a table as text, got bytes that no text has: a binary file."}
        )
    if data.isascii():
        return data, title
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if error.end == len(data) and len(data) - error.start < 4:
            return data[: error.start], title  # cut off within its last letter
        try:
            return data.decode("cp1252").encode(), "Windows-1252"
        except UnicodeDecodeError:
            raise ConfigError(
                {"file": "expected text in UTF-8, UTF-16 or Windows-1252, got other bytes."}
            ) from None
    return data, title


def _check_first_line(data: bytes) -> None:
    end = re.search(rb"[\r\n]", data)
    length = end.start() if end else len(data)
    if length > LINE_MAX:
        line = data[:length]
        most = max(line.count(sign.encode()) for sign in DELIMITERS if sign) + 1
        raise ConfigError(
            {
                "columns": f"expected a first row of at most {LINE_MAX:,} characters, "
                f"got {length:,}, about {most:,} columns."
            }
        )


def _frame(data: bytes, dialect: Dialect) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError:
        raise ConfigError(
            {
                "file": "expected pandas, which reads CSV and is not installed: "
                'pip install "spiral-dash[data]".'
            }
        ) from None
    options: dict[str, Any] = {
        "sep": dialect.delimiter or r"\s+",
        "decimal": dialect.decimal,
        "header": 0 if dialect.header else None,
        "names": list(range(len(dialect.names))),
        "dtype": {
            place: "category" for place, numeric in enumerate(dialect.numeric) if not numeric
        },
        "index_col": False,
        "skip_blank_lines": False,
        "skipinitialspace": re.search(rb'[,;|\t] +"', data[:SAMPLE_CHARACTERS]) is not None,
        "keep_default_na": False,
        "na_values": list(MISSING),
        "nrows": _LINES_MAX,
    }
    try:
        # A row that is too long would lose its last cells with no more than a warning.
        with warnings.catch_warnings():
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            warnings.simplefilter("ignore", pandas.errors.DtypeWarning)
            frame = pandas.read_csv(_Bytes(data), **options)
            mixed = any(kind.kind not in "iuf" and kind != "category" for kind in frame.dtypes)
            truths = [
                place
                for place in options["dtype"]
                if frame[place].dtype == "category" and frame[place].cat.categories.dtype == bool
            ]
            if mixed or truths:
                # Texts among numbers, which a type for each piece of the file would respell, and
                # True and False, which pandas spells its own way.
                options["dtype"] |= dict.fromkeys(truths, "object")
                frame = pandas.read_csv(_Bytes(data), **options, low_memory=False)
            return frame
    except pandas.errors.ParserWarning:
        _refuse_long_row(data, dialect)
    except pandas.errors.EmptyDataError:
        raise ConfigError({"file": "expected a table, got an empty file."}) from None
    except pandas.errors.ParserError as error:
        _refuse_broken(str(error), dialect)


class _Bytes:
    """Bytes as a file that pandas reads as they are, which `io.BytesIO` would decode first.

    It takes a sixth off the time of reading.
    """

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._file)


def _names(dialect: Dialect) -> list[str]:
    return [tidy(name) or f"column {place}" for place, name in enumerate(dialect.names, start=1)]


def _notes(dialect: Dialect, names: tuple[str, ...], empty: int) -> tuple[str, ...]:
    notes = []
    if not dialect.header and not any(dialect.names):
        notes.append("There is no header: columns are named by their place.")
    again = [name for name, read in zip(names, _names(dialect), strict=True) if name != read]
    if again:
        notes.append(f"Renamed, so that no two are the same or too long: {', '.join(again[:4])}.")
    if empty:
        notes.append(f"Empty rows left out: {empty}.")
    return tuple(notes)


def _columns(frame: pandas.DataFrame, dialect: Dialect) -> list[Column]:
    columns = []
    for place in range(len(dialect.names)):
        cells = frame[place]
        if cells.dtype.kind in "iuf":
            columns.append(Column("", cells.to_numpy(np.float64)))
            continue
        if cells.dtype != "category":
            cells = cells.astype("category")
        elif cells.cat.categories.dtype.kind in "iuf":  # numbers after many empty cells
            columns.append(Column("", cells.astype(np.float64).to_numpy(np.float64)))
            continue
        texts = [str(text) for text in cells.cat.categories]
        codes = cells.cat.codes.to_numpy(np.int32)
        columns.append(Column.of_texts("", codes, texts, dialect.decimal))
    return columns


def _refuse_rows(data: bytes) -> NoReturn:
    lines = max(data.count(b"\n"), data.count(b"\r"))
    raise ConfigError(
        {
            "rows": f"expected at most {ROWS_MAX:,} rows, got about {lines:,}. "
            "Keep a part of them, drawn at random."
        }
    )


def _refuse_long_row(data: bytes, dialect: Dialect) -> NoReturn:
    expected = len(dialect.names)
    lines = io.StringIO(data.decode("utf-8", "replace"), newline="")
    reader = csv.reader(lines, delimiter=dialect.delimiter or " ", skipinitialspace=True)
    for row, record in enumerate(reader, start=1):
        if len(record) > expected and any(cell.strip() for cell in record[expected:]):
            _refuse_length(row, expected, len(record), dialect)
    _refuse_broken("rows of different lengths", dialect)


def _refuse_broken(message: str, dialect: Dialect) -> NoReturn:
    if "out of memory" in message:
        raise MemoryError(message)
    long = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if long:
        expected, row, arrived = map(int, long.groups())
        _refuse_length(row, expected, arrived, dialect)
    quote = re.search(r"EOF inside string starting at row (\d+)", message)
    if quote:
        row = int(quote[1]) + 1 + dialect.lines_before
        raise ConfigError(
            {
                "file": f"Row {row}: expected a second quote at the end of the cell, got none up "
                "to the end of the file."
            }
        )
    text = " ".join(message.split()).removeprefix("Error tokenizing data. C error: ")
    raise ConfigError({"file": f"expected rows of equal length, got a file that has none: {text}."})


def _refuse_length(row: int, expected: int, arrived: int, dialect: Dialect) -> NoReturn:
    raise ConfigError(
        {
            "rows": f"Row {row + dialect.lines_before}: expected {expected} values, as the other "
            f"rows have, got {arrived}."
        }
    )
