"""A probe followed over the epochs measures each once, coarse to fine, within its budget."""

from __future__ import annotations

import numpy as np
import pytest

from spiral_dash.core.probes import Arrays, ProbeError
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


@pytest.mark.parametrize(
    "epochs",
    [
        range(1, 400),
        range(7, 4000, 2),
        [5],
        [1, *range(1001, 1400)],
        range(0, 1200, 4),
        [2**40 + i for i in range(1, 500)],
    ],
)
def test_any_epochs_are_read_with_both_ends(epochs: list[int]) -> None:
    chosen = Timeline(("value",)).read(list(epochs), Counted(), None)["epochs"]
    assert set(chosen) <= set(epochs)
    assert (chosen[0], chosen[-1]) == (epochs[0], epochs[-1])
    assert len(chosen) <= POINTS_MAX + 2
    assert list(chosen) == sorted(chosen)


class Failing(Counted):
    def __init__(self, bad: set[int]) -> None:
        super().__init__()
        self.bad = bad

    def __call__(self, epoch: int) -> Arrays:
        arrays = super().__call__(epoch)
        if epoch in self.bad:
            raise ProbeError(f"not at {epoch}.")
        return arrays


@pytest.mark.parametrize("bad", [{0}, {8}, {0, 8, 4}, set(range(8))])
@pytest.mark.parametrize("budget", [None, 0.0])
def test_an_epoch_that_cannot_be_measured_is_left_out(bad: set[int], budget: float | None) -> None:
    timeline, measure = Timeline(("value",)), Failing(bad)
    for _ in range(9):
        result = timeline.read(list(range(9)), measure, budget)
        assert len(result["epochs"]) > 0
    assert result["missing"] == 0
    assert list(result["epochs"]) == [epoch for epoch in range(9) if epoch not in bad]
    assert sorted(measure.calls) == list(range(9))


def test_where_no_epoch_can_be_measured_the_first_says_why() -> None:
    timeline, measure = Timeline(("value",)), Failing(set(range(9)))
    for _ in range(2):
        with pytest.raises(ProbeError, match="not at 0"):
            timeline.read(list(range(9)), measure, 0.0)
    assert sorted(measure.calls) == list(range(9))
