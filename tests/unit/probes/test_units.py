"""What every unit computes over the plane, against torch, and which units are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from spiral_dash.core.config import ConfigError
from spiral_dash.core.edits import Hold
from spiral_dash.core.probes import PROBES, ProbeError
from spiral_dash.core.probes.plane_grid import plane_grid
from tests.unit.probes.subjects import diverged, subject

units = PROBES["units"]
SIDE = 8


@pytest.mark.parametrize("activation", ["tanh", "relu", "linear"])
@pytest.mark.parametrize("codimension", [1, 5])
@pytest.mark.parametrize("hidden", [(), (1,), (7, 3, 14)])
def test_every_picture_is_what_torch_computes_there(
    hidden: Sequence[int], codimension: int, activation: str
) -> None:
    measured = subject(hidden, activation, codimension=codimension)
    arrays = units(measured, resolution=SIDE, most=128)
    grid = plane_grid(measured.data, SIDE, np.dtype(np.float64))
    x = torch.from_numpy(grid.columns[:-1].T.copy())
    with torch.no_grad():
        outputs = torch.cat([x, *measured.network.layers(x)], dim=1).numpy().T
    assert arrays["shown"].tolist() == list(measured.network.sizes)
    assert len(outputs) == len(arrays["image"])
    limit = np.abs(outputs).max(axis=1)[:, None]
    seen = (arrays["image"].reshape(len(outputs), -1).astype(float) - 128) / 127
    np.testing.assert_allclose(seen * limit, outputs, atol=0.51 * limit.max() / 127)
    np.testing.assert_allclose(arrays["low"], outputs.min(axis=1))
    np.testing.assert_allclose(arrays["high"], outputs.max(axis=1))


def test_those_with_the_largest_outgoing_weights_come_first_and_the_others_after() -> None:
    measured = subject((30, 5))
    norms = measured.network.weights[1].detach().norm(dim=0).numpy()
    order = np.argsort(-norms) + 1
    for first in (0, 12, 18):
        arrays = units(measured, first=[0, first])
        numbers = arrays["unit"][2 : 2 + 12]
        assert numbers.tolist() == sorted(order[first : first + 12].tolist())
        np.testing.assert_allclose(arrays["outgoing"][2 : 2 + 12], norms[numbers - 1], rtol=1e-6)
        shown = measured.network.weights[1].detach().numpy()[:, numbers - 1]
        np.testing.assert_array_equal(arrays["weight_2"], shown)
        assert arrays["start"].tolist() == [0, first, 0, 0]
    beyond = units(measured, first=[0, 10_000])
    np.testing.assert_array_equal(beyond["unit"], units(measured, first=[0, 18])["unit"])


def test_what_is_silent_or_frozen_is_said_and_stays_in_reach() -> None:
    measured = subject((30, 5))
    weakest = int(measured.network.weights[1].detach().norm(dim=0).argmin()) + 1
    held = replace(measured, hold=Hold(frozenset({2}), frozenset({(1, weakest)})))
    arrays = units(held)
    assert weakest in arrays["unit"][2 : 2 + 12]
    silent = arrays["unit"][arrays["silent"] == 1]
    assert silent.tolist() == [weakest]
    assert arrays["frozen"].tolist() == [0, 1, 0]


def test_a_unit_that_is_always_zero_is_drawn_as_zero() -> None:
    measured = subject((4,), "relu")
    measured.network.flat.fill_(-1.0)
    measured.network.weights[0].detach().zero_()
    arrays = units(measured)
    assert (arrays["image"][2:6] == 128).all()


@pytest.mark.parametrize(
    "options", [{"first": [-1]}, {"first": ["a"]}, {"most": 0}, {"resolution": 1000}]
)
def test_options_that_cannot_be_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="expected"):
        units(subject(), **options)


def test_a_network_without_finite_numbers_is_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        units(diverged())


@pytest.mark.parametrize("codimension", [1, 31])
@pytest.mark.parametrize("hidden", [(), (1,), (128, 3)])
def test_measuring_twice_gives_the_same_and_changes_nothing(
    hidden: Sequence[int], codimension: int
) -> None:
    measured = subject(hidden, "relu", 6, codimension, torch.float32)
    before = measured.network.flat.clone()
    first, second = units(measured), units(measured)
    assert torch.equal(before, measured.network.flat)
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])
        assert np.isfinite(array).all()
