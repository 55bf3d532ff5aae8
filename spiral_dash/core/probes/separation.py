"""How far apart the classes lie in the test set: what even a perfect classifier cannot pass."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np
import torch

from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe

BLOCK = 512


class SeparationOptions(Options):
    """The norm in which distances are taken."""

    norm: Literal["linf", "l2"] = "linf"


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
    x, y = data.x_test.double(), data.y_test
    return _half_least(x, y, norm), _half_least(data.project(x), y, norm)


def _half_least(x: torch.Tensor, y: torch.Tensor, norm: str) -> float:
    p = math.inf if norm == "linf" else 2.0
    least = math.inf
    for begin in range(0, len(x), BLOCK):
        block = slice(begin, begin + BLOCK)
        distance = torch.cdist(x[block], x, p, compute_mode="donot_use_mm_for_euclid_dist")
        distance[y[block, None] == y] = math.inf
        least = min(least, float(distance.min()))
    return least / 2
