"""What is suggested of a table: which column holds the classes, which the numbers, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spiral_dash.core.data.column import Column, Kind
from spiral_dash.core.data.labels import CLASSES_MAX, CLASSES_MIN
from spiral_dash.core.data.naming import of_column
from spiral_dash.core.validation import and_more

if TYPE_CHECKING:
    from spiral_dash.core.data.table import Table

# Names that say that a column holds classes; the first one that is there is it.
LABEL_NAMES = ("label", "labels", "class", "classes", "target", "species", "category", "klasse")
# Names of coordinates too, so they count only where the values look like classes.
WEAK_LABEL_NAMES = ("y", "type", "group", "cluster", "variety", "outcome", "diagnosis", "color")
INDEX_NAMES = ("", "#", "id", "index", "idx", "no", "no.", "nr", "nr.", "number", "row", "rowid")
_NAMES_SHOWN = 12


@dataclass(frozen=True)
class ColumnFound:
    """A column in short: what it holds, how many different values, how many empty cells."""

    name: str
    kind: Kind
    distinct: int
    missing: int


@dataclass(frozen=True)
class Found:
    """What was read and what is suggested, plain enough for JSON.

    `classes` are the values of `label` with their counts, the first few where it has too many.
    `missing_rows` have an empty cell in `label` or `features`. `left_out` has (column, why).
    """

    rows: int
    columns: tuple[ColumnFound, ...]
    format: str
    delimiter: str | None
    decimal: str | None
    encoding: str | None
    header: bool
    label: str | None
    why: str
    classes: tuple[tuple[str, int], ...]
    features: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    missing_rows: int
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as a mapping of plain values."""
        return dataclasses.asdict(self)

    def lines(self, chosen: Sequence[str] | None = None) -> list[str]:
        """Say what was found, a line each; `chosen` are columns of numbers chosen by hand."""
        lines = [f"{self.rows} rows, {len(self.columns)} columns ({self.format})"]
        if self.label is None:
            lines.append(f"classes: {self.why}")
        else:
            counts = ", ".join(f"{name} ({count})" for name, count in self.classes)
            lines.append(f"classes: {of_column(self.label)}, {self.why}: {counts}")
        numbers = self.features if chosen is None else tuple(chosen)
        features = ", ".join(numbers[:_NAMES_SHOWN]) or "none"
        lines.append(f"numbers: {and_more(features, len(numbers) - _NAMES_SHOWN)}")
        left_out = self.left_out
        if chosen is not None:
            used = {*chosen, self.label}
            left_out = tuple(
                (column.name, "not chosen") for column in self.columns if column.name not in used
            )
        lines += [f"left out: {of_column(name)}, {why}" for name, why in left_out[:_NAMES_SHOWN]]
        if len(left_out) > _NAMES_SHOWN:
            lines.append(f"left out: {len(left_out) - _NAMES_SHOWN} columns more")
        if self.missing_rows:
            lines.append(f"rows with an empty cell: {self.missing_rows}")
        return [*lines, *self.notes]


def find(table: Table, label: str | None) -> Found:
    """Return what is in a table and what is suggested, with `label` if that is chosen already."""
    why = "chosen"
    if label is None:
        label, why = suggest_label(table.columns)
    features, left_out = suggest_features(table.columns, label)
    classes: list[tuple[str, int]] = []
    gaps = table.missing([*features, *([label] if label is not None else [])])
    if label is not None:
        column = table.column(label)
        codes, names = column.classes(np.flatnonzero(~column.missing))
        counts = np.bincount(codes, minlength=len(names)).tolist()
        classes = list(zip(names, counts, strict=True))[:CLASSES_MAX]
    return Found(
        rows=len(table.row_numbers),
        columns=tuple(
            ColumnFound(column.name, column.kind, column.distinct, int(column.missing.sum()))
            for column in table.columns
        ),
        **dataclasses.asdict(table.form),
        label=label,
        why=why,
        classes=tuple(classes),
        features=tuple(features),
        left_out=tuple(left_out),
        missing_rows=int(gaps.sum()),
        notes=table.notes,
    )


def suggest_label(columns: Sequence[Column]) -> tuple[str | None, str]:
    """Return the column that most likely holds the classes, and why it is that one."""
    by_name = {column.name.casefold(): column for column in reversed(columns)}
    for name in LABEL_NAMES:
        if name in by_name and by_name[name].kind != "empty":
            return by_name[name].name, "by its name"
    for name in WEAK_LABEL_NAMES:
        if name in by_name and _like_classes(by_name[name]):
            return by_name[name].name, "by its name"
    texts = [column for column in columns if column.kind == "text" and _few(column)]
    if len(texts) == 1:
        return texts[0].name, "the only text with few values"
    if texts:
        return None, f"several columns are texts with few values ({_names(texts)}); choose one"
    whole = [column for column in columns if _like_classes(column)]
    for place, word in ((-1, "last"), (0, "first")):
        if columns and columns[place] in whole:
            return columns[place].name, f"whole numbers with few values in the {word} column"
    if len(whole) == 1:
        return whole[0].name, "the only whole numbers with few values"
    if whole:
        return None, f"several columns are whole numbers with few values ({_names(whole)}); choose"
    words = [column for column in columns if column.kind == "text"]
    if len(words) == 1:
        return words[0].name, "the only text"
    return None, f"no column has {CLASSES_MIN} to {CLASSES_MAX} different values; choose one"


def suggest_features(
    columns: Sequence[Column], label: str | None
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the columns of numbers, and those left out with the reason for each."""
    features, left_out = [], []
    for place, column in enumerate(columns):
        if column.name == label:
            continue
        if column.kind == "empty":
            left_out.append((column.name, "empty"))
        elif column.kind == "text":
            left_out.append((column.name, "text"))
        elif _counts_rows(column, place):
            left_out.append((column.name, "a running number"))
        else:
            features.append(column.name)
    return features, left_out


def _few(column: Column) -> bool:
    return CLASSES_MIN <= column.distinct <= CLASSES_MAX


def _like_classes(column: Column) -> bool:
    if column.kind == "number":
        # Points of a small set may be whole numbers too, and each value stands there once or so.
        return column.is_whole and _few(column) and 2 * column.distinct <= len(column.missing)
    return column.kind == "text" and _few(column)


def _counts_rows(column: Column, place: int) -> bool:
    name = column.name.casefold()
    unnamed = place == 0 and name == "column 1"
    if not (unnamed or name in INDEX_NAMES or name.startswith("unnamed")) or not column.is_whole:
        return False
    assert column.numbers is not None
    return len(column.numbers) > 2 and bool(np.all(np.diff(column.numbers) == 1))


def _names(columns: Sequence[Column]) -> str:
    names = ", ".join(column.name for column in columns[:4])
    return names if len(columns) <= 4 else f"{names}, …"
