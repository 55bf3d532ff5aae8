"""CSV that a spreadsheet shows and never runs.

A cell of text that begins with = + - @, a tab or a carriage return is a formula to a spreadsheet,
and class names come from outside. Such a cell gets an apostrophe in front. Numbers stay numbers.
`assets/page/csv.mjs` has the same rule for what the page writes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: object) -> object:
    """Return a cell as it may be written: texts that begin like a formula behind an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS) else cell


def write_csv(file: TextIO, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a header and rows; cells that are texts are quoted where they need it."""
    writer = csv.writer(file)
    writer.writerow([safe(name) for name in header])
    writer.writerows([safe(cell) for cell in row] for row in rows)
