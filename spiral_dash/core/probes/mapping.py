"""Where a layer sends every point of the data, and how it bends the plane."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field

from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.passes import with_ones
from spiral_dash.core.probes.images import columns, dtype_of, layer_images, shown_layer
from spiral_dash.core.probes.principal import principal_view
from spiral_dash.core.probes.registry import Arrays, Options, ProbeError, Subject, probe

Array = npt.NDArray[Any]
POINTS_A_LINE = 101


class MappingOptions(Options):
    """Layer, dimensions, grid lines.

    Layer 0 is what the network gets of a point, L the logits, None the last hidden one.
    """

    layer: int | None = None
    dimension: Literal[2, 3] = 2
    grid: int = Field(0, ge=0, le=40)


@probe(
    "mapping",
    options=MappingOptions,
    source="4.2.1, Figs 4.10 to 4.14",
    returns={
        "train": "(N, d): where the layer sends the training points shown, in their order",
        "test": "(N', d): the same for the test points, along the same axes",
        "explained": "(d,): share of the training image's variance along each axis, 0 to 1",
        "basis": "(units, d): the axes, orthonormal columns",
        "raw": "() uint8: 1 where the coordinates are the units themselves, 0 principal axes",
        "grid": "(2 g, P, d): image of g lines of constant x2, then g of constant x1, drawn over "
        "the data's extent; only where the option `grid` is g > 0",
    },
)
def mapping(subject: Subject, options: MappingOptions) -> Arrays:
    """Return the image h_l of the data, raw or along the principal axes (thesis 4.2.1).

    A layer of no more units than the picture has dimensions is shown raw, missing coordinates
    zero; a wider one by its scores along the first principal axes of the training image (PCA on
    the covariance in float64). The direction of each axis is settled by the data: of the points'
    places in the plane and their classes, the one it is most correlated with rises along it. So
    the picture is a function of the weights alone. Raises `ProbeError` for a layer that does not
    exist or outputs that are not finite.
    """
    network, data = subject.network, subject.data
    layer = shown_layer(network) if options.layer is None else options.layer
    if not 0 <= layer <= network.depth:
        raise ProbeError(f"Layer {layer} does not exist here: expected 0 to {network.depth}.")
    shown = data.shown
    (train,) = layer_images(network, columns(shown.x_train.numpy(), network), [layer])
    (test,) = layer_images(network, columns(shown.x_test.numpy(), network), [layer])
    view = principal_view(train, options.dimension, fixed_numbers(shown))
    arrays = {
        "train": view.scores(train),
        "test": view.scores(test),
        "explained": view.explained,
        "basis": view.basis,
        "raw": np.asarray(view.raw, np.uint8),
    }
    if options.grid:
        (image,) = layer_images(network, grid_lines(data, options.grid, dtype_of(network)), [layer])
        shape = (2 * options.grid, POINTS_A_LINE, options.dimension)
        arrays["grid"] = view.scores(image).reshape(shape)
    return arrays


def fixed_numbers(data: Dataset) -> Array:
    """Return what no training changes of each training point: place and class, (N, 2 + m)."""
    places = data.project(data.x_train).numpy().astype(np.float64)
    return np.hstack([places, np.eye(data.classes)[data.y_train.numpy()]])


@lru_cache(maxsize=4)
def grid_lines(data: Dataset, lines: int, dtype: np.dtype[Any]) -> Array:
    """Return points along `lines` evenly spaced lines each way, (n + 1, 2 lines P)."""
    extent = data.extent
    at, along = np.meshgrid(
        np.linspace(-extent, extent, lines) if lines > 1 else np.zeros(1),
        np.linspace(-extent, extent, POINTS_A_LINE),
        indexing="ij",
    )
    level = np.stack([along.ravel(), at.ravel()], axis=1)
    nodes = torch.from_numpy(data.centre + np.concatenate([level, level[:, ::-1]]))
    return with_ones(data.embed(nodes).numpy(), dtype)
