"""A network and its points as a proof takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from spiral_dash.core.balls import Norm
from spiral_dash.core.certify import ExactRadii, Front, exact_radii
from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.network import Network
from spiral_dash.core.passes import TiledPass
from spiral_dash.core.probes.images import check_finite, columns, dtype_of

Array = npt.NDArray[Any]


def layers_of(network: Network) -> list[tuple[Tensor, Tensor]]:
    """Return weights and biases of every layer, float64."""
    return [
        (weight.detach().double(), bias.detach().double())
        for weight, bias in zip(network.weights, network.biases, strict=True)
    ]


def front_in_space(network: Network) -> Front:
    """Return what a point x becomes before the first layer: z = (x - shift) * scale, features."""
    inputs = network.inputs
    return Front(np.diag(inputs.scale), -inputs.shift * inputs.scale, inputs.features)


def front_on_plane(network: Network, data: Dataset) -> Front:
    """Return the same of a point of the data plane, x = origin + Q u."""
    inputs = network.inputs
    origin, plane = data.origin.double().numpy(), data.plane.double().numpy()
    offset = (origin - inputs.shift) * inputs.scale
    return Front(inputs.scale[:, None] * plane, offset, inputs.features)


def radii_on_plane(
    network: Network,
    data: Dataset,
    x: Tensor,
    labels: Array,
    epsilons: Sequence[float] | Array,
    *,
    norm: Norm,
    max_boxes: int,
    progress: Callable[[float], bool] | None = None,
) -> ExactRadii:
    """Bracket the radii, within the data plane, of the places of points x (N, n) in it.

    Raises `ProbeError` where the network's outputs there are not finite.
    """
    places = data.project(x.double())
    # In the plane the points themselves are asked about, beyond it their places in it.
    asked = x if data.dimension == 2 else data.embed(places).float()
    return exact_radii(
        layers_of(network),
        network.activation,
        places,
        labels,
        epsilons,
        norm=norm,
        front=front_on_plane(network, data),
        correct=predictions(network, asked) == labels,
        greatest=greatest_number(network),
        max_boxes=max_boxes,
        progress=progress,
    )


def predictions(network: Network, x: Tensor) -> Array:
    """Return the class (N,) that the network gives each point (N, n), in its own arithmetic.

    The first of equal logits wins. Raises `ProbeError` where they are not finite.
    """
    with np.errstate(all="ignore"):
        logits = TiledPass(network).logits(columns(x.numpy(), network))
    check_finite(logits)
    return np.asarray(logits.argmax(axis=0))


def greatest_number(network: Network) -> float:
    """Return the largest finite number of the network's arithmetic."""
    return float(np.finfo(dtype_of(network)).max)
