"""The outcome of a proof: a bracket on each point's radius, and the accuracies it decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class ExactRadii:
    """What a quadtree proved about each point's radius, the distance to where its class ends.

    A point is certified at epsilon < `radius_lower` and falsified at epsilon >= `radius_upper`,
    (N,) both, 0 for a misclassified point, whose upper radius alone is 0. A ball of radius 0 is the
    point itself, so one that is classified correctly is certified there. Beyond the largest epsilon
    asked for nothing is looked at: a point certified there has a lower radius just above it, and an
    upper radius of infinity unless a closer end was met by chance.

    `boxes` (M, 4), rows [x1min, x1max, x2min, x2max], are the leaves of the tree that some point
    needed, `verdict` (M,) int8 the class proved on each, -1 where none is. In each box the margin
    of one class over its closest rival lies within `band[3]` of
    `band[0] (x1 - c1) + band[1] (x2 - c2) + band[2]`, c the box's centre: a strip of an undecided
    box is what is left open. `evaluated` counts the boxes bounded, `rounds` the refinements.
    `capped` says that the limit on boxes, `cancelled` that the caller, ended it early.
    """

    radius_lower: Array
    radius_upper: Array
    boxes: Array
    verdict: Array
    band: Array
    evaluated: int
    rounds: int
    capped: bool
    cancelled: bool


class RobustAccuracy(NamedTuple):
    """Per epsilon: shares of points certified and not falsified, and the number decided."""

    certified: Array
    not_falsified: Array
    decided: Array


def check_epsilons(epsilons: Sequence[float] | Array) -> Array:
    """Return the epsilons as (E,) float64; raise ValueError for one that is no size of a ball."""
    values = np.array(epsilons, dtype=np.float64).reshape(-1)
    if values.size == 0 or not (np.isfinite(values).all() and (values >= 0.0).all()):
        raise ValueError(
            f"epsilons should be one or more finite numbers from 0, got {values.tolist()}"
        )
    return values


def robust_accuracy(radii: ExactRadii, epsilons: Sequence[float] | Array) -> RobustAccuracy:
    """Return the robust accuracy at each epsilon, between what is proved either way.

    certified = mean(epsilon < lower), not_falsified = mean(epsilon < upper): the exact robust
    accuracy lies between them, and is both where every point is decided. At 0 both are the share
    classified correctly. Raises ValueError for an epsilon that is not finite and at least 0.
    """
    values = check_epsilons(epsilons)[:, None]
    open_or_certified = values < radii.radius_upper
    certified = (values < radii.radius_lower) | ((values == 0.0) & open_or_certified)
    points = max(1, len(radii.radius_lower))
    return RobustAccuracy(
        certified.sum(1) / points,
        open_or_certified.sum(1) / points,
        (certified | ~open_or_certified).sum(1),
    )
