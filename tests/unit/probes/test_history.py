"""The curves of a run: thinned without losing an extreme, in all and for each class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spiral_dash import Run, RunConfig
from spiral_dash.core.probes import PROBES
from spiral_dash.core.probes.history import extremes
from tests.unit.probes.subjects import subject

history = PROBES["history"]
CONFIG = RunConfig.parse(
    {
        "data": {"samples_per_arm": 50, "arms": 3},
        "network": {"hidden": [4]},
        "seed": 2,
    }
)


@pytest.mark.parametrize("count", [1, 2, 19, 1000, 12_345])
@pytest.mark.parametrize("buckets", [5, 150])
def test_a_thinned_curve_keeps_its_ends_and_extremes(count: int, buckets: int) -> None:
    values = np.random.default_rng(count).standard_normal(count).cumsum()
    kept = extremes(values, buckets)
    assert kept[0] == 0 and kept[-1] == count - 1
    assert (np.diff(kept) > 0).all()
    assert len(kept) <= 2 * buckets + 2
    assert values[kept].min() == values.min() and values[kept].max() == values.max()


def test_the_curves_of_every_class_are_those_of_the_run() -> None:
    run = Run(CONFIG)
    run.train(4)
    arrays = run.measure("history", per_class=True)
    for name in ("train_class_loss", "train_class_accuracy", "test_class_loss"):
        for label in range(3):
            np.testing.assert_array_equal(arrays[f"{name}_{label}_epoch"], np.arange(5))
            np.testing.assert_array_equal(
                arrays[f"{name}_{label}"][1:], run.history[name][:, label]
            )
    measured = run.measure("metrics")
    last = [arrays[f"test_class_accuracy_{label}"][-1] for label in range(3)]
    np.testing.assert_allclose(last, measured["test_class_accuracy"])


def test_without_the_option_no_class_has_a_curve() -> None:
    run = Run(CONFIG)
    assert not [name for name in run.measure("history") if "_class_" in name]


def test_a_long_run_keeps_the_spike_of_one_class() -> None:
    measured = subject(arms=2)
    epochs = 5000
    steady = {name: np.zeros(epochs) for name in ("train_loss", "test_loss")}
    steady |= {name: np.ones(epochs) for name in ("train_accuracy", "test_accuracy")}
    per_class = {
        f"{part}_class_{what}": np.zeros((epochs, 2))
        for part in ("train", "test")
        for what in ("loss", "accuracy")
    }
    per_class["train_class_loss"][3217, 1] = 7.0
    per_class["test_class_loss"][:, 0] = np.nan
    run = {"epoch": np.arange(epochs, dtype=float), **steady, **per_class}
    arrays = history(replace(measured, history=run), points=100, per_class=True)
    spike = arrays["train_class_loss_1"]
    assert arrays["train_class_loss_1_epoch"][spike.argmax()] == 3217 and spike.max() == 7.0
    assert len(spike) <= 102
    assert np.isnan(arrays["test_class_loss_0"]).all()
