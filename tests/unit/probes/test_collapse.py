"""Collapse measures against their definitions written out, and against known shapes."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from spiral_dash.core.probes import PROBES, ProbeError
from spiral_dash.core.probes.collapse import effective_rank
from tests.unit.probes.subjects import (
    diverged,
    network_of,
    spiral,
    subject,
    subject_of,
    without_class,
)

Array = npt.NDArray[Any]
collapse = PROBES["collapse"]


def by_definition(image: Array, labels: Array) -> tuple[Array, Array, float]:
    """Gyration ratio, effective rank and CDNV of an image (N, units)."""
    classes = np.unique(labels)
    parts = [image[labels == label] for label in classes]
    means = [part.mean(axis=0) for part in parts]
    spreads = [np.atleast_2d(np.cov(part.T, bias=True)) for part in parts]
    ratios, ranks = [], []
    for c in classes:
        nearest = min(np.linalg.norm(means[c] - means[d]) for d in classes if d != c)
        ratios.append(np.sqrt(np.trace(spreads[c])) / nearest)
        shares = np.linalg.svd(spreads[c], compute_uv=False)
        shares = shares / shares.sum()
        ranks.append(np.exp(-sum(p * np.log(p) for p in shares if p > 1e-300)))
    pairs = [
        (np.trace(spreads[c]) + np.trace(spreads[d]))
        / (2 * np.linalg.norm(means[c] - means[d]) ** 2)
        for c, d in combinations(classes, 2)
    ]
    return np.array(ratios), np.array(ranks), float(np.mean(pairs))


@pytest.mark.parametrize("codimension", [1, 3])
@pytest.mark.parametrize("arms", [2, 3, 6])
@pytest.mark.parametrize(
    ("hidden", "activation"), [((), "tanh"), ((5, 1), "tanh"), ((4, 9, 9), "relu")]
)
def test_every_layer_and_class_by_definition(
    hidden: tuple[int, ...], activation: str, arms: int, codimension: int
) -> None:
    measured = subject(hidden, activation, arms, codimension, scale=1.5)
    arrays = collapse(measured)
    labels = measured.data.y_train.numpy()
    with torch.no_grad():
        images = measured.network.layers(measured.data.x_train.double())
    assert arrays["cdnv"].shape == (len(hidden) + 1,)
    for layer, image in enumerate(images):
        ratio, rank, cdnv = by_definition(image.numpy(), labels)
        np.testing.assert_allclose(arrays["gyration_ratio"][layer], ratio, rtol=1e-6)
        np.testing.assert_allclose(arrays["effective_rank"][layer], rank, rtol=1e-5)
        assert arrays["cdnv"][layer] == pytest.approx(cdnv)
        zero = [float((image[labels == c] == 0).all(dim=1).double().mean()) for c in range(arms)]
        np.testing.assert_allclose(arrays["zero_share"][layer], zero, atol=1e-12)


@pytest.mark.parametrize("rank", [1, 2, 5])
def test_equal_variances_count_as_dimensions(rank: int) -> None:
    assert effective_rank(np.diag([0.3] * rank + [0.0] * 3)) == pytest.approx(rank)


def test_a_class_at_one_point_has_no_extent() -> None:
    # relu(x1 - 100) is 0 for every point of both classes; the second unit keeps them apart.
    data = spiral()
    network = network_of([np.array([[1.0, 0, -100], [0, 1, -100]]), np.eye(2, 3)], "relu")
    arrays = collapse(subject_of(network, data))
    np.testing.assert_array_equal(arrays["zero_share"], 1.0)
    np.testing.assert_array_equal(arrays["effective_rank"], 0.0)
    assert np.isnan(arrays["gyration_ratio"]).all() and np.isnan(arrays["cdnv"]).all()


def test_a_collapsed_class_beside_a_spread_one() -> None:
    data = spiral(arms=3)
    labels = data.y_train.numpy()
    # A layer cannot know the class, so the points of class 1 and 2 are put where relu is 0.
    data.x_train[labels == 1] = torch.tensor([-5.0, -5.0])
    network = network_of([np.eye(2, 3), np.eye(3, 3)], "relu")
    arrays = collapse(subject_of(network, data))
    assert arrays["zero_share"][0, 1] == 1
    assert arrays["effective_rank"][0, 1] == arrays["gyration_ratio"][0, 1] == 0
    assert arrays["effective_rank"][0, 0] > 1
    assert arrays["gyration_ratio"][0, 0] > 0
    assert np.isfinite(arrays["cdnv"]).all()


def test_rounding_is_no_extent() -> None:
    # The points differ by less than float32 can tell beside an offset of a million.
    weights = np.array([[1e-3, 0, 1e6], [0, 1e-3, -1e6]])
    network = network_of([weights, np.eye(2, 3)])
    single = network.copy(torch.float32)
    arrays = collapse(subject_of(single, spiral()))
    np.testing.assert_array_equal(arrays["effective_rank"], 0.0)
    assert np.isnan(arrays["gyration_ratio"]).all()


@pytest.mark.parametrize("arms", [2, 3])
def test_a_class_without_points_is_left_out(arms: int) -> None:
    measured = subject((4,), arms=arms)
    data = without_class(measured.data, 1)
    arrays = collapse(subject_of(measured.network, data))
    for name in ("gyration_ratio", "effective_rank", "zero_share"):
        assert np.isnan(arrays[name][:, 1]).all()
    assert np.isfinite(arrays["effective_rank"][:, 0]).all()
    assert np.isfinite(arrays["gyration_ratio"][:, 0]).all() == (arms > 2)
    assert np.isfinite(arrays["cdnv"]).all() == (arms > 2)


def test_weights_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        collapse(diverged())
