"""Norms of the weights against torch and matrices whose norms are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from spiral_dash.core.probes import PROBES, ProbeError
from tests.unit.probes.subjects import diverged, network_of, spiral, subject, subject_of

norms = PROBES["norms"]


@pytest.mark.parametrize("codimension", [1, 31])
@pytest.mark.parametrize("hidden", [(), (1,), (50, 50, 50), (128, 3, 3)])
def test_the_norms_are_torchs(hidden: Sequence[int], codimension: int) -> None:
    measured = subject(hidden, codimension=codimension, arms=4, dtype=torch.float32)
    arrays = norms(measured)
    for layer, weight in enumerate(measured.network.weights):
        w = weight.detach().double()
        frobenius, spectral = (float(torch.linalg.matrix_norm(w, order)) for order in ("fro", 2))
        np.testing.assert_allclose(arrays["frobenius"][layer], frobenius, rtol=1e-12)
        np.testing.assert_allclose(arrays["spectral"][layer], spectral, rtol=1e-12)
    assert arrays["frobenius"].shape == arrays["spectral"].shape == (len(hidden) + 1,)


def test_known_norms_without_the_biases() -> None:
    blocks = [np.array([[3.0, 0.0, 9.0], [0.0, -4.0, 9.0]]), np.array([[0.0, 0, 5], [0, 0, 5]])]
    arrays = norms(subject_of(network_of(blocks), spiral()))
    np.testing.assert_allclose(arrays["frobenius"], [5, 0])
    np.testing.assert_allclose(arrays["spectral"], [4, 0])


def test_weights_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        norms(diverged())
