"""The boundary probe against torch and against a network whose answer is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from spiral_dash.core.config import ConfigError
from spiral_dash.core.passes import TiledPass
from spiral_dash.core.probes import PROBES, ProbeError
from spiral_dash.core.probes.plane_grid import plane_grid
from tests.unit.probes.subjects import (
    diverged,
    embedded,
    network_of,
    random_network,
    spiral,
    subject,
    subject_of,
)

boundary = PROBES["boundary"]


@pytest.mark.parametrize("codimension", [1, 3])
@pytest.mark.parametrize("arms", [2, 3, 6])
@pytest.mark.parametrize("hidden", [(), (1,), (8, 8), (50, 50)])
def test_every_node_has_the_probabilities_torch_gives_it(
    hidden: Sequence[int], arms: int, codimension: int
) -> None:
    measured = subject(hidden, arms=arms, codimension=codimension)
    arrays = boundary(measured, resolution=11)
    for row, x2 in enumerate(arrays["x2"]):
        for column, x1 in enumerate(arrays["x1"]):
            with torch.no_grad():
                logits = measured.network(embedded(measured.data, [x1, x2]))[0]
            share = torch.softmax(logits, 0).numpy()
            assert arrays["probability"][row, column] == pytest.approx(share[1], abs=1e-5)
            assert arrays["confidence"][row, column] == pytest.approx(share.max(), abs=1e-5)
            if arms > 2:
                assert arrays["classes"][row, column] == share.argmax()


@pytest.mark.parametrize("scale", [1e-30, 0.1, 1.0, 30.0, 1e6, 1e20, 1e30])
@pytest.mark.parametrize("hidden", [(16,), (50, 3, 50), (128,) * 4])
def test_a_swift_pass_shows_what_the_plain_one_does(hidden: Sequence[int], scale: float) -> None:
    """However large the weights are; a node on the very boundary may fall to either side."""
    measured = subject(hidden)
    flat = measured.network.flat.numpy()
    flat[:] = np.random.default_rng(len(hidden)).normal(size=flat.shape) * scale
    grid = plane_grid(measured.data, 40, flat.dtype)
    with np.errstate(all="ignore"):
        plain, swift = (
            TiledPass(measured.network, swift=swift).probabilities(grid.columns)
            for swift in (False, True)
        )
    assert np.isfinite(plain).all() and np.isfinite(swift).all()
    assert (np.abs(plain - swift) > 1e-3).mean() < 0.005


def test_weights_that_leave_no_room_are_taken_as_they_are() -> None:
    measured = subject((16, 16))
    measured.network.flat[:] = 2e38
    grid = plane_grid(measured.data, 40, np.dtype("float32"))
    with np.errstate(all="ignore"):
        plain, swift = (
            TiledPass(measured.network, swift=swift).logits(grid.columns) for swift in (False, True)
        )
    np.testing.assert_array_equal(plain, swift)


def test_rows_are_x2_and_columns_x1() -> None:
    data = spiral()
    network = network_of([np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 0.5]])])
    arrays = boundary(subject_of(network, data), resolution=10, extent=3.0)
    x1, x2 = arrays["x1"].astype(np.float64), arrays["x2"].astype(np.float64)
    np.testing.assert_allclose(x1, np.linspace(-3, 3, 10), rtol=1e-6)
    expected = 1 / (1 + np.exp(-(x1[None, :] + 2 * x2[:, None] + 0.5)))
    np.testing.assert_allclose(arrays["probability"], expected, rtol=1e-5)


def test_the_square_holds_every_point() -> None:
    measured = subject(codimension=2)
    reach = float(measured.data.project(measured.data.x_train).abs().max())
    arrays = boundary(measured, resolution=10)
    assert arrays["x1"][-1] == -arrays["x1"][0] > reach


def test_classes_come_only_where_there_are_more_than_two() -> None:
    assert "classes" not in boundary(subject(arms=2), resolution=10)
    assert boundary(subject(arms=3), resolution=10)["classes"].dtype == np.uint8


def test_a_grid_is_built_once() -> None:
    data, dtype = spiral(), np.dtype(np.float32)
    grid = plane_grid(data, 20, dtype)
    assert plane_grid(data, 20, dtype) is grid
    assert plane_grid(data, 20, dtype, extent=1.0) is not grid
    assert plane_grid(spiral(), 20, dtype) is not grid


def test_it_measures_the_network_as_it_is_now() -> None:
    data = spiral()
    network = random_network((2, 5, 2))
    before = boundary(subject_of(network, data), resolution=10)
    network.flat.mul_(2.0)
    after = boundary(subject_of(network, data), resolution=10)
    assert np.abs(before["probability"] - after["probability"]).max() > 1e-3


@pytest.mark.parametrize("options", [{"resolution": 9}, {"resolution": 401}, {"extent": 0.0}])
def test_options_out_of_bounds_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        boundary(subject(), **options)


def test_weights_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        boundary(diverged())
