"""How long each measurement takes that is made with every frame, and what the tiles gain.

The thesis' large network, 5 layers of 50 units, on its 1,340 training and 660 test points.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from statistics import median

import numpy as np
import torch

from benchmarks.framework import Result, at_least, at_most, interleave, seconds_per_call
from spiral_dash.core.config import NetworkConfig, RunConfig
from spiral_dash.core.passes import TiledPass
from spiral_dash.core.probes import PROBES, Subject
from spiral_dash.core.probes.plane_grid import plane_grid
from spiral_dash.core.run import Run
from spiral_dash.core.threads import single_thread

CONFIG = RunConfig(network=NetworkConfig(hidden=(50,) * 5))
EPOCHS = 20
# probe -> the milliseconds it may take; those of the points and the weights, then of the plane.
LIMITS: Mapping[str, float] = {
    "mapping": 5,
    "distance": 5,
    "collapse": 5,
    "weights": 5,
    "norms": 5,
    "eigenvalues": 5,
    "singular_values": 5,
    "gradients": 5,
    "metrics": 5,
    "input_gradient": 30,
    "jacobian": 30,
}
BOUNDARY_MILLISECONDS = 12
GAIN = 1.5


def milliseconds(subject: Subject, name: str) -> float:
    """The time of one measurement with its usual options."""
    return 1e3 * seconds_per_call(partial(PROBES[name], subject))


def untiled_milliseconds(subject: Subject) -> float:
    """The time of torch's forward pass of all 10,000 points of the boundary's grid at once."""
    grid = plane_grid(subject.data, 100, np.dtype(np.float32))
    x = torch.from_numpy(np.ascontiguousarray(grid.columns[:-1].T))

    def forward() -> None:
        with torch.no_grad():
            torch.softmax(subject.network(x), dim=1)

    return 1e3 * seconds_per_call(forward)


def one_tile_milliseconds(subject: Subject) -> float:
    """The time of the closed-form pass over the same points as a single tile."""
    columns = plane_grid(subject.data, 100, np.dtype(np.float32)).columns
    tiles = TiledPass(subject.network, tile=columns.shape[1])
    return 1e3 * seconds_per_call(partial(tiles.probabilities, columns))


def measure() -> list[Result]:
    """Each probe's milliseconds, and the boundary's gain over an untiled forward pass."""
    run = Run(CONFIG)
    run.train(epochs=EPOCHS)
    subject = run.subject()
    with single_thread():
        rounds = interleave(
            partial(milliseconds, subject, "boundary"),
            partial(untiled_milliseconds, subject),
            partial(one_tile_milliseconds, subject),
        )
        gain = median(untiled / tiled for tiled, untiled, _ in rounds)
        boundary, untiled, one_tile = (median(values) for values in zip(*rounds, strict=True))
        detail = {"untiled by torch, ms": untiled, "closed form in one tile, ms": one_tile}
        results = [
            Result("boundary 100x100", boundary, "ms", at_most(BOUNDARY_MILLISECONDS), detail),
            Result("boundary over an untiled forward pass", gain, "x", at_least(GAIN)),
        ]
        results += [
            Result(
                name,
                median(milliseconds(subject, name) for _ in range(3)),
                "ms",
                at_most(limit),
            )
            for name, limit in LIMITS.items()
        ]
    return results
