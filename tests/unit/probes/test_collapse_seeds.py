"""Hypothesis 3 over several seeds is the collapse of so many runs, each as Python trains it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spiral_dash import Run, RunConfig
from spiral_dash.core.probes import PROBES

MAPPING = RunConfig.parse(
    {
        "data": {"entanglement": 5, "samples_per_arm": 100},
        "network": {"hidden": [2], "activation": "relu"},
        "training": {"learning_rate": 0.01},
        "seed": 3,
    }
)


def test_each_seed_is_the_run_of_that_seed() -> None:
    run = Run(MAPPING)
    result = run.measure("collapse_seeds", seeds=3, epochs=10)
    np.testing.assert_array_equal(result["seeds"], [3, 4, 5])
    for place, seed in enumerate(result["seeds"]):
        alone = Run(MAPPING.replace(seed=int(seed)))
        alone.train(10)
        ratio = alone.measure("collapse")["gyration_ratio"][0]
        np.testing.assert_array_equal(result["gyration_ratio"][place], ratio)
        assert result["asymmetry"][place] == ratio.min() / ratio.max()
        assert result["test_accuracy"][place] == alone.metrics["test_accuracy"]
    assert run.epoch == 0


def test_relu_collapses_one_class_in_some_seeds_and_tanh_in_fewer() -> None:
    def collapsed(activation: str) -> int:
        network = MAPPING.network.replace(activation=activation)
        run = Run(MAPPING.replace(network=network))
        return int(run.measure("collapse_seeds", seeds=8, epochs=60)["collapsed"].sum())

    assert collapsed("relu") > collapsed("tanh")


def test_it_can_be_called_off_and_keeps_the_seeds_done() -> None:
    calls: list[float] = []

    def after_one_seed(share: float) -> bool:
        calls.append(share)
        return share < 0.5

    subject = replace(Run(MAPPING).subject(), proceed=after_one_seed)
    result = PROBES["collapse_seeds"](subject, seeds=2, epochs=4)
    assert len(result["seeds"]) == len(result["asymmetry"]) == 1
    assert calls == [0.0, 0.125, 0.25, 0.375, 0.5]


def test_seeds_that_diverge_count_as_not_collapsed() -> None:
    wild = MAPPING.training.replace(optimizer="sgd", learning_rate=100.0)
    linear = MAPPING.network.replace(activation="linear")
    run = Run(MAPPING.replace(training=wild, network=linear))
    result = run.measure("collapse_seeds", seeds=2, epochs=30)
    assert np.isnan(result["asymmetry"]).all()
    assert (result["collapsed"] == 0).all()
