"""Singular values against scipy, and matrices of known rank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import scipy.linalg
import torch

from spiral_dash.core.probes import PROBES, ProbeError
from tests.unit.probes.subjects import diverged, network_of, spiral, subject, subject_of

singular_values = PROBES["singular_values"]


@pytest.mark.parametrize("codimension", [1, 31])
@pytest.mark.parametrize("hidden", [(), (1,), (50, 50), (128, 3, 3)])
def test_the_spectra_are_scipys(hidden: Sequence[int], codimension: int) -> None:
    measured = subject(hidden, codimension=codimension, arms=4, dtype=torch.float32)
    arrays = singular_values(measured)
    assert set(arrays) == set(singular_values.returns)
    longest = max(map(min, zip(measured.network.sizes, measured.network.sizes[1:], strict=False)))
    assert arrays["singular_values"].shape == (len(hidden) + 1, longest)
    for layer, weight in enumerate(measured.network.weights):
        w = weight.detach().double().numpy()
        expected = scipy.linalg.svdvals(w)
        row = arrays["singular_values"][layer]
        np.testing.assert_allclose(row[: len(expected)], expected, rtol=1e-9, atol=1e-12)
        assert np.isnan(row[len(expected) :]).all()
        np.testing.assert_allclose(arrays["condition"][layer], np.linalg.cond(w), rtol=1e-7)
        assert arrays["rank"][layer] == np.linalg.matrix_rank(w, rtol=1e-6) == min(w.shape)
        assert arrays["collapsed"][layer] == 0


def test_rank_counts_what_is_above_a_millionth_of_the_largest() -> None:
    generator = np.random.default_rng(1)
    left, right = (scipy.linalg.qr(generator.standard_normal((4, 4)))[0] for _ in range(2))

    def layer(*sigma: float) -> np.ndarray:
        return np.column_stack([left @ np.diag(sigma) @ right, np.ones(4)])

    blocks = [layer(3, 2, 1, 4e-6), layer(3, 2, 2e-6, 1e-9), layer(5, 0, 0, 0), np.zeros((4, 5))]
    network = network_of([np.ones((4, 3)), *blocks])
    arrays = singular_values(subject_of(network, spiral(arms=4)))
    np.testing.assert_array_equal(arrays["rank"], [1, 4, 2, 1, 0])
    np.testing.assert_array_equal(arrays["collapsed"], [1, 0, 1, 1, 1])
    np.testing.assert_allclose(arrays["condition"][1], 7.5e5, rtol=1e-6)
    assert arrays["condition"][4] == np.inf


def test_weights_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        singular_values(diverged())
