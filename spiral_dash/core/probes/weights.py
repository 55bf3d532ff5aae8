"""The weights themselves: matrices, their change, their distribution, their units' covariance."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.probes.images import columns, layer_images
from spiral_dash.core.probes.matrices import check_weights
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe

Array = npt.NDArray[Any]


class WeightsOptions(Options):
    """One layer, 1 to L, or all (None), and what to add.

    `change` adds the change since epoch 0, `covariance` that of the units (of the last hidden
    layer where no layer is named). The histograms have `bins` of equal width between -`range` and
    `range`, the same at every epoch, so that they can be compared over the epochs.
    """

    layer: int | None = None
    change: bool = False
    covariance: bool = False
    bins: int = Field(61, ge=5, le=400)
    range: float = Field(2.0, gt=0.0, le=1e6)


@probe(
    "weights",
    options=WeightsOptions,
    source="Figs 2.3, 4.2, 4.3",
    returns={
        "weight_<l>": "(out, in): weights of layer l",
        "bias_<l>": "(out,): its biases",
        "limit": "(): largest |entry| of those shown, for a symmetric colour scale; 1 if all are 0",
        "change_<l>": "(out, in): weights less those of epoch 0; only with `change`",
        "change_limit": "(): the same for the change; only with `change`",
        "counts": "(S, bins) int32: weights in each bin, one row for each layer shown; the outer "
        "bins also hold what lies beyond them, so a row adds up to the number of weights",
        "edges": "(bins + 1,): of the bins, from -range to range",
        "covariance": "(units, units): of the units' outputs over the training set; only with "
        "`covariance`",
        "covariance_layer": "() int32: the layer of these units; only with `covariance`",
    },
    summary=("counts",),
)
def weights(subject: Subject, options: WeightsOptions) -> Arrays:
    """Return W_l and b_l of one layer or all, and what else is asked for (thesis Figs 4.2, 4.3).

    The covariance is E[h h^T] - E[h] E[h]^T of the layer's outputs h, after the activation. Raises
    `ProbeError` for a layer that does not exist and for weights or outputs that are not finite.
    """
    network = subject.network
    check_weights(network)
    every = range(1, network.depth + 1)
    layers = every if options.layer is None else [subject.layer(options.layer, default=1)]
    arrays: Arrays = {}
    for layer in layers:
        arrays[f"weight_{layer}"] = network.weights[layer - 1].detach().numpy().copy()
        arrays[f"bias_{layer}"] = network.biases[layer - 1].detach().numpy().copy()
    arrays["limit"] = _limit(arrays)
    edges = np.linspace(-options.range, options.range, options.bins + 1)
    arrays["counts"] = np.stack([_counts(arrays[f"weight_{layer}"], edges) for layer in layers])
    arrays["edges"] = edges
    if options.change:
        change: Arrays = {}
        for layer in layers:
            start = subject.initial.weights[layer - 1].detach().numpy()
            change[f"change_{layer}"] = arrays[f"weight_{layer}"] - start
        arrays |= {**change, "change_limit": _limit(change)}
    if options.covariance:
        layer = subject.layer(options.layer, default=max(network.depth - 1, 1))
        arrays["covariance"] = _covariance(subject, layer)
        arrays["covariance_layer"] = np.array(layer, np.int32)
    return arrays


def _limit(arrays: Arrays) -> Array:
    return np.array(max(float(np.abs(array).max()) for array in arrays.values()) or 1.0)


def _counts(weight: Array, edges: Array) -> Array:
    inside = np.clip(weight.ravel().astype(np.float64), edges[0], edges[-1])
    return np.histogram(inside, edges)[0].astype(np.int32)


def _covariance(subject: Subject, layer: int) -> Array:
    network = subject.network
    x = columns(subject.data.x_train.numpy(), network)
    (image,) = layer_images(network, x, [layer])
    centred = image.astype(np.float64)
    centred -= centred.mean(axis=1, keepdims=True)
    return np.asarray(centred @ centred.T / centred.shape[1])
