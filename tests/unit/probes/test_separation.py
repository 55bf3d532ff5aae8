"""Half the distance between classes: against a plain search, and what it means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from spiral_dash import Run, RunConfig
from spiral_dash.core.probes import PROBES
from tests.unit.probes.subjects import random_network, spiral, subject, subject_of

separation = PROBES["separation"]


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("codimension", [1, 3])
@pytest.mark.parametrize("arms", [2, 6])
def test_it_is_half_the_least_distance_between_classes(
    norm: str, codimension: int, arms: int
) -> None:
    data = spiral(arms, codimension, samples=900 // arms)
    arrays = separation(subject_of(random_network((data.dimension, 3, arms)), data), norm=norm)
    assert set(arrays) == set(separation.returns)
    y = data.y_test.numpy()
    order = np.inf if norm == "linf" else 2
    for name, x in (("radius", data.x_test), ("radius_plane", data.project(data.x_test))):
        points = x.double().numpy()
        least = min(
            float(np.linalg.norm(points[y != label] - point, order, axis=1).min())
            for point, label in zip(points, y, strict=True)
        )
        assert arrays[name] == pytest.approx(least / 2, rel=1e-5)


def test_no_network_is_proved_robust_beyond_it() -> None:
    run = Run(RunConfig.parse({"data": {"samples_per_arm": 80}, "seed": 3}))
    run.train(30)
    limit = float(run.measure("separation")["radius"])
    epsilons = [0.9 * limit, 1.01 * limit]
    assert run.measure("exact_robustness", epsilons=epsilons)["accuracy"][1] < 1.0


def test_one_class_alone_is_infinitely_far_from_others() -> None:
    whole = subject(dtype=torch.float32)
    one = replace(whole.data, y_test=torch.zeros_like(whole.data.y_test))
    arrays = separation(replace(whole, data=one))
    assert np.isinf(arrays["radius"]) and np.isinf(arrays["radius_plane"])
