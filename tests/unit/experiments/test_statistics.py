"""Tests find what was planted, say nothing of what is not there, and know what they need."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from spiral_dash.experiments.statistics import (
    ALPHA,
    equal,
    holm,
    interval,
    never,
    rank_biserial,
    seeds_needed,
    shifted,
    trend,
)


@pytest.fixture
def rng() -> np.random.Generator:
    """The same numbers for each test, whichever others were run."""
    return np.random.default_rng(1)


def test_a_trend_is_pages_and_its_opposite_counts_against(rng: np.random.Generator) -> None:
    values = np.arange(5.0) + rng.normal(size=(12, 5))
    tested = trend(values, "rising", 0.2)
    assert tested.p_for == stats.page_trend_test(values).pvalue
    assert tested.p_for < 1e-6 and tested.p_against > 0.5
    falling = trend(values, "falling", 0.2)
    assert (falling.p_for, falling.p_against) == (tested.p_against, tested.p_for)
    assert tested.low <= tested.effect <= tested.high <= 1.2
    assert trend(-values, "falling", 0.2).p_for == pytest.approx(tested.p_for)


def test_seeds_with_a_gap_are_left_out_of_a_trend(rng: np.random.Generator) -> None:
    values = np.arange(5.0) + rng.normal(size=(12, 5))
    values[3, 2] = np.nan
    assert trend(values, "rising", 0.2).seeds == 11


def test_no_trend_is_supported_by_an_interval_and_not_by_silence(rng: np.random.Generator) -> None:
    flat = np.tile([1.0, 2.0, 2.0, 1.0], (20, 1))
    assert trend(flat, "none", 0.2).p_for < 0.01
    noisy = rng.normal(size=(20, 4))
    assert trend(noisy, "none", 0.01).p_for > 0.05
    rising = np.arange(4.0) + 0.01 * rng.normal(size=(20, 4))
    tested = trend(rising, "none", 0.2)
    assert tested.p_against < 0.01 < tested.p_for


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_a_difference_is_found_on_its_side(rng: np.random.Generator, value: float) -> None:
    values = value + 1.0 + 0.1 * rng.normal(size=15)
    up, down = shifted(values, value, "greater"), shifted(values, value, "less")
    assert (
        up.p_for == down.p_against == stats.wilcoxon(values - value, alternative="greater").pvalue
    )
    assert up.p_for < 1e-3 and up.effect == 1.0
    assert up.low < value + 1 < up.high


def test_nothing_is_found_where_there_is_nothing() -> None:
    for tested in (
        shifted(np.zeros(10), 0.0, "greater"),
        shifted(np.full(4, np.nan), 0.0, "less"),
        equal(np.zeros(0), 0.1),
        trend(np.ones((6, 4)), "rising", 0.2),
    ):
        assert tested.p == 1.0


def test_alike_is_within_the_margin(rng: np.random.Generator) -> None:
    values = 0.01 * rng.normal(size=20)
    assert equal(values, 0.2).p_for < 1e-4
    assert equal(values + 1, 0.2).p_against < 1e-3
    assert equal(values, 0.2, value=1.0).p_against < 1e-3


def test_one_counterexample_decides_what_is_never() -> None:
    values = np.zeros((2, 30))
    assert never(values, 0.0).p_for < 0.01
    values[1, 4] = 1e-9
    tested = never(values, 0.0)
    assert tested.p_against == 0.0 and tested.effect == 1.0


def test_the_interval_of_a_mean_is_students(rng: np.random.Generator) -> None:
    values = rng.normal(size=9)
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    np.testing.assert_allclose(interval(values)[1:], expected)
    assert interval(np.full(5, 2.0)) == (2.0, 2.0, 2.0)
    assert math.isnan(interval(np.array([1.0]))[1])
    assert math.isnan(interval(np.array([np.nan]))[0])


def test_rank_biserial_is_what_wilcoxons_statistic_says(rng: np.random.Generator) -> None:
    values = rng.normal(size=11)
    ranks = 11 * 12 / 2
    positive = stats.wilcoxon(values, alternative="greater").statistic
    assert rank_biserial(values) == pytest.approx((2 * positive - ranks) / ranks)


def test_holms_correction_is_that_of_his_paper() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


@pytest.mark.parametrize("questions", [1, 2, 5, 11])
@pytest.mark.parametrize("test", ["greater", "equal", "never", "trend", "none"])
def test_no_verdict_is_possible_below_the_seeds_that_are_needed(test: str, questions: int) -> None:
    direction = "none" if test == "none" else "rising"
    kind = "trend" if test == "none" else test
    needed = seeds_needed(kind, questions, 3, direction)

    def best(seeds: int) -> float:
        match test:
            case "greater":
                tested = shifted(np.arange(1.0, seeds + 1), 0.0, "greater")
            case "equal":
                tested = equal(np.linspace(-0.01, 0.01, seeds), 1.0)
            case "never":
                tested = never(np.zeros((1, seeds)), 0.0)
            case "none":
                tested = trend(np.tile([1.0, 0.0, 1.0], (seeds, 1)), "none", 0.5)
            case _:
                tested = trend(np.tile(np.arange(3.0), (seeds, 1)), "rising", 0.2)
        return tested.p * questions

    assert best(needed) < ALPHA
    if needed > 2:
        assert best(needed - 1) >= ALPHA
