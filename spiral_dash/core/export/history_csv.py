"""The history of a run as a table."""

from __future__ import annotations

import io

from spiral_dash.core.csv_safe import write_csv
from spiral_dash.core.export.formats import ExportOptions
from spiral_dash.core.export.history import Array, arrays_to
from spiral_dash.core.run import Run


def write(run: Run, epoch: int | None, options: ExportOptions) -> bytes:
    """Return CSV: a row an epoch from 0, a column a class where there is a number for each."""
    columns: dict[str, Array] = {}
    for name, values in arrays_to(run, epoch).items():
        if values.ndim == 1:
            columns[name] = values
        else:
            columns |= {f"{name}_{c}": values[:, c] for c in range(values.shape[1])}
    buffer = io.StringIO(newline="")
    rows = zip(*columns.values(), strict=True)
    write_csv(buffer, columns, ([int(row[0]), *map(float, row[1:])] for row in rows))
    return buffer.getvalue().encode()
