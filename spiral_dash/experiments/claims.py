"""What is claimed, in a form that a test can decide."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spiral_dash.core.settings import Settings

Summary = Literal["mean", "last", "first", "max", "drop", "roughness", "reach", "change"]


class Side(Settings):
    """One number a seed: a quantity in some cells, summarised along the levels of a factor.

    `where` names levels by factor; over factors that are not named the mean is taken. Along
    `along` the summary is the `mean`, the value at the `first` or `last` level, the `max`; `drop`,
    the first less the last; `change`, the last less the first; `roughness`, the mean absolute
    second difference over the mean absolute value; or `reach`, the first level (a number) at
    which the quantity is at least `threshold`, and the greatest where it never is.
    """

    quantity: str
    where: dict[str, str] = Field(default_factory=dict)
    along: str | None = None
    summary: Summary = "mean"
    threshold: float | None = None
    epoch: int = -1


class Claim(Settings):
    """A statement about the runs, and the test that decides it.

    `trend`: over the ordered levels of `along`, side `a` rises or falls (Page's test), or does
    neither: the rank correlation lies within `margin` of 0. `greater`, `less`: `a` is above or
    below `value`, or a - b is where there is a `b`, seed by seed (Wilcoxon's signed rank test).
    `equal`: it lies within `margin` of `value` (two one-sided such tests). `never`: `a` is `value`
    throughout a seed's runs; one that is not contradicts it, and it is supported where fewer than
    one seed of five can be (binomial test).
    """

    text: str
    test: Literal["trend", "greater", "less", "equal", "never"]
    a: Side
    b: Side | None = None
    value: float = 0.0
    margin: float = Field(0.2, gt=0.0)
    along: str | None = None
    direction: Literal["rising", "falling", "none"] = "rising"
    unit: str = ""
