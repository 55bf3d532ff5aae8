"""Whether what was claimed is so: supported, contradicted, or not decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from spiral_dash.experiments.claims import Claim, Side
from spiral_dash.experiments.design import Factor
from spiral_dash.experiments.results import Results
from spiral_dash.experiments.statistics import (
    ALPHA,
    Tested,
    equal,
    holm,
    never,
    seeds_needed,
    shifted,
    trend,
)

Array = npt.NDArray[Any]
Word = Literal["supported", "contradicted", "not decided"]


@dataclass(frozen=True)
class Verdict:
    """A claim and what the runs say of it; `p` is adjusted for all claims of the experiment.

    With fewer than `needed` seeds no outcome of the test could have decided, and there is no
    verdict.
    """

    claim: Claim
    word: Word | None
    tested: Tested
    p: float
    needed: int

    @property
    def unit(self) -> str:
        """The unit of the estimate; "" for none."""
        return self.claim.unit if self.tested.unit is None else self.tested.unit

    @property
    def text(self) -> str:
        """The verdict in words."""
        if self.word is None:
            return f"no verdict yet: {self.tested.seeds} of at least {self.needed} seeds"
        return self.word


def verdicts(results: Results) -> list[Verdict]:
    """Return the verdict on each claim of an experiment, Holm's correction over them all."""
    claims = results.experiment.claims
    tested = [_test(results, claim) for claim in claims]
    adjusted = holm([one.p for one in tested])
    found = []
    for claim, one, p in zip(claims, tested, adjusted, strict=True):
        levels = len(_factor(results, claim.along).levels) if claim.along else 0
        needed = seeds_needed(claim.test, len(claims), levels, claim.direction)
        found.append(Verdict(claim, _word(one, p, needed), one, p, needed))
    return found


def _word(tested: Tested, p: float, needed: int) -> Word | None:
    if tested.p_against == 0.0 and tested.seeds:  # a counterexample, however few there are
        return "contradicted"
    if tested.seeds < needed:
        return None
    if p >= ALPHA:
        return "not decided"
    return "supported" if tested.p_for < tested.p_against else "contradicted"


def _test(results: Results, claim: Claim) -> Tested:
    match claim.test:
        case "trend":
            assert claim.along is not None, "a trend is along a factor"
            values = _along(results, claim.a, claim.along).T
            return trend(values, claim.direction, claim.margin)
        case "never":
            values = _chosen(results, claim.a, None)
            return never(values.reshape(-1, values.shape[-1]), claim.value)
    values = side_values(results, claim.a)
    if claim.b is not None:
        values = values - side_values(results, claim.b)
    if claim.test == "equal":
        return equal(values, claim.margin, claim.value)
    return shifted(values, claim.value, claim.test)


def _factor(results: Results, name: str) -> Factor:
    return results.experiment.factors[results.experiment.factor_named(name)]


def _chosen(results: Results, side: Side, along: str | None) -> Array:
    """Return the quantity at the levels named, (levels of the other factors..., seeds)."""
    quantity = results.experiment.quantity(side.quantity)
    return results.at(quantity, side.where, side.epoch, along)


def _along(results: Results, side: Side, along: str) -> Array:
    """Return a side along a factor, (levels, seeds), the mean over the factors not named."""
    values = _chosen(results, side, along)
    mean: Array = values.reshape(-1, *values.shape[-2:]).mean(axis=0)
    return mean


def side_values(results: Results, side: Side) -> Array:
    """Return one number a seed, (S,); NaN where a run is missing or diverged."""
    if side.along is None:
        values = _chosen(results, side, None)
        mean: Array = values.reshape(-1, values.shape[-1]).mean(axis=0)
        return mean
    values = _along(results, side, side.along)
    match side.summary:
        case "first":
            return np.asarray(values[0])
        case "last":
            return np.asarray(values[-1])
        case "max":
            return np.asarray(values.max(axis=0))
        case "drop":
            return np.asarray(values[0] - values[-1])
        case "change":
            return np.asarray(values[-1] - values[0])
        case "roughness":
            bends = np.abs(np.diff(values, 2, axis=0)).mean(axis=0)
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.asarray(bends / np.abs(values).mean(axis=0))
        case "reach":
            return _reach(_factor(results, side.along), values, side.threshold or 0.0)
    return np.asarray(values.mean(axis=0))


def _reach(factor: Factor, values: Array, threshold: float) -> Array:
    numbers = np.array([float(label) for label in factor.labels])
    reached = values >= threshold
    first = np.where(reached.any(axis=0), numbers[reached.argmax(axis=0)], numbers[-1])
    return np.asarray(np.where(np.isnan(values).any(axis=0), np.nan, first))
