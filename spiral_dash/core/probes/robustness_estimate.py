"""The accuracy at every epsilon at once, read off the boundary as a grid shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.attacks import EPSILON_MAX
from spiral_dash.core.balls import Norm
from spiral_dash.core.passes import TiledPass
from spiral_dash.core.probes.contours import margins, zero_lines
from spiral_dash.core.probes.images import check_finite, dtype_of
from spiral_dash.core.probes.plane_grid import plane_grid
from spiral_dash.core.probes.registry import Arrays, Cost, Options, ProbeError, Subject, probe

Array = npt.NDArray[Any]
CURVE_POINTS = 101
GROUP = 8
"""Segments in a box."""


class EstimateOptions(Options):
    """Nodes an axis, the norm of the ball, and the largest epsilon of the curve."""

    resolution: int = Field(200, ge=50, le=800)
    norm: Norm = "linf"
    epsilon_max: float = Field(2.0, gt=0.0, le=EPSILON_MAX)


def to_segments(points: Array, starts: Array, ends: Array, norm: str) -> Array:
    """Return the distance (N,) of points (N, 2) to the nearest of segments (S, 2) to (S, 2).

    Segments that follow one another lie close together, so the boxes round a few of them and then
    their middles rule out all but few pairs before the formula is needed.
    """
    size = _linf if norm == "linf" else np.hypot
    group = np.arange(0, len(starts), GROUP)
    least = np.minimum.reduceat(np.minimum(starts, ends), group).T[:, None]
    most = np.maximum.reduceat(np.maximum(starts, ends), group).T[:, None]
    x, y = points.T[:, :, None]
    to_box = size(
        np.maximum(np.maximum(least[0] - x, x - most[0]), 0.0),
        np.maximum(np.maximum(least[1] - y, y - most[1]), 0.0),
    )
    middles = (starts + ends) / 2
    attained = size(x - middles[group, 0], y - middles[group, 1]).min(axis=1, keepdims=True)
    near, box = np.nonzero(to_box <= attained * (1 + 1e-12))
    segment = np.minimum(group[box, None] + np.arange(GROUP), len(starts) - 1)
    to_middle = size(*(points[near, None] - middles[segment]).transpose(2, 0, 1))
    half = np.hypot(*(ends - starts).T)[segment] / 2
    first = np.searchsorted(near, np.arange(len(points)))
    bound = np.minimum.reduceat(to_middle.min(axis=1), first)
    row, column = np.nonzero(to_middle - half <= bound[near, None])
    near, segment = near[row], segment[row, column]
    offset, along = starts[segment] - points[near], (ends - starts)[segment]
    squared = _linf_squared if norm == "linf" else _l2_squared
    squares = squared(offset[:, 0], offset[:, 1], along[:, 0], along[:, 1])
    first = np.searchsorted(near, np.arange(len(points)))
    return np.asarray(np.sqrt(np.minimum.reduceat(squares, first)))


def _linf(x: Array, y: Array) -> Array:
    return np.asarray(np.maximum(np.abs(x), np.abs(y)))


def _l2_squared(x: Array, y: Array, dx: Array, dy: Array) -> Array:
    length = np.maximum(dx * dx + dy * dy, 1e-30)
    t = np.clip(-(x * dx + y * dy) / length, 0.0, 1.0)
    return np.asarray((x + t * dx) ** 2 + (y + t * dy) ** 2)


def _linf_squared(x: Array, y: Array, dx: Array, dy: Array) -> Array:
    """max(|x + t dx|, |y + t dy|) is convex in t: least at an end, or where the two are equal."""
    best = np.minimum(np.maximum(np.abs(x), np.abs(y)), np.maximum(np.abs(x + dx), np.abs(y + dy)))
    for sign in (1.0, -1.0):
        slope = dx - sign * dy
        t = np.clip((sign * y - x) / np.where(slope == 0.0, 1.0, slope), 0.0, 1.0)
        best = np.minimum(best, np.maximum(np.abs(x + t * dx), np.abs(y + t * dy)))
    return np.asarray(best * best)


@probe(
    "robustness_estimate",
    options=EstimateOptions,
    cost=Cost.SLOW,
    source="Def. 15; after marching squares",
    returns={
        "epsilons": "(101,): from 0 to epsilon_max, plane units",
        "accuracy": "(101,): estimated share of test points whose ball holds one class, their own",
        "radius": "(N,): estimated distance to the boundary, 0 where misclassified, plane units",
    },
    unit_interval=(),
)
def robustness_estimate(subject: Subject, options: EstimateOptions) -> Arrays:
    """Return each test point's distance to the traced boundary, and the accuracy it implies.

    An estimate and no proof: an island of another class that is smaller than a cell of the grid
    is missed. The grid reaches `epsilon_max` beyond the data. Raises `ProbeError` in an ambient
    dimension above 2, where the boundary is no curve.
    """
    data = subject.data
    if data.dimension != 2:
        raise ProbeError(
            "The boundary can be traced in the plane only: expected points of 2 numbers, "
            f"got {data.dimension}."
        )
    network = subject.network
    # A point at the edge of the data must see a boundary that lies just outside of it.
    points = data.shown.x_test.numpy().astype(np.float64)
    extent = max(float(np.abs(points - data.centre).max()) + options.epsilon_max, data.extent)
    grid = plane_grid(data, options.resolution, dtype_of(network), extent)
    tiles = TiledPass(network)
    with np.errstate(all="ignore"):
        logits = tiles.logits(grid.columns)
    check_finite(logits)
    lines = [
        line
        for field in margins(logits.reshape(len(logits), *grid.square(logits[0]).shape))
        for line in zero_lines(field, grid.x1, grid.x2)
    ]
    augmented = np.concatenate([points.T, np.ones((1, len(points)))]).astype(logits.dtype)
    hits = tiles.logits(augmented).argmax(axis=0) == data.shown.y_test.numpy()
    radius = np.full(len(points), np.inf)
    if lines:
        starts = np.concatenate([line[:-1] for line in lines])
        ends = np.concatenate([line[1:] for line in lines])
        radius = to_segments(points, starts, ends, options.norm)
    radius[~hits] = 0.0
    epsilons = np.linspace(0.0, options.epsilon_max, CURVE_POINTS)
    # A ball of radius 0 is the point itself, also where that lies on the boundary.
    holds = (radius[:, None] > epsilons) | (hits[:, None] & (epsilons == 0))
    accuracy = holds.mean(axis=0)
    return {"epsilons": epsilons, "accuracy": accuracy, "radius": radius}
