"""How far apart the classes lie in the test set: what even a perfect classifier cannot pass."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from spiral_dash.core.balls import Norm
from spiral_dash.core.data.dataset import Dataset, class_distance
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe


class SeparationOptions(Options):
    """The norm in which distances are taken."""

    norm: Norm = "linf"


@probe(
    "separation",
    options=SeparationOptions,
    source="Def. 15; distance between spirals: 2.3.2",
    returns={
        "radius": "(): half the least distance between test points of different classes, infinity"
        " where there is one class, ambient units",
        "radius_plane": "(): the same between their places in the data plane, plane units",
    },
)
def separation(subject: Subject, options: SeparationOptions) -> Arrays:
    """Return the largest epsilon below which the balls of no two classes meet: min ||x - y|| / 2.

    Below it a classifier can be right throughout every ball. Above it two balls of different
    classes meet, so that one of their points is lost whatever the network.
    """
    ambient, plane = _separation(subject.data, options.norm)
    return {"radius": np.array(ambient), "radius_plane": np.array(plane)}


@lru_cache(maxsize=8)
def _separation(data: Dataset, norm: str) -> tuple[float, float]:
    x, y = data.shown.x_test, data.shown.y_test
    p = math.inf if norm == "linf" else 2.0
    return class_distance(x, y, p) / 2, class_distance(data.project(x.double()), y, p) / 2
