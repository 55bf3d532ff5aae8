"""Eigenvalues against scipy, and matrices whose eigenvalues are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.linalg
import torch

from spiral_dash.core.frame import decode, encode
from spiral_dash.core.probes import PROBES, ProbeError
from tests.unit.probes.subjects import diverged, network_of, spiral, subject, subject_of

Array = npt.NDArray[Any]
eigenvalues = PROBES["eigenvalues"]


def block(matrix: Array) -> Array:
    return np.column_stack([matrix, np.ones(len(matrix))])


def by_scipy(weight: torch.Tensor) -> Array:
    return np.asarray(scipy.linalg.eigvals(weight.detach().double().numpy()))


@pytest.mark.parametrize("hidden", [(50, 50, 50), (2, 2), (8, 3, 3, 1, 1)])
def test_the_spectra_are_scipys(hidden: Sequence[int]) -> None:
    measured = subject(hidden, dtype=torch.float32)
    sizes = measured.network.sizes
    square = [k for k in range(1, len(sizes)) if sizes[k - 1] == sizes[k]]
    arrays = eigenvalues(measured)
    np.testing.assert_array_equal(arrays["layers"], square)
    for row, layer in enumerate(square):
        expected = by_scipy(measured.network.weights[layer - 1])
        shown = eigenvalues(measured, layer=layer)
        assert shown["square"] == 1 and shown["layer"] == layer
        # The same values, whatever their order: each is the nearest of one of the other's.
        distance = np.abs(shown["eigenvalues"][:, None] - expected)
        assert distance.min(axis=0).max() < 1e-10 and distance.min(axis=1).max() < 1e-10
        np.testing.assert_array_equal(shown["real"], shown["eigenvalues"].real)
        np.testing.assert_array_equal(shown["imag"], shown["eigenvalues"].imag)
        modulus = np.sort(np.abs(expected))[::-1]
        count = len(modulus)
        np.testing.assert_allclose(arrays["modulus"][row, :count], modulus, atol=1e-10)
        assert np.isnan(arrays["modulus"][row, count:]).all()
        np.testing.assert_allclose(arrays["mean_modulus"][row], modulus.mean(), rtol=1e-9)
        np.testing.assert_allclose(arrays["range"][row], modulus[0] - modulus[-1], atol=1e-9)
        np.testing.assert_allclose(arrays["condition"][row], modulus[0] / modulus[-1], rtol=1e-7)
        assert arrays["complex_count"][row] == (np.abs(expected.imag) > 1e-12).sum()


def test_known_eigenvalues_come_largest_first_and_pairs_upper_half_first() -> None:
    rotation = np.array([[0.0, -3.0], [3.0, 0.0]])
    matrix = scipy.linalg.block_diag(rotation, np.diag([-5.0, 0.5]))
    blocks = [block(np.ones((4, 2))), block(matrix), block(np.ones((2, 4)))]
    arrays = eigenvalues(subject_of(network_of(blocks), spiral()))
    np.testing.assert_allclose(arrays["eigenvalues"], [-5, 3j, -3j, 0.5], atol=1e-12)
    assert arrays["eigenvalues"].dtype == np.complex128
    np.testing.assert_allclose(arrays["modulus"], [[5, 3, 3, 0.5]])
    np.testing.assert_allclose(arrays["mean_modulus"], [11.5 / 4])
    np.testing.assert_allclose(arrays["range"], [4.5])
    np.testing.assert_allclose(arrays["condition"], [10])
    np.testing.assert_array_equal(arrays["complex_count"], [2])


@pytest.mark.parametrize(
    ("hidden", "arms", "layer"),
    [((50, 50), 2, 2), ((2,), 2, 1), ((8, 8, 3), 3, 2), ((5,), 2, 1), ((), 2, 1), ((), 3, 1)],
)
def test_the_last_square_hidden_layer_is_shown_if_there_is_one(
    hidden: Sequence[int], arms: int, layer: int
) -> None:
    measured = subject(hidden, arms=arms)
    arrays = eigenvalues(measured)
    sizes = measured.network.sizes
    assert arrays["layer"] == layer
    assert arrays["square"] == (sizes[layer - 1] == sizes[layer])


def test_a_square_output_layer_is_shown_where_no_hidden_one_is() -> None:
    assert eigenvalues(subject((5, 3), arms=3))["layer"] == 3


@pytest.mark.parametrize("codimension", [1, 31])
def test_singular_values_stand_in_where_a_layer_is_not_square(codimension: int) -> None:
    measured = subject((7, 3), arms=6, codimension=codimension)
    for layer, weight in enumerate(measured.network.weights, start=1):
        arrays = eigenvalues(measured, layer=layer)
        assert arrays["square"] == 0
        expected = scipy.linalg.svdvals(weight.detach().numpy())
        np.testing.assert_allclose(arrays["real"], expected, rtol=1e-10)
        np.testing.assert_array_equal(arrays["imag"], 0)
        row = arrays["singular"][layer - 1]
        np.testing.assert_allclose(row[: len(expected)], expected, rtol=1e-10)
        assert np.isnan(row[len(expected) :]).all()
    assert arrays["layers"].shape == arrays["mean_modulus"].shape == (0,)
    assert arrays["modulus"].shape == (0, 0)
    assert set(arrays) == set(eigenvalues.returns)


def test_a_singular_matrix_has_an_infinite_condition() -> None:
    blocks = [block(np.diag([2.0, 0.0])), block(np.zeros((2, 2)))]
    arrays = eigenvalues(subject_of(network_of(blocks), spiral()))
    np.testing.assert_array_equal(arrays["condition"], [np.inf, np.inf])
    np.testing.assert_array_equal(arrays["range"], [2, 0])


def test_what_travels_to_the_browser_is_real() -> None:
    arrays = eigenvalues(subject((4, 4)))
    received, _ = decode(encode(arrays, {}))
    assert set(received) == set(arrays) - {"eigenvalues"}
    np.testing.assert_allclose(received["real"], arrays["real"], rtol=1e-6)


@pytest.mark.parametrize("layer", [0, 3, -1])
def test_a_layer_that_does_not_exist_is_refused(layer: int) -> None:
    with pytest.raises(ProbeError, match="expected 1 to 2"):
        eigenvalues(subject((4,)), layer=layer)


def test_weights_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        eigenvalues(diverged())
