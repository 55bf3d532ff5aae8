"""The closed-form passes and steps are those of autograd and torch.optim, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Generator, Tensor, nn

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.engine import Engine
from spiral_dash.core.initializers import fill
from spiral_dash.core.network import Network
from spiral_dash.core.optimizers import OPTIMIZERS
from spiral_dash.core.passes import TILE_MAX, Pass, TiledPass, one_hot, with_ones

Array = npt.NDArray[Any]
HIDDEN = [(), (5,), (6, 5, 4)]

every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
every_depth = pytest.mark.parametrize("hidden", HIDDEN, ids=lambda hidden: f"{len(hidden)} hidden")
two_or_three_classes = pytest.mark.parametrize("classes", [2, 3])


def engine_of(
    hidden: tuple[int, ...], classes: int, activation: str = "tanh", optimizer: str = "sgd"
) -> Engine:
    engine = Engine((2, *hidden, classes), activation, optimizer, torch.float64)
    layers = list(zip(engine.network.weights, engine.network.biases, strict=True))
    fill("pytorch", layers, Generator().manual_seed(0))
    return engine


def batch_of(points: int, classes: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Points (N, 2) float64 and labels (N,)."""
    generator = np.random.default_rng(seed)
    x = generator.normal(0.0, 2.0, (points, 2))
    return torch.from_numpy(x), torch.from_numpy(generator.integers(0, classes, points))


def columns(x: Tensor, y: Tensor, classes: int) -> tuple[Array, Array]:
    return with_ones(x.numpy(), np.float64), one_hot(y.numpy(), classes, np.float64)


def joined(network: Network) -> list[Tensor]:
    """What autograd left on each layer, as (out, in + 1) with the bias last."""
    blocks = []
    for weight, bias in zip(network.weights, network.biases, strict=True):
        assert weight.grad is not None and bias.grad is not None
        blocks.append(torch.cat([weight.grad, bias.grad[:, None]], dim=1))
    return blocks


@every_activation
@every_depth
@two_or_three_classes
@pytest.mark.parametrize("points", [1, 7, 50])
def test_backward_is_autograd(
    activation: str, hidden: tuple[int, ...], classes: int, points: int
) -> None:
    engine = engine_of(hidden, classes, activation)
    x, y = batch_of(points, classes)
    gradient = engine.backward(*columns(x, y, classes))
    twin = engine.network.copy()
    nn.functional.cross_entropy(twin(x), y).backward()
    for ours, theirs in zip(gradient, joined(twin), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-6, rtol=1e-6)


@every_activation
@every_depth
@two_or_three_classes
def test_input_gradient_is_autograd(activation: str, hidden: tuple[int, ...], classes: int) -> None:
    network = engine_of(hidden, classes, activation).network
    x, y = batch_of(11, classes)
    x_columns, targets = columns(x, y, classes)
    batch = Pass(network, 11)
    batch.forward(x_columns)
    ours = batch.input_gradient(batch.cross_entropy_delta(targets, 1.0), np.empty((2, 11)))
    x.requires_grad_()
    nn.functional.cross_entropy(network.copy()(x), y, reduction="sum").backward()
    assert x.grad is not None
    np.testing.assert_allclose(ours.T, x.grad.numpy(), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("points", [1, TILE_MAX - 1, TILE_MAX, 2 * TILE_MAX + 37])
@two_or_three_classes
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_tiles_are_the_module(activation: str, classes: int, points: int) -> None:
    network = engine_of((6, 5), classes, activation).network
    x, y = batch_of(points, classes)
    x_columns, targets = columns(x, y, classes)
    tiles = TiledPass(network)
    x.requires_grad_()
    logits = network.copy()(x)
    losses = nn.functional.cross_entropy(logits, y, reduction="none")
    losses.sum().backward()
    assert x.grad is not None
    expected, gradient = logits.detach(), x.grad.numpy()
    np.testing.assert_allclose(tiles.logits(x_columns).T, expected.numpy(), atol=1e-12)
    np.testing.assert_allclose(
        tiles.probabilities(x_columns).T, expected.softmax(dim=1).numpy(), atol=1e-12
    )
    np.testing.assert_allclose(tiles.loss_gradient(x_columns, targets).T, gradient, atol=1e-12)
    ascent_logits, ascent = tiles.ascent(x_columns, targets)
    np.testing.assert_allclose(ascent_logits.T, expected.numpy(), atol=1e-12)
    wrong = -np.expm1(-losses.detach().numpy())  # 1 - p_y, by which the ascent exceeds
    np.testing.assert_allclose(ascent.T * wrong[:, None], gradient, atol=1e-12)


def test_huge_logits_overflow_nowhere() -> None:
    network = engine_of((), 2).network
    network.flat.mul_(1e6)
    x, _ = batch_of(50, 2)
    probabilities = TiledPass(network).probabilities(with_ones(x.numpy(), np.float64))
    np.testing.assert_allclose(probabilities.sum(axis=0), 1.0)


def test_columns_end_in_ones_and_targets_are_indicators() -> None:
    x = with_ones(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.float32)
    assert x.dtype == np.float32 and x.flags.c_contiguous
    assert x.tolist() == [[1, 3, 5], [2, 4, 6], [1, 1, 1]]
    assert one_hot(np.array([2, 0]), 3, np.float32).tolist() == [[0, 1], [0, 0], [1, 0]]


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.01, 0.0), (0.0, 0.1), (0.02, 0.3)])
@every_depth
def test_the_penalty_is_on_weights_and_not_on_biases(
    hidden: tuple[int, ...], l1: float, l2: float
) -> None:
    """A plain SGD step moves by -rate times the gradient of what TrainingConfig says."""
    engine = engine_of(hidden, 3)
    x, y = batch_of(20, 3)
    twin = engine.network.copy()
    penalty = [l1 * w.abs().sum() + l2 / 2 * (w * w).sum() for w in twin.weights]
    (nn.functional.cross_entropy(twin(x), y) + sum(penalty)).backward()
    expected = engine.network.flat - 0.5 * torch.cat([g.flatten() for g in joined(twin)])
    engine.step(*columns(x, y, 3), 0.5, 0.0, l1, l2)
    torch.testing.assert_close(engine.network.flat, expected, atol=1e-12, rtol=0)


Theirs = Callable[[list[Tensor], list[Tensor], float], torch.optim.Optimizer]


def _grouped(weights: list[Tensor], biases: list[Tensor], decay: float) -> list[dict[str, Any]]:
    return [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]


TORCH: dict[str, Theirs] = {
    "sgd": lambda w, b, l2: torch.optim.SGD(_grouped(w, b, l2), lr=0.01, momentum=0.8),
    "adam": lambda w, b, l2: torch.optim.Adam(_grouped(w, b, l2), lr=0.01),
    "adamw": lambda w, b, l2: torch.optim.AdamW(_grouped(w, b, l2), lr=0.01),
    "rmsprop": lambda w, b, l2: torch.optim.RMSprop(_grouped(w, b, l2), lr=0.01),
}


def test_every_optimizer_has_its_counterpart() -> None:
    assert TORCH.keys() == OPTIMIZERS.keys()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("l2", [0.0, 0.05])
def test_twenty_steps_are_those_of_torch(optimizer: str, l2: float) -> None:
    """The batch size changes on the way, and so does the rate after ten steps."""
    engine = engine_of((6, 5), 2, "tanh", optimizer)
    twin = engine.network.copy()
    theirs = TORCH[optimizer](list(twin.weights), list(twin.biases), l2)
    for step in range(20):
        rate = 0.01 if step < 10 else 0.003
        x, y = batch_of(10 + step % 3, 2, seed=step)
        engine.step(*columns(x, y, 2), rate, 0.8, 0.0, l2)
        for group in theirs.param_groups:
            group["lr"] = rate
        theirs.zero_grad()
        nn.functional.cross_entropy(twin(x), y).backward()
        theirs.step()
    torch.testing.assert_close(engine.network.flat, twin.flat, atol=1e-9, rtol=1e-9)
    assert float((engine.network.flat - engine_of((6, 5), 2).network.flat).abs().max()) > 1e-3


def test_sgd_is_v_to_momentum_v_plus_g_also_when_momentum_changes_on_the_way() -> None:
    engine = engine_of((4,), 2)
    velocity = torch.zeros_like(engine.network.flat)
    batch = columns(*batch_of(10, 2), 2)
    for momentum in (0.9, 0.9, 0.0, 0.0, 0.5, 0.9):
        gradient = engine.backward(*batch)
        velocity = momentum * velocity + torch.from_numpy(
            np.concatenate(list(map(np.ravel, gradient)))
        )
        expected = engine.network.flat - 0.1 * velocity
        engine.step(*batch, 0.1, momentum, 0.0, 0.0)
        torch.testing.assert_close(engine.network.flat, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("optimizer", [n for n, o in OPTIMIZERS.items() if not o.uses_momentum])
def test_momentum_moves_only_those_that_say_so(optimizer: str) -> None:
    with_momentum, without = (engine_of((4,), 2, "tanh", optimizer) for _ in range(2))
    batch = columns(*batch_of(10, 2), 2)
    for _ in range(3):
        with_momentum.step(*batch, 0.01, 0.9, 0.0, 0.0)
        without.step(*batch, 0.01, 0.0, 0.0, 0.0)
    assert torch.equal(with_momentum.state, without.state)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_copy_of_the_state_is_a_complete_snapshot(optimizer: str) -> None:
    engine = engine_of((6, 5), 2, "relu", optimizer)

    def five_steps(first: int) -> None:
        for step in range(first, first + 5):
            engine.step(*columns(*batch_of(12, 2, seed=step), 2), 0.01, 0.9, 0.001, 0.001)

    five_steps(0)
    snapshot = engine.state.clone()
    five_steps(5)
    after = engine.state.clone()
    engine.state.copy_(snapshot)
    five_steps(5)
    assert torch.equal(engine.state, after)
    assert not torch.equal(snapshot, after)


def test_float32_steps_follow_float64() -> None:
    single = Engine((2, 6, 5, 2), "tanh", "adam")
    double = engine_of((6, 5), 2, "tanh", "adam")
    single.network.flat.copy_(double.network.flat)
    for step in range(20):
        x, y = columns(*batch_of(10, 2, seed=step), 2)
        double.step(x, y, 0.01, 0.9, 0.0, 0.0)
        single.step(x.astype(np.float32), y.astype(np.float32), 0.01, 0.9, 0.0, 0.0)
    assert single.state.dtype == torch.float32
    torch.testing.assert_close(
        single.network.flat.double(), double.network.flat, atol=1e-4, rtol=1e-4
    )
