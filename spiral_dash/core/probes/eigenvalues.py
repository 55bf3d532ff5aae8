"""The eigenvalues of the square weight matrices, and the singular values of all."""

from __future__ import annotations

import numpy as np

from spiral_dash.core.network import Network
from spiral_dash.core.probes.matrices import matrices
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe
from spiral_dash.core.probes.spectra import eigenvalues, padded, singular_values


class EigenvaluesOptions(Options):
    """The layer shown, 1 to L; None: the last square hidden one, else the last square one."""

    layer: int | None = None


@probe(
    "eigenvalues",
    options=EigenvaluesOptions,
    source="4.1.2, Hypothesis 2, Figs 4.5, 4.6, D.1",
    returns={
        "eigenvalues": "(n,) complex128: of the layer shown, largest modulus first; where its "
        "matrix is not square, its singular values. Does not travel to the browser",
        "real": "(n,): their real parts",
        "imag": "(n,): their imaginary parts",
        "layer": "() int32: number of the layer shown",
        "square": "() uint8: 1 where that layer is square, 0 where singular values stand in",
        "layers": "(S,) int32: numbers of the square layers, in order",
        "modulus": "(S, N): |lambda| of each square layer, largest first; NaN behind the shorter",
        "mean_modulus": "(S,): mean |lambda| of each square layer",
        "range": "(S,): |lambda|_max - |lambda|_min",
        "condition": "(S,): |lambda|_max / |lambda|_min; infinite where that is 0",
        "complex_count": "(S,) int32: eigenvalues with an imaginary part",
        "singular": "(L, K): singular values of every layer, largest first; NaN behind the shorter",
    },
    summary=("mean_modulus", "range", "condition", "complex_count"),
)
def measure_eigenvalues(subject: Subject, options: EigenvaluesOptions) -> Arrays:
    """Return lambda with W v = lambda v for the square weight matrices (thesis 4.1.2).

    A matrix that is not square has no eigenvalues: its singular values are given instead, and
    `square` says so. Raises `ProbeError` for a layer that does not exist and for weights that are
    not finite.
    """
    network = subject.network
    square = square_layers(network)
    layer = subject.layer(options.layer, default=_default(network, square))
    weights = matrices(network)
    spectra = eigenvalues([weights[number - 1] for number in square])
    singular = singular_values(weights)
    is_square = layer in square
    shown = spectra[square.index(layer)] if is_square else singular[layer - 1].astype(complex)
    modulus = [np.abs(values) for values in spectra]
    with np.errstate(divide="ignore"):
        condition = [m[0] / m[-1] if m[0] > 0 else np.inf for m in modulus]
    return {
        "eigenvalues": shown,
        "real": shown.real,
        "imag": shown.imag,
        "layer": np.array(layer, np.int32),
        "square": np.array(is_square, np.uint8),
        "layers": np.array(square, np.int32),
        "modulus": padded(modulus),
        "mean_modulus": np.array([m.mean() for m in modulus]),
        "range": np.array([m[0] - m[-1] for m in modulus]),
        "condition": np.array(condition),
        "complex_count": np.array([(v.imag != 0).sum() for v in spectra], np.int32),
        "singular": padded(singular),
    }


def square_layers(network: Network) -> list[int]:
    """The layers, from 1, with as many units as inputs."""
    sizes = network.sizes
    return [number for number in range(1, network.depth + 1) if sizes[number - 1] == sizes[number]]


def _default(network: Network, square: list[int]) -> int:
    """The layer shown unless one is named: without a square one, the last hidden one."""
    hidden = [number for number in square if number < network.depth]
    return (hidden or square or [max(network.depth - 1, 1)])[-1]
