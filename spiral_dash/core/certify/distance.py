"""How far a point is from the part of a square where an affine margin is not positive."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from spiral_dash.core.balls import Norm

Array = npt.NDArray[np.float64]
TINY = 1e-300
"""Added to a denominator that may be zero; lost in any other."""


def to_square(offset: Array, norm: Norm) -> Array:
    """Return the distance (P,) to the square [-1, 1]^2 of points at `offset` (P, 2)."""
    outside = np.maximum(np.abs(offset) - 1.0, 0.0)
    if norm == "l2":
        return np.hypot(outside[:, 0], outside[:, 1])
    return np.maximum(outside[:, 0], outside[:, 1])


def to_cut_square(point: Array, slope: Array, levels: Sequence[Array], norm: Norm) -> list[Array]:
    """Return, for each level, the distance of a point to {e in [-1, 1]^2 : slope . e <= level}.

    `point` (P, 1, 2) and `slope` (P, R, 2) broadcast; each level and each result is (P, R). An
    empty part is infinitely far.
    """
    solve = _to_cut_linf if norm == "linf" else _to_cut_l2
    with np.errstate(all="ignore"):
        return solve(point, slope, levels)


def _to_cut_linf(point: Array, slope: Array, levels: Sequence[Array]) -> list[Array]:
    """The least t at which the square of half-side t round the point meets the part.

    Reflect the axes so that both slopes are >= 0: the lowest slope . e within reach t is then
    sum_i a_i max(p_i - t, -1), once t reaches the square at all. That is the greatest of four
    linear functions of t, three of which fall: t is the last at which they come down to the level.
    """
    steep = np.abs(slope)
    first, second = steep[..., 0], steep[..., 1]
    moved = np.where(slope < 0.0, -point, point)
    x, y = moved[..., 0], moved[..., 1]
    total = first + second
    along_x, along_y = first * x, second * y
    outside = np.maximum(np.max(np.abs(point), axis=-1) - 1.0, 0.0)
    results = []
    for level in levels:
        distance = np.maximum(outside, (along_x + along_y - level) / (total + TINY))
        np.maximum(distance, (along_x - second - level) / (first + TINY), out=distance)
        np.maximum(distance, (along_y - first - level) / (second + TINY), out=distance)
        np.copyto(distance, np.inf, where=-total > level)
        results.append(distance)
    return results


def _to_cut_l2(point: Array, slope: Array, levels: Sequence[Array]) -> list[Array]:
    """The distance to the square where that point of it is in the part, else to the cut.

    The cut is the line slope . e = level within the square: the foot of the perpendicular, or
    the end of the segment that is closer to it.
    """
    nearest = np.clip(point, -1.0, 1.0)
    straight = np.linalg.norm(point - nearest, axis=-1)
    lowest = -np.abs(slope).sum(-1)
    length = np.hypot(slope[..., 0], slope[..., 1]) + TINY
    normal = slope / length[..., None]
    along = np.stack([-normal[..., 1], normal[..., 0]], -1)
    safe = np.where(np.abs(along) < TINY, TINY, along)
    foot = (along * point).sum(-1)
    value = (slope * nearest).sum(-1)
    results = []
    for level in levels:
        base = normal * (level / length)[..., None]
        ends = np.stack([(-1.0 - base) / safe, (1.0 - base) / safe])
        start = ends.min(0).max(-1)
        stop = ends.max(0).min(-1)
        onto = base + along * np.clip(foot, start, np.maximum(start, stop))[..., None]
        distance = np.linalg.norm(point - np.clip(onto, -1.0, 1.0), axis=-1)
        np.copyto(distance, straight, where=value <= level)
        np.copyto(distance, np.inf, where=lowest > level)
        results.append(distance)
    return results
