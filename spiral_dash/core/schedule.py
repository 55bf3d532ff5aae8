"""What is changed while a run trains, and where: the part of a configuration that has a place.

A place is (epoch, step): after `epoch` completed epochs and `step` batches of the next one. A
change takes effect before the first batch whose place is not before its own, so one whose step
the epoch never reaches takes effect with the next epoch.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from spiral_dash.core.settings import Settings, Whole
from spiral_dash.core.training import (
    AdversaryEpsilon,
    AdversaryName,
    AdversaryShare,
    AdversarySteps,
    BatchSize,
    LearningRate,
    Momentum,
    Penalty,
    TrainingConfig,
)
from spiral_dash.core.validation import ConfigError, read_number, shown, validated

CHANGES_MAX = 1_000
PLACE_MAX = 10**9
EXAMPLE = "10:learning_rate=0.01;12.3:batch_size=20,l2=0.001"

Place = tuple[int, int]
BEGINNING: Place = (0, 0)
CHANGEABLE = tuple(name for name in TrainingConfig.model_fields if name != "optimizer")
"""The settings that a run in progress may change: another optimiser's memory would not fit."""
WORDS = {"l1": "L1", "l2": "L2"}


class Change(Settings):
    """One change of the training; what is None stays as it was.

    `change` says of which kind it is, so that other kinds can lie beside it.
    """

    change: Literal["training"] = "training"
    epoch: Whole = Field(ge=0, le=PLACE_MAX)
    step: Whole = Field(0, ge=0, le=PLACE_MAX)
    learning_rate: LearningRate | None = None
    momentum: Momentum | None = None
    batch_size: BatchSize | None = None
    l1: Penalty | None = None
    l2: Penalty | None = None
    adversary: AdversaryName | None = None
    adversary_epsilon: AdversaryEpsilon | None = None
    adversary_share: AdversaryShare | None = None
    adversary_steps: AdversarySteps | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.settings:
            raise ValueError("Expected a setting that changes, got none")
        return self

    @model_serializer(mode="wrap")
    def _without_what_stays(self, serialize: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return {name: value for name, value in serialize(self).items() if value is not None}

    @property
    def place(self) -> Place:
        """Where it takes effect."""
        return self.epoch, self.step

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that change, and what they become."""
        values = {name: getattr(self, name) for name in CHANGEABLE}
        return {name: value for name, value in values.items() if value is not None}


class Mark(NamedTuple):
    """A change in words, such as "learning rate 0.001 → 0.01", and its place."""

    epoch: int
    step: int
    text: str


def training_at(
    training: TrainingConfig, changes: Iterable[Change], place: Place
) -> TrainingConfig:
    """Return what `training` has become for the batch at `place`."""
    settings: dict[str, Any] = {}
    for change in until(changes, place):
        settings |= change.settings
    return training.replace(**settings) if settings else training


def until(changes: Iterable[Change], place: Place) -> tuple[Change, ...]:
    """Return the changes up to `place`, those at it included."""
    return tuple(itertools.takewhile(lambda change: change.place <= place, changes))


def adjusted(
    training: TrainingConfig, changes: Iterable[Change], place: Place, wanted: TrainingConfig
) -> tuple[Change, ...]:
    """Return the schedule by which `training` becomes `wanted` at `place`, and stays so.

    Several changes at one place are one, and one back to what there was before is none.
    """
    before = tuple(itertools.takewhile(lambda change: change.place < place, changes))
    present = training_at(training, before, place)
    settings = {
        name: getattr(wanted, name)
        for name in CHANGEABLE
        if getattr(wanted, name) != getattr(present, name)
    }
    epoch, step = place
    return (*before, Change(epoch=epoch, step=step, **settings)) if settings else before


def steps_at(training: TrainingConfig, changes: Iterable[Change], epoch: int, position: int) -> int:
    """Return how many batches of an epoch have been taken where `position` of its points have."""
    ahead = list(changes)
    taken = step = 0
    size = training_at(training, ahead, (epoch, 0)).batch_size
    sizes = {c.step: c.batch_size for c in ahead if c.epoch == epoch and c.batch_size}
    while taken < position:
        size = sizes.get(step, size)
        taken += size
        step += 1
    return step


def marks(training: TrainingConfig, changes: Iterable[Change]) -> tuple[Mark, ...]:
    """Return each change in words."""
    present = training.model_dump()
    found = []
    for change in changes:
        parts = [
            f"{WORDS.get(name, name.replace('_', ' '))} "
            f"{_in_words(present[name])} → {_in_words(value)}"
            for name, value in change.settings.items()
        ]
        found.append(Mark(change.epoch, change.step, ", ".join(parts)))
        present |= change.settings
    return tuple(found)


def _in_words(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


# As text, `12.3:batch_size=20,l2=0.001`: epoch, step unless it is 0, what changes; `;` between.


def to_text(changes: Iterable[Change]) -> str:
    """Write a schedule as one line of text, which `Schedule` reads."""
    return ";".join(map(_text_of, changes))


def _text_of(change: Change) -> str:
    step = f".{change.step}" if change.step else ""
    settings = ",".join(f"{name}={value}" for name, value in change.settings.items())
    return f"{change.epoch}{step}:{settings}"


def _from_text(number: int, text: str) -> dict[str, Any]:
    shape = re.fullmatch(r"\s*(\d{1,12})(?:\.(\d{1,12}))?:(.*)", text, re.DOTALL)
    if shape is None:
        raise ValueError(f"entry {number}: expected such as {EXAMPLE}, got {shown(text)}")
    epoch, step, settings = shape.groups()
    values: dict[str, Any] = {"epoch": int(epoch), "step": int(step or 0)}
    for part in settings.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals or name in values:
            reason = "each setting once, as name=value" if equals else "name=value"
            raise ValueError(f"entry {number}: expected {reason}, got {shown(part)}")
        values[name] = read_number(value)
    return values


def _read(value: object) -> tuple[Change, ...]:
    """Read a schedule from a list or from text, for pydantic; name the first wrong entry."""
    if isinstance(value, str):
        entries: list[Any] = value.split(";", CHANGES_MAX) if value else []
    elif isinstance(value, list | tuple):
        entries = list(value)
    else:
        raise PydanticCustomError("schedule", "a list of changes")
    if len(entries) > CHANGES_MAX:
        count = f"{len(entries)}" if not isinstance(value, str) else "more"
        raise ValueError(f"expected at most {CHANGES_MAX} entries, got {count}")
    changes = [_entry(number, entry) for number, entry in enumerate(entries, start=1)]
    for number, (one, other) in enumerate(itertools.pairwise(changes), start=2):
        if other.place <= one.place:
            raise ValueError(
                f"entry {number}: expected a place after {_where(one)}, got {_where(other)}"
            )
    return tuple(changes)


def _entry(number: int, entry: object) -> Change:
    values = _from_text(number, entry) if isinstance(entry, str) else entry
    try:
        return validated(Change, values)
    except ConfigError as error:
        name, sentence = next(iter(error.problems.items()))
        if name not in {"config", *Change.model_fields}:
            sentence = f"expected settings among {', '.join(CHANGEABLE)}, got {name}"
        sentence = sentence[0].lower() + sentence[1:].removesuffix(".")
        raise ValueError(f"entry {number}: {sentence}") from error


def _where(change: Change) -> str:
    return f"epoch {change.epoch}" + (f", step {change.step}" if change.step else "")


Schedule = Annotated[
    tuple[Change, ...], Field(max_length=CHANGES_MAX, examples=[EXAMPLE]), BeforeValidator(_read)
]
