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

    `axis` (R,) float64 holds the coordinates of both axes, ascending. `columns` (n + 1, R * R)
    are the embedded nodes: node r * R + c lies at x1 = axis[c], x2 = axis[r].
    """

    axis: Array
    columns: Array

    def square(self, values: Array) -> Array:
        """Return values of the nodes (R * R,) as rows of ascending x2, columns of x1."""
        return values.reshape(len(self.axis), len(self.axis))

    @property
    def shown_axis(self) -> Array:
        """The axis as it is sent: float32."""
        return self.axis.astype(np.float32)


def plane_grid(
    data: Dataset, resolution: int, dtype: np.dtype[Any], extent: float | None = None
) -> PlaneGrid:
    """Return the grid of `resolution` nodes an axis over [-extent, extent]^2 in the data plane.

    The extent of the data unless one is given. In an ambient dimension above 2 the nodes are
    those of the slice that holds the data plane.
    """
    return _built(
        data, resolution, np.dtype(dtype), data_extent(data) if extent is None else extent
    )


@lru_cache(maxsize=8)
def data_extent(data: Dataset) -> float:
    """The data's extent, measured once."""
    return data.extent


@lru_cache(maxsize=8)
def _built(data: Dataset, resolution: int, dtype: np.dtype[Any], extent: float) -> PlaneGrid:
    axis = np.linspace(-extent, extent, resolution)
    x1, x2 = np.meshgrid(axis, axis)
    nodes = torch.from_numpy(np.stack([x1.ravel(), x2.ravel()], axis=1))
    embedded = with_ones(data.embed(nodes).numpy(), dtype)
    for array in (axis, embedded):
        array.setflags(write=False)
    return PlaneGrid(axis, embedded)
