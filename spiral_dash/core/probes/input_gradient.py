"""In which direction, and how strongly, the loss depends on where a point lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.network import Network
from spiral_dash.core.passes import TiledPass, one_hot
from spiral_dash.core.probes.images import check_finite, columns, dtype_of
from spiral_dash.core.probes.plane_grid import plane_grid
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe

Array = npt.NDArray[Any]


class InputGradientOptions(Options):
    """Nodes an axis of the magnitudes, arrows an axis."""

    resolution: int = Field(60, ge=10, le=200)
    arrows: int = Field(20, ge=2, le=40)


@probe(
    "input_gradient",
    options=InputGradientOptions,
    source="3.3 item 1",
    returns={
        "grid": "(R, R): ||grad_x J|| at the nodes, nats per plane unit, J the loss of the class "
        "the network predicts there; rows are x2, columns x1, both ascending",
        "x1": "(R,): coordinates of the columns of `grid`, plane units",
        "x2": "(R,): coordinates of its rows, plane units",
        "direction": "(Q, Q, 2): grad_x J within the data plane, (x1, x2) components, nats per "
        "plane unit, not normalised; rows and columns as in `grid`",
        "arrow_x1": "(Q,): coordinates of the columns of `direction`, plane units",
        "arrow_x2": "(Q,): coordinates of its rows, plane units",
        "points_train": "(N,): ||grad_x J|| at the training points shown, J that of their class",
    },
)
def input_gradient(subject: Subject, options: InputGradientOptions) -> Arrays:
    """Return the gradient of the cross-entropy with respect to the input (thesis 3.3).

    On the grid J is the loss of the predicted class, so the gradient points to where the network
    grows less sure; at the points it is the loss of their label. In an ambient dimension above 2
    the magnitudes are those of the whole gradient on the data plane's slice, the arrows its part
    within the plane. Raises `ProbeError` where the network's outputs are not finite.
    """
    network, data = subject.network, subject.data
    grid = plane_grid(data, options.resolution, dtype_of(network))
    # The arrows stand in the middle of equal squares, clear of the picture's edge.
    inset = data.extent * (1 - 1 / options.arrows)
    coarse = plane_grid(data, options.arrows, dtype_of(network), inset)
    arrows = loss_gradient(network, coarse.columns)
    within = data.plane.numpy().T @ arrows
    shown = data.shown
    own = loss_gradient(network, columns(shown.x_train.numpy(), network), shown.y_train.numpy())
    return {
        "grid": grid.square(_magnitude(loss_gradient(network, grid.columns))),
        **grid.axes,
        "direction": within.T.reshape(options.arrows, options.arrows, 2),
        **{f"arrow_{name}": axis for name, axis in coarse.axes.items()},
        "points_train": _magnitude(own),
    }


def loss_gradient(network: Network, x: Array, labels: Array | None = None) -> Array:
    """Return d cross-entropy / dx (n, N) at x (n + 1, N); labels (N,), None the predicted ones.

    Raises `ProbeError` where the network's outputs are not finite.
    """
    classes = network.sizes[-1]
    result = np.empty((len(x) - 1, x.shape[1]), x.dtype)
    with np.errstate(all="ignore"):
        tiles = TiledPass(network)
        for part, tile, given in tiles.tiles(x):
            logits = tile.forward(given)
            truth = logits.argmax(axis=0) if labels is None else labels[part]
            is_truth = one_hot(truth, classes, bool)
            delta = tile.softmax()
            # p - 1 would round to 0 for a sure answer; the sum of the other classes does not.
            delta[is_truth] = 0.0
            delta -= is_truth * delta.sum(axis=0)
            result[:, part] = tiles.input_gradient(tile, x[:, part], delta)
    check_finite(result)
    return result


def _magnitude(gradient: Array) -> Array:
    # In float32 the square of a gradient below 1e-19 would be 0.
    return np.asarray(np.linalg.norm(gradient.astype(np.float64), axis=0))
