"""The points of a run as a table."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from itertools import chain

from spiral_dash.core.csv_safe import write_csv
from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.export.formats import ExportOptions
from spiral_dash.core.run import Run


def write(run: Run, epoch: int | None, options: ExportOptions) -> bytes:
    """Return CSV: a column a number of the points, `class`, and `set`, which is train or test.

    Numbers are the shortest that give the same float32. Where nothing is held out every row
    trains. A column of the points that has one of these names keeps it, and ours gets a `_`.
    """
    names = run.data.feature_names
    header = [*names, _free("class", names), _free("set", names)]
    buffer = io.StringIO(newline="")
    write_csv(buffer, header, _rows(run.data))
    return buffer.getvalue().encode()


def _rows(data: Dataset) -> Iterator[list[object]]:
    parts = [zip(data.x_train.numpy(), data.y_train.tolist(), strict=True)]
    names = ["train"]
    if data.has_test:
        parts.append(zip(data.x_test.numpy(), data.y_test.tolist(), strict=True))
        names.append("test")
    return chain.from_iterable(
        ([*x, data.class_names[y], name] for x, y in part)
        for part, name in zip(parts, names, strict=True)
    )


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name
