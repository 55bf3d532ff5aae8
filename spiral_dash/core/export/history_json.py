"""The history of a run as JSON, with its settings."""

from __future__ import annotations

import json
import math

from spiral_dash.core.export.formats import ExportOptions
from spiral_dash.core.export.history import arrays_to
from spiral_dash.core.run import Run


def write(run: Run, epoch: int | None, options: ExportOptions) -> bytes:
    """Return `config`, `class_names` and `history`: lists with one entry an epoch from 0.

    What is no finite number is null.
    """
    arrays = arrays_to(run, epoch)
    history = {name: _finite(values.tolist()) for name, values in arrays.items()}
    history["epoch"] = arrays["epoch"].astype(int).tolist()
    content = {
        "config": run.config.model_dump(mode="json"),
        "class_names": run.data.class_names,
        "history": history,
    }
    return (json.dumps(content, allow_nan=False, indent=1) + "\n").encode()


def _finite(values: object) -> object:
    if isinstance(values, list):
        return [_finite(value) for value in values]
    return values if isinstance(values, float) and math.isfinite(values) else None
