"""Regular grids over the data plane, built once and looked up after that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.passes import with_ones

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class PlaneGrid:
    """The nodes of a square grid in the data plane, as a pass takes them.

    `x1` and `x2` (R,) float64 are the coordinates of the columns and of the rows, ascending.
    `columns` (n + 1, R * R) are the embedded nodes: node r * R + c lies at x1[c], x2[r].
    """

    x1: Array
    x2: Array
    columns: Array

    def square(self, values: Array) -> Array:
        """Return values of the nodes (R * R,) as rows of ascending x2, columns of x1."""
        return values.reshape(len(self.x2), len(self.x1))

    @property
    def axes(self) -> dict[str, Array]:
        """The coordinates as they are sent: `x1` and `x2`, float32."""
        return {"x1": self.x1.astype(np.float32), "x2": self.x2.astype(np.float32)}


def plane_grid(
    data: Dataset, resolution: int, dtype: np.dtype[Any], extent: float | None = None
) -> PlaneGrid:
    """Return the grid of `resolution` nodes an axis over the window in the data plane.

    The window is the square of half side `extent` about the data's centre, the data's own extent
    unless one is given. In an ambient dimension above 2 the nodes are those of the slice that
    holds the data plane.
    """
    return _built(data, resolution, np.dtype(dtype), data.extent if extent is None else extent)


@lru_cache(maxsize=8)
def _built(data: Dataset, resolution: int, dtype: np.dtype[Any], extent: float) -> PlaneGrid:
    x1, x2 = (np.linspace(middle - extent, middle + extent, resolution) for middle in data.centre)
    nodes = np.stack([each.ravel() for each in np.meshgrid(x1, x2)], axis=1)
    embedded = with_ones(data.embed(torch.from_numpy(nodes)).numpy(), dtype)
    for array in (x1, x2, embedded):
        array.setflags(write=False)
    return PlaneGrid(x1, x2, embedded)
