"""How a text file writes a table: what parts its cells, its decimal sign, its header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from spiral_dash.core.data.column import MISSING, MISSING_NUMBERS, number
from spiral_dash.core.data.rows import COLUMNS_MAX
from spiral_dash.core.validation import ConfigError, shown

# In the order of preference where several would do. "" stands for runs of blanks.
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "": "blanks"}
SAMPLE_RECORDS = 32
SAMPLE_CHARACTERS = 64_000
# A header of 1,024 names of 60 characters, each quoted and parted from the next, is shorter.
LINE_MAX = 100_000

Records = list[list[str]]


@dataclass(frozen=True)
class Dialect:
    """What a file's first lines show; lines before `start` (characters) are no cells.

    `names` (columns,) are those of the header, empty texts where it has none; `numeric` says
    which columns look like numbers.
    """

    delimiter: str
    decimal: str
    header: bool
    names: tuple[str, ...]
    numeric: tuple[bool, ...]
    start: int
    lines_before: int


def detect(text: str) -> Dialect:
    """Return how the file that begins with `text` is written; raise `ConfigError` if unclear."""
    start, lines_before, forced, comment = _preamble(text)
    sample = _whole_lines(text, start)
    _check_width(sample)
    delimiter, records = _delimiter(sample, len(text) > start + len(sample), forced)
    decimal = _decimal(records)
    has_header = _is_header(records, decimal)
    body = records[1:] if has_header else records
    header = records[0] if has_header else []
    named_above = False
    if not has_header and comment is not None:
        header = next(iter(_split([comment], delimiter)), [])
        named_above = len(header) == len(body[0]) and not any(map(_is_number, header))
        header = header if named_above else []
    width = len(records[0]) if has_header else _modal(body)
    if has_header and body and all(len(row) == width + 1 and row[-1] for row in body):
        # The header of R's write.table has no name for the row's name, which comes first.
        header, width = ["row", *header], width + 1
    _check_columns(width)
    numeric = [
        _looks_numeric([record[place] for record in body if place < len(record)])
        for place in range(width)
    ]
    return Dialect(
        delimiter,
        decimal,
        has_header,
        tuple([*header, *[""] * width][:width]),
        tuple(numeric),
        start,
        lines_before,
    )


def _preamble(text: str) -> tuple[int, int, str | None, str | None]:
    """Return where cells begin, the lines before it, a delimiter named there, the last comment."""
    start = lines = 0
    forced = comment = None
    for match in re.finditer(r"([^\r\n]*)(\r\n|\r|\n|$)", text):
        line = match[1].strip(" \t,;|")
        named = re.fullmatch(r"sep=(.)", match[1].strip(" ")) if lines == 0 else None
        if named and named[1] in DELIMITERS:
            forced = named[1]
        elif match[1].lstrip().startswith("#") and not re.match(r'\s*#"?[,;\t|]', match[1]):
            comment = match[1].lstrip().lstrip("#").strip() or comment
        elif line:
            break
        start, lines = match.end(), lines + 1
        if match.end() == len(text):
            break
    return start, lines, forced, comment


def _whole_lines(text: str, start: int) -> str:
    """Return the first lines, whole ones if there are more than one."""
    sample = text[start : start + SAMPLE_CHARACTERS]
    if len(text) == start + len(sample):
        return sample
    end = max(sample.rfind("\n"), sample.rfind("\r")) + 1
    return sample[:end] if end else sample


def _check_width(sample: str) -> None:
    line = re.split(r"[\r\n]", sample, maxsplit=1)[0]
    if '"' not in line:
        counts = [line.count(sign) + 1 for sign in DELIMITERS if sign]
        most = max(counts)
        if most == 1:
            most = len(line.split())
        _check_columns(most)


def _check_columns(count: int) -> None:
    # One more for the label.
    if count > COLUMNS_MAX + 1:
        raise ConfigError(
            {
                "columns": f"expected at most {COLUMNS_MAX:,} columns of numbers and one label, "
                f"got {count:,} in the first row."
            }
        )


def _delimiter(sample: str, is_cut: bool, forced: str | None) -> tuple[str, Records]:
    """Return what parts cells: what gives rows of equal length, and the most numbers in them."""
    lines = sample.splitlines(keepends=True)[: 4 * SAMPLE_RECORDS]
    best: tuple[float, float] = (0.0, 0.0)
    chosen: tuple[str, Records] | None = None
    for delimiter in [forced] if forced else DELIMITERS:
        records = [record for record in _split(lines, delimiter) if any(record)]
        if is_cut and len(records) > 1 and len(records) < SAMPLE_RECORDS:
            records.pop()  # it may go on behind the sample
        width = _modal(records)
        if width < 2:
            continue
        alike = sum(len(record) == width for record in records) / len(records)
        cells = [cell for record in records for cell in record]
        score = (round(alike, 1), sum(map(_is_number, cells)) / len(cells))
        if score > best or chosen is None:
            best, chosen = score, (delimiter, records)
    if chosen is None:
        first = sample.splitlines()[0] if sample.strip() else ""
        raise ConfigError(
            {
                "file": "expected a table: columns parted by comma, semicolon, tab, bar or blanks, "
                + (f"got one column, such as {shown(first)}." if first else "got nothing.")
            }
        )
    return chosen


def _split(lines: Sequence[str], delimiter: str) -> Records:
    if not delimiter:
        lines = [" ".join(line.split()) for line in lines]
    reader = csv.reader(lines, delimiter=delimiter or " ", skipinitialspace=True)
    records: Records = []
    try:
        for record in reader:
            records.append([cell.strip() for cell in record])
            if len(records) == SAMPLE_RECORDS:
                break
    except csv.Error:  # a cell of more than 128 KiB
        pass
    return records


def _modal(records: Records) -> int:
    """Return the most common number of cells, the larger of two that are as common."""
    counts = Counter(map(len, records))
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _is_number(cell: str) -> bool:
    return number(cell) is not None or number(cell, ",") is not None


def _is_missing(cell: str) -> bool:
    return cell in MISSING or cell in MISSING_NUMBERS


def _decimal(records: Records) -> str:
    cells = [cell for record in records for cell in record]
    commas = sum("," in cell and number(cell, ",") is not None for cell in cells)
    points = sum("." in cell and number(cell) is not None for cell in cells)
    return "," if commas > points else "."


def _looks_numeric(cells: Sequence[str]) -> bool:
    present = [cell for cell in cells if not _is_missing(cell)]
    return bool(present) and all(map(_is_number, present))


def _is_header(records: Records, decimal: str) -> bool:
    first, below = records[0], records[1:]
    columns = [
        [record[place] for record in below if place < len(record)] for place in range(len(first))
    ]
    if any(number(cell, decimal) is not None for cell in first):
        return _counts_columns(first, columns)
    named = [place for place, cell in enumerate(first) if cell and not _is_missing(cell)]
    if not named:
        return False
    if not below or any(_looks_numeric(columns[place]) for place in named):
        return True
    return not any(first[place] in columns[place] for place in named)


def _counts_columns(first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row counts the columns: 0, 1, 2 as pandas names them."""
    digits = [cell for cell in first if cell.isdecimal()]
    counted = digits in ([str(k + begin) for k in range(len(digits))] for begin in (0, 1))
    if not counted or len(digits) < 2 or "" in first[1:]:
        return False
    others = [place for place, cell in enumerate(first) if cell and not cell.isdecimal()]
    if others:
        return all(first[place] not in columns[place] for place in others)
    broken = [any("." in cell or "," in cell for cell in column) for column in columns]
    return not first[0] or sum(broken) >= 2
