"""A column of a table: numbers, texts, or numbers with texts among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from spiral_dash.core.data.naming import tidy

Array = npt.NDArray[Any]
Kind = Literal["number", "mixed", "text", "empty"]

# Read as nothing in every column, and those that are so only among numbers: a class may be
# called "none".
MISSING = ("", "?", "NA", "N/A", "n/a", "NaN", "nan", "#N/A")
MISSING_NUMBERS = frozenset({"-", "--", ".", "null", "Null", "NULL", "none", "None", "<NA>"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,5})?|[+-]?inf(inity)?", re.IGNORECASE)


def number(text: str, decimal: str = ".") -> float | None:
    """Return the number that a cell holds, None where it holds none."""
    if decimal == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    plain = text.replace("−", "-")
    return float(plain) if _NUMBER.fullmatch(plain) else None


@dataclass(frozen=True, eq=False)
class Column:
    """N cells: `numbers` (N,) float64, NaN where there is none; `codes` (N,) int32 into `texts`.

    A column of numbers has no codes, one of texts no numbers. A mixed one has both: at least half
    of its cells are numbers, the others are most likely mistakes. A code of -1 is an empty cell.
    """

    name: str
    numbers: Array | None
    codes: Array | None = None
    texts: tuple[str, ...] = ()

    @classmethod
    def of_texts(cls, name: str, codes: Array, texts: Sequence[str], decimal: str = ".") -> Self:
        """Sort out cells that were read as texts; `codes` (N,) into `texts`, -1 where empty."""
        tidied = [tidy(text) for text in texts]
        values = [number(text, decimal) for text in tidied]
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        among_numbers = [text in MISSING_NUMBERS for text in tidied]
        numeric = sum(counts[k] for k, value in enumerate(values) if value is not None)
        words = sum(
            counts[k]
            for k, value in enumerate(values)
            if value is None and tidied[k] not in MISSING and not among_numbers[k]
        )
        mostly_numbers = numeric > 0 and numeric >= words
        empty = {
            text
            for text, between in zip(tidied, among_numbers, strict=True)
            if text in MISSING or (mostly_numbers and between)
        }
        kept = sorted({text for text in tidied if text not in empty})
        places = {text: place for place, text in enumerate(kept)}
        # One more entry, for the code -1.
        renamed = np.array([*(places.get(text, -1) for text in tidied), -1], np.int32)
        new_codes = renamed[codes]
        numbers = None
        if mostly_numbers or not kept:
            known = [number(text, decimal) for text in kept]
            lookup = np.array([*(np.nan if value is None else value for value in known), np.nan])
            numbers = lookup[new_codes]
            if None not in known:
                return cls(name, numbers)
        return cls(name, numbers, new_codes, tuple(kept))

    @cached_property
    def missing(self) -> Array:
        """(N,) bool, where a cell is empty."""
        if self.codes is not None:
            return self.codes < 0
        assert self.numbers is not None
        return np.isnan(self.numbers)

    @cached_property
    def kind(self) -> Kind:
        """Return what the cells are."""
        if self.missing.all():
            return "empty"
        if self.codes is None:
            return "number"
        return "text" if self.numbers is None else "mixed"

    @cached_property
    def distinct(self) -> int:
        """The number of different values."""
        return len(self.texts) if self.codes is not None else len(self.values)

    @cached_property
    def values(self) -> Array:
        """The different numbers of a column of numbers, ascending."""
        assert self.numbers is not None
        return np.unique(self.numbers[~self.missing])

    @cached_property
    def is_whole(self) -> bool:
        """Whether every cell that is not empty is a whole number."""
        if self.kind != "number":
            return False
        assert self.numbers is not None
        # A look at the first few saves the rest for most columns.
        return all(_whole(part[~np.isnan(part)]) for part in (self.numbers[:100], self.numbers))

    @property
    def names(self) -> list[str]:
        """The different values as texts, in the order of classes."""
        if self.codes is not None:
            return list(self.texts)
        return [str(int(value)) if value.is_integer() else f"{value:.15g}" for value in self.values]

    def classes(self, chosen: Array) -> tuple[Array, list[str]]:
        """Return the class (M,) of each of the rows `chosen` and the names of those there are."""
        cells = self.codes if self.codes is not None else self.numbers
        assert cells is not None
        values, codes = np.unique(cells[chosen], return_inverse=True)
        if self.codes is not None:
            return codes, [self.texts[value] for value in values]
        return codes, Column("", values.astype(np.float64)).names

    def written(self, row: int) -> str:
        """Return the cell of a row as it stood in the file."""
        if self.codes is not None:
            return self.texts[self.codes[row]] if self.codes[row] >= 0 else ""
        assert self.numbers is not None
        return f"{self.numbers[row]:g}"


def _whole(numbers: Array) -> bool:
    return bool(np.all(np.isfinite(numbers)) and np.all(numbers == np.floor(numbers)))
