"""How long, how many and how winding the curves are along which the answer changes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.passes import TiledPass
from spiral_dash.core.probes.contours import (
    length,
    margins,
    pieces,
    turning,
    with_gaps,
    zero_lines,
)
from spiral_dash.core.probes.images import check_finite, class_rows, dtype_of
from spiral_dash.core.probes.plane_grid import plane_grid
from spiral_dash.core.probes.registry import Arrays, Cost, Options, Subject, probe

Array = npt.NDArray[Any]
TURNING_STEPS = 50
"""Arcs the turning is measured in, for each extent of the data: four cells of the default grid."""
BLOCK = 1 << 20
"""Distances computed at a time, to stay in cache."""


class BoundaryComplexityOptions(Options):
    """Nodes an axis, and how near to the data counts as near (None: the gap of the classes)."""

    resolution: int = Field(200, ge=10, le=400)
    within: float | None = Field(None, gt=0.0, le=1e6)


@probe(
    "boundary_complexity",
    options=BoundaryComplexityOptions,
    cost=Cost.SLOW,
    source="4.3.3; the metric is the laboratory's own",
    returns={
        "length": "(): length of the boundary within the data's extent, plane units",
        "length_ratio": "(): length over that of the boundary of a perfect classifier, as the "
        "kind of data names it; NaN where it names none",
        "length_within": "(): length of the part nearer than `within` to a point, plane units",
        "within": "(): that distance; unless given, the median distance from a training point "
        "to the nearest of another class",
        "curves": "() int64: number of connected curves",
        "turning": "(): total absolute change of direction along the curves, radians",
        "lines": "(K, 2): vertices to draw, plane units, rows of NaN between two lines",
    },
    summary=("length", "length_ratio", "curves", "turning"),
)
def boundary_complexity(subject: Subject, options: BoundaryComplexityOptions) -> Arrays:
    """Trace the decision boundary by marching squares and measure it (thesis 4.3.3).

    Two classes: the zero line of the difference of the logits. More: the outline of each class,
    where its logit equals the greatest of the others; every boundary is then traced from both
    sides, so lengths and turning are halved.

    The ideal boundary of m spirals is the m curves b phi (cos(phi + pi (2k + 1) / m), sin(...)),
    phi from phi_min to phi_max, each as long as an arm. A perfect network may need less: nothing
    lies beyond the last turn. In an ambient dimension above 2 it is the slice along the data
    plane. Raises `ProbeError` where the network's outputs are not finite.
    """
    network, data = subject.network, subject.data
    grid = plane_grid(data, options.resolution, dtype_of(network))
    with np.errstate(all="ignore"):
        logits = TiledPass(network).logits(grid.columns).astype(np.float64)
    check_finite(logits)
    fields = margins(np.stack([grid.square(row) for row in logits]))
    lines = [line for field in fields for line in zero_lines(field, grid.x1, grid.x2)]
    once = 1.0 if len(fields) == 1 else 0.5
    within = class_gap(data) if options.within is None else options.within
    total = once * sum(map(length, lines))
    ideal = np.nan if data.ideal_length is None else data.ideal_length
    step = data.extent / TURNING_STEPS
    return {
        "length": np.asarray(total),
        "length_ratio": np.asarray(total / ideal),
        "length_within": np.asarray(once * _length_near(lines, _points(data), within)),
        "within": np.asarray(within),
        "curves": np.asarray(len(lines) if len(fields) == 1 else pieces(lines, grid.x1, grid.x2)),
        "turning": np.asarray(once * sum(turning(line, step) for line in lines)),
        "lines": with_gaps(lines),
    }


@lru_cache(maxsize=4)
def class_gap(data: Dataset) -> float:
    """The median distance, in the plane, from a training point to the nearest of another class.

    The extent of the data where all training points are of one class.
    """
    data = data.shown
    points = data.project(data.x_train).numpy()
    present = [rows for rows in class_rows(data) if rows.stop > rows.start]
    if len(present) < 2:
        return data.extent
    gaps = [_nearest(points[rows], np.delete(points, rows, axis=0)) for rows in present]
    return float(np.median(np.concatenate(gaps)))


@lru_cache(maxsize=4)
def _points(data: Dataset) -> Array:
    shown = data.shown
    parts = [data.project(x).numpy() for x in (shown.x_train, shown.x_test)]
    return np.concatenate(parts)


def _length_near(lines: list[Array], points: Array, within: float) -> float:
    """The length of those segments whose middle has a point within the distance."""
    if not lines:
        return 0.0
    starts = np.concatenate([line[:-1] for line in lines])
    ends = np.concatenate([line[1:] for line in lines])
    near = _nearest((starts + ends) / 2, points) <= within
    return float(np.hypot(*(ends - starts)[near].T).sum())


def _nearest(places: Array, points: Array) -> Array:
    """The distance from each place (K, 2) to the nearest of the points (N, 2)."""
    # float32 would cancel in |p|^2 - 2 p q + |q|^2; differences of coordinates do not.
    target = points.astype(np.float32)
    rows = max(BLOCK // len(target), 1)
    result = np.empty(len(places))
    for start in range(0, len(places), rows):
        block = places[start : start + rows].astype(np.float32)
        d1 = block[:, :1] - target[:, 0]
        d2 = block[:, 1:] - target[:, 1]
        np.multiply(d1, d1, out=d1)
        np.multiply(d2, d2, out=d2)
        result[start : start + rows] = np.sqrt(np.add(d1, d2, out=d1).min(axis=1))
    return result
