"""Points drawn in the plane that the pictures look at: added to a dataset's rows, or erased."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.data.labels import CLASSES_MAX
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.rows import ROWS_MAX, Rows
from spiral_dash.core.validation import ConfigError

Array = npt.NDArray[Any]


def drawn_on(
    data: Dataset, rows: Rows, places: Sequence[Sequence[float]], labels: Sequence[int]
) -> Rows:
    """Return `rows` with points added at `places` (K, 2) of the plane of `data`.

    A label that is the number of classes begins a new class. Raises `ConfigError` for a label
    beyond that, and where there would be too many points or classes.
    """
    names = list(rows.class_names)
    classes = len(names)
    if any(not 0 <= label <= classes for label in labels):
        raise ConfigError(
            {"class": f"class: expected one of 0 to {classes}, got {max(labels, default=0)}."}
        )
    if classes in labels:
        if classes == CLASSES_MAX:
            raise ConfigError(
                {"class": f"class: expected at most {CLASSES_MAX} classes, got one more."}
            )
        names.append(_next_name(names))
    if len(rows.y) + len(labels) > ROWS_MAX:
        raise ConfigError(
            {
                "points": f"points: expected at most {ROWS_MAX}, got "
                f"{len(rows.y) + len(labels)}. Erase some first."
            }
        )
    plane = torch.tensor(places, dtype=torch.float64).reshape(-1, 2)
    x = np.concatenate([rows.x, data.embed(plane).numpy().astype(np.float32)])
    return _rows(x, np.concatenate([rows.y, np.array(labels, np.int64)]), names, rows)


def erased_from(
    data: Dataset, rows: Rows, places: Sequence[Sequence[float]], radius: float
) -> Rows:
    """Return `rows` without those within `radius` of one of `places` (K, 2) in the plane.

    A class whose last point goes is no class any more; of the last two classes one point each
    stays.
    """
    plane = data.project(torch.from_numpy(rows.x.astype(np.float64))).numpy()
    near = np.zeros(len(plane), bool)
    for place in places:
        near |= np.hypot(*(plane - np.asarray(place)).T) <= radius
    left = np.bincount(rows.y[~near], minlength=len(rows.class_names))
    for label in np.argsort(-left, kind="stable")[:2]:
        if not left[label]:
            near[np.flatnonzero(rows.y == label)[-1]] = False
    return _rows(rows.x[~near], rows.y[~near], rows.class_names, rows)


def own_data(rows: Rows, settings: DataConfig) -> PointsData:
    """Return the configuration of drawn `rows`: what any kind has as in `settings`.

    Points taken over from another kind carry their noise already, so theirs is not drawn again.
    """
    own = PointsData.of(rows, settings)
    if isinstance(settings, PointsData):
        return own
    return own.replace(train_noise=0.0, test_noise=0.0)


def _next_name(names: Sequence[str]) -> str:
    """A name for a new class that none has: the next number where all are numbers."""
    plain = all(name.isdecimal() for name in names)
    number = len(names)
    while (name := str(number) if plain else f"class {number}") in names:
        number += 1
    return name


def _rows(x: Array, y: Array, names: Sequence[str], like: Rows) -> Rows:
    present = np.unique(y)
    return Rows.of(
        x,
        np.searchsorted(present, y),
        class_names=[names[label] for label in present],
        feature_names=like.feature_names,
        image=like.image,
    )
