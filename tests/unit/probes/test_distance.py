"""The distance probe against numpy's fits and maps whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from spiral_dash.core.probes import PROBES, ProbeError
from tests.unit.probes.subjects import (
    diverged,
    network_of,
    spiral,
    subject,
    subject_of,
    without_class,
)

distance = PROBES["distance"]


@pytest.mark.parametrize("factor", [3.0, -1.0])
def test_a_scaling_moves_points_in_proportion_to_their_radius(factor: float) -> None:
    network = network_of([factor * np.eye(2, 3), np.eye(2, 3)])
    arrays = distance(subject_of(network, spiral(samples=100)))
    assert arrays["raw"] == 1
    np.testing.assert_allclose(arrays["moved"], abs(factor - 1) * arrays["radius"], rtol=1e-6)
    np.testing.assert_allclose(arrays["slope"], abs(factor - 1), rtol=1e-6)
    np.testing.assert_allclose(arrays["intercept"], 0, atol=1e-5)
    np.testing.assert_allclose(arrays["correlation"], 1, rtol=1e-9)


@pytest.mark.parametrize("codimension", [1, 4])
@pytest.mark.parametrize("arms", [2, 3])
def test_lines_are_those_of_numpy(arms: int, codimension: int) -> None:
    measured = subject((2, 5), "relu", arms, codimension)
    data = measured.data
    arrays = distance(measured, layer=1)
    places = data.project(data.x_train.double()).numpy()
    with torch.no_grad():
        moved = measured.network.layers(data.x_train.double())[0].numpy() - places
    np.testing.assert_allclose(arrays["radius"], np.linalg.norm(places, axis=1), rtol=1e-5)
    np.testing.assert_allclose(arrays["moved"], np.linalg.norm(moved, axis=1), rtol=1e-4)
    for label in range(arms):
        own = (data.y_train == label).numpy()
        x, y = arrays["radius"][own], arrays["moved"][own]
        slope, intercept = np.polyfit(x, y, 1)
        assert arrays["slope"][label] == pytest.approx(slope)
        assert arrays["intercept"][label] == pytest.approx(intercept, abs=1e-6)
        assert arrays["correlation"][label] == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_an_isometry_into_many_units_moves_only_by_the_mean() -> None:
    # Principal axes come with any sign and turn; what is measured must not depend on them.
    q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((9, 2)))
    weights = np.concatenate([q, np.ones((9, 1))], axis=1)
    measured = subject_of(network_of([weights, np.zeros((2, 10))]), spiral())
    arrays = distance(measured)
    assert arrays["raw"] == 0
    mean = np.linalg.norm(measured.data.x_train.double().numpy().mean(axis=0))
    assert mean > 0.01
    np.testing.assert_allclose(arrays["moved"], mean, rtol=1e-4)


def test_one_unit_has_second_coordinate_zero() -> None:
    network = network_of([np.array([[1.0, 0.0, 0.0]]), np.zeros((2, 2))])
    measured = subject_of(network, spiral())
    moved = distance(measured)["moved"]
    np.testing.assert_allclose(moved, np.abs(measured.data.x_train.numpy()[:, 1]), rtol=1e-5)


def test_no_line_passes_through_less_than_two_points() -> None:
    data = without_class(spiral(), 1)
    first = replace(data, x_train=data.x_train[:1], y_train=data.y_train[:1])
    for few in (data, first):
        arrays = distance(subject_of(subject((2,)).network, few))
        assert np.isnan(arrays["slope"][1]) and np.isnan(arrays["correlation"][1])
    assert np.isnan(arrays["slope"][0])


def test_equal_distances_have_no_correlation() -> None:
    shift = np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 4.0]])
    data = spiral()
    exact = replace(data, x_train=(data.x_train * 4).round() / 4)
    arrays = distance(subject_of(network_of([shift, np.eye(2, 3)]), exact))
    np.testing.assert_array_equal(arrays["moved"], 5.0)
    np.testing.assert_array_equal(arrays["slope"], 0.0)
    assert np.isnan(arrays["correlation"]).all()


def test_a_layer_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ProbeError, match="expected 1 to 4"):
        distance(subject(), layer=0)


def test_weights_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        distance(diverged())
