"""A file that a person brings, read in a process of its own that ends with the answer."""

from __future__ import annotations

import dataclasses
import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from spiral_dash.core.data.rows import COLUMNS_MAX, Rows
from spiral_dash.core.data.table import Missing, Table, read_table
from spiral_dash.core.validation import ConfigError, validated
from spiral_dash.live.log import LOG

MEMORY_BYTES_MAX = 4 * 2**30
SECONDS_MAX = 60
FAR_SCALE, FAR_CENTRE = 5.0, 3.0
"""A column is better scaled where its spread is so many times 1, or its mean so many spreads."""

ColumnName = Annotated[str, Field(max_length=200)]


class Choice(BaseModel):
    """Which column holds the classes, which are numbers; None: as the table suggests it.

    `image` makes a square image of each row, False none; None: as the file has it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: ColumnName | None = None
    columns: tuple[ColumnName, ...] | None = Field(None, max_length=COLUMNS_MAX)
    missing: Missing = "refuse"
    image: bool | None = Field(None, strict=True)


class ReadingTask(BaseModel):
    """Read `source`, if given, into the file `table`; make points of that and write them to `rows`.

    `name` is what sentences call the source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Path | None = None
    name: str = ""
    table: Path
    rows: Path
    choice: Choice = Choice()


def confine() -> None:
    """Bound the memory and the time of this process, so that no file can take the machine's."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX + 5))


def answer(task: object) -> dict[str, Any]:
    """Carry out a task: `found` in the table and the points `seen`, or the sentence of an `error`.

    Whatever is wrong with a file is answered.
    """
    try:
        return _answer(validated(ReadingTask, task))
    except ConfigError as error:
        return {"error": str(error)}
    except MemoryError:
        size = f"{MEMORY_BYTES_MAX // 2**30} GiB"
        return {"error": f"Expected a table that can be read within {size} of memory, got more."}
    except OSError as error:
        return {"error": f"The file cannot be read here: {error.strerror or error}."}
    except Exception as error:
        LOG.exception("a file could not be read")
        return {"error": f"The file cannot be read here: {type(error).__name__}: {error}."}


def _answer(task: ReadingTask) -> dict[str, Any]:
    if task.source is None:
        table = Table.unpack(task.table.read_bytes())
        return {"seen": _seen(table, task.choice, task.rows)}
    table = read_table(task.source, task.name)
    unfinished = task.table.with_suffix(".new")
    unfinished.write_bytes(table.pack())
    os.replace(unfinished, task.table)
    try:
        seen = _seen(table, task.choice, task.rows)
    except ConfigError as error:
        seen = {"error": str(error)}
    return {"found": table.found().as_json(), "image": table.image, "seen": seen}


def _seen(table: Table, choice: Choice, path: Path) -> dict[str, Any]:
    """Make points of a table, write them, and return what is to be said of them."""
    rows = table.rows(choice.label, choice.columns, choice.missing)
    if choice.image is not None:
        rows = dataclasses.replace(rows, image=_square(rows) if choice.image else None)
    path.write_bytes(rows.pack())
    return {
        "digest": rows.digest,
        "rows": len(rows.x),
        "columns": rows.x.shape[1],
        "left_out": len(table.row_numbers) - len(rows.x),
        "classes": list(zip(rows.class_names, rows.counts.tolist(), strict=True)),
        "contradictions": rows.contradictions,
        "image": rows.image,
        "far": is_far(rows),
        "in_address": rows.text_or_none() is not None,
    }


def _square(rows: Rows) -> tuple[int, int]:
    columns = rows.x.shape[1]
    side = round(columns**0.5)
    if side < 2 or side * side != columns:
        raise ConfigError(
            {
                "image": "image: expected a square number of columns, such as 64 for images of "
                f"8 × 8, got {columns}."
            }
        )
    return side, side


def is_far(rows: Rows) -> bool:
    """Whether a network would have to find the scale of the columns, or their middle, first."""
    x = rows.x.astype(np.float64)
    spread, middle = x.std(axis=0), np.abs(x.mean(axis=0))
    varies = spread > 0
    if not varies.any():
        return False
    spread, middle = spread[varies], middle[varies]
    wide = (spread > FAR_SCALE) | (spread < 1 / FAR_SCALE)
    return bool((wide | (middle > FAR_CENTRE * np.maximum(spread, 1.0))).any())
