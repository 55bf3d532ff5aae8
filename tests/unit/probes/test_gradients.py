"""Gradients of the weights against autograd, and networks in which they vanish or explode."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.network import split
from spiral_dash.core.probes import PROBES, Subject
from tests.unit.probes.subjects import diverged, random_network, spiral, subject, subject_of

gradients = PROBES["gradients"]


def by_autograd(measured: Subject) -> list[Tensor]:
    """One flat gradient a layer, weights and bias, of the mean loss over the training set."""
    network, data = measured.network, measured.data
    parameters = [*network.weights, *network.biases]
    loss = nn.functional.cross_entropy(network(data.x_train.to(network.flat.dtype)), data.y_train)
    found = torch.autograd.grad(loss, parameters)
    depth = network.depth
    return [torch.cat([found[k].ravel(), found[depth + k].ravel()]) for k in range(depth)]


CASES = [
    *[(name, (7, 5), 2, 1) for name in ACTIVATIONS],
    ("tanh", (), 3, 1),
    ("relu", (50,) * 5, 2, 1),
    ("relu", (1,), 6, 31),
]


@pytest.mark.parametrize(("activation", "hidden", "arms", "codimension"), CASES)
def test_norms_and_shares_are_those_of_autograd(
    activation: str, hidden: Sequence[int], arms: int, codimension: int
) -> None:
    network = random_network((codimension + 1, *hidden, arms), activation)
    measured = subject_of(network, spiral(arms, codimension, samples=300))
    arrays = gradients(measured)
    assert set(arrays) == set(gradients.returns)
    for layer, g in enumerate(by_autograd(measured)):
        np.testing.assert_allclose(arrays["norm"][layer], float(g.norm()), rtol=1e-9)
        # A sum that is 0 in one order of adding may be 1e-18 in another, never in a dead row.
        share = float((g.abs() < 1e-17).double().mean())
        np.testing.assert_allclose(arrays["zero_share"][layer], share, atol=1.5 / len(g))
        share = float((g.abs() < 1e-8).double().mean())
        np.testing.assert_allclose(arrays["tiny_share"][layer], share, atol=1.5 / len(g))


def with_dead_units(activation: str) -> Subject:
    """Layers of 6 and 4 units, of which 2 and 1 get a bias that keeps them below 0."""
    network = random_network((2, 6, 4, 2), activation)
    first, second, _ = split(network.flat, network.sizes)
    first[:2, -1], second[3, -1] = -1e4, -1e6
    return subject_of(network, spiral())


def test_dead_units_get_no_gradient_and_are_counted() -> None:
    measured = with_dead_units("relu")
    arrays = gradients(measured)
    h = measured.network.layers(measured.data.x_train.double())[:-1]
    expected = [float((layer == 0).all(dim=0).double().mean()) for layer in h]
    np.testing.assert_allclose(arrays["dead_units"], expected)
    assert arrays["dead_units"][0] >= 2 / 6 and arrays["dead_units"][1] >= 1 / 4
    assert (arrays["zero_share"][:2] >= arrays["dead_units"] - 1e-12).all()


@pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "silu"])
def test_only_relu_has_dead_units(activation: str) -> None:
    np.testing.assert_array_equal(gradients(with_dead_units(activation))["dead_units"], [0, 0])


def test_a_deep_sigmoid_network_vanishes_towards_the_input() -> None:
    arrays = gradients(subject((20,) * 8, "sigmoid"))
    assert all(below < above for below, above in pairwise(arrays["norm"]))
    verdict = arrays["verdict"].tolist()
    assert verdict[0] == 1 and verdict[-1] == 0
    assert verdict == sorted(verdict, reverse=True)


def test_a_network_of_zeros_vanishes_except_at_its_bias() -> None:
    measured = subject((10, 10), "relu", dtype=torch.float32)
    measured.network.flat.zero_()
    arrays = gradients(measured)
    np.testing.assert_array_equal(arrays["zero_share"][:2], 1)
    np.testing.assert_array_equal(arrays["verdict"][:2], 1)
    np.testing.assert_array_equal(arrays["dead_units"], [1, 1])


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_healthy_network_is_fine(activation: str) -> None:
    arrays = gradients(subject((20, 20), activation))
    np.testing.assert_array_equal(arrays["verdict"], 0)


def test_large_weights_explode() -> None:
    arrays = gradients(subject((20, 20, 20), "linear", scale=50.0))
    assert (arrays["norm"] > 1e3).all()
    np.testing.assert_array_equal(arrays["verdict"], 2)


def test_what_is_not_finite_counts_as_exploding() -> None:
    arrays = gradients(diverged((8, 8)))
    np.testing.assert_array_equal(arrays["verdict"], 2)


def test_without_hidden_layers_there_are_no_units() -> None:
    arrays = gradients(subject((), arms=6, codimension=31))
    assert arrays["dead_units"].shape == (0,)
    assert arrays["norm"].shape == (1,)
