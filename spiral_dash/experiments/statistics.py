"""Tests over seeds, from scipy: is there a trend, a difference, none to speak of?

A test returns two one-sided p-values, for a claim and against it. Effects are standardised,
estimates are in the unit of what was measured and have 95 % t intervals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[Any]
ALPHA = 0.05
CONFIDENCE = 0.95
NEVER_SHARE = 0.2
"""What "never" has to lie below: the share of seeds in which it may still happen."""


@dataclass(frozen=True)
class Tested:
    """What a test found: one-sided p-values for and against, an effect, an estimate.

    `unit` is that of the estimate where it is not the unit of what was measured.
    """

    test: str
    p_for: float
    p_against: float
    effect_name: str
    effect: float
    estimate: float
    low: float
    high: float
    seeds: int
    unit: str | None = None

    @property
    def p(self) -> float:
        """The p-value of both sides together."""
        return min(2 * min(self.p_for, self.p_against), 1.0)


def interval(values: Array) -> tuple[float, float, float]:
    """Return the mean of values (S,), NaN left out, and its 95 % t interval; NaN for none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.nan, np.nan, np.nan
    mean = float(known.mean())
    if len(known) < 2:
        return mean, np.nan, np.nan
    error = float(stats.sem(known))
    if error == 0.0:
        return mean, mean, mean
    low, high = stats.t.interval(CONFIDENCE, len(known) - 1, loc=mean, scale=error)
    return mean, float(low), float(high)


def trend(values: Array, direction: str, margin: float) -> Tested:
    """Test whether values (S, k) rise or fall over k ordered levels, or do neither.

    Page's L; for "none", whether Spearman's correlation of the seeds lies within `margin` of 0.
    """
    values = values[np.isfinite(values).all(axis=1)]
    correlation = _spearman(values)
    if direction == "none":
        tested = equal(correlation, margin)
        mean, low, high = interval(correlation)
        return Tested(
            f"two one-sided Wilcoxon tests of Spearman's ρ within ±{margin:g}",
            tested.p_for,
            tested.p_against,
            "mean ρ",
            mean,
            mean,
            low,
            high,
            len(values),
        )
    sign = 1.0 if direction == "rising" else -1.0
    p_for = p_against = 1.0
    if len(values):
        p_for = _page(sign * values)
        p_against = _page(-sign * values)
    mean, low, high = interval(correlation)
    return Tested(
        "Page's trend test", p_for, p_against, "mean ρ", mean, mean, low, high, len(values)
    )


def _page(values: Array) -> float:
    if len(values) == 1:
        # scipy wants two rows: the same one twice asks for the square of the probability.
        return math.sqrt(_page(np.repeat(values, 2, axis=0)))
    return float(stats.page_trend_test(values).pvalue)


def _spearman(values: Array) -> Array:
    """Return Spearman's correlation of each row (S, k) with its order, 0 where it is constant."""
    correlation = np.zeros(len(values))
    varied = np.ptp(values, axis=1) > 0
    if varied.any():
        ranks = stats.rankdata(values[varied], axis=1)
        levels = np.broadcast_to(np.arange(values.shape[1]), ranks.shape)
        correlation[varied] = stats.pearsonr(levels, ranks, axis=1).statistic
    return correlation


def shifted(values: Array, value: float, direction: str) -> Tested:
    """Test whether values (S,) lie above (`greater`) or below (`less`) a value."""
    values = values[np.isfinite(values)]
    opposite = "less" if direction == "greater" else "greater"
    return Tested(
        "Wilcoxon's signed rank test",
        _wilcoxon(values - value, direction),
        _wilcoxon(values - value, opposite),
        "rank-biserial r",
        rank_biserial(values - value),
        *interval(values),
        len(values),
    )


def equal(values: Array, margin: float, value: float = 0.0) -> Tested:
    """Test whether values (S,) lie within a margin of a value."""
    values = values[np.isfinite(values)]
    apart = values - value
    p_for = max(_wilcoxon(apart + margin, "greater"), _wilcoxon(apart - margin, "less"))
    beyond = min(_wilcoxon(apart - margin, "greater"), _wilcoxon(apart + margin, "less"))
    return Tested(
        f"two one-sided Wilcoxon tests within ±{margin:g}",
        p_for,
        min(2 * beyond, 1.0),
        "rank-biserial r",
        rank_biserial(apart),
        *interval(values),
        len(values),
    )


def never(values: Array, value: float) -> Tested:
    """Test whether values (cells, S) are `value` in all but few seeds; one that is not decides."""
    values = values[:, np.isfinite(values).all(axis=0)]
    seeds = values.shape[1]
    happened = int((values != value).any(axis=0).sum())
    p_for = 1.0
    low = high = np.nan
    if seeds:
        result = stats.binomtest(happened, seeds, NEVER_SHARE, alternative="less")
        p_for = float(result.pvalue)
        both = stats.binomtest(happened, seeds).proportion_ci(CONFIDENCE)
        low, high = float(both.low), float(both.high)
    return Tested(
        f"binomial test below {NEVER_SHARE:g} of the seeds",
        p_for,
        0.0 if happened else 1.0,
        "seeds in which it happened",
        float(happened),
        happened / seeds if seeds else np.nan,
        low,
        high,
        seeds,
        "of the seeds",
    )


def _wilcoxon(values: Array, alternative: str) -> float:
    if not len(values) or not values.any():
        return 1.0
    return float(stats.wilcoxon(values, alternative=alternative).pvalue)


def rank_biserial(values: Array) -> float:
    """Return the matched-pairs rank-biserial correlation of differences (S,), from -1 to 1.

    The ranks of the positive differences less those of the negative, over all (Kerby 2014).
    """
    apart = values[values != 0]
    if not len(apart):
        return 0.0
    ranks = stats.rankdata(np.abs(apart))
    return float((ranks * np.sign(apart)).sum() / ranks.sum())


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for how many there are (Holm 1979)."""
    order = np.argsort(p_values)
    count = len(order)
    adjusted = np.empty(count)
    steps = np.asarray(p_values, np.float64)[order] * (count - np.arange(count))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(p) for p in adjusted]


def seeds_needed(test: str, questions: int, levels: int = 0, direction: str = "") -> int:
    """Return the least number of seeds at which a test could decide, the most extreme case given.

    `questions` is how many are asked together, `levels` how many a trend has.
    """
    least = {"never": 1 - NEVER_SHARE, "trend": 1 / math.factorial(max(levels, 1))}.get(test, 0.5)
    if test == "trend" and direction == "none":
        least = 0.5
    # The p-value of the most extreme outcome of S seeds is `least` to the power of S.
    return max(math.floor(math.log(ALPHA / (2 * questions)) / math.log(least)) + 1, 2)
