"""Each probe of the plane, the points and the layers over every kind of network and data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from spiral_dash.core.probes import PROBES, ProbeError
from tests.unit.probes.subjects import subject

NAMES = (
    "boundary",
    "boundary_complexity",
    "collapse",
    "distance",
    "input_gradient",
    "jacobian",
    "mapping",
    "metrics",
)


@pytest.mark.parametrize("codimension", [1, 31])
@pytest.mark.parametrize("arms", [2, 3, 6])
@pytest.mark.parametrize("hidden", [(), (1,), (2,), (8, 1), (128, 3)])
@pytest.mark.parametrize("name", NAMES)
def test_it_returns_what_it_documents_or_says_why_not(
    name: str, hidden: Sequence[int], arms: int, codimension: int
) -> None:
    probe = PROBES[name]
    options = {"grid": 2} if name == "mapping" else {}
    measured = subject(hidden, "relu", arms, codimension, torch.float32)
    if name == "jacobian" and 1 in hidden:
        with pytest.raises(ProbeError, match="one unit"):
            probe(measured)
        return
    arrays = probe(measured, **options)
    assert set(arrays) <= set(probe.returns)
    assert set(probe.summary) <= set(arrays)
    assert set(probe.unit_interval) <= set(arrays)
    for key, array in arrays.items():
        assert array.dtype in (np.float32, np.float64, np.int64, np.uint8), key
        if key != "lines":
            assert np.isfinite(array).all() or name in ("collapse", "distance"), key
    for key in probe.unit_interval:
        assert arrays[key].min() >= 0 and arrays[key].max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_measuring_twice_gives_the_same_and_changes_nothing(name: str) -> None:
    measured = subject(dtype=torch.float32)
    before = measured.network.flat.clone()
    first, second = PROBES[name](measured), PROBES[name](measured)
    assert torch.equal(before, measured.network.flat)
    for key in first:
        np.testing.assert_array_equal(first[key], second[key])
