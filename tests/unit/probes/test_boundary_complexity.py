"""Boundary complexity against straight boundaries, the ideal curves, and trained networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.dataset import make_dataset
from spiral_dash.core.probes import PROBES, ProbeError
from spiral_dash.core.probes.boundary_complexity import class_gap
from spiral_dash.core.trainer import Trainer
from tests.unit.probes.subjects import (
    diverged,
    network_of,
    spiral,
    subject,
    subject_of,
    without_class,
)

boundary_complexity = PROBES["boundary_complexity"]


def straight(weights: list[list[float]]) -> dict[str, float]:
    """What the probe measures of a linear network, each row (w1, w2, bias) a class."""
    data = spiral(arms=len(weights))
    arrays = boundary_complexity(subject_of(network_of([np.array(weights)]), data))
    return {name: float(arrays[name]) for name in arrays if arrays[name].ndim == 0} | {
        "extent": data.extent,
        "ideal": data.ideal_length or np.nan,
    }


def test_a_straight_boundary_has_the_length_of_its_chord() -> None:
    # x1 + x2 = 0: the diagonal of the window.
    measured = straight([[0, 0, 0], [1, 1, 0]])
    diagonal = 2 * np.sqrt(2) * measured["extent"]
    assert measured["length"] == pytest.approx(diagonal, rel=1e-6)
    assert measured["length_ratio"] == pytest.approx(diagonal / measured["ideal"], rel=1e-6)
    assert measured["curves"] == 1
    assert measured["turning"] == pytest.approx(0.0, abs=1e-6)


def test_three_sectors_share_three_rays_in_one_piece() -> None:
    # Class k wins around the direction 2 pi k / 3, so the rays lie at 60, 180 and 300 degrees.
    angles = 2 * np.pi * np.arange(3) / 3
    measured = straight([[np.cos(a), np.sin(a), 0.0] for a in angles])
    rays = measured["extent"] * (1 + 2 / np.sin(np.pi / 3))
    assert measured["length"] == pytest.approx(rays, rel=5e-3)
    assert measured["curves"] == 1


def test_three_stripes_have_two_curves() -> None:
    # The greatest logit changes at x1 = -5 and x1 = 5.
    measured = straight([[-10, 0, -25], [0, 0, 25], [10, 0, -25]])
    assert measured["curves"] == 2
    assert measured["length"] == pytest.approx(4 * measured["extent"], rel=1e-6)
    assert measured["turning"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("arms", [2, 5])
def test_the_ideal_curves_have_the_arms_length(arms: int) -> None:
    data = spiral(arms=arms)
    phi = np.linspace(1.0, 9.0, 200_001)
    middle = (
        2.0 * phi[:, None] * np.stack([np.cos(phi + np.pi / arms), np.sin(phi + np.pi / arms)], 1)
    )
    polygon = np.hypot(*np.diff(middle, axis=0).T).sum()
    assert data.ideal_length == pytest.approx(arms * polygon, rel=1e-8)


def test_only_the_part_near_a_point_counts_as_near() -> None:
    data = spiral()
    line = subject_of(network_of([np.array([[0.0, 0, 0], [0, 1, 0]])]), data)
    arrays = boundary_complexity(line, within=0.5)
    places = np.linspace(-data.extent, data.extent, 20_001)
    points = np.concatenate([data.x_train.numpy(), data.x_test.numpy()])
    apart = np.hypot(places[:, None] - points[:, 0], points[:, 1]).min(axis=1)
    expected = (apart <= 0.5).mean() * 2 * data.extent
    assert 0 < expected < arrays["length"]
    assert arrays["length_within"] == pytest.approx(expected, abs=4 * data.extent / 100)
    everything = boundary_complexity(line, within=1e3)
    assert everything["length_within"] == pytest.approx(float(everything["length"]))


def test_near_means_the_gap_of_the_classes_unless_said() -> None:
    data = spiral(codimension=3)
    x, y = data.x_train.numpy().astype(np.float64), data.y_train.numpy()
    apart = np.linalg.norm(x[:, None] - x[None], axis=2)
    apart[y[:, None] == y[None]] = np.inf
    assert class_gap(data) == pytest.approx(np.median(apart.min(axis=1)), rel=1e-5)
    measured = subject_of(subject(codimension=3).network, data)
    assert boundary_complexity(measured)["within"] == pytest.approx(class_gap(data))


def test_one_class_alone_has_no_gap() -> None:
    data = without_class(spiral(), 1)
    assert class_gap(data) == data.extent


def test_a_network_with_one_answer_has_no_boundary() -> None:
    measured = straight([[0, 0, 0], [0, 0, 1]])
    assert measured["curves"] == measured["length"] == measured["turning"] == 0


def test_the_lines_lie_where_the_answer_changes() -> None:
    measured = subject((8, 8), codimension=3, scale=3.0)
    lines = boundary_complexity(measured)["lines"].astype(np.float64)
    drawn = lines[~np.isnan(lines).any(axis=1)]
    assert len(drawn) > 20
    x = drawn @ measured.data.plane.numpy().T
    with torch.no_grad():
        logits = measured.network(torch.from_numpy(x)).numpy()
    assert np.abs(logits[:, 1] - logits[:, 0]).mean() < 0.02


def trained(entanglement: float) -> dict[str, float]:
    """A 5x50 relu network after 60 epochs."""
    config = RunConfig.parse(
        {
            "data": {"entanglement": entanglement},
            "network": {"hidden": [50] * 5, "activation": "relu"},
        }
    )
    data = make_dataset(config.data, config.seeds.data)
    trainer = Trainer(config, data, 1 << 20)
    trainer.begin()
    for _ in range(60):
        assert trainer.advance(60.0)
    measured = boundary_complexity(subject_of(trainer.engine.network, data))
    return {name: float(measured[name]) for name in ("length_ratio", "curves", "turning")}


def test_a_more_entangled_spiral_needs_a_longer_and_more_winding_boundary() -> None:
    easy, hard = trained(2), trained(8)
    assert easy["curves"] == 1
    assert easy["turning"] < 3
    assert 20 < hard["turning"] < 60
    assert 0.5 < easy["length_ratio"] < 1.5
    assert 0.5 < hard["length_ratio"] < 1.5


def test_weights_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        boundary_complexity(diverged())
