"""Around one point: every example in its ball, the path stepwise, the radius between them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from spiral_dash import ProbeError, Run, RunConfig
from spiral_dash.core.attacks import ATTACKS


@pytest.fixture(scope="module")
def run() -> Run:
    run = Run(
        RunConfig.parse(
            {
                "data": {"entanglement": 6, "samples_per_arm": 100},
                "network": {"hidden": [16, 16]},
                "training": {"learning_rate": 0.01},
            }
        )
    )
    run.train(25)
    return run


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("epsilon", [0.25, 1.5])
def test_examples_lie_in_the_ball_and_agree_with_the_exact_radius(
    run: Run, norm: str, epsilon: float
) -> None:
    exact = run.measure("exact_robustness", epsilons=[epsilon], norm=norm)
    for point in range(0, len(run.data.y_test), 9):
        found = run.measure("examples", point=point, epsilon=epsilon, norm=norm)
        centre = run.data.x_test[point].double().numpy()
        np.testing.assert_allclose(found["point"], centre, rtol=1e-6)
        for place, name in enumerate(ATTACKS):
            offset = found[name].astype(np.float64) - centre
            size = np.abs(offset).max() if norm == "linf" else np.hypot(*offset)
            assert size <= epsilon
            predicted = run.network(torch.from_numpy(found[name])[None]).argmax()
            assert found["broken"][place] == (int(predicted) != int(found["label"]))
            if found["broken"][place]:
                assert exact["radius_upper"][point] <= epsilon
                assert found["radius_lower"] <= size
        assert found["radius_lower"] <= found["radius_upper"]
        assert found["path"].shape == (5, 2)
        np.testing.assert_allclose(found["path"][0], centre, rtol=1e-6)


def test_a_point_that_does_not_exist_is_refused_with_those_that_do(run: Run) -> None:
    with pytest.raises(ProbeError, match=r"expected 0 to 65"):
        run.measure("examples", point=66)


def test_above_dimension_two_examples_are_shown_in_the_plane() -> None:
    run = Run(
        RunConfig.parse(
            {"data": {"codimension": 3, "samples_per_arm": 60}, "network": {"hidden": [4]}}
        )
    )
    found = run.measure("examples", point=3)
    assert found["fgsm"].shape == (2,) and np.isfinite(found["path"]).all()
