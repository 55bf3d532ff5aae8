"""Accuracy under attack as a measurement: what it returns, and what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from spiral_dash import ConfigError
from spiral_dash.core.attacks import ATTACKS, THESIS_EPSILONS, AttackName, AttackSettings
from spiral_dash.core.probes import PROBES, ProbeError
from tests.unit.probes.subjects import diverged, subject

attack = PROBES["attack"]


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("codimension", [1, 31])
@pytest.mark.parametrize("arms", [2, 6])
@pytest.mark.parametrize("hidden", [(), (2,), (8, 1, 5)])
def test_every_attack_works_on_every_kind_of_network_and_data(
    hidden: Sequence[int], arms: int, codimension: int, norm: str
) -> None:
    measured = subject(hidden, "relu", arms, codimension, torch.float32)
    arrays = attack(measured, methods=list(ATTACKS), norm=norm)
    assert set(arrays) == {"epsilons", "clean", *(f"accuracy_{name}" for name in ATTACKS)}
    assert set(arrays) <= set(attack.returns)
    np.testing.assert_array_equal(arrays["epsilons"], THESIS_EPSILONS)
    clean = measured.network(measured.data.x_test).argmax(dim=1) == measured.data.y_test
    assert arrays["clean"].shape == () and arrays["clean"] == clean.double().mean().numpy()
    for name in ATTACKS:
        accuracy = arrays[f"accuracy_{name}"]
        assert accuracy.shape == (6,)
        assert (accuracy >= 0).all() and (accuracy <= arrays["clean"]).all()


def test_one_method_returns_accuracy() -> None:
    measured = subject(dtype=torch.float32)
    arrays = attack(measured, method="bim", epsilons=[0.5, 1.0], iterations=3, alpha=0.2)
    assert set(arrays) == {"epsilons", "accuracy", "clean"}
    x, y = measured.data.x_test.numpy(), measured.data.y_test.numpy()
    settings = AttackSettings(epsilons=(0.5, 1.0), iterations=3, alpha=0.2)
    outcome = ATTACKS["bim"](settings).run(measured.network, x, y, measured.generator("attack"))
    np.testing.assert_array_equal(arrays["accuracy"], outcome.robust.mean(axis=1))
    both = attack(measured, methods=["bim", "pgd"], epsilons=[0.5, 1.0], iterations=3, alpha=0.2)
    np.testing.assert_array_equal(arrays["accuracy"], both["accuracy_bim"])


def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    measured = subject(activation="sine", dtype=torch.float32, scale=3.0)
    options = {"method": "noise", "epsilons": [2.0, 4.0, 6.0]}
    first, again = attack(measured, **options), attack(measured, **options)
    np.testing.assert_array_equal(first["accuracy"], again["accuracy"])
    others = [attack(replace(measured, seed=seed), **options)["accuracy"] for seed in range(5)]
    assert any(not np.array_equal(first["accuracy"], other) for other in others)


def test_the_choices_are_the_registry() -> None:
    assert set(get_args(AttackName)) == set(ATTACKS)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "square"}, "one of noise, fgsm, bim, pgd"),
        ({"methods": []}, "1 to 4"),
        ({"methods": ["square"]}, "one of noise, fgsm, bim, pgd"),
        ({"epsilons": [0.5, -1.0]}, "from 0 to 1000000, got -1.0"),
        ({"epsilons": [float("nan")]}, "got NaN"),
        ({"epsilons": 0.5}, "a list of 1 to 64"),
        ({"iterations": 0}, "from 1 to 200, got 0"),
        ({"restarts": 51}, "from 1 to 50, got 51"),
        ({"norm": "l0"}, "one of linf, l2"),
        ({"unknown": 1}, "no such setting"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        attack(subject(), **options)


def test_what_would_take_too_long_is_refused_with_the_limit() -> None:
    measured = subject((128,) * 8, arms=6)
    with pytest.raises(ProbeError, match="at most 20 s"):
        attack(measured, method="pgd", iterations=200, restarts=50)


def test_weights_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        attack(diverged())


def test_it_says_how_far_it_is_and_can_be_called_off() -> None:
    heard: list[float] = []

    def proceed(share: float) -> bool:
        heard.append(share)
        return len(heard) < 6

    methods = ["noise", "bim", "pgd"]
    whole = subject(dtype=torch.float32)
    with pytest.raises(ProbeError, match="called off"):
        attack(replace(whole, proceed=proceed), methods=methods, iterations=4, restarts=8)
    # One visit for noise, five for bim and five for each of eight restarts.
    assert heard == pytest.approx([0, 1 / 46, 6 / 46, 11 / 46, 16 / 46, 21 / 46])
    untouched = attack(replace(whole, proceed=lambda share: share <= 1.0), methods=methods)
    for name, array in attack(whole, methods=methods).items():
        np.testing.assert_array_equal(untouched[name], array)
