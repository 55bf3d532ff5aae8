"""The distance to traced segments is the least over them all, in either norm."""

from __future__ import annotations

import numpy as np
import pytest

from spiral_dash.core.probes.robustness_estimate import to_segments


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("length", [0.0, 0.1, 3.0])
def test_the_distance_is_that_of_a_dense_sample_of_the_segments(norm: str, length: float) -> None:
    generator = np.random.default_rng(1)
    points = generator.uniform(-2, 2, (40, 2))
    starts = generator.uniform(-3, 3, (25, 2))
    ends = starts + length * generator.uniform(-1, 1, (25, 2))
    share = np.linspace(0, 1, 4001)[:, None, None]
    offset = points[:, None, None] - (starts + share * (ends - starts))[None]
    size = np.abs(offset).max(-1) if norm == "linf" else np.linalg.norm(offset, axis=-1)
    np.testing.assert_allclose(
        to_segments(points, starts, ends, norm), size.min((1, 2)), atol=2e-3 * max(length, 1e-3)
    )
