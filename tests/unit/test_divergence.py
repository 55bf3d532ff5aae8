"""A run that diverged has no accuracy, and everything before it is still there."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from spiral_dash import Run, RunConfig
from spiral_dash.core.probes import PROBES
from spiral_dash.core.probes.history import extremes

WILD = RunConfig.parse(
    {
        "data": {"samples_per_arm": 50},
        "network": {"activation": "linear"},
        "training": {"optimizer": "sgd", "learning_rate": 10, "l2": 10, "batch_size": 5},
    }
)
LATER = WILD.replace(
    training=WILD.training.replace(learning_rate=0.01, l2=0.0),
    schedule="4:learning_rate=10,l2=10",
)
FOLLOWED = sorted(name for name, probe in PROBES.items() if probe.summary)


def diverged(config: RunConfig) -> Run:
    run = Run(config)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run.train(200)
    assert run.diverged is not None
    return run


@pytest.mark.parametrize("config", [WILD, LATER], ids=["at once", "later"])
def test_there_is_no_accuracy_where_the_loss_is_not_finite(config: RunConfig) -> None:
    run = diverged(config)
    arrays = run.trainer.history.arrays()
    for part in ("train", "test"):
        assert not np.isfinite(arrays[f"{part}_loss"][-1])
        assert np.isnan(run.metrics[f"{part}_accuracy"])
        assert np.isnan(arrays[f"{part}_class_accuracy"][-1]).all()
        assert np.isfinite(arrays[f"{part}_class_accuracy"][:-1]).all()
        assert np.isfinite(arrays[f"{part}_accuracy"][:-1]).all()
    per_class = run.measure("history", per_class=True)
    assert np.isnan(per_class["test_accuracy"][-1])
    assert np.isfinite(per_class["test_accuracy"][:-1]).all()


@pytest.mark.parametrize("config", [WILD, LATER], ids=["at once", "later"])
@pytest.mark.parametrize("name", FOLLOWED)
def test_what_was_before_is_followed_as_it_was_measured(name: str, config: RunConfig) -> None:
    run = diverged(config)
    followed = run.over_time(name)
    before = [int(epoch) for epoch in run.epochs[:-1]]
    assert [int(epoch) for epoch in followed["epochs"]][: len(before)] == before
    assert followed["missing"] == 0
    assert len(before) >= (5 if config is LATER else 1)
    for place, epoch in enumerate(before):
        measured = run.measure(name, epoch=epoch)
        for array in PROBES[name].summary:
            np.testing.assert_array_equal(followed[array][place], measured[array])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", FOLLOWED)
def test_followed_over_the_epochs_is_measured_epoch_by_epoch(name: str, seed: int) -> None:
    config = RunConfig.parse(
        {
            "data": {"samples_per_arm": 60, "arms": 2 + seed % 2, "entanglement": 4},
            "network": {"hidden": [6, 5], "activation": ("tanh", "relu", "sine")[seed]},
            "training": {"learning_rate": 0.02},
            "schedule": "2:learning_rate=0.1;3.1:batch_size=9",
            "seed": seed,
        }
    )
    run = Run(config)
    run.train(5)
    run.advance(0.0)
    followed = run.over_time(name, budget=0.0)
    while followed["missing"]:
        followed = run.over_time(name, budget=0.0)
    assert list(followed["epochs"]) == list(range(6))
    for epoch in range(6):
        measured = run.measure(name, epoch=epoch)
        for array in PROBES[name].summary:
            np.testing.assert_array_equal(followed[array][epoch], measured[array])


def test_thinning_keeps_every_extreme_beside_what_is_not_a_number() -> None:
    values = np.sin(np.arange(1000.0))
    values[500:] = np.nan
    values[333], values[444] = 9.0, -9.0
    kept = extremes(values, 10)
    assert {0, 333, 444, 999} <= set(kept.tolist())
