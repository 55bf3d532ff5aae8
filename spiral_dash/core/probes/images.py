"""Where the layers of a network send points, and the points that most probes send."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.network import Network
from spiral_dash.core.passes import TiledPass, with_ones
from spiral_dash.core.probes.registry import ProbeError

Array = npt.NDArray[Any]


def columns(points: Array, network: Network) -> Array:
    """Return points (N, n) as a pass of `network` takes them: (n + 1, N), the last row ones."""
    return with_ones(points, dtype_of(network))


def dtype_of(network: Network) -> np.dtype[Any]:
    """The type of the network's parameters, as numpy names it."""
    return network.flat.numpy().dtype


def layer_images(network: Network, x: Array, layers: Sequence[int]) -> list[Array]:
    """Return the outputs (units, N) of the named layers, 0 to L, for points x (n + 1, N).

    That of layer 0 is what the network's first layer gets: the point, scaled, or its features.
    Raises `ProbeError` where an output is infinite or NaN.
    """
    count = x.shape[1]
    images = [np.empty((network.sizes[layer], count), x.dtype) for layer in layers]
    with np.errstate(all="ignore"):
        for part, tile, given in TiledPass(network).tiles(x):
            logits = tile.forward(given)
            outputs = [given[:-1], *tile.hidden, logits]
            for layer, image in zip(layers, images, strict=True):
                image[:, part] = outputs[layer]
    for image in images:
        check_finite(image)
    return images


def check_finite(values: Array) -> None:
    """Raise `ProbeError` unless every value is a finite number."""
    if not np.isfinite(values).all():
        raise ProbeError(
            "The network's outputs are no longer finite numbers, because its weights grew without "
            "bound. Choose an earlier epoch, or reset with a lower learning rate."
        )


def shown_layer(network: Network) -> int:
    """The layer a picture shows unless one is named: the last hidden one, if there is any."""
    return max(network.depth - 1, 1)


def class_rows(data: Dataset) -> list[slice]:
    """The training points of each class: a range each, because points are in order of class."""
    edges = np.searchsorted(data.y_train.numpy(), np.arange(data.classes + 1)).tolist()
    return [slice(*ends) for ends in itertools.pairwise(edges)]
