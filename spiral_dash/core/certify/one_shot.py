"""One-shot bounds: a robustness radius from one enclosure of each whole ball, in any dimension."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.balls import Norm
from spiral_dash.core.certify.bounds import (
    ArrayLike,
    Classifier,
    Layers,
    check_norm,
    check_points,
    holds,
)
from spiral_dash.core.certify.enclosure import dual_norm
from spiral_dash.core.certify.front import Front
from spiral_dash.core.certify.radii import check_epsilons

Array = npt.NDArray[Any]
BISECTIONS = 24


def one_shot_radius(
    layers: Layers,
    activation: str,
    points: ArrayLike,
    labels: ArrayLike,
    max_epsilon: float,
    *,
    norm: Norm = "linf",
    front: Front | None = None,
    correct: Array | None = None,
    greatest: float = np.inf,
) -> Array:
    """Return the largest epsilon (N,) up to `max_epsilon` at which one enclosure proves the point.

    Certified at epsilon are the points x of class y that wins over every rival j by the affine
    bounds of the ball of radius epsilon, unsplit: sound in any dimension, far from exact,
    and 0 for a misclassified point. It is found by bisection to within 2^-24 `max_epsilon`, from
    below. `layers` are (weight (out, in), bias (out,)) pairs, `points` is (N, n), `labels` (N,);
    for `front`, `correct` and `greatest` see `exact_radii`.
    Raises ValueError for an argument out of its range. Rounding is that of float64.
    """
    check_norm(norm)
    largest = float(check_epsilons([max_epsilon])[0])
    classifier = Classifier(layers, activation, front, greatest)
    places, classes = check_points(classifier, points, labels)
    hits = classifier.predict(places) == classes
    correct = np.flatnonzero(hits if correct is None else hits & correct)
    low = np.zeros(len(places))
    low[correct] = np.where(
        _proves(
            classifier, places[correct], classes[correct], np.full(len(correct), largest), norm
        ),
        largest,
        0.0,
    )
    rest = correct[low[correct] == 0.0]
    high = np.full(len(places), largest)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low[rest] + high[rest])
        proved = _proves(classifier, places[rest], classes[rest], middle, norm)
        low[rest] = np.where(proved, middle, low[rest])
        high[rest] = np.where(proved, high[rest], middle)
    return low


def _proves(
    classifier: Classifier, centre: Array, label: Array, radius: Array, norm: Norm
) -> Array:
    bounds = classifier.margins(centre, radius, norm)
    slope, middle, gap = bounds.of_class(np.arange(len(label)), label, classifier.rivals[label])
    least = middle - gap - dual_norm(slope, norm)
    return np.asarray(holds(least, label, classifier.rivals[label]).all(1))
