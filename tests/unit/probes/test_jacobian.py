"""The area stretch against torch.func.jacrev and maps whose stretch is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor
from torch.func import jacrev, vmap

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.probes import PROBES, ProbeError, Subject
from spiral_dash.core.probes.jacobian import FLOOR
from tests.unit.probes.subjects import diverged, network_of, spiral, subject, subject_of

Array = npt.NDArray[Any]
jacobian = PROBES["jacobian"]


def nodes(measured: Subject, resolution: int) -> Tensor:
    axis = np.linspace(-measured.data.extent, measured.data.extent, resolution)
    columns, rows = np.meshgrid(axis, axis)
    return torch.from_numpy(np.stack([columns.ravel(), rows.ravel()], axis=1))


def by_autograd(measured: Subject, layer: int, resolution: int) -> Array:
    """log sqrt(det(J^T J)) of the map from the plane up to the layer."""

    def image(u: Tensor) -> Tensor:
        return measured.network.layers(measured.data.embed(u[None]))[layer - 1][0]

    j = vmap(jacrev(image))(nodes(measured, resolution)).detach().numpy()
    singular = np.linalg.svd(j, compute_uv=False)
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(np.log(singular).sum(axis=1), FLOOR))


CASES = [
    *[(name, (7, 5), 2, 1, layer) for name in ACTIVATIONS for layer in (1, 2, 3)],
    ("tanh", (), 3, 1, 1),
    ("tanh", (6, 2, 4), 6, 3, 2),
    ("tanh", (6, 2, 4), 6, 3, 4),
]


@pytest.mark.parametrize(("activation", "hidden", "arms", "codimension", "layer"), CASES)
def test_the_stretch_is_that_of_autograd(
    activation: str, hidden: Sequence[int], arms: int, codimension: int, layer: int
) -> None:
    measured = subject(hidden, activation, arms, codimension)
    arrays = jacobian(measured, layer=layer, resolution=10)
    expected = by_autograd(measured, layer, 10)
    got = arrays["log_stretch"].ravel()
    # A stretch near the rounding of float64 is only as exact as that.
    clear = expected > -25
    assert clear.any()
    np.testing.assert_allclose(got[clear], expected[clear], atol=1e-5)
    np.testing.assert_array_less(got[~clear], -24)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "linear", "gelu"])
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_determinant_is_that_of_the_layers_own_map(layer: int, activation: str) -> None:
    measured = subject((2, 2), activation, scale=0.3)
    network = measured.network
    function = ACTIVATIONS[activation].module if layer < 3 else lambda z: z

    def own(z: Tensor) -> Tensor:
        out: Tensor = function(network.weights[layer - 1] @ z + network.biases[layer - 1])
        return out

    u = nodes(measured, 10)
    with torch.no_grad():
        below = [u, *network.layers(u)][layer - 1]
    j = vmap(jacrev(own))(below).detach().numpy()
    _, expected = np.linalg.slogdet(j)
    got = jacobian(measured, layer=layer, resolution=10)["log_det"]
    # A slope in the far tail of an activation is only as exact as float64's rounding.
    clear = expected > -25
    np.testing.assert_allclose(got.ravel()[clear], expected[clear], atol=1e-6)
    np.testing.assert_array_less(got.ravel()[~clear], -24)


def test_the_stretch_of_layers_of_two_is_the_sum_of_their_determinants() -> None:
    measured = subject((2, 2), scale=0.3)
    single = [jacobian(measured, layer=k, resolution=10)["log_det"] for k in (1, 2, 3)]
    whole = jacobian(measured, layer=3, resolution=10)["log_stretch"]
    np.testing.assert_allclose(whole, sum(single), atol=1e-6)


@pytest.mark.parametrize(("hidden", "layer", "codimension"), [((3, 2), 2, 1), ((2,), 1, 2)])
def test_a_map_that_is_not_from_two_to_two_units_has_no_determinant(
    hidden: Sequence[int], layer: int, codimension: int
) -> None:
    arrays = jacobian(subject(hidden, codimension=codimension), layer=layer)
    assert "log_det" not in arrays


def test_an_embedding_without_stretch_keeps_area() -> None:
    q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((5, 3)))
    network = network_of([np.eye(3, 4), np.c_[q, np.ones(5)], np.zeros((2, 6))])
    arrays = jacobian(subject_of(network, spiral(codimension=2)), layer=2)
    np.testing.assert_allclose(arrays["log_stretch"], 0, atol=1e-12)


def test_where_relu_is_dead_the_floor_is_given() -> None:
    network = network_of([np.eye(2, 3), np.eye(2, 3)], "relu")
    arrays = jacobian(subject_of(network, spiral()), resolution=10)
    quadrant = (arrays["x1"][None, :] > 0) & (arrays["x2"][:, None] > 0)
    np.testing.assert_array_equal(arrays["log_stretch"], np.where(quadrant, 0.0, FLOOR))
    np.testing.assert_array_equal(arrays["log_det"], np.where(quadrant, 0.0, FLOOR))


def test_a_plane_that_one_unit_alone_carries_on_has_the_floor_and_no_rounding() -> None:
    mixing = np.random.default_rng(1).standard_normal((4, 3))
    network = network_of([np.eye(2, 3), mixing, np.zeros((2, 5))], "linear")
    flat = network_of(
        [np.array([[0.3, 0.7, 0.1], [0.6, 1.4, 0.2]]), mixing, np.zeros((2, 5))], "linear"
    )
    assert (jacobian(subject_of(network, spiral()), layer=2)["log_stretch"] > -10).all()
    arrays = jacobian(subject_of(flat, spiral()), layer=2, resolution=10)
    np.testing.assert_array_equal(arrays["log_stretch"], FLOOR)


def test_one_unit_leaves_no_area() -> None:
    measured = subject((4, 1, 4))
    assert "log_stretch" in jacobian(measured, layer=1)
    for layer in (2, 3, 4):
        with pytest.raises(ProbeError, match="Layer 2 has one unit"):
            jacobian(measured, layer=layer)


@pytest.mark.parametrize("layer", [0, 5])
def test_a_layer_that_does_not_exist_is_refused(layer: int) -> None:
    with pytest.raises(ProbeError, match="expected 1 to 4"):
        jacobian(subject(), layer=layer)


def test_weights_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        jacobian(diverged())
