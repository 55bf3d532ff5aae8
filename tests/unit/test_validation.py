"""Sentences about what any model takes, as the options of probes and commands use them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from spiral_dash.core.validation import ConfigError, describe, schema_of, shown, validated


class Inner(BaseModel):
    width: int = 1


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    needed: int
    whole: int | None = Field(3, ge=1, lt=10)
    mixed: Annotated[int, Field(ge=1)] | Literal["all"] = "all"
    choice: Literal[2, 3] = 2
    only: Literal["one"] = "one"
    flag: bool = True
    name: str = "x"
    epsilons: tuple[Annotated[float, Field(gt=0, le=5)], ...] = Field((), max_length=4)
    names: list[str] = []
    free: dict[str, int] = {}
    inner: Inner = Inner()
    ascending: tuple[float, ...] = ()
    low: float = 0.0

    @field_validator("ascending")
    @classmethod
    def _ascends(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if list(value) != sorted(value):
            raise ValueError("expected numbers that ascend")
        return value

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.low > 5:
            raise ValueError("Expected low to be below the rest")
        return self


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("needed", "a whole number"),
        ("whole", "a whole number from 1 below 10"),
        ("mixed", "a whole number from 1 or all"),
        ("choice", "one of 2, 3"),
        ("only", "one"),
        ("flag", "true or false"),
        ("name", "a text"),
        ("epsilons", "a list of 0 to 4 entries, each a number above 0 to 5"),
        ("names", "a list of entries, each a text"),
        ("free", "a mapping of settings"),
        ("inner", "a mapping of settings"),
        ("free.any", "a whole number"),
        ("inner.width", "a whole number"),
        ("nowhere", ""),
    ],
)
def test_fields_are_described_by_their_schema(field: str, words: str) -> None:
    assert describe(schema_of(Options, field.split("."))) == words


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({}, {"needed": "needed: expected a value, got none."}),
        (
            {"needed": 1, "choice": 4},
            {"choice": "choice: expected one of 2, 3, got 4."},
        ),
        (
            {"needed": 1, "mixed": 0},
            {"mixed": "mixed: expected a whole number from 1 or all, got 0."},
        ),
        (
            {"needed": 1, "ascending": [2, 1]},
            {"ascending": "ascending: expected numbers that ascend, got [2, 1]."},
        ),
        ({"needed": 1, "low": 6}, {"config": "Expected low to be below the rest."}),
        (
            {"needed": 1, "inner": {"width": "wide"}},
            {"inner.width": "inner.width: expected a whole number, got 'wide'."},
        ),
        (
            {"needed": 1, "free": {"a": "b"}},
            {"free.a": "free.a: expected a whole number, got 'b'."},
        ),
    ],
)
def test_each_problem_is_one_sentence(values: object, problems: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as refused:
        validated(Options, values)
    assert refused.value.problems == problems


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        ("a", "'a'"),
        ("\n\x00", r"'\n\x00'"),
        ("b" * 61, f"'{'b' * 60}'… (61 characters)"),
        (float("nan"), "NaN"),
        (float("-inf"), "an infinity"),
        (2.5, "2.5"),
        (10**40, "1" + "0" * 40),
        (10**1000, "a number of about 1000 digits"),
        (True, "True"),
        ({}, "a mapping of 0 settings"),
        ({"a": 1}, "a mapping of 1 setting"),
        ([], "[]"),
        ((1, "a"), "[1, 'a']"),
        ([[]], "a list of 1 entry"),
        ([1] * 9, "a list of 9 entries"),
        ({1, 2}, "a value of type set"),
    ],
)
def test_what_arrived_is_shown_briefly(value: object, words: str) -> None:
    assert shown(value) == words
