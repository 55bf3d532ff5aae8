"""How much a layer, and all layers up to it, stretch or shrink area across the plane."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.network import Network
from spiral_dash.core.passes import Pass, TiledPass
from spiral_dash.core.probes.images import check_finite, shown_layer
from spiral_dash.core.probes.plane_grid import plane_grid
from spiral_dash.core.probes.registry import Arrays, Options, ProbeError, Subject, probe

Array = npt.NDArray[Any]
FLOOR = -40.0
"""The least logarithm given; area that vanishes altogether has it too."""
PARALLEL = 1e-13
"""The sine of the angle below which two tangents are parallel as far as float64 can tell."""


class JacobianOptions(Options):
    """Layer, 1 to L, None the last hidden one; nodes an axis."""

    layer: int | None = None
    resolution: int = Field(60, ge=10, le=200)


@probe(
    "jacobian",
    options=JacobianOptions,
    source="eq. 4.1, Appendix B",
    returns={
        "log_stretch": "(R, R): log sqrt(det(J^T J)) of the map from the data plane up to the "
        f"layer, J (units, 2); at least {FLOOR:g}; rows are x2, columns x1, both ascending",
        "log_det": "(R, R): log |det Dg| of the layer's own map g, at the image of each node in "
        f"the layer before; at least {FLOOR:g}; only where g maps 2 units to 2 units",
        "x1": "(R,): coordinates of the columns, plane units",
        "x2": "(R,): coordinates of the rows, plane units",
    },
)
def jacobian(subject: Subject, options: JacobianOptions) -> Arrays:
    """Return the logarithm of the factor by which area grows (thesis eq. 4.1, Appendix B).

    The two columns of J are carried forward through J_l = diag(a'(z_l)) W_l J_(l-1) in float64;
    their area is |a| |b - a (a.b) / |a|^2|. Zero of the logarithm keeps area. For a layer of 2
    units `log_stretch` is log |det J|. J_0 is that of what the network gets of the plane: its
    scaled features, or in an ambient dimension above 2 the plane's embedding, scaled. Raises
    `ProbeError` for points of one number, a layer that does not exist, a layer of one unit at or
    before it, a network of one input, or outputs that are not finite.
    """
    if subject.data.dimension < 2:
        raise ProbeError("The points are single numbers: there is no area to stretch.")
    layer = subject.layer(options.layer, shown_layer(subject.network))
    sizes = subject.network.sizes
    if sizes[0] == 1:
        raise ProbeError(
            "The network gets one number of each point, which maps the plane onto a line: no area "
            "is left to measure. Give it at least 2 features."
        )
    if 1 in sizes[1 : layer + 1]:
        narrow = sizes.index(1, 1)
        raise ProbeError(
            f"Layer {narrow} has one unit, which maps the plane onto a line: no area is left to "
            "measure. Choose a layer before it, or give every layer at least 2 units."
        )
    network = subject.network.copy(torch.float64)
    plane = subject.data.plane.numpy().astype(np.float64)
    grid = plane_grid(subject.data, options.resolution, np.dtype(np.float64))
    count = grid.columns.shape[1]
    stretch, own = np.empty(count), np.empty(count)
    square = sizes[layer - 1] == sizes[layer] == 2
    with np.errstate(all="ignore"):
        for part, tile, given in TiledPass(network).tiles(grid.columns):
            tile.forward(given)
            stretch[part] = area(*tangents(network, tile, grid.columns[:, part], plane, layer))
            if square:
                own[part] = np.abs(
                    np.linalg.det(_weight(network, layer))
                    * _slope(network, tile, layer).prod(axis=0)
                )
    arrays = grid.axes
    arrays["log_stretch"] = grid.square(_log(stretch))
    if square:
        arrays["log_det"] = grid.square(_log(own))
    return arrays


def tangents(
    network: Network, tile: Pass, x: Array, plane: Array, layer: int
) -> tuple[Array, Array]:
    """Return the two columns of the Jacobian, (units, points) each, of the plane's map.

    `tile` has just gone forward through the points x (n + 1, points); `plane` (n, 2) embeds the
    plane.
    """
    one, two = (network.inputs.tangent(x, axis) for axis in plane.T)
    for number in range(1, layer + 1):
        weight, slope = _weight(network, number), _slope(network, tile, number)
        one, two = weight @ one, weight @ two
        one *= slope
        two *= slope
    return one, two


def area(one: Array, two: Array) -> Array:
    """The area spanned by two columns of vectors, (units, points) each: (points,).

    By the part of the second at right angles to the first: the determinant of J^T J would
    subtract two nearly equal numbers where the map is nearly flat.
    """
    square = np.einsum("up,up->p", one, one)
    along = np.einsum("up,up->p", one, two) / np.where(square > 0, square, 1.0)
    upright = two - one * along
    product = square * np.einsum("up,up->p", upright, upright)
    # Where the two are parallel, what is left upright is the rounding of their sum.
    whole = square * np.einsum("up,up->p", two, two)
    return np.asarray(np.sqrt(np.where(product <= PARALLEL**2 * whole, 0.0, product)))


def _weight(network: Network, layer: int) -> Array:
    return np.asarray(network.weights[layer - 1].detach().numpy())


def _slope(network: Network, tile: Pass, layer: int) -> Array:
    """a'(z) of a layer at the points of the last forward pass; 1 for the logits."""
    if layer == network.depth:
        return np.ones_like(tile.logits)
    z, h = tile.inputs[layer - 1], tile.hidden[layer - 1]
    slope = np.ones_like(h)
    ACTIVATIONS[network.activation].pullback(slope, z, h, np.empty_like(h))
    return slope


def _log(factor: Array) -> Array:
    check_finite(factor)
    return np.log(np.maximum(factor, np.exp(FLOOR)))
