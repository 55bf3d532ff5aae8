"""A table that was read: named columns, and the points that are made of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from spiral_dash.core.data.column import Column
from spiral_dash.core.data.found import Found, find, suggest_features, suggest_label
from spiral_dash.core.data.labels import refuse_classes
from spiral_dash.core.data.naming import PLACES_MAX, listed, of_column
from spiral_dash.core.data.rows import MAGNITUDE_MAX, Rows, check_counts, within_bounds
from spiral_dash.core.frame import decode, encode_exact
from spiral_dash.core.validation import ConfigError, and_more, parse_json, shown

Array = npt.NDArray[Any]

Missing = Literal["refuse", "leave out"]
MISSING_WAYS: tuple[Missing, ...] = ("refuse", "leave out")
_ABOUT = "table"


@dataclass(frozen=True)
class Form:
    """How a file was written; None where its format has no such thing."""

    format: str
    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    header: bool = True


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of N cells; `row_numbers` (N,) int32 says where each stands in the file, from 1.

    The header counts, as it does in a spreadsheet, and so do empty rows, which are left out.
    `notes` are sentences on what was done in reading. `image` is (height, width) where the
    numbers of a row are an image.
    """

    columns: tuple[Column, ...]
    row_numbers: Array
    form: Form
    notes: tuple[str, ...] = ()
    image: tuple[int, int] | None = None

    def column(self, name: str, field: str = "columns") -> Column:
        """Return the column of a name; raise `ConfigError` where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.columns[:8])
        raise ConfigError(
            {
                field: f"{field}: expected one of the columns "
                f"{and_more(names, len(self.columns) - 8)}, got {shown(name)}."
            }
        )

    def missing(self, names: Sequence[str]) -> Array:
        """Return (N,) bool, whether a row has an empty cell in one of these columns."""
        gaps: Array = np.zeros(len(self.row_numbers), bool)
        for name in names:
            gaps |= self.column(name).missing
        return gaps

    def found(self, label: str | None = None) -> Found:
        """Return what is in it and what is suggested; for `label` as the classes if given."""
        if label is not None:
            self.column(label, "label")
        return find(self, label)

    def rows(
        self,
        label: str | None = None,
        columns: Sequence[str] | None = None,
        missing: Missing = "refuse",
    ) -> Rows:
        """Return the points: `columns` are their numbers, `label` their classes.

        What is not given is taken as `found` suggests it. Rows with an empty cell are refused or
        left out. Raises `ConfigError` with the row and column in the file.
        """
        if missing not in MISSING_WAYS:
            raise ConfigError(
                {
                    "missing": f"missing: expected one of {', '.join(MISSING_WAYS)}, "
                    f"got {shown(missing)}."
                }
            )
        if label is None:
            label, why = suggest_label(self.columns)
            if label is None:
                raise ConfigError({"label": f"label: expected a column with the classes: {why}."})
        classes = self.column(label, "label")
        features = self._features(columns, label)
        check_counts(max(len(self.row_numbers), 2), len(features))
        chosen = self._chosen([classes, *features], missing)
        codes, names = classes.classes(chosen)
        refuse_classes(names, len(names), f"The label, {of_column(label)}")
        x = np.empty((len(chosen), len(features)), np.float32)
        self._refuse_texts(features)
        whole = len(chosen) == len(self.row_numbers)
        for place, column in enumerate(features):
            assert column.numbers is not None
            numbers = column.numbers if whole else column.numbers[chosen]
            usable = within_bounds(numbers)
            if not usable.all():
                self._refuse(
                    column,
                    chosen[np.flatnonzero(~usable)],
                    f"a number of at most {MAGNITUDE_MAX:g} in size",
                )
            x[:, place] = numbers
        image = self.image if len(features) == len(self.columns) - 1 else None
        return Rows.of(x, codes, names, [column.name for column in features], image)

    def _features(self, names: Sequence[str] | None, label: str) -> list[Column]:
        if names is None:
            names, _ = suggest_features(self.columns, label)
        if label in names:
            raise ConfigError(
                {"columns": f"columns: expected columns beside the label, got {label!r} as both."}
            )
        if len(set(names)) < len(names):
            raise ConfigError({"columns": "columns: expected each column once, got one twice."})
        return [self.column(name) for name in names]

    def _chosen(self, columns: Sequence[Column], missing: Missing) -> Array:
        """Return the indices of the rows without an empty cell in `columns`."""
        gaps = self.missing([column.name for column in columns])
        if gaps.any() and missing == "refuse":
            rows = np.flatnonzero(gaps)
            places = [
                f"row {self.row_numbers[row]}, {of_column(column.name)}"
                for row in rows[:PLACES_MAX]
                for column in columns
                if column.missing[row]
            ]
            cells = sum(int(column.missing.sum()) for column in columns)
            raise ConfigError(
                {
                    "missing": "Expected a value in every row, got none in "
                    f"{listed(places, cells)}. Fill them in, or leave those rows out."
                }
            )
        return np.flatnonzero(~gaps)

    def _refuse_texts(self, features: Sequence[Column]) -> None:
        for column in features:
            if column.kind in {"text", "mixed"}:
                texts = ~column.missing
                if column.numbers is not None:
                    texts &= np.isnan(column.numbers)
                self._refuse(column, np.flatnonzero(texts), self._number_expected)

    @property
    def _number_expected(self) -> str:
        return "a number with a decimal comma" if self.form.decimal == "," else "a number"

    def _refuse(self, column: Column, rows: Array, expected: str) -> None:
        arrived = shown(column.written(int(rows[0])))
        if column.codes is None:
            arrived = arrived.strip("'")
        more = len(rows) - 1
        raise ConfigError(
            {
                "columns": f"Row {self.row_numbers[rows[0]]}, {of_column(column.name)}: expected "
                f"{expected}, got {arrived}"
                + (f"; so in {more} more rows" if more > 1 else "; so in 1 more row" * more)
                + "."
            }
        )

    def pack(self) -> bytes:
        """Return safetensors bytes, which another process unpacks without reading the file."""
        arrays = {"row_numbers": self.row_numbers}
        about: list[dict[str, Any]] = []
        for place, column in enumerate(self.columns):
            if column.numbers is not None:
                arrays[f"numbers/{place}"] = column.numbers
            if column.codes is not None:
                arrays[f"codes/{place}"] = column.codes
            about.append({"name": column.name, "texts": column.texts})
        document = {
            "columns": about,
            "form": dataclasses.asdict(self.form),
            "notes": self.notes,
            "image": self.image,
        }
        # Texts may be long, and the header of safetensors may not.
        arrays[_ABOUT] = np.frombuffer(json.dumps(document).encode(), np.uint8)
        return encode_exact(arrays, {})

    @classmethod
    def unpack(cls, blob: bytes) -> Self:
        """Return what `pack` wrote; raise `ConfigError` for other bytes."""
        try:
            arrays, _ = decode(blob)
            document: Any = parse_json(arrays[_ABOUT].tobytes())
            columns = tuple(
                Column(
                    one["name"],
                    arrays.get(f"numbers/{place}"),
                    arrays.get(f"codes/{place}"),
                    tuple(one["texts"]),
                )
                for place, one in enumerate(document["columns"])
            )
            image = document["image"]
            return cls(
                columns,
                arrays["row_numbers"],
                Form(**document["form"]),
                tuple(document["notes"]),
                (image[0], image[1]) if image else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ConfigError(
                {"table": f"Expected a table that was read, got {len(blob)} bytes that hold none."}
            ) from error


def read_table(source: bytes | Path, name: str = "") -> Table:
    """Read a CSV or npz file, told by its content; `name` is what sentences call it.

    Raises `ConfigError` for what cannot be opened, with what it is where that can be seen.
    """
    from spiral_dash.core.data.reading import read

    return read(source, name)
