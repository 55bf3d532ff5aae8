"""Which class the network gives every place of the data plane, and how surely."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from spiral_dash.core.passes import TiledPass
from spiral_dash.core.probes.images import check_finite, dtype_of
from spiral_dash.core.probes.plane_grid import plane_grid
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe


class BoundaryOptions(Options):
    """Nodes an axis, and half the side of the square shown (None: the data's)."""

    resolution: int = Field(100, ge=10, le=400)
    extent: float | None = Field(None, gt=0.0, le=1e6)


@probe(
    "boundary",
    options=BoundaryOptions,
    source="Fig 4.20",
    returns={
        "probability": "(R, R): probability of class 1; rows are x2, columns x1, both ascending",
        "confidence": "(R, R): probability of the winning class, from 1/m to 1",
        "classes": "(R, R) uint8: the winning class; only where there are more than two classes",
        "x1": "(R,): coordinates of the columns, plane units",
        "x2": "(R,): coordinates of the rows, plane units",
    },
    unit_interval=("probability", "confidence"),
)
def boundary(subject: Subject, options: BoundaryOptions) -> Arrays:
    """Return softmax(f(o + Q u)) at the nodes u of a grid in the data plane (thesis Fig 4.20).

    In an ambient dimension above 2 this is the slice along the data plane. Raises `ProbeError`
    where the network's outputs are not finite.
    """
    network = subject.network
    grid = plane_grid(subject.data, options.resolution, dtype_of(network), options.extent)
    with np.errstate(all="ignore"):
        probabilities = TiledPass(network, swift=True).probabilities(grid.columns)
    check_finite(probabilities)
    arrays = {
        "probability": grid.square(probabilities[1]),
        "confidence": grid.square(probabilities.max(axis=0)),
        **grid.axes,
    }
    if len(probabilities) > 2:
        arrays["classes"] = grid.square(probabilities.argmax(axis=0).astype(np.uint8))
    return arrays
