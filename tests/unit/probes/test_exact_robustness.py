"""What is proved never contradicts what an attack finds, and the estimate stays close to it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from spiral_dash import ConfigError, ProbeError, Run, RunConfig
from spiral_dash.core.probes import PROBES

EPSILONS = [0.1, 0.5, 1.0, 1.5, 2.0]


@cache
def trained(activation: str, arms: int = 2, codimension: int = 1, epochs: int = 25) -> Run:
    run = Run(
        RunConfig.parse(
            {
                "data": {
                    "entanglement": 5,
                    "samples_per_arm": 120,
                    "arms": arms,
                    "codimension": codimension,
                    "test_noise": 0.3,
                },
                "network": {"hidden": [20, 20], "activation": activation},
                "training": {"learning_rate": 0.01},
                "seed": 4,
            }
        )
    )
    run.train(epochs)
    return run


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "sine"])
@pytest.mark.parametrize("epochs", [0, 25])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_exact_lies_below_every_attack_and_is_decided(
    activation: str, epochs: int, norm: str
) -> None:
    run = trained(activation, epochs=epochs)
    exact = run.measure("exact_robustness", epsilons=EPSILONS, norm=norm)
    assert (exact["decided"] == len(run.data.y_test)).all()
    np.testing.assert_array_equal(exact["accuracy"], exact["accuracy_upper"])
    for method in ("noise", "fgsm", "bim", "pgd"):
        attacked = run.measure("attack", method=method, epsilons=EPSILONS, norm=norm, restarts=3)
        assert (exact["accuracy"] <= attacked["accuracy"] + 1e-12).all(), method


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("arms", [2, 3])
def test_the_estimate_is_within_half_a_point_of_exact(
    activation: str, norm: str, arms: int
) -> None:
    run = trained(activation, arms)
    exact = run.measure("exact_robustness", epsilons=EPSILONS, norm=norm)
    estimate = run.measure("robustness_estimate", norm=norm, resolution=400)
    at = np.searchsorted(estimate["epsilons"], np.array(EPSILONS) - 1e-9)
    # Half a point, or one test point where there are so few.
    within = max(0.005, 1.001 / len(run.data.y_test))
    np.testing.assert_allclose(estimate["accuracy"][at], exact["accuracy"], atol=within)
    close = exact["radius_upper"] <= EPSILONS[-1]
    middle = (exact["radius_lower"] + exact["radius_upper"])[close] / 2
    assert np.median(np.abs(estimate["radius"][close] - middle)) < 0.05


def test_misclassified_points_have_no_radius() -> None:
    run = trained("tanh", epochs=2)
    exact = run.measure("exact_robustness")
    wrong = (run.network(run.data.x_test).argmax(1) != run.data.y_test).numpy()
    assert wrong.any()
    assert (exact["radius_lower"][wrong] == 0).all() and (exact["radius_upper"][wrong] == 0).all()


def test_above_dimension_two_the_statement_is_named_and_one_shot_bounds_are_offered() -> None:
    run = trained("relu", codimension=4)
    plane = run.measure("exact_robustness", epsilons=EPSILONS)
    assert plane["whole_space"] == 0
    whole = run.measure("exact_robustness", epsilons=[0.001, 0.01], proof="one-shot")
    assert whole["whole_space"] == 1
    attacked = run.measure("attack", method="pgd", epsilons=[0.001, 0.01])
    assert (whole["accuracy"] <= attacked["accuracy"]).all()
    assert (whole["accuracy"] <= whole["accuracy_upper"]).all()
    assert (whole["radius_upper"] > 0).mean() == whole["accuracy_upper"][0]
    with pytest.raises(ProbeError, match="expected points of 2 numbers, got 5"):
        run.measure("robustness_estimate")


def test_a_proof_can_be_called_off_and_says_how_far_it_is() -> None:
    run = trained("tanh")
    heard: list[float] = []

    def stop(share: float) -> bool:
        heard.append(share)
        return False

    cut = PROBES["exact_robustness"](replace(run.subject(), proceed=stop))
    assert cut["cancelled"] == 1 and len(heard) == 1
    assert (cut["accuracy"] <= cut["accuracy_upper"]).all()


def test_the_limit_on_squares_leaves_a_band_and_says_so() -> None:
    capped = trained("tanh").measure("exact_robustness", max_boxes=100)
    whole = trained("tanh").measure("exact_robustness")
    assert capped["capped"] == 1
    assert (capped["accuracy"] <= whole["accuracy"]).all()
    assert (whole["accuracy"] <= capped["accuracy_upper"]).all()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"epsilons": [-1.0]}, "epsilons: expected"),
        ({"epsilons": [float("nan")]}, "NaN"),
        ({"epsilons": [1e9]}, "from 0 to 1000"),
        ({"epsilons": []}, "a list of 1 to 64"),
        ({"epsilons": [0.1] * 65}, "a list of 1 to 64"),
        ({"max_boxes": 10**9}, "to 400000"),
        ({"norm": "l1"}, "one of linf, l2"),
        ({"proof": "hope"}, "one of quadtree, one-shot"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        trained("tanh").measure("exact_robustness", **options)
