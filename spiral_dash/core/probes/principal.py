"""The plane, or the space, in which a layer of many units is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class View:
    """What is shown of a layer: scores = (h - mean) basis.

    `mean` (units,), `basis` (units, d) with orthonormal columns, `explained` (d,) the share of
    the variance along each. `raw`: the units themselves, mean 0, padded with zero coordinates.
    """

    mean: Array
    basis: Array
    explained: Array
    raw: bool

    def scores(self, image: Array) -> Array:
        """Return the shown coordinates (N, d) float32 of an image (units, N)."""
        centred = image - self.mean.astype(image.dtype)[:, None]
        return np.ascontiguousarray((self.basis.T.astype(image.dtype) @ centred).T, np.float32)


def principal_view(image: Array, dimension: int, guides: Array) -> View:
    """Return the raw units where no more than `dimension`, else the first principal axes.

    Principal axes are eigenvectors of the covariance of the image (units, N), in float64,
    greatest variance first. They have no direction of their own: each is given the one along
    which the most closely correlated of the `guides` (N, k), numbers of the same points that no
    training changes, rises. An image without variance explains 0.
    """
    units = len(image)
    exact = image.astype(np.float64)
    mean = exact.mean(axis=1)
    exact -= mean[:, None]
    if units <= dimension:
        variance = np.zeros(dimension)
        variance[:units] = np.square(exact).mean(axis=1)
        return View(np.zeros(units), np.eye(units, dimension), _shares(variance), raw=True)
    values, vectors = np.linalg.eigh(exact @ exact.T / exact.shape[1])
    values = np.maximum(values[::-1], 0.0)
    basis = vectors[:, ::-1][:, :dimension]
    basis = basis * _signs(basis.T @ exact, guides)
    return View(mean, basis, _shares(values)[:dimension], raw=False)


def _signs(scores: Array, guides: Array) -> Array:
    """1 or -1 for each row of the scores (d, N), by the guide it is most correlated with."""
    centred = guides - guides.mean(axis=0)
    spread = np.sqrt(np.square(centred).sum(axis=0))
    together = scores @ (centred / np.where(spread > 0, spread, 1.0))
    closest = np.abs(together).argmax(axis=1)
    return np.where(together[np.arange(len(scores)), closest] < 0, -1.0, 1.0)


def _shares(variance: Array) -> Array:
    total = variance.sum()
    return variance / total if total > 0 else np.zeros_like(variance)
