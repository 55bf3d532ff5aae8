"""A frame: the state of a session and the arrays that its viewers have not seen yet."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.data.kind import Coordinate
from spiral_dash.core.frame import as_bytes
from spiral_dash.core.probes import PROBES, Arrays
from spiral_dash.core.run import Run
from spiral_dash.live.commands import Part
from spiral_dash.live.measurements import Measurements, Moment

Array = npt.NDArray[Any]
SHARES_READ_MAX = 256
"""So many shares in an array are sent as they are; of more, an error of 1/510 is not seen."""


def measured(
    measurements: Measurements, parts: Iterable[Part], moment: Moment, since: int
) -> tuple[Arrays, dict[str, object]]:
    """Return the arrays `<key>/<name>` of the parts that changed after serial `since`.

    With them comes what is known of each, by key: its probe and options, the names of its
    arrays, its age in seconds and whether more will follow, or the sentence of its error. While
    it is measured in the background, `progress` is the share done.
    """
    arrays: Arrays = {}
    known: dict[str, object] = {}
    for part in parts:
        taken = measurements.known(part, moment)
        pending = measurements.pending(part, moment)
        description = {"probe": part.probe, "options": part.options, "pending": pending}
        progress = measurements.progress(part)
        if progress is not None:
            description["progress"] = round(progress, 3)
        if taken is None:
            known[part.key] = {**description, "arrays": [], "age": 0.0}
        elif taken.serial <= since:
            if progress is not None:
                age = round(time.monotonic() - taken.at, 3)
                known[part.key] = {**description, "arrays": [], "age": age}
        elif taken.outcome.error:
            known[part.key] = {"error": taken.outcome.error}
        else:
            shares = PROBES[part.probe].unit_interval
            shown = {
                name: for_screen(array, name in shares)
                for name, array in taken.outcome.arrays.items()
                if not np.iscomplexobj(array)
            }
            arrays |= {f"{part.key}/{name}": array for name, array in shown.items()}
            age = round(time.monotonic() - taken.at, 3)
            known[part.key] = {**description, "arrays": list(shown), "age": age}
    return arrays, known


def for_screen(array: Array, is_share: bool) -> Array:
    """Return an array as it travels: many shares and flags as bytes, reals as float32.

    A few shares are numbers to be read, where many are a picture. A share that is not finite
    cannot be a byte: then the array stays as it is.
    """
    if array.dtype == np.bool_:
        return array.astype(np.uint8)
    picture = is_share and array.dtype.kind == "f" and array.size > SHARES_READ_MAX
    if picture and np.isfinite(array).all():
        return as_bytes(array)
    return array.astype(np.float32) if array.dtype == np.float64 else array


class Points:
    """The points of a run and the numbers that describe them: they do not change during it."""

    def __init__(self, run: Run) -> None:
        self._drawn_from = run.config.data, run.config.seeds.data
        shown = run.data.shown
        self.arrays: Mapping[str, Array] = {
            **_part("train", shown, shown.x_train, shown.y_train, shown.coordinate_train),
            **_part("test", shown, shown.x_test, shown.y_test, shown.coordinate_test),
        }
        self.description = json.dumps(described(run.data))

    def are_of(self, run: Run) -> bool:
        """Whether `run` has the same points, as runs that differ in the network alone have."""
        return self._drawn_from == (run.config.data, run.config.seeds.data)


def _part(
    part: str, data: Dataset, x: Tensor, y: Tensor, coordinate: Coordinate | None
) -> dict[str, Array]:
    arrays: dict[str, Array] = {
        f"points/{part}": data.project(x.double()).numpy().astype(np.float32),
        f"points/{part}_label": y.numpy().astype(np.uint8),
    }
    if coordinate is not None:
        arrays[f"points/{part}_coordinate"] = coordinate.values.astype(np.float32)
    return arrays


def described(data: Dataset) -> dict[str, Any]:
    """Return what the page is told of a dataset, beside its points.

    `counts` are train and test points of each class; `shown` how many of the train and of the
    test points are sent. Values that are not finite are None: JSON has no other word for them.
    """
    shown, along = data.shown, data.coordinate_train
    counts = [np.bincount(y.numpy(), minlength=data.classes) for y in (data.y_train, data.y_test)]
    if not data.has_test:
        counts[1][:] = 0
    return {
        "kind": data.config.kind,
        "classes": data.classes,
        "class_names": data.class_names,
        "counts": np.stack(counts, axis=1).tolist(),
        "has_test": data.has_test,
        "shown": [len(shown.y_train), len(shown.y_test)],
        "dimension": data.dimension,
        "feature_names": data.feature_names,
        "explained": data.explained,
        "centre": data.centre.tolist(),
        "extent": data.extent,
        "coordinate": None
        if along is None
        else {"name": along.name, "symbol": along.symbol, "unit": along.unit},
        "image": data.image,
        "facts": [
            {**dataclasses.asdict(fact), "value": _finite(fact.value)} for fact in data.facts
        ],
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None
