"""What can be asked of a session, as frozen values validated where they enter."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from spiral_dash.core import edits
from spiral_dash.core.config import RunConfig, TrainingConfig
from spiral_dash.core.data.labels import CLASSES_MAX
from spiral_dash.core.probes import PROBES
from spiral_dash.core.validation import (
    ConfigError,
    parse_json,
    schema_of,
    shown,
    validated,
    with_numbers_read,
)

PARTS_MAX = 64
VIEWERS_MAX = 256
SERIAL_MAX = 2**53
DRAWN_MAX = 500
PLANE_MAX = 1e15
EPOCH_MAX = 1_000_000

FileName = Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")]
PlaneNumber = Annotated[float, Field(ge=-PLANE_MAX, le=PLANE_MAX)]
ClassNumber = Annotated[int, Field(ge=0, le=CLASSES_MAX, strict=True)]
RunNumber = Annotated[int, Field(ge=0, le=SERIAL_MAX, strict=True)]


class Part(BaseModel):
    """One measurement that a viewer watches: where it goes, which probe, with which options.

    `over_time` asks for the probe's summary over the kept epochs in place of the probe itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    key: str = Field(min_length=1, max_length=80, pattern=r"^[\w.:-]+$")
    probe: str = Field(max_length=80)
    options: dict[str, Any] = Field(default_factory=dict, max_length=32)
    over_time: bool = Field(False, strict=True)

    @field_validator("probe")
    @classmethod
    def _known_probe(cls, value: str) -> str:
        if value not in PROBES:
            raise ValueError(f"expected one of {', '.join(sorted(PROBES))}")
        return value

    @field_validator("over_time")
    @classmethod
    def _has_summary(cls, value: bool, info: Any) -> bool:
        name = info.data.get("probe")
        if value and name in PROBES and not PROBES[name].summary:
            raise ValueError(f"expected false: {name} cannot be followed over the epochs")
        return value

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """The options as the probe takes them: what was typed for a number as a number."""
        wanted = PROBES[self.probe].options
        return {
            name: with_numbers_read(value, schema_of(wanted, [name]))
            for name, value in self.options.items()
        }

    @cached_property
    def identity(self) -> str:
        """The measurement whatever its key: equal for two parts that show the same."""
        return json.dumps([self.probe, self.over_time, self.options], sort_keys=True)


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Unit(enum.StrEnum):
    """How much a step is."""

    EPOCH = "epoch"
    BATCH = "batch"


class Play(_Command):
    """Train until something else is asked; while a past epoch is shown, show what followed."""

    do: Literal["play"] = "play"


class Pause(_Command):
    """Stop training and keep everything."""

    do: Literal["pause"] = "pause"


class Step(_Command):
    """Train one batch, or to the end of the epoch under way, then pause.

    While a past epoch is shown, show the kept one that followed.
    """

    do: Literal["step"] = "step"
    unit: Unit = Unit.EPOCH


class Reach(_Command):
    """Be at an epoch: train to it as fast as it goes and pause, or show it if it is past."""

    do: Literal["reach"] = "reach"
    epoch: int = Field(ge=0, le=EPOCH_MAX, strict=True)


class Stop(_Command):
    """Stop training once a value comes to be met, or (None) only when it is asked to.

    An accuracy is a share of 1 and met from below, a loss in nats and met from above.
    """

    do: Literal["stop"] = "stop"
    at: Literal["epoch", "train_accuracy", "test_accuracy", "train_loss", "test_loss"] | None = None
    value: float | None = Field(None, ge=0.0, le=1e9, validate_default=True)

    @field_validator("value")
    @classmethod
    def _can_be_met(cls, value: float | None, info: Any) -> float | None:
        at = info.data.get("at")
        if at is None:
            return None
        if value is None:
            raise ValueError(f"expected a number for the {at.replace('_', ' ')}")
        if at == "epoch" and not (value == int(value) and 1 <= value <= EPOCH_MAX):
            raise ValueError(f"expected an epoch as a whole number from 1 to {EPOCH_MAX}")
        if at.endswith("accuracy") and not 0.0 < value <= 1.0:
            raise ValueError("expected an accuracy above 0 and up to 1: no other is ever reached")
        if at.endswith("loss") and value == 0.0:
            raise ValueError("expected a loss above 0: it is never 0")
        return value


class Reset(_Command):
    """Go back to epoch 0 and the same initial weights."""

    do: Literal["reset"] = "reset"


class Configure(_Command):
    """Start a new run in place of the present one."""

    do: Literal["configure"] = "configure"
    config: RunConfig


class Adjust(_Command):
    """Change the training of the run in progress."""

    do: Literal["adjust"] = "adjust"
    training: TrainingConfig


class Edit(_Command):
    """Do something to the network by hand: an entry of the schedule, whose place is here."""

    do: Literal["edit"] = "edit"
    edit: edits.Edit


class Speed(_Command):
    """Train no more than so many epochs, or so many batches, a second; as fast as it goes if None.

    `text` is how an address and a person write it: `20`, `2batches` or `full`.
    """

    do: Literal["speed"] = "speed"
    epochs_per_second: float | None = Field(None, gt=0.0, le=1e6)
    steps_per_second: float | None = Field(None, gt=0.0, le=1e6)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.epochs_per_second is not None and self.steps_per_second is not None:
            raise ValueError("expected epochs_per_second or steps_per_second, got both")
        return self

    @property
    def text(self) -> str:
        if self.steps_per_second is not None:
            number = _plain(self.steps_per_second)
            return f"{number}batch" if number == "1" else f"{number}batches"
        if self.epochs_per_second is not None:
            return _plain(self.epochs_per_second)
        return "full"


class Hold(_Command):
    """Train no further than the end of this epoch for now, and wait there as if playing.

    None: go on. Two runs that are compared keep in step so: each waits for the other.
    """

    do: Literal["hold"] = "hold"
    epoch: int | None = Field(None, ge=0, le=SERIAL_MAX, strict=True)


class Seek(_Command):
    """Pause and show the network as it was at the kept epoch nearest to this; None: as it is."""

    do: Literal["seek"] = "seek"
    epoch: int | None = Field(None, ge=0, le=SERIAL_MAX, strict=True)


class Branch(_Command):
    """Forget what came after a kept epoch, and go on from there."""

    do: Literal["branch"] = "branch"
    epoch: int = Field(ge=0, le=SERIAL_MAX, strict=True)


class Pack(_Command):
    """Record the run as a file of this name in the session's folder.

    With an epoch, the file holds of the past only the kept one nearest to it; -1 is the last.
    """

    do: Literal["pack"] = "pack"
    file: FileName
    epoch: int | None = Field(None, ge=-1, le=SERIAL_MAX, strict=True)


class Open(_Command):
    """Put the run recorded in a file of the session's folder in place of the present one."""

    do: Literal["open"] = "open"
    file: FileName


class Draw(_Command):
    """Add points to the data, or erase some, in the plane on screen; the run begins anew.

    `add` holds x1, x2 and class of each point, `erase` the middles of circles of `radius`.
    Messages of one `stroke` are taken back together.
    """

    do: Literal["draw"] = "draw"
    stroke: int = Field(ge=0, le=SERIAL_MAX, strict=True)
    add: tuple[tuple[PlaneNumber, PlaneNumber, ClassNumber], ...] = Field((), max_length=DRAWN_MAX)
    erase: tuple[tuple[PlaneNumber, PlaneNumber], ...] = Field((), max_length=DRAWN_MAX)
    radius: float = Field(0.0, ge=0.0, le=PLANE_MAX)


class Undraw(_Command):
    """Take back the last stroke; the run begins anew with the points as they were before."""

    do: Literal["undraw"] = "undraw"


class Watch(_Command):
    """Replace what an audience watches."""

    do: Literal["watch"] = "watch"
    parts: tuple[Part, ...] = Field(max_length=PARTS_MAX)
    audience: int = Field(0, ge=0, lt=VIEWERS_MAX, strict=True)

    @field_validator("parts")
    @classmethod
    def _distinct_keys(cls, value: tuple[Part, ...]) -> tuple[Part, ...]:
        if len({part.key for part in value}) < len(value):
            raise ValueError("expected a key of its own for every part")
        return value


class Frame(_Command):
    """Allow one frame to an audience, made when there is something its members have not seen.

    `run` holds the run numbers whose points the waiting members have, `since` the lowest serial
    among the last frames they got (0: none), `request` comes back with the frame.
    """

    do: Literal["frame"] = "frame"
    run: tuple[RunNumber, ...] = Field(max_length=VIEWERS_MAX)
    audience: int = Field(0, ge=0, lt=VIEWERS_MAX, strict=True)
    since: int = Field(0, ge=0, le=SERIAL_MAX, strict=True)
    request: int = Field(0, ge=0, lt=2**32, strict=True)


class Copy(_Command):
    """Copy all that another session needs to go on from here into a new folder of this name."""

    do: Literal["copy"] = "copy"
    file: FileName


class Suspend(_Command):
    """Let what moves by itself stand still, as nobody looks, or go on again where it was."""

    do: Literal["suspend"] = "suspend"
    suspended: bool = Field(True, strict=True)


class Sleep(_Command):
    """Save everything as it is and end the process: another one goes on from there."""

    do: Literal["sleep"] = "sleep"


class End(_Command):
    """End the session."""

    do: Literal["end"] = "end"


Command = (
    Play | Pause | Step | Reach | Stop | Reset | Configure | Adjust | Edit | Speed | Hold | Seek
    | Branch | Pack | Copy | Open | Draw | Undraw | Watch | Frame | Suspend | Sleep | End
)  # fmt: skip
COMMANDS: dict[str, type[Command]] = {
    model.model_fields["do"].default: model
    for model in (
        Play, Pause, Step, Reach, Stop, Reset, Configure, Adjust, Edit, Speed, Hold, Seek, Branch,
        Pack, Copy, Open, Draw, Undraw, Watch, Frame, Suspend, Sleep, End,
    )
}  # fmt: skip


def _plain(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def parse_command(message: object) -> Command:
    """Validate JSON text or a mapping as a command; raise `ConfigError` with what came instead."""
    values = parse_json(message) if isinstance(message, bytes | str) else message
    if not isinstance(values, Mapping):
        raise ConfigError({"command": f"Expected a JSON object, got {shown(values)}."})
    fields = dict(values)
    name = fields.get("do")
    if not isinstance(name, str) or name not in COMMANDS:
        raise ConfigError({"do": f"do: expected one of {', '.join(COMMANDS)}, got {shown(name)}."})
    # These bring better sentences of their own than a union would.
    if name == "configure" and "config" in fields:
        fields["config"] = RunConfig.parse(fields["config"])
    if name == "adjust" and "training" in fields:
        fields["training"] = validated(TrainingConfig, fields["training"])
    if name == "edit" and "edit" in fields:
        fields["edit"] = edits.read_edit(fields["edit"])
    return validated(COMMANDS[name], fields)


def parse_watch(parts: object, audience: int = 0) -> Watch:
    """Validate a watch list; raise `ConfigError` with what was expected and what came."""
    return validated(Watch, {"parts": parts, "audience": audience})


def parse_credit(have: object) -> int:
    """Validate the number of the run that a viewer holds; raise `ConfigError`."""
    (number,) = validated(Frame, {"run": [have]}).run
    return number
