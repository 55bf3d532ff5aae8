"""Proofs with features and scaling in front: enclosures hold, and radii are those of a grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from spiral_dash import Run, RunConfig
from spiral_dash.core.balls import Norm
from spiral_dash.core.certify import Front, exact_radii, one_shot_radius, robust_accuracy
from spiral_dash.core.certify.bounds import Classifier
from spiral_dash.core.inputs import FEATURES, PLAIN, FeatureName
from spiral_dash.core.probes.proving import front_in_space, front_on_plane, layers_of
from spiral_dash.core.threads import single_thread

Array = npt.NDArray[Any]
NORMS: list[Norm] = ["linf", "l2"]
MATRICES = {
    "as it is": np.eye(2),
    "scaled": np.diag([0.2, 3.0]),
    "turned": np.array([[0.6, -0.8], [0.8, 0.6]]),
    "sheared": np.array([[1.0, 2.0], [0.1, -1.0]]),
    "flat": np.array([[1.0, 2.0], [0.5, 1.0]]),
}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small operations, which more threads only slow down on a busy machine."""
    with single_thread():
        yield


def unit_ball(norm: Norm, across: int = 25) -> Array:
    """The unit ball on a grid, its corners and edge among it: (2, K)."""
    line = np.linspace(-1.0, 1.0, across)
    grid = np.stack(np.meshgrid(line, line)).reshape(2, -1)
    if norm == "linf":
        return grid
    angle = np.linspace(0.0, 2 * np.pi, 73)
    edge = np.stack([np.cos(angle), np.sin(angle)])
    return np.concatenate([grid[:, np.hypot(*grid) <= 1.0], edge], axis=1)


def values(z: Array) -> Array:
    """All seven features of z (2, ...), written out."""
    p, q = z
    return np.stack([p, q, p**2, q**2, p * q, np.sin(p), np.sin(q)])


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("matrix", MATRICES)
def test_an_enclosure_holds_everywhere_in_its_ball(norm: Norm, matrix: str) -> None:
    generator = np.random.default_rng(4)
    count = 400
    centre = generator.normal(size=(count, 2)) * 10.0 ** generator.uniform(-3, 2, (count, 1))
    half = 10.0 ** generator.uniform(-6, 1.5, count)
    half[:5] = 0.0
    front = Front(MATRICES[matrix], np.array([0.7, -2.0]), FEATURES)
    found = front.enclose(centre, half, norm)
    e = unit_ball(norm)
    u = centre.T[:, :, None] + half[:, None] * e[:, None, :]
    z = np.einsum("ij,jbk->ibk", front.matrix, u) + front.offset[:, None, None]
    affine = np.einsum("fib,ik->fbk", found.form[:, :2], e) + found.form[:, 2, :, None]
    size = np.square(np.abs(z).max()) + 1.0
    assert (np.abs(values(z) - affine) <= found.error[:, :, None] + 1e-14 * size).all()
    assert (found.error[:2] == 0.0).all()
    assert (np.abs(values(z)).max(axis=2) <= front.greatest(centre, half) + 1e-14 * size).all()
    np.testing.assert_allclose(
        front.values(centre), values(front.matrix @ centre.T + [[0.7], [-2]])
    )


@pytest.mark.parametrize("norm", NORMS)
def test_the_error_of_an_enclosure_is_attained_or_nearly(norm: Norm) -> None:
    """The planes of squares and of the product, with the axes as they are, touch the function."""
    front = Front(np.eye(2), np.zeros(2), FEATURES)
    found = front.enclose(np.array([[1.5, -0.5]]), np.array([0.2]), norm)
    e = unit_ball(norm, 201)
    affine = found.form[:, :2, 0] @ e + found.form[:, 2]
    z = np.array([[1.5], [-0.5]]) + 0.2 * e
    off = values(z) - affine
    for name in ("x1^2", "x2^2", "x1x2"):
        of = FEATURES.index(name)
        np.testing.assert_allclose(off[of].max(), found.error[of, 0], rtol=1e-2)
        np.testing.assert_allclose(off[of].min(), -found.error[of, 0], rtol=1e-2)


def layers(features: int, widths: list[int], classes: int, seed: int) -> list[tuple[Any, Any]]:
    generator = np.random.default_rng(seed)
    sizes = [features, *widths, classes]
    return [
        (
            generator.normal(size=(above, below)) * 1.5 / np.sqrt(below),
            0.5 * generator.normal(size=above),
        )
        for below, above in pairwise(sizes)
    ]


def outputs(network: list[tuple[Any, Any]], given: Array) -> Array:
    h = given
    for weight, bias in network[:-1]:
        h = np.tanh(np.tensordot(weight, h, 1) + bias.reshape(-1, *[1] * (h.ndim - 1)))
    weight, bias = network[-1]
    result: Array = np.tensordot(weight, h, 1) + bias.reshape(-1, *[1] * (h.ndim - 1))
    return result


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("widths", [[], [8], [8, 8], [6] * 7])
def test_margins_hold_everywhere_in_their_ball(norm: Norm, classes: int, widths: list[int]) -> None:
    generator = np.random.default_rng(2)
    network = layers(7, widths, classes, 3)
    front = Front(MATRICES["turned"], np.array([0.1, 0.2]), FEATURES)
    centre, half = generator.uniform(-3, 3, (60, 2)), 10.0 ** generator.uniform(-3, 0, 60)
    found = Classifier(network, "tanh", front).margins(centre, half, norm)
    e = unit_ball(norm)
    u = centre.T[:, :, None] + half[:, None] * e[:, None, :]
    logits = outputs(
        network, values(np.einsum("ij,jbk->ibk", front.matrix, u) + front.offset[:, None, None])
    )
    own = np.take_along_axis(logits, found.reference[None, :, None], 0)
    margins = (own - logits).transpose(1, 0, 2)
    affine = np.einsum("bmi,ik->bmk", found.slope, e) + found.offset[:, :, None]
    assert (np.abs(margins - affine) <= found.gap[:, :, None] + 1e-10).all()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("names", [*combinations(FEATURES, 2), FEATURES, ("x1x2",)])
def test_radii_are_those_of_a_fine_grid(norm: Norm, names: tuple[FeatureName, ...]) -> None:
    network = layers(len(names), [8, 8], 3, 11)
    front = Front(np.diag([1.5, 0.7]), np.array([0.3, -0.1]), names)
    rows = [FEATURES.index(name) for name in names]

    def classes_at(u: Array) -> Array:
        z = np.einsum("ij,j...->i...", front.matrix, u) + front.offset.reshape(
            2, *[1] * (u.ndim - 1)
        )
        return np.asarray(outputs(network, values(z)[rows]).argmax(0))

    generator = np.random.default_rng(5)
    points = generator.uniform(-2, 2, (25, 2))
    labels = classes_at(points.T)
    labels[::6] = (labels[::6] + 1) % 3
    epsilons = [0.05, 0.2, 0.4]
    radii = exact_radii(network, "tanh", points, labels, epsilons, norm=norm, front=front)
    assert (robust_accuracy(radii, epsilons).decided == len(points)).all()
    offsets = 0.4 * unit_ball(norm, 121)
    sizes = np.linalg.norm(offsets, axis=0, ord=np.inf if norm == "linf" else 2)
    wrong = classes_at(points.T[:, :, None] + offsets[:, None, :]) != labels[:, None]
    grid = np.where(wrong, sizes, np.inf).min(axis=1)
    step = 0.4 * 2 / 120
    assert (np.minimum(radii.radius_lower, 0.4) <= grid + 1e-12).all()
    near = radii.radius_upper <= 0.4 - 2 * step
    assert (grid[near] <= radii.radius_upper[near] + 2 * step).mean() > 0.9
    shot = one_shot_radius(network, "tanh", points, labels, 0.4, norm=norm, front=front)
    assert (shot <= np.minimum(radii.radius_upper, 0.4) + 1e-9).all()
    assert (shot > 0).any()


@pytest.mark.parametrize("norm", NORMS)
def test_an_affine_front_is_the_folded_first_layer(norm: Norm) -> None:
    network = layers(5, [8, 8], 2, 1)
    generator = np.random.default_rng(6)
    matrix, offset = generator.normal(size=(5, 2)), generator.normal(size=5)
    (weight, bias), *rest = network
    folded = [(weight @ matrix, bias + weight @ offset), *rest]
    points, labels = generator.uniform(-1, 1, (30, 2)), generator.integers(0, 2, 30)
    one = exact_radii(
        network, "tanh", points, labels, [0.1, 0.3], norm=norm, front=Front(matrix, offset)
    )
    other = exact_radii(folded, "tanh", points, labels, [0.1, 0.3], norm=norm)
    np.testing.assert_allclose(one.radius_lower, other.radius_lower)
    np.testing.assert_allclose(one.radius_upper, other.radius_upper)
    plain = layers(2, [8], 2, 1)
    with pytest.raises(ValueError, match="takes 2 values, but gets 5"):
        exact_radii(plain, "tanh", points, labels, [0.1], front=Front(matrix, offset))


def run_with(features: Sequence[str], scaling: str, codimension: int = 1, epochs: int = 40) -> Run:
    run = Run(
        RunConfig.parse(
            {
                "data": {
                    "entanglement": 5,
                    "samples_per_arm": 100,
                    "codimension": codimension,
                    "test_noise": 0.3,
                },
                "network": {"hidden": [8, 8], "features": features, "scaling": scaling},
                "training": {"learning_rate": 0.01},
            }
        )
    )
    run.train(epochs)
    return run


@pytest.mark.parametrize("scaling", ["none", "standard", "minmax"])
@pytest.mark.parametrize("norm", NORMS)
def test_a_trained_network_with_all_features_is_decided_below_every_attack(
    scaling: str, norm: str
) -> None:
    run = run_with(FEATURES, scaling)
    epsilons = [0.0, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0]
    exact = run.measure("exact_robustness", epsilons=epsilons, norm=norm)
    assert (exact["decided"] == len(run.data.y_test)).all()
    np.testing.assert_array_equal(exact["accuracy"], exact["accuracy_upper"])
    attacked = run.measure(
        "attack",
        methods=["noise", "fgsm", "bim", "pgd"],
        epsilons=epsilons,
        norm=norm,
        iterations=20,
    )
    for name in ("noise", "fgsm", "bim", "pgd"):
        assert (exact["accuracy"] <= attacked[f"accuracy_{name}"]).all()
    assert np.abs(exact["accuracy"] - attacked["accuracy_pgd"]).max() < 0.1
    estimate = run.measure("robustness_estimate", norm=norm, resolution=400)
    at = np.searchsorted(estimate["epsilons"], np.array(epsilons) - 1e-9)
    np.testing.assert_allclose(estimate["accuracy"][at], exact["accuracy"], atol=0.02)


@pytest.mark.parametrize("codimension", [1, 4])
def test_the_front_of_a_run_is_what_its_network_does(codimension: int) -> None:
    features = FEATURES if codimension == 1 else PLAIN
    run = run_with(features, "standard", codimension, epochs=2)
    network = run.network.copy(torch.float64)
    u = np.random.default_rng(0).normal(size=(20, 2)) * 5
    x = run.data.embed(torch.from_numpy(u))
    expected = network(x).argmax(1).numpy()
    plane = Classifier(layers_of(network), "tanh", front_on_plane(network, run.data))
    space = Classifier(layers_of(network), "tanh", front_in_space(network))
    np.testing.assert_array_equal(plane.predict(u), expected)
    np.testing.assert_array_equal(space.predict(x.numpy()), expected)
    given = front_on_plane(network, run.data).values(u)
    np.testing.assert_allclose(given.T, network.inputs.apply(x).numpy(), atol=1e-12)


@pytest.mark.parametrize("scaling", ["standard", "minmax"])
def test_one_shot_bounds_of_scaled_points_hold_in_space(scaling: str) -> None:
    run = run_with(PLAIN, scaling, codimension=4)
    epsilons = [0.0, 0.01, 0.1]
    proved = run.measure("exact_robustness", proof="one-shot", epsilons=epsilons)
    attacked = run.measure("attack", method="pgd", epsilons=epsilons)
    assert (proved["accuracy"] <= attacked["accuracy"]).all()
    assert proved["accuracy"][0] == attacked["clean"]
    assert proved["accuracy"][1] > 0
