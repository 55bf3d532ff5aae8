"""What is done to a run while it trains, and where: the part of a configuration that has a place.

A change of the training, or an edit of the network.

A place is (epoch, step): after `epoch` completed epochs and `step` batches of the next one. A
change takes effect before the first batch whose place is not before its own, so one whose step
the epoch never reaches takes effect with the next epoch.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from spiral_dash.core.edits import (
    BEGINNING,
    EDITS,
    NOTHING_HELD,
    PLACE_MAX,
    Edit,
    Hold,
    LayerEdit,
    Place,
    Placed,
    UnitEdit,
    check,
    read_edit,
    target,
)
from spiral_dash.core.settings import Whole
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

__all__ = [
    "BEGINNING",
    "CHANGEABLE",
    "CHANGES_MAX",
    "EXAMPLE",
    "Change",
    "Entry",
    "Mark",
    "Place",
    "Schedule",
    "adjusted",
    "check_entries",
    "edited",
    "edits_between",
    "held_at",
    "marks",
    "steps_at",
    "to_text",
    "training_at",
    "until",
]

CHANGES_MAX = 1_000
EXAMPLE = "10:learning_rate=0.01;12.3:batch_size=20,weight.2.1.3=0.5,unit.1.4=silent"

CHANGEABLE = tuple(name for name in TrainingConfig.model_fields if name != "optimizer")
"""The settings that a run in progress may change: another optimiser's memory would not fit."""
WORDS = {"l1": "L1", "l2": "L2"}


class Change(Placed):
    """One change of the training; what is None stays as it was."""

    change: Literal["training"] = "training"
    epoch: Whole = Field(ge=0, le=PLACE_MAX)
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
    def settings(self) -> dict[str, Any]:
        """The settings that change, and what they become."""
        values = {name: getattr(self, name) for name in CHANGEABLE}
        return {name: value for name, value in values.items() if value is not None}


Entry = Change | Edit
KINDS = ("training", *EDITS)


class Mark(NamedTuple):
    """A change in words, such as "learning rate 0.001 → 0.01", and its place."""

    epoch: int
    step: int
    text: str


def training_at(training: TrainingConfig, changes: Iterable[Entry], place: Place) -> TrainingConfig:
    """Return what `training` has become for the batch at `place`."""
    settings: dict[str, Any] = {}
    for change in until(changes, place):
        if isinstance(change, Change):
            settings |= change.settings
    return training.replace(**settings) if settings else training


def until(changes: Iterable[Entry], place: Place) -> tuple[Entry, ...]:
    """Return the changes up to `place`, those at it included."""
    return tuple(itertools.takewhile(lambda change: change.place <= place, changes))


def edits_between(changes: Iterable[Entry], after: Place, place: Place) -> tuple[Edit, ...]:
    """Return what is done to the network after one place and up to another, in order."""
    return tuple(
        change
        for change in until(changes, place)
        if change.place > after and not isinstance(change, Change)
    )


def held_at(changes: Iterable[Entry], place: Place) -> Hold:
    """Return what of the network stays as it is while the batch at `place` trains the rest."""
    return NOTHING_HELD.after(e for e in until(changes, place) if not isinstance(e, Change))


def check_entries(changes: Iterable[Entry], sizes: Sequence[int | None]) -> None:
    """Raise `ValueError` for the first edit of what a network of such sizes does not have."""
    for number, change in enumerate(changes, start=1):
        if isinstance(change, Change):
            continue
        try:
            check(change, sizes)
        except ConfigError as error:
            raise _wrong(number, error) from error


def adjusted(
    training: TrainingConfig, changes: Iterable[Entry], place: Place, wanted: TrainingConfig
) -> tuple[Entry, ...]:
    """Return the schedule by which `training` becomes `wanted` at `place`, and stays so.

    Several changes of the training at one place are one, and one back to what there was before is
    none.
    """
    kept = _without(until(changes, place), place, ("training",))
    present = training_at(training, kept, place)
    settings = {
        name: getattr(wanted, name)
        for name in CHANGEABLE
        if getattr(wanted, name) != getattr(present, name)
    }
    if not settings:
        return kept
    epoch, step = place
    return _in_order([*kept, Change(epoch=epoch, step=step, **settings)])


def edited(changes: Iterable[Entry], edit: Edit) -> tuple[Entry, ...]:
    """Return the schedule that ends with `edit` at its place.

    Of several edits of the same thing at one place the last counts, and one that changes nothing
    is none.
    """
    before = until(changes, edit.place)
    kept = _without(before, edit.place, target(edit))
    hold = held_at(kept, edit.place)
    is_same = isinstance(edit, LayerEdit | UnitEdit) and hold.after([edit]) == hold
    # A unit that was silenced here has forgotten something, and so it is not none to bring it back.
    forgets = isinstance(edit, UnitEdit) and edit.value == "active" and len(kept) < len(before)
    return kept if is_same and not forgets else _in_order([*kept, edit])


def _without(
    changes: Iterable[Entry], place: Place, what: tuple[str | int, ...]
) -> tuple[Entry, ...]:
    return tuple(c for c in changes if c.place != place or _target(c) != what)


def _target(change: Entry) -> tuple[str | int, ...]:
    return ("training",) if isinstance(change, Change) else target(change)


def _in_order(changes: Iterable[Entry]) -> tuple[Entry, ...]:
    """Order changes by place; what happens at one place has the same effect in any order."""
    return tuple(sorted(changes, key=lambda c: (c.place, KINDS.index(c.change), _target(c)[1:])))


def steps_at(training: TrainingConfig, changes: Iterable[Entry], epoch: int, position: int) -> int:
    """Return how many batches of an epoch have been taken where `position` of its points have."""
    ahead = [change for change in changes if isinstance(change, Change)]
    taken = step = 0
    size = training_at(training, ahead, (epoch, 0)).batch_size
    sizes = {c.step: c.batch_size for c in ahead if c.epoch == epoch and c.batch_size}
    while taken < position:
        size = sizes.get(step, size)
        taken += size
        step += 1
    return step


def marks(training: TrainingConfig, changes: Iterable[Entry]) -> tuple[Mark, ...]:
    """Return each change in words."""
    present = training.model_dump()
    found = []
    for change in changes:
        if not isinstance(change, Change):
            found.append(Mark(change.epoch, change.step, change.words))
            continue
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


# As text, `12.3:l2=0.001,weight.2.1.3=0.5,layer.1=frozen`: epoch, step unless it is 0, what
# changes, the kind of an edit with layer, unit and input; `;` between the places.


def to_text(changes: Iterable[Entry]) -> str:
    """Write a schedule as one line of text, which `Schedule` reads."""
    places = itertools.groupby(changes, lambda change: change.place)
    return ";".join(_text_of(place, here) for place, here in places)


def _text_of(place: Place, changes: Iterable[Entry]) -> str:
    epoch, number = place
    step = f".{number}" if number else ""
    return f"{epoch}{step}:{','.join(part for change in changes for part in _parts_of(change))}"


def _parts_of(change: Entry) -> list[str]:
    if isinstance(change, Change):
        return [f"{name}={value}" for name, value in change.settings.items()]
    return [f"{'.'.join(map(str, target(change)))}={change.value}"]


def _from_text(number: int, text: str) -> list[dict[str, Any]]:
    """Read what happens at one place: a change of the training, if any, and edits."""
    shape = re.fullmatch(r"\s*(\d{1,12})(?:\.(\d{1,12}))?:(.*)", text, re.DOTALL)
    if shape is None:
        raise ValueError(f"entry {number}: expected such as {EXAMPLE}, got {shown(text)}")
    epoch, step, settings = shape.groups()
    place: dict[str, Any] = {"epoch": int(epoch), "step": int(step or 0)}
    training = dict(place)
    edits = []
    parts = settings.split(",", CHANGES_MAX)
    for part in parts:
        name, equals, value = part.strip().partition("=")
        if not equals or name in training:
            reason = "each setting once, as name=value" if equals else "name=value"
            raise ValueError(f"entry {number}: expected {reason}, got {shown(part)}")
        kind, *numbers = name.split(".")
        if kind in EDITS:
            edits.append(
                {**place, **_edit_from(number, kind, numbers, part), "value": read_number(value)}
            )
        else:
            training[name] = read_number(value)
    return [*([training] if len(edits) < len(parts) else []), *edits]


def _edit_from(number: int, kind: str, numbers: list[str], part: str) -> dict[str, Any]:
    names = EDITS[kind].names
    if len(numbers) != len(names):
        expected = ".".join([kind, *(name.upper() for name in names)])
        raise ValueError(f"entry {number}: expected {expected}=value, got {shown(part)}")
    return {"change": kind, **dict(zip(names, map(read_number, numbers), strict=True))}


def _read(value: object) -> tuple[Entry, ...]:
    """Read a schedule from a list or from text, for pydantic; name the first wrong entry."""
    if isinstance(value, str):
        texts = value.split(";", CHANGES_MAX) if value else []
        too_many = len(texts) > CHANGES_MAX
        entries = [
            (number, entry)
            for number, text in enumerate([] if too_many else texts, start=1)
            for entry in _from_text(number, text)
        ]
        if too_many or len(entries) > CHANGES_MAX:
            raise ValueError(f"expected at most {CHANGES_MAX} entries, got more")
    elif isinstance(value, list | tuple):
        if len(value) > CHANGES_MAX:
            raise ValueError(f"expected at most {CHANGES_MAX} entries, got {len(value)}")
        entries = list(enumerate(value, start=1))
    else:
        raise PydanticCustomError("schedule", "a list of changes")
    changes = [(number, _entry(number, entry)) for number, entry in entries]
    for (_, one), (number, other) in itertools.pairwise(changes):
        both_train = isinstance(one, Change) and isinstance(other, Change)
        if other.place < one.place or (other.place == one.place and both_train):
            raise ValueError(
                f"entry {number}: expected a place after {_where(one)}, got {_where(other)}"
            )
    known = set()
    for number, change in changes:
        what = (change.place, _target(change))
        if what in known:
            name = ".".join(map(str, _target(change)))
            raise ValueError(
                f"entry {number}: expected each change once at a place, got {name} again at "
                f"{_where(change)}"
            )
        known.add(what)
    return _in_order(change for _, change in changes)


def _entry(number: int, entry: object) -> Entry:
    kind = entry.get("change", "training") if isinstance(entry, dict) else "training"
    try:
        if isinstance(entry, Edit) or (isinstance(kind, str) and kind in EDITS):
            return read_edit(entry)
        return validated(Change, entry)
    except ConfigError as error:
        raise _wrong(number, error) from error


def _wrong(number: int, error: ConfigError) -> ValueError:
    name, sentence = next(iter(error.problems.items()))
    known = {"config", *Change.model_fields}
    if name == "change":
        got = sentence.rpartition(", got ")[2]
        sentence = f"change: expected one of {', '.join(KINDS)}, got {got}"
    elif "there is no such setting" in sentence and name not in known:
        sentence = f"expected settings among {', '.join(CHANGEABLE)}, got {name}"
    sentence = sentence[0].lower() + sentence[1:].removesuffix(".")
    return ValueError(f"entry {number}: {sentence}")


def _where(change: Entry) -> str:
    return f"epoch {change.epoch}" + (f", step {change.step}" if change.step else "")


Schedule = Annotated[
    tuple[Entry, ...], Field(max_length=CHANGES_MAX, examples=[EXAMPLE]), BeforeValidator(_read)
]
