"""The gradient with respect to the input against autograd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.network import Network
from spiral_dash.core.probes import PROBES, ProbeError
from tests.unit.probes.subjects import diverged, spiral, subject, subject_of

Array = npt.NDArray[Any]
input_gradient = PROBES["input_gradient"]


def by_autograd(network: Network, x: Tensor, labels: Tensor | None = None) -> Array:
    """(N, n) gradients of each point's own cross-entropy."""
    x = x.clone().requires_grad_()
    logits = network(x)
    chosen = logits.argmax(dim=1) if labels is None else labels
    loss = torch.nn.functional.cross_entropy(logits, chosen, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, x)
    return np.asarray(gradient.numpy())


def nodes(x1: Array, x2: Array) -> Tensor:
    """Every node (row of x2, column of x1) of a grid, (R * R, 2)."""
    columns, rows = np.meshgrid(x1, x2)
    return torch.from_numpy(np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float64))


CASES = [
    *[(name, (7, 5), 2, 1) for name in ACTIVATIONS],
    ("tanh", (), 2, 1),
    ("tanh", (1,), 3, 2),
    ("tanh", (6, 6), 6, 3),
]


@pytest.mark.parametrize(("activation", "hidden", "arms", "codimension"), CASES)
def test_gradients_are_those_of_autograd(
    activation: str, hidden: Sequence[int], arms: int, codimension: int
) -> None:
    measured = subject(hidden, activation, arms, codimension)
    data = measured.data
    arrays = input_gradient(measured, resolution=10, arrows=4)

    at_points = by_autograd(measured.network, data.x_train.double(), data.y_train)
    np.testing.assert_allclose(
        arrays["points_train"], np.linalg.norm(at_points, axis=1), rtol=1e-6, atol=1e-12
    )
    # The axes are sent as float32, hence the tolerance.
    on_grid = by_autograd(measured.network, data.embed(nodes(arrays["x1"], arrays["x2"])))
    np.testing.assert_allclose(
        arrays["grid"].ravel(), np.linalg.norm(on_grid, axis=1), rtol=1e-4, atol=1e-7
    )
    at_arrows = by_autograd(
        measured.network, data.embed(nodes(arrays["arrow_x1"], arrays["arrow_x2"]))
    )
    in_plane = at_arrows @ data.plane.numpy()
    np.testing.assert_allclose(arrays["direction"], in_plane.reshape(4, 4, 2), rtol=1e-4, atol=1e-6)


def test_a_sure_answer_keeps_its_small_gradient() -> None:
    # At logits 60 apart softmax rounds to one in float32 and in float64 alike.
    measured = subject((4,), "linear", dtype=torch.float32, scale=1.0)
    network = measured.network
    with torch.no_grad():
        network.biases[1].copy_(torch.tensor([0.0, 60.0]))
        network.weights[1].mul_(0.1)
    arrays = input_gradient(subject_of(network, spiral()), resolution=10)
    exact = network.copy(torch.float64)
    x = nodes(arrays["x1"], arrays["x2"])
    with torch.no_grad():
        logits = exact(x)
        slope = (exact.weights[1][1] - exact.weights[1][0]) @ exact.weights[0]
    expected = torch.sigmoid(logits[:, 0] - logits[:, 1]) * slope.norm()
    assert 0 < float(expected.max()) < 1e-10
    np.testing.assert_allclose(arrays["grid"].ravel(), expected.numpy(), rtol=1e-3)


def test_arrows_stand_in_the_middle_of_equal_squares() -> None:
    measured = subject()
    arrows = input_gradient(measured, arrows=5)["arrow_x1"]
    extent = measured.data.extent
    np.testing.assert_allclose(arrows, extent * np.array([-0.8, -0.4, 0, 0.4, 0.8]), atol=1e-5)


def test_weights_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        input_gradient(diverged())
