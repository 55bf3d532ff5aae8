"""The geometry of the data against searches over pairs of points."""

from __future__ import annotations

import math
import time
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from spiral_dash.core.config import ConfigError
from spiral_dash.core.data.dataset import Dataset, make_dataset
from spiral_dash.core.data.geometry import arc_length
from spiral_dash.core.data.spiral import SpiralData, arm_points, spiral_facts

Array = npt.NDArray[Any]
CONFIGS = [
    SpiralData(samples_per_arm=50, **changes)
    for changes in (
        {},
        {"codimension": 1, "entanglement": 0.5},
        {"phi_min": 0.05, "entanglement": 3.0},
        {"phi_min": 20.0, "entanglement": 20.0},
        {"arms": 3, "phi_min": 14.44369238687193, "entanglement": 5.0},
        {"arms": 4, "phi_min": 2.0, "entanglement": 6.0, "b": 0.01},
        {"arms": 6, "entanglement": 2.0, "b": 100.0},
        {"codimension": 2, "phi_min": 5.0},
        {"codimension": 4, "arms": 3},
        {"codimension": 31, "entanglement": 4.0},
    )
]


def spiral_geometry(config: SpiralData, data: Dataset | None = None) -> SimpleNamespace:
    """What the spiral says of itself, by name."""
    plane = np.eye(config.codimension + 1, 2) if data is None else data.plane.numpy()
    return SimpleNamespace(**{fact.name: fact.value for fact in spiral_facts(config, plane)})


every_config = pytest.mark.parametrize("config", CONFIGS, ids=range(len(CONFIGS)))


def searched(config: SpiralData, plane: Array, order: float) -> float:
    """The distance between arms by a search over pairs of angles, refined around the best.

    For every pair of arms: a grid of 200 x 200 pairs of angles, then, around its 40 best local
    minima, grids of 15 x 15 pairs of which each is half as wide as the one before.
    """
    low, high = config.phi_min, config.phi_min + config.entanglement
    phi = np.linspace(low, high, 200)
    best = math.inf

    def lengths(first: int, phi: Array, second: int, psi: Array) -> Array:
        """Distances (..., P, Q) between phi (..., P) on one arm and psi (..., Q) on another."""
        x, y = (
            arm_points(a.ravel(), arm, config.arms, config.b).reshape(*a.shape, 2) @ plane.T
            for a, arm in ((phi, first), (psi, second))
        )
        between = np.abs(x[..., :, None, :] - y[..., None, :, :])
        return np.asarray(np.linalg.norm(between, ord=order, axis=-1))

    for first, second in combinations(range(config.arms), 2):
        grid = lengths(first, phi, second, phi)
        padded = np.pad(grid, 1, constant_values=np.inf)
        neighbours = [
            padded[i : i + 200, j : j + 200] for i in range(3) for j in range(3) if (i, j) != (1, 1)
        ]
        rows, cols = np.nonzero(grid <= np.minimum.reduce(neighbours))
        lowest = grid[rows, cols].argsort()[:40]
        a, b = phi[rows[lowest]], phi[cols[lowest]]
        width = 2 * (phi[1] - phi[0])
        while width > 1e-12:
            around = np.linspace(-width, width, 15)
            wide_a, wide_b = (np.clip(v[:, None] + around, low, high) for v in (a, b))
            values = lengths(first, wide_a, second, wide_b).reshape(len(a), -1)
            place = values.argmin(axis=1)
            a, b = (
                wide_a[np.arange(len(a)), place // 15],
                wide_b[np.arange(len(b)), place % 15],
            )
            best = min(best, float(values.min()))
            width /= 2
    return best


def test_the_thesis_data() -> None:
    geometry = spiral_geometry(SpiralData(b=2, phi_min=1, entanglement=8))
    assert geometry.codimension == 1
    assert geometry.entanglement == 8
    assert geometry.distance_l2 == pytest.approx(4.0, rel=1e-9)
    assert geometry.distance_linf == pytest.approx(3.3658839392, rel=1e-9)
    assert geometry.arc_length == pytest.approx(82.096323073, rel=1e-9)


@every_config
def test_distance_is_the_minimum_over_pairs(config: SpiralData) -> None:
    data = make_dataset(config, 3)
    geometry = spiral_geometry(config, data)
    plane = data.plane.numpy()
    assert geometry.distance_l2 == pytest.approx(searched(config, plane, 2), rel=1e-8)
    assert geometry.distance_linf is not None
    found = searched(config, plane, math.inf)
    # The search may stop short in one of many narrow valleys, and can never go too low.
    assert found * (1 - 5e-4) <= geometry.distance_linf <= found * (1 + 1e-9)


@every_config
def test_no_sampled_points_are_closer(config: SpiralData) -> None:
    """In both norms, with the points as the network meets them."""
    data = make_dataset(config.replace(samples_per_arm=400, sampling="arc-length"), 3)
    geometry = spiral_geometry(config, data)
    x, y = data.x_train.double().numpy(), data.y_train.numpy()
    between = np.abs(x[y == 0][:, None] - x[y == 1][None])
    assert geometry.distance_linf is not None
    rounding = 1 - 1e-5
    assert np.linalg.norm(between, axis=-1).min() >= geometry.distance_l2 * rounding
    assert between.max(axis=-1).min() >= geometry.distance_linf * rounding


@every_config
def test_linf_lies_between_l2_and_l2_over_root_n(config: SpiralData) -> None:
    geometry = spiral_geometry(config, make_dataset(config, 3))
    assert geometry.distance_linf is not None
    assert geometry.distance_linf <= geometry.distance_l2
    assert geometry.distance_linf >= geometry.distance_l2 / math.sqrt(config.codimension + 1)


def test_two_wide_spirals_are_a_diameter_apart_at_their_start() -> None:
    """With phi_min near 0 the inner ends are closest: 2 b phi_min."""
    geometry = spiral_geometry(SpiralData(phi_min=0.05, b=3.0))
    assert geometry.distance_l2 == pytest.approx(0.3, rel=1e-12)


def test_far_out_the_arms_are_parallel() -> None:
    """There the distance tends to the radial one, 2 pi b / arms."""
    for arms in (2, 3, 6):
        config = SpiralData(phi_min=20, entanglement=10, arms=arms, b=2)
        distance = spiral_geometry(config).distance_l2
        assert distance == pytest.approx(4 * math.pi / arms, rel=2e-3)


def test_distances_and_length_are_proportional_to_b() -> None:
    small, large = (
        spiral_geometry(SpiralData(arms=3, b=b, phi_min=2, entanglement=7)) for b in (0.5, 50)
    )
    assert small.distance_linf is not None and large.distance_linf is not None
    assert large.distance_l2 == pytest.approx(100 * small.distance_l2, rel=1e-12)
    assert large.distance_linf == pytest.approx(100 * small.distance_linf, rel=1e-12)
    assert large.arc_length == pytest.approx(100 * small.arc_length, rel=1e-12)


def test_noise_and_sampling_change_nothing() -> None:
    plain = spiral_geometry(SpiralData(codimension=3), make_dataset(SpiralData(codimension=3), 1))
    noisy = SpiralData(
        codimension=3, train_noise=1.0, test_noise=1.0, samples_per_arm=77, sampling="arc-length"
    )
    assert spiral_geometry(noisy, make_dataset(noisy, 1)) == plain


def test_arc_length_is_that_between_the_ends() -> None:
    config = SpiralData(phi_min=2, entanglement=5, b=3)
    expected = float(arc_length(7.0, 3.0) - arc_length(2.0, 3.0))
    assert spiral_geometry(config).arc_length == pytest.approx(expected, rel=1e-12)


@every_config
@pytest.mark.parametrize("distance", [0.1, 1.0, 3.7])
def test_the_growth_follows_a_distance(config: SpiralData, distance: float) -> None:
    changed = config.replace(distance=distance)
    assert changed.distance_l2 == pytest.approx(distance, rel=1e-12)
    assert spiral_geometry(changed).distance_l2 == pytest.approx(distance, rel=1e-9)
    wound = changed.replace(entanglement=7.0, arms=5)
    assert wound.distance_l2 == pytest.approx(distance, rel=1e-12)
    assert wound.replace(distance=None).growth == config.b


@pytest.mark.parametrize("distance", [0.0, -1.0, 1e-9, 1e9, math.inf, -math.inf, math.nan])
def test_a_distance_that_no_growth_gives_is_refused(distance: float) -> None:
    with pytest.raises(ConfigError, match=r"distance: expected a number .*got"):
        SpiralData().replace(distance=distance)


def test_arms_from_the_origin_meet_there() -> None:
    config = SpiralData(phi_min=0.0, samples_per_arm=50)
    found = spiral_geometry(config, make_dataset(config, 1))
    assert (found.distance_l2, found.distance_linf) == (0.0, 0.0)
    with pytest.raises(ConfigError, match=r"distance: expected none where φ_min is 0"):
        config.replace(distance=1.0)


@pytest.mark.parametrize("phi_min", [1e-9, 1e-6, 1e-3, 0.01])
def test_arms_from_near_the_origin_nearly_meet(phi_min: float) -> None:
    """There the arms are as good as straight: opposite ends are 2 b phi apart."""
    found = spiral_geometry(SpiralData(phi_min=phi_min))
    assert found.distance_l2 == pytest.approx(4 * phi_min, rel=1e-3)
    assert found.distance_linf <= found.distance_l2 * (1 + 1e-9)


def test_it_is_quick_enough_for_a_slider() -> None:
    """5 ms are meant; the bound leaves room for a machine that does other things."""
    config = SpiralData(samples_per_arm=50)
    data = make_dataset(config, 1)
    spiral_geometry(config, data)
    times = []
    for _ in range(5):
        start = time.process_time()
        spiral_geometry(config, data)
        times.append(time.process_time() - start)
    assert min(times) < 0.02
