"""What a benchmark returns, and how it measures so that two figures can be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Literal


@dataclass(frozen=True)
class Goal:
    """A bound that a measured value should keep."""

    kind: Literal["≥", "≤"]
    bound: float

    def met_by(self, value: float) -> bool:
        """Whether `value` keeps the bound."""
        return value >= self.bound if self.kind == "≥" else value <= self.bound

    def __str__(self) -> str:
        return f"{self.kind} {self.bound:g}"


def at_least(bound: float) -> Goal:
    """The goal that the value is `bound` or more."""
    return Goal("≥", bound)


def at_most(bound: float) -> Goal:
    """The goal that the value is `bound` or less."""
    return Goal("≤", bound)


@dataclass(frozen=True)
class Result:
    """One measured figure: what, how much, in which unit, and the goal it should reach.

    `detail` names the figures it was derived from, the baseline's among them, with their units in
    the names. A result without a goal is there to judge the others by.
    """

    name: str
    value: float
    unit: str
    goal: Goal | None = None
    detail: Mapping[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool | None:
        """Whether the goal is reached; `None` without one."""
        return None if self.goal is None else self.goal.met_by(self.value)

    def as_dict(self) -> dict[str, object]:
        """The result as JSON takes it."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "goal": None if self.goal is None else str(self.goal),
            "ok": self.ok,
            "detail": dict(self.detail),
        }


def interleave(*measures: Callable[[], float], rounds: int = 5) -> list[tuple[float, ...]]:
    """The measures' values round by round, called in turn.

    A machine that slows down or is shared then slows all of them alike, and the ratio within a
    round stays true.
    """
    return [tuple(measure() for measure in measures) for _ in range(rounds)]


def seconds_per_call(function: Callable[[], object], seconds: float = 0.05) -> float:
    """The time of one call, in seconds: the mean over a loop that lasts about `seconds`."""
    calls = 1
    while True:
        start = perf_counter()
        for _ in range(calls):
            function()
        elapsed = perf_counter() - start
        if elapsed >= seconds:
            return elapsed / calls
        calls = max(2 * calls, int(1.1 * calls * seconds / max(elapsed, 1e-9)))
