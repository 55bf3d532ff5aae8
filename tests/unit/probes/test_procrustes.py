"""Procrustes against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from spiral_dash.core.probes.procrustes import procrustes


@pytest.mark.parametrize("dimension", [2, 3])
def test_procrustes_is_scipys(dimension: int) -> None:
    generator = np.random.default_rng(1)
    scores, target = generator.standard_normal((2, 40, dimension))
    np.testing.assert_allclose(
        procrustes(scores, target), orthogonal_procrustes(scores, target)[0], atol=1e-12
    )
