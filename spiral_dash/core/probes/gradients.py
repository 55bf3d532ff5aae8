"""What reaches each layer in a backward pass over the whole training set."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from spiral_dash.core.network import split
from spiral_dash.core.passes import TiledPass, one_hot
from spiral_dash.core.probes.images import columns
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe

Array = npt.NDArray[Any]
TINY = 1e-8
FINE, VANISHING, EXPLODING = 0, 1, 2
VANISHING_SHARE = 0.9
VANISHING_RATIO = 1e-3
EXPLODING_NORM = 1e3


class GradientsOptions(Options):
    """None."""


@probe(
    "gradients",
    options=GradientsOptions,
    source="4.2, Fig 4.8",
    returns={
        "zero_share": "(L,): share of the layer's weights and biases whose gradient is exactly 0",
        "tiny_share": f"(L,): share with |g| < {TINY:g}, exact zeros among them",
        "norm": "(L,): sqrt(sum g^2) over the layer's weights and biases",
        "dead_units": "(L - 1,): share of each hidden layer's units that are exactly 0 at every "
        "training point; always 0 unless the activation is relu",
        "verdict": "(L,) uint8: 2 exploding, where the norm is above "
        f"{EXPLODING_NORM:g} or not finite; else 1 vanishing, where the share of |g| < {TINY:g} is "
        f"at least {VANISHING_SHARE:g} or the norm is below {VANISHING_RATIO:g} of the largest "
        "layer's; else 0 fine",
    },
    unit_interval=("zero_share", "tiny_share", "dead_units"),
    summary=("zero_share", "tiny_share", "norm", "dead_units"),
)
def gradients(subject: Subject, _: GradientsOptions) -> Arrays:
    """Measure g = dJ/d(W_l, b_l), J the mean cross-entropy over the training set (thesis 4.2).

    Penalties on the weights are left out.
    """
    network, data = subject.network, subject.data
    x = columns(data.x_train.numpy(), network)
    targets = one_hot(data.y_train.numpy(), data.classes, x.dtype)
    sums, alive = _backward(subject, x, targets)
    with np.errstate(all="ignore"):
        size = [np.abs(block.astype(np.float64)) for block in sums]
        norm = np.array([np.sqrt(np.square(g).sum()) for g in size])
        tiny = np.array([(g < TINY).mean() for g in size])
        faint = (tiny >= VANISHING_SHARE) | (norm < VANISHING_RATIO * norm.max())
        loud = ~(norm <= EXPLODING_NORM)
    is_relu = network.activation == "relu"
    dead = [1 - units.mean() if is_relu else 0.0 for units in alive]
    return {
        "zero_share": np.array([(g == 0).mean() for g in size]),
        "tiny_share": tiny,
        "norm": norm,
        "dead_units": np.array(dead),
        "verdict": np.select([loud, faint], [EXPLODING, VANISHING], FINE).astype(np.uint8),
    }


def _backward(subject: Subject, x: Array, targets: Array) -> tuple[list[Array], list[Array]]:
    """Return the gradient of each layer's block, and which units are ever not 0, (units,)."""
    network = subject.network
    total = torch.zeros_like(network.flat)
    part = torch.zeros_like(network.flat)
    blocks = [block.numpy() for block in split(part, network.sizes)]
    alive = [np.zeros(units, bool) for units in network.sizes[1:-1]]
    with np.errstate(all="ignore"):
        for tile_columns, tile, inputs in TiledPass(network).tiles(x):
            tile.forward(inputs)
            delta = tile.cross_entropy_delta(targets[:, tile_columns], 1.0 / x.shape[1])
            tile.parameter_gradient(inputs, delta, blocks)
            total += part
            for index, hidden in enumerate(tile.hidden):
                alive[index] |= hidden.any(axis=1)
    return [block.numpy() for block in split(total, network.sizes)], alive
