"""A probe followed over the epochs measures each once, coarse to fine, within its budget."""

from __future__ import annotations

import numpy as np

from spiral_dash.core.probes import Arrays
from spiral_dash.core.timeline import POINTS_MAX, Timeline


class Counted:
    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(self, epoch: int) -> Arrays:
        self.calls.append(epoch)
        return {"value": np.array([epoch, 2 * epoch]), "large": np.zeros(1000)}


def test_each_epoch_is_measured_once() -> None:
    timeline, measure = Timeline(("value",)), Counted()
    timeline.read([0, 1, 2], measure, None)
    result = timeline.read([0, 1, 2, 3], measure, None)
    assert sorted(measure.calls) == [0, 1, 2, 3]
    np.testing.assert_array_equal(result["epochs"], [0, 1, 2, 3])
    np.testing.assert_array_equal(result["value"], [[0, 0], [1, 2], [2, 4], [3, 6]])
    assert result["missing"] == 0
    assert "large" not in result


def test_a_budget_of_nothing_measures_one_and_counts_the_rest() -> None:
    timeline, measure = Timeline(("value",)), Counted()
    result = timeline.read(list(range(9)), measure, 0.0)
    assert len(result["epochs"]) == 1 and result["missing"] == 8
    for _ in range(2):
        result = timeline.read(list(range(9)), measure, 0.0)
    assert measure.calls == [0, 8, 4] and result["missing"] == 6


def test_a_long_run_is_read_at_bounded_epochs_with_both_ends() -> None:
    timeline, measure = Timeline(("value",)), Counted()
    epochs = timeline.read(list(range(100_001)), measure, None)["epochs"]
    assert len(epochs) <= POINTS_MAX + 1
    assert epochs[0] == 0 and epochs[-1] == 100_000


def test_forgotten_epochs_are_measured_again() -> None:
    timeline, measure = Timeline(("value",)), Counted()
    timeline.read([0, 1, 2], measure, None)
    timeline.forget_after(1)
    timeline.read([0, 1, 2], measure, None)
    assert measure.calls.count(2) == 2 and measure.calls.count(1) == 1
