"""Labelled points in the data plane, before noise, embedding and split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class PlaneSample:
    """Points (N, 2) float64, labels (N,) int64 and each point's angle phi (N,) in radians."""

    points: Array
    labels: Array
    phi: Array

    def __post_init__(self) -> None:
        count = len(self.labels)
        assert self.points.shape == (count, 2) and self.phi.shape == (count,)
        assert np.isfinite(self.points).all()
