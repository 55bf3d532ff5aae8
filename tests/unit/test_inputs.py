"""What a network gets of a point: one function by numpy, by torch and in either precision."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch.autograd.functional import jacobian, jvp

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.core.adversary import Adversary
from spiral_dash.core.attacks import ATTACKS
from spiral_dash.core.engine import Engine
from spiral_dash.core.initializers import fill
from spiral_dash.core.inputs import FEATURES, PLAIN, FeatureName, InputMap, Scaling
from spiral_dash.core.network import Network, parameter_count
from spiral_dash.core.passes import TiledPass, one_hot, with_ones
from spiral_dash.core.probes.images import layer_images
from spiral_dash.core.probes.input_gradient import loss_gradient
from spiral_dash.core.threads import single_thread

Array = npt.NDArray[Any]
Names = tuple[FeatureName, ...]
SCALINGS: tuple[Scaling, ...] = ("none", "standard", "minmax")
SUBSETS: list[Names] = [
    names for count in range(1, len(FEATURES) + 1) for names in combinations(FEATURES, count)
]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small operations, which more threads only slow down on a busy machine."""
    with single_thread():
        yield


def points(count: int = 40, dimension: int = 2, seed: int = 0) -> torch.Tensor:
    generator = np.random.default_rng(seed)
    drawn = generator.normal([3.0, -1.0, 0.5, 8.0][:dimension], 2.0, (count, dimension))
    return torch.from_numpy(drawn.astype(np.float32))


def network_on(inputs: InputMap, dtype: torch.dtype = torch.float64, classes: int = 3) -> Network:
    sizes = (inputs.units, 6, 5, classes)
    generator = torch.Generator().manual_seed(3)
    flat = torch.randn(parameter_count(sizes), generator=generator, dtype=torch.float64) / 2
    return Network(sizes, "tanh", flat.to(dtype), inputs)


def run_with(features: str = "x1,x2", scaling: str = "none", **training: object) -> Run:
    config = {
        "data": {"entanglement": 4, "samples_per_arm": 80},
        "network": {"hidden": [8, 8], "features": features.split(","), "scaling": scaling},
        "training": {"learning_rate": 0.01, **training},
    }
    return Run(RunConfig.parse(config))


@pytest.mark.parametrize("scaling", SCALINGS)
def test_the_gradient_through_every_choice_of_features_is_autograds(scaling: Scaling) -> None:
    x, y = points().double(), torch.arange(40) % 3
    for names in SUBSETS:
        network = network_on(InputMap.fit(points(seed=1), names, scaling))
        leaf = x.clone().requires_grad_()
        torch.nn.functional.cross_entropy(network(leaf), y, reduction="sum").backward()
        assert leaf.grad is not None
        columns, targets = with_ones(x.numpy(), np.float64), one_hot(y.numpy(), 3, np.float64)
        ours = TiledPass(network, 16).loss_gradient(columns, targets)
        np.testing.assert_allclose(ours.T, leaf.grad, rtol=1e-9, atol=1e-12, err_msg=str(names))
        np.testing.assert_allclose(
            loss_gradient(network, columns, y.numpy()), ours, rtol=1e-9, atol=1e-12
        )


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_forward_by_torch_is_the_pass(scaling: Scaling, dtype: torch.dtype) -> None:
    x = points(300).to(dtype)
    columns = with_ones(x.numpy(), x.numpy().dtype)
    for names in SUBSETS[::7]:
        network = network_on(InputMap.fit(points(seed=1), names, scaling), dtype)
        logits = TiledPass(network).logits(columns)
        tolerance = 1e-12 if dtype == torch.float64 else 2e-4
        np.testing.assert_allclose(network(x).detach().numpy().T, logits, atol=tolerance)
        (given,) = layer_images(network, columns, [0])
        np.testing.assert_array_equal(given, network.inputs.columns(columns)[:-1])
        np.testing.assert_allclose(given.T, network.inputs.apply(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_the_tangent_is_torchs_forward_derivative(scaling: Scaling) -> None:
    x = points().double()
    direction = torch.tensor([0.3, -1.7], dtype=torch.float64)
    for names in SUBSETS[::5]:
        inputs = InputMap.fit(points(seed=1), names, scaling)
        _, expected = jvp(inputs.apply, x, direction.expand_as(x))
        ours = inputs.tangent(with_ones(x.numpy(), np.float64), direction.numpy())
        np.testing.assert_allclose(ours.T, expected, atol=1e-12)


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
def test_scaling_is_that_of_the_points_it_was_fitted_to(dimension: int) -> None:
    x = points(500, dimension)
    columns = with_ones(x.double().numpy(), np.float64)
    standard = InputMap.fit(x, PLAIN, "standard").columns(columns)[:-1]
    np.testing.assert_allclose(standard.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(standard.std(axis=1), 1, atol=1e-6)
    ranged = InputMap.fit(x, PLAIN, "minmax").columns(columns)[:-1]
    np.testing.assert_allclose(ranged.min(axis=1), -1, atol=1e-6)
    np.testing.assert_allclose(ranged.max(axis=1), 1, atol=1e-6)


def test_test_points_have_no_say_in_the_scaling() -> None:
    run = run_with(scaling="standard")
    alone = InputMap.fit(run.data.x_train, PLAIN, "standard")
    np.testing.assert_array_equal(run.network.inputs.shift, alone.shift)
    np.testing.assert_array_equal(run.network.inputs.scale, alone.scale)


@pytest.mark.parametrize("scaling", ["standard", "minmax"])
@pytest.mark.parametrize("value", [0.0, 0.1, -1e6, 1e30, 1e-40])
def test_a_column_that_never_changes_becomes_zero(scaling: Scaling, value: float) -> None:
    x = points()
    x[:, 1] = value
    inputs = InputMap.fit(x, PLAIN, scaling)
    given = inputs.columns(with_ones(x.numpy(), np.float32))
    assert np.isfinite(given).all()
    np.testing.assert_array_equal(given[1], 0.0)


@pytest.mark.parametrize("scaling", ["standard", "minmax"])
@pytest.mark.parametrize("size", [1e-44, 1e-38, 1e-20, 1e20, 1e37])
def test_tiny_and_huge_columns_stay_finite(scaling: Scaling, size: float) -> None:
    x = points() * size
    given = InputMap.fit(x, PLAIN, scaling).columns(with_ones(x.numpy(), np.float32))
    assert np.isfinite(given).all()


def test_far_from_the_origin_nothing_is_lost_between_the_precisions() -> None:
    x = points(200) + torch.tensor([1e6, 50.0])
    inputs = InputMap.fit(x, FEATURES, "standard")
    single = inputs.columns(with_ones(x.numpy(), np.float32))
    double = inputs.columns(with_ones(x.double().numpy(), np.float64))
    np.testing.assert_allclose(single, double, rtol=1e-5, atol=1e-6)


def test_the_identity_costs_nothing() -> None:
    inputs = InputMap.fit(points(), PLAIN, "none")
    columns, gradient = with_ones(points().numpy(), np.float32), np.zeros((2, 40), np.float32)
    assert inputs.is_identity
    assert inputs.columns(columns) is columns
    assert inputs.pullback(columns, gradient) is gradient
    x = points()
    assert inputs.apply(x) is x


def test_plain_inputs_train_as_the_engine_does_on_the_points_themselves() -> None:
    run = run_with()
    engine = Engine((2, 8, 8, 2), "tanh", "adam")
    layers = list(zip(engine.network.weights, engine.network.biases, strict=True))
    fill("pytorch", layers, torch.Generator().manual_seed(run.config.seeds.weights))
    columns = with_ones(run.data.x_train.numpy(), np.float32)
    targets = one_hot(run.data.y_train.numpy(), 2, np.float32)
    for epoch in range(3):
        draw = np.random.default_rng([run.config.seeds.batches, epoch])
        order = draw.permutation(columns.shape[1])
        x_epoch, targets_epoch = columns[:, order], targets[:, order]
        for start in range(0, len(order), 50):
            here = slice(start, start + 50)
            engine.step(x_epoch[:, here], targets_epoch[:, here], 0.01, 0.9, 0.0, 0.0)
    run.train(3)
    assert torch.equal(engine.state, run.trainer.engine.state)


def test_a_run_with_features_trains_as_the_engine_does_on_its_features() -> None:
    run = run_with("x1,x1^2,x1x2,sin_x2", "minmax")
    inputs = run.network.inputs
    assert run.network.sizes[0] == 4 and run.network.dimension == 2
    z = (run.data.x_train.double() - torch.from_numpy(inputs.shift)) * torch.from_numpy(
        inputs.scale
    )
    own = torch.stack([z[:, 0], z[:, 0] ** 2, z[:, 0] * z[:, 1], z[:, 1].sin()], 1)
    np.testing.assert_allclose(inputs.apply(run.data.x_train), own, atol=1e-6)
    run.train(20)
    assert run.history["train_loss"][-1] < run.history["train_loss"][0]
    logits = run.network(run.data.x_test).detach()
    loss = torch.nn.functional.cross_entropy(logits, run.data.y_test)
    assert run.metrics["test_loss"] == pytest.approx(float(loss), rel=1e-5)
    past = run.subject(epoch=10).network
    assert past.inputs is run.network.inputs
    restored = Run.unpack(run.pack())
    restored.train(2)
    run.train(2)
    assert torch.equal(restored.network.flat, run.network.flat)
    np.testing.assert_array_equal(restored.network.inputs.shift, run.network.inputs.shift)


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("scaling", SCALINGS)
def test_attacks_move_points_and_not_features(norm: str, scaling: str) -> None:
    run = run_with("x1^2,x1x2,sin_x1,sin_x2", scaling)
    run.train(3)
    x = run.data.x_test.numpy().astype(np.float64)
    clean = run.network(run.data.x_test).argmax(1).numpy() == run.data.y_test.numpy()
    for method in ATTACKS:
        found = run.attack(method, epsilon=0.7, norm=norm, restarts=2)
        assert found.shape == x.shape
        distance = np.linalg.norm(found - x, ord=np.inf if norm == "linf" else 2, axis=1)
        assert (distance <= 0.7).all()
        held = run.network(torch.from_numpy(found)).argmax(1).numpy() == run.data.y_test.numpy()
        accuracy = run.measure("attack", method=method, epsilons=[0.7], norm=norm, restarts=2)
        assert accuracy["accuracy"][0] <= clean.mean()
        assert abs(held.mean() - accuracy["accuracy"][0]) < 0.01


@pytest.mark.parametrize("kind", ["fgsm", "pgd"])
@pytest.mark.parametrize("scaling", SCALINGS)
def test_an_adversary_moves_points_uphill_within_their_balls(kind: str, scaling: str) -> None:
    run = run_with("x1,x2,x1^2,x2^2,x1x2,sin_x1,sin_x2", scaling, adversary=kind)
    run.train(2)
    columns = with_ones(run.data.x_train.numpy(), np.float32)
    labels = run.data.y_train.numpy()
    adversary = Adversary(run.trainer.engine, columns)
    adversary.shuffle(np.arange(len(labels)), 0.1, np.random.default_rng(0))
    batch = slice(10, 60)
    targets = one_hot(labels, 2, np.float32)[:, batch]
    training = run.config.training.replace(adversary_epsilon=0.1)
    moved = adversary.move(targets, batch, training).copy()
    assert (np.abs(moved[:-1].astype(np.float64) - columns[:-1, batch]).max() <= 0.1).all()
    np.testing.assert_array_equal(
        adversary.batch(targets, batch, training), run.network.inputs.columns(moved)
    )
    y = torch.from_numpy(labels[batch])
    before, after = (
        torch.nn.functional.cross_entropy(run.network(torch.from_numpy(x[:-1].T.copy())), y)
        for x in (columns[:, batch], moved)
    )
    assert after > before


@pytest.mark.parametrize("codimension", [2, 4])
def test_features_of_more_than_two_numbers_are_refused(codimension: int) -> None:
    data = {"codimension": codimension}
    with pytest.raises(ConfigError, match=f"all {codimension + 1} numbers of a point, got x1,x1x2"):
        Run(RunConfig.parse({"data": data, "network": {"features": ["x1", "x1x2"]}}))
    run = Run(RunConfig.parse({"data": data, "network": {"scaling": "standard"}}))
    assert run.network.sizes[0] == run.network.dimension == codimension + 1


def test_the_order_of_features_is_the_lists_own() -> None:
    one, other = (
        RunConfig.from_query(f"network.features={names}") for names in ("x1x2,x1", "x1,x1x2")
    )
    assert one == other and one.network.features == ("x1", "x1x2")
    assert one.to_query() == "network.features=x1,x1x2"
    with pytest.raises(ConfigError, match="each feature at most once"):
        RunConfig.from_query("network.features=x1,x1")


def test_a_map_must_fit_its_network() -> None:
    with pytest.raises(ValueError, match="gets 3 inputs, got a map to 2"):
        Network((3, 2), "tanh", None, InputMap.identity(2))


def test_all_probes_look_at_the_plane_and_not_at_features() -> None:
    run = run_with("x1,x1^2,x1x2,sin_x2", "standard")
    run.train(2)
    assert run.measure("input_gradient", resolution=10, arrows=4)["direction"].shape == (4, 4, 2)
    image = run.measure("mapping", layer=0)["train"]
    assert image.shape == (len(run.data.x_train), 2)
    network = run.network.copy(torch.float64)
    found = run.measure("jacobian", layer=1, resolution=10)
    node = torch.tensor([[found["x1"][3], found["x2"][6]]], dtype=torch.float64)
    slopes = jacobian(lambda x: network.layers(x)[0], node)[0, :, 0]
    area = float(torch.linalg.det(slopes.T @ slopes).sqrt())
    assert found["log_stretch"][6, 3] == pytest.approx(np.log(area), abs=1e-4)
