"""What a run is made of, as frozen values that are validated once, where they enter.

A `RunConfig` names the data, the network, the training and one seed. It travels unchanged
from a form, a URL, a file or a Python call to the engine, so every bound is stated here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import parse_qsl, quote, urlencode

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
)

from spiral_dash.core import schedule as past
from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.data.registry import KINDS, of_kind
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.core.edits import Edit, Hold
from spiral_dash.core.initializers import INITIALIZERS
from spiral_dash.core.inputs import FEATURES, PLAIN, FeatureName, Scaling
from spiral_dash.core.schedule import Change, Entry, Place, Schedule
from spiral_dash.core.settings import SEED_MAX, Seed, Settings, one_of
from spiral_dash.core.training import TrainingConfig
from spiral_dash.core.validation import (
    ConfigError,
    parse_json,
    plain_number,
    read_number,
    schema_of,
    shown,
    validated,
)

__all__ = [
    "SEED_MAX",
    "Change",
    "ConfigError",
    "DataConfig",
    "NetworkConfig",
    "RunConfig",
    "Seeds",
    "Settings",
    "TrainingConfig",
    "parse_json",
    "shown",
    "validated",
]

QUERY_LENGTH_MAX = 32_000


def _in_order(names: tuple[FeatureName, ...]) -> tuple[FeatureName, ...]:
    """Put features into the order in which a network gets them; refuse one named twice."""
    if len(set(names)) < len(names):
        raise ValueError("expected each feature at most once")
    return tuple(name for name in FEATURES if name in names)


Units = Annotated[int, Field(ge=1, le=128), BeforeValidator(plain_number)]
Features = Annotated[tuple[FeatureName, ...], AfterValidator(_in_order)]


class NetworkConfig(Settings):
    """A fully connected network: what it gets, its hidden units, activation, initial weights.

    `features` are functions of the two numbers of a point; `x1,x2` stands for the numbers as they
    are, however many. `scaling` comes before them and is fitted to the training set.
    """

    features: Features = Field(PLAIN, min_length=1, max_length=len(FEATURES))
    scaling: Scaling = "none"
    hidden: tuple[Units, ...] = Field((8, 8, 8), max_length=8, examples=[[50, 50]])
    activation: Annotated[str, one_of(ACTIVATIONS)] = "tanh"
    initializer: Annotated[str, one_of(INITIALIZERS)] = "pytorch"
    seed: Seed | None = None


class Seeds(BaseModel):
    """One seed for each thing that is drawn, so that each can be held fixed alone."""

    model_config = ConfigDict(frozen=True)

    data: int
    weights: int
    batches: int
    measurements: int


class RunConfig(Settings):
    """Everything that determines a run: the same value gives the same weights, bit for bit.

    `training` is what the run begins with, `schedule` what is changed of it on the way.
    """

    choices: ClassVar[Mapping[str, Mapping[str, type[BaseModel]]]] = {"data": KINDS}

    data: Annotated[SerializeAsAny[DataConfig], BeforeValidator(of_kind)] = SpiralData()
    network: NetworkConfig = NetworkConfig()
    training: TrainingConfig = TrainingConfig()
    schedule: Schedule = ()
    seed: Seed = 1

    @field_validator("schedule")
    @classmethod
    def _of_this_network(cls, value: tuple[Entry, ...], info: ValidationInfo) -> tuple[Entry, ...]:
        """Refuse edits of what the network lacks; how many inputs and classes, the data say."""
        network = info.data.get("network")
        if isinstance(network, NetworkConfig):
            past.check_entries(value, (None, *network.hidden, None))
        return value

    @property
    def seeds(self) -> Seeds:
        """The four seeds, each derived from `seed` unless it was given."""
        derived = [int(s) for s in np.random.SeedSequence(self.seed).generate_state(4)]
        return Seeds(
            data=derived[0] if self.data.seed is None else self.data.seed,
            weights=derived[1] if self.network.seed is None else self.network.seed,
            batches=derived[2],
            measurements=derived[3],
        )

    def training_at(self, epoch: int, step: int = 0) -> TrainingConfig:
        """Return what is in effect after `epoch` epochs and `step` batches of the next one."""
        return past.training_at(self.training, self.schedule, (epoch, step))

    def held_at(self, epoch: int) -> Hold:
        """Return what of the network stays as it is, by the schedule, after `epoch` epochs."""
        return past.held_at(self.schedule, (epoch, 0))

    def adjusted(self, place: Place, training: TrainingConfig) -> Self:
        """Return the configuration of a run whose training becomes `training` at `place`.

        What the schedule holds beyond the place is cut; at the very beginning it is not a change
        but what the run begins with.
        """
        if place == past.BEGINNING:
            return self.replace(training=training, schedule=())
        schedule = past.adjusted(self.training, self.schedule, place, training)
        return self.replace(schedule=schedule)

    def edited(self, edit: Edit) -> Self:
        """Return the configuration of a run whose network is edited at the edit's place.

        What the schedule holds beyond the place is cut.
        """
        return self.replace(schedule=past.edited(self.schedule, edit))

    def cut(self, place: Place) -> Self:
        """Return the configuration of a run that has come to `place`, its schedule ending there."""
        return self.replace(schedule=past.until(self.schedule, place))

    @cached_property
    def changes(self) -> tuple[past.Mark, ...]:
        """What the schedule changes, in words; made once."""
        return past.marks(self.training, self.schedule)

    @cached_property
    def compact(self) -> str:
        """The configuration as JSON on one line; made once."""
        return self.model_dump_json()

    @classmethod
    def parse(cls, values: object) -> Self:
        """Validate a mapping from a form, a file or a socket; raise `ConfigError`."""
        return validated(cls, values)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read JSON text; raise `ConfigError` where it is no JSON or no configuration."""
        return cls.parse(parse_json(text))

    def to_json(self) -> str:
        """Write the configuration as indented JSON."""
        return self.model_dump_json(indent=2)

    @classmethod
    def from_query(cls, query: str) -> Self:
        """Read a URL's query such as `?data.entanglement=6&network.hidden=8,8&seed=3`.

        Fields that are not named keep their default. Raises `ConfigError`.
        """
        if not isinstance(query, str):
            raise ConfigError({"url": f"URL: expected a text, got {shown(query)}."})
        text = query.removeprefix("?")
        if len(text) > QUERY_LENGTH_MAX:
            raise ConfigError(
                {"url": f"URL: expected at most {QUERY_LENGTH_MAX} characters, got {len(text)}."}
            )
        values: dict[str, Any] = {}
        for path, raw in parse_qsl(text, keep_blank_values=True):
            group, _, field = path.rpartition(".")
            value = read_text(path, raw)
            target = values.setdefault(group, {}) if group else values
            if not isinstance(target, dict):
                raise ConfigError(
                    {path: f"{path}: does not go together with {group}. Leave one of them out."}
                )
            target[field] = value
        return cls.parse(values)

    @cached_property
    def texts(self) -> Mapping[str, str | None]:
        """Every field as an address writes it, such as `network.hidden`: `8,8`; None for none."""
        texts: dict[str, str | None] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name == "schedule":
                texts[name] = past.to_text(value)
            elif not isinstance(value, Settings):
                texts[name] = str(value)
            else:
                for field in type(value).model_fields:
                    texts[f"{name}.{field}"] = _to_text(getattr(value, field))
        return texts

    @cached_property
    def usual(self) -> Self:
        """The defaults, on data of the same kind."""
        return type(self)(data={"kind": self.data.kind})

    def to_query(self) -> str:
        """Write the fields that differ from their defaults as a URL query (no leading `?`)."""
        usual = {**self.usual.texts, "data.kind": type(self)().data.kind}
        pairs = [(path, str(text)) for path, text in self.texts.items() if text != usual[path]]
        return urlencode(pairs, quote_via=quote, safe=",;:=")


def _to_text(value: object) -> str | None:
    if value is None:
        return None
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def read_text(path: str, text: str) -> Any:
    """Return what `text`, in a URL or a shell, stands for as the setting at `path`."""
    kind = schema_of(RunConfig, path.split(".")).get("type")
    if path == "schedule":  # which reads its own text
        return text
    if kind == "array":
        return [read_number(part) for part in text.split(",")] if text else []
    return text if kind == "string" else read_number(text)
