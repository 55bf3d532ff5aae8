"""The data lies where its definition says, and each dial changes what it names and no more."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from spiral_dash.core.data.dataset import Dataset, make_dataset
from spiral_dash.core.data.geometry import arc_length
from spiral_dash.core.data.spiral import SpiralData, angles, arm_points

Array = npt.NDArray[Any]
TENSORS = ("x_train", "y_train", "phi_train", "x_test", "y_test", "phi_test", "plane")


def phi_of(data: Dataset, part: str) -> Tensor:
    """The angle of each point along its arm, float32."""
    coordinate = getattr(data, f"coordinate_{part}")
    assert coordinate is not None and coordinate.unit == "rad"
    return torch.from_numpy(coordinate.values.astype(np.float32))


def tensor(data: Dataset, name: str) -> Tensor:
    if name.startswith("phi_"):
        return phi_of(data, name.removeprefix("phi_"))
    found: Tensor = getattr(data, name)
    return found


CONFIGS = [
    SpiralData(),
    SpiralData(samples_per_arm=50, entanglement=0.5, phi_min=0.05, b=0.01),
    SpiralData(samples_per_arm=300, entanglement=20, phi_min=20, b=100, sampling="arc-length"),
    SpiralData(samples_per_arm=120, arms=6, codimension=31, train_share=0.1),
    SpiralData(samples_per_arm=51, arms=3, codimension=2, train_share=0.9),
]
every_config = pytest.mark.parametrize("config", CONFIGS, ids=range(len(CONFIGS)))


def everything(data: Dataset) -> tuple[Tensor, Tensor, Tensor]:
    """Points, labels and angles, train before test."""
    return (
        torch.cat([data.x_train, data.x_test]),
        torch.cat([data.y_train, data.y_test]),
        torch.cat([phi_of(data, "train"), phi_of(data, "test")]),
    )


def unchanged(first: Dataset, second: Dataset, *names: str) -> bool:
    return all(torch.equal(tensor(first, name), tensor(second, name)) for name in names)


@pytest.mark.parametrize(
    ("phi", "arm", "arms", "b", "expected"),
    [
        (math.pi, 0, 2, 2.0, (-2 * math.pi, 0.0)),
        (math.pi, 1, 2, 2.0, (2 * math.pi, 0.0)),
        (math.pi / 2, 0, 4, 1.0, (0.0, math.pi / 2)),
        (math.pi / 2, 1, 4, 1.0, (-math.pi / 2, 0.0)),
        (2 * math.pi, 1, 3, 0.5, (-math.pi / 2, math.pi * math.sqrt(3) / 2)),
    ],
)
def test_arm_points_are_b_phi_at_their_angle(
    phi: float, arm: int, arms: int, b: float, expected: tuple[float, float]
) -> None:
    point = arm_points(np.array([phi]), arm, arms, b)
    np.testing.assert_allclose(point, [expected], atol=1e-12)


def test_the_second_spiral_is_minus_the_first() -> None:
    sample = SpiralData().sample(np.random.default_rng(0), None)
    first, second = sample.points[sample.labels == 0], sample.points[sample.labels == 1]
    np.testing.assert_allclose(second, -first, atol=1e-12)


@every_config
def test_the_radius_is_b_phi_on_every_arm(config: SpiralData) -> None:
    data = make_dataset(config, 1)
    x, y, phi = everything(data)
    radius = config.b * phi
    torch.testing.assert_close(torch.linalg.vector_norm(x, dim=1), radius, rtol=1e-5, atol=1e-6)
    angle = phi.double() + 2 * math.pi * y / config.arms
    expected = radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    scale = float(radius.max())
    torch.testing.assert_close(data.project(x.double()), expected, rtol=0, atol=1e-5 * scale)


@every_config
def test_angles_run_from_phi_min_over_the_entanglement(config: SpiralData) -> None:
    phi = angles(config)
    assert phi.shape == (config.samples_per_arm,)
    assert phi[0] == pytest.approx(config.phi_min, rel=1e-12)
    assert phi[-1] == pytest.approx(config.phi_min + config.entanglement, rel=1e-12)
    assert (np.diff(phi) > 0).all()


def test_angle_sampling_is_even_in_phi() -> None:
    steps = np.diff(angles(SpiralData(sampling="angle")))
    np.testing.assert_allclose(steps, 8 / 999, rtol=1e-9)


@pytest.mark.parametrize("entanglement", [0.5, 8.0, 20.0])
@pytest.mark.parametrize("phi_min", [0.05, 1.0, 20.0])
def test_arc_length_sampling_is_even_along_the_curve(phi_min: float, entanglement: float) -> None:
    config = SpiralData(phi_min=phi_min, entanglement=entanglement, sampling="arc-length")
    steps = np.diff(arc_length(angles(config), config.b))
    np.testing.assert_allclose(steps, steps.mean(), rtol=1e-6)


@pytest.mark.parametrize("phi", [0.1, 1.0, 9.0, 40.0])
def test_arc_length_is_the_integral_of_the_speed(phi: float) -> None:
    """The sum of short chords, which approach the curve with the square of their length."""
    fine = arm_points(np.linspace(0, phi, 100_001), 0, 2, 2.0)
    chords = np.linalg.norm(np.diff(fine, axis=0), axis=1).sum()
    assert float(arc_length(phi, 2.0)) == pytest.approx(chords, rel=1e-7)


@every_config
def test_shapes_types_and_order(config: SpiralData) -> None:
    data = make_dataset(config, 1)
    total = config.arms * config.samples_per_arm
    assert len(data.x_train) == round(config.train_share * total)
    assert len(data.x_train) + len(data.x_test) == total
    assert data.dimension == config.codimension + 1
    assert data.classes == config.arms
    for part in ("train", "test"):
        x, y, phi = (tensor(data, f"{name}_{part}") for name in ("x", "y", "phi"))
        assert (x.dtype, y.dtype, phi.dtype) == (torch.float32, torch.int64, torch.float32)
        assert x.shape == (len(y), data.dimension) and phi.shape == y.shape
        assert x.is_contiguous()
        order = np.lexsort((phi.numpy(), y.numpy()))
        np.testing.assert_array_equal(order, np.arange(len(y)))


@every_config
def test_train_and_test_together_are_every_point_once(config: SpiralData) -> None:
    _, y, phi = everything(make_dataset(config, 1))
    found = sorted(zip(y.tolist(), phi.tolist(), strict=True))
    per_arm = angles(config).astype(np.float32).tolist()
    assert found == [(arm, phi) for arm in range(config.arms) for phi in per_arm]


@every_config
def test_a_seed_reproduces_and_another_differs(config: SpiralData) -> None:
    data = make_dataset(config, 7)
    assert unchanged(data, make_dataset(config, 7), *TENSORS)
    assert not unchanged(data, make_dataset(config, 8), "phi_train", "y_train")


def test_the_split_is_a_shuffle() -> None:
    """Every tenth of an arm has about its share of test points, and no fixed pattern."""
    data = make_dataset(SpiralData(), 3)
    phi = phi_of(data, "test")[data.y_test == 0].numpy()
    counts, _ = np.histogram(phi, bins=10, range=(1, 9))
    assert counts.min() > 15 and counts.max() < 55
    assert len(np.unique(np.round(np.diff(phi), 5))) > 3


def test_test_noise_is_bounded_uniform_and_on_the_test_set_only() -> None:
    quiet = make_dataset(SpiralData(codimension=3), 3)
    noisy = make_dataset(SpiralData(codimension=3, test_noise=0.7), 3)
    assert unchanged(quiet, noisy, "x_train", "y_train", "y_test", "phi_test")
    moved = (noisy.x_test - quiet.x_test).numpy()
    assert np.abs(moved).max() <= 0.7 + 1e-5
    assert (np.abs(moved).max(axis=0) > 0.69).all()
    np.testing.assert_allclose(moved.var(axis=0), 0.7**2 / 3, rtol=0.1)


def test_train_noise_is_gaussian_and_on_the_training_set_only() -> None:
    quiet = make_dataset(SpiralData(codimension=3), 3)
    noisy = make_dataset(SpiralData(codimension=3, train_noise=0.5), 3)
    assert unchanged(quiet, noisy, "x_test", "y_train", "y_test", "phi_train")
    moved = (noisy.x_train - quiet.x_train).numpy()
    np.testing.assert_allclose(moved.std(axis=0), 0.5, rtol=0.07)
    np.testing.assert_allclose((np.abs(moved) < 0.5).mean(), 0.6827, atol=0.02)
    assert np.abs(moved).max() > 1.2


@pytest.mark.parametrize("codimension", [2, 3, 31])
def test_the_embedding_is_orthonormal_and_seeded(codimension: int) -> None:
    config = SpiralData(codimension=codimension, samples_per_arm=50)
    data = make_dataset(config, 5)
    assert data.plane.shape == (codimension + 1, 2)
    torch.testing.assert_close(data.plane.T @ data.plane, torch.eye(2, dtype=torch.float64))
    assert not torch.allclose(data.plane, make_dataset(config, 6).plane)
    plane = torch.randn(9, 2, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(data.project(data.embed(plane)), plane)
    assert data.embed(plane.double()).dtype == torch.float64


def test_directions_of_the_embedding_are_even_over_the_sphere() -> None:
    """Were the signs of the decomposition kept, the first component would never be positive."""
    config = SpiralData(codimension=2, samples_per_arm=50)
    planes = torch.stack([make_dataset(config, seed).plane for seed in range(200)])
    torch.testing.assert_close(planes.mean(0), torch.zeros(3, 2).double(), atol=0.15, rtol=0)
    torch.testing.assert_close(
        (planes**2).mean(0), torch.full((3, 2), 1 / 3).double(), atol=0.1, rtol=0
    )


def test_codimension_one_is_the_plane_itself() -> None:
    data = make_dataset(SpiralData(), 1)
    assert torch.equal(data.plane, torch.eye(2, dtype=torch.float64))


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"b": 3.0}, ("y_train", "y_test", "phi_train", "phi_test", "plane")),
        ({"train_noise": 0.3}, ("x_test", "y_train", "y_test", "phi_train", "phi_test", "plane")),
        ({"test_noise": 0.3}, ("x_train", "y_train", "y_test", "phi_train", "phi_test", "plane")),
        ({"entanglement": 5.0}, ("y_train", "y_test", "plane")),
        ({"phi_min": 2.0}, ("y_train", "y_test", "plane")),
        ({"sampling": "arc-length"}, ("y_train", "y_test", "plane")),
        ({"codimension": 7}, ("y_train", "y_test", "phi_train", "phi_test")),
        ({"train_share": 0.5}, ("plane",)),
    ],
    ids=str,
)
def test_one_dial_does_not_reshuffle_the_others(
    change: dict[str, object], kept: tuple[str, ...]
) -> None:
    config = SpiralData(codimension=4, samples_per_arm=200)
    before = make_dataset(config, 11)
    after = make_dataset(config.replace(**change), 11)
    assert unchanged(before, after, *kept)
    assert before.x_train.shape != after.x_train.shape or not unchanged(before, after, *TENSORS)


def test_noise_scales_with_its_dial() -> None:
    """The same draw at every strength: turning the dial moves each point along a line."""
    quiet, weak, strong = (
        make_dataset(SpiralData(test_noise=noise, train_noise=noise), 2) for noise in (0, 0.2, 0.4)
    )
    for name in ("x_train", "x_test"):
        still = getattr(quiet, name)
        torch.testing.assert_close(
            getattr(strong, name) - still,
            2 * (getattr(weak, name) - still),
            atol=1e-5,
            rtol=0,
        )


def test_more_training_points_keep_those_that_were() -> None:
    few = make_dataset(SpiralData(train_share=0.3), 4)
    many = make_dataset(SpiralData(train_share=0.6), 4)
    pairs = [
        set(zip(data.y_train.tolist(), phi_of(data, "train").tolist(), strict=True))
        for data in (few, many)
    ]
    assert pairs[0] < pairs[1]


@every_config
def test_the_extent_holds_every_point(config: SpiralData) -> None:
    data = make_dataset(config, 1)
    points = data.project(everything(data)[0])
    largest = float(points.abs().max())
    assert largest < data.extent < 1.2 * largest
