"""What every unit computes over the data plane, and what it hangs on: weights, bias, by hand."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field

from spiral_dash.core.network import Network
from spiral_dash.core.probes.images import dtype_of, layer_images
from spiral_dash.core.probes.matrices import check_weights
from spiral_dash.core.probes.plane_grid import plane_grid
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe
from spiral_dash.core.validation import plain_number

Array = npt.NDArray[Any]
LAYERS_MAX = 32
SKIPPED_MAX = 1_000_000
ZERO, STEPS = 128, 127
"""The byte that stands for 0, and how many stand for what is above it."""

Skipped = Annotated[int, Field(ge=0, le=SKIPPED_MAX), BeforeValidator(plain_number)]


class UnitsOptions(Options):
    """Nodes an axis of each picture, and which units are shown.

    At most `most` of each layer, in the order of the norm of the weights that go out of them, after
    the first `first` in that order: one number for each layer from the inputs on, 0 where there is
    none. Silent units come before all others; outputs, of which nothing goes out, keep their order.
    """

    resolution: int = Field(24, ge=4, le=100)
    most: int = Field(12, ge=1, le=128)
    first: tuple[Skipped, ...] = Field((), max_length=LAYERS_MAX)


@probe(
    "units",
    options=UnitsOptions,
    source="eq. 2.12; Smilkov et al. 2017, TensorFlow Playground",
    returns={
        "shown": "(L + 1,) int32: units shown of each layer, the inputs first; T is their sum",
        "start": "(L + 1,) int32: how many come before them in the order",
        "unit": "(T,) int32: the number of each unit in its layer, from 1, ascending in a layer",
        "image": "(T, R, R) uint8: its output over the plane, 128 where it is 0 and 1 or 255 where "
        "it is as far from 0 as it gets; rows are x2, columns x1, both ascending",
        "low": "(T,): its least output there",
        "high": "(T,): its greatest",
        "bias": "(T,): its bias, 0 for an input",
        "outgoing": "(T,): norm of the weights that go out of it, 0 for an output",
        "silent": "(T,) uint8: 1 for a unit that has been silenced",
        "frozen": "(L,) uint8: 1 for a layer that has been frozen",
        "weight_<l>": "(units shown, inputs shown): weights of layer l between units shown",
        "limit": "(): largest |weight| of the network; 1 if all are 0",
    },
)
def units(subject: Subject, options: UnitsOptions) -> Arrays:
    """Return h_l(o + Q u), l = 0 to L, at the nodes u of a grid in the data plane, unit by unit.

    h_0 is what the first layer gets, h_L the logits. In an ambient dimension above 2 this is the
    slice along the data plane. Raises `ProbeError` where weights or outputs are not finite.
    """
    network = subject.network
    check_weights(network)
    weights = [weight.detach().numpy() for weight in network.weights]
    outgoing = [*(np.linalg.norm(weight, axis=0) for weight in weights), _none_of(network)]
    chosen, start = _chosen(outgoing, subject, options)
    grid = plane_grid(subject.data, options.resolution, dtype_of(network))
    images = layer_images(network, grid.columns, range(network.depth + 1))
    outputs = np.concatenate([image[rows] for image, rows in zip(images, chosen, strict=True)])
    low, high = outputs.min(axis=1), outputs.max(axis=1)
    resolution = options.resolution
    hold, numbers = subject.hold, [rows + 1 for rows in chosen]
    silent = [(layer, unit) in hold.silent for layer, row in enumerate(numbers) for unit in row]
    biases = [np.zeros(network.sizes[0]), *(bias.detach().numpy() for bias in network.biases)]
    return {
        "shown": np.array([len(rows) for rows in chosen], np.int32),
        "start": np.array(start, np.int32),
        "unit": np.concatenate(numbers).astype(np.int32),
        "image": _as_bytes(outputs, low, high).reshape(-1, resolution, resolution),
        "low": low,
        "high": high,
        "bias": _picked(biases, chosen),
        "outgoing": _picked(outgoing, chosen),
        "silent": np.array(silent, np.uint8),
        "frozen": np.array([n + 1 in hold.frozen for n in range(network.depth)], np.uint8),
        **{
            f"weight_{layer + 1}": weight[np.ix_(chosen[layer + 1], chosen[layer])]
            for layer, weight in enumerate(weights)
        },
        "limit": np.array(max(float(np.abs(weight).max()) for weight in weights) or 1.0),
    }


def _none_of(network: Network) -> Array:
    return np.zeros(network.sizes[-1], dtype_of(network))


def _chosen(
    outgoing: list[Array], subject: Subject, options: UnitsOptions
) -> tuple[list[Array], list[int]]:
    """Return the rows shown of each layer, ascending, and how many come before in the order."""
    chosen, starts = [], []
    for layer, norms in enumerate(outgoing):
        rank = norms.astype(np.float64)
        rank[[unit - 1 for of, unit in subject.hold.silent if of == layer]] = np.inf
        skipped = options.first[layer] if layer < len(options.first) else 0
        start = min(skipped, max(len(rank) - options.most, 0))
        order = np.argsort(-rank, kind="stable")
        chosen.append(np.sort(order[start : start + options.most]))
        starts.append(start)
    return chosen, starts


def _picked(values: list[Array], chosen: list[Array]) -> Array:
    picked = [of[rows] for of, rows in zip(values, chosen, strict=True)]
    return np.concatenate(picked).astype(np.float32)


def _as_bytes(outputs: Array, low: Array, high: Array) -> Array:
    limit = np.maximum(np.abs(low), np.abs(high))[:, None]
    shares = outputs / np.where(limit > 0, limit, 1)
    return np.asarray((shares * STEPS + (ZERO + 0.5)).astype(np.uint8))
