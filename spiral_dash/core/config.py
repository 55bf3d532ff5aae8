"""What a run is made of, as frozen values that are validated once, where they enter.

A `RunConfig` names the data, the network, the training and one seed. It travels unchanged
from a form, a URL, a file or a Python call to the engine, so every bound is stated here and
nowhere else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.data.registry import DATASETS
from spiral_dash.core.initializers import INITIALIZERS
from spiral_dash.core.optimizers import OPTIMIZERS

SEED_MAX = 2**32 - 1
QUERY_LENGTH_MAX = 4_000
SHOWN_INPUT_MAX = 60

Model = TypeVar("Model", bound=BaseModel)


class ConfigError(ValueError):
    """A configuration that cannot be used; `problems` maps each field to one sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(self.problems.values()))


class Settings(BaseModel):
    """A frozen group of settings that refuses unknown names, infinities and NaN."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True, strict=False
    )

    def replace(self, **changes: object) -> Self:
        """Return a copy with `changes` applied and validated; raise `ConfigError`."""
        return validated(type(self), {**self.model_dump(), **changes})


def _one_of(names: Mapping[str, object], value: str) -> str:
    if value not in names:
        raise ValueError(f"one of {', '.join(names)}")
    return value


class DataConfig(Settings):
    """The spiral's dials and how it is sampled (thesis 2.3.1, 2.3.2, 3.5).

    Lengths are in the units of the plane, angles in radians.
    """

    kind: str = "spiral"
    entanglement: float = Field(8.0, ge=0.5, le=20.0)
    b: float = Field(2.0, ge=0.01, le=100.0)
    phi_min: float = Field(1.0, ge=0.05, le=20.0)
    arms: int = Field(2, ge=2, le=6)
    codimension: int = Field(1, ge=1, le=31)
    samples_per_arm: int = Field(1000, ge=50, le=5000)
    sampling: Literal["angle", "arc-length"] = "angle"
    train_noise: float = Field(0.0, ge=0.0, le=10.0)
    test_noise: float = Field(0.0, ge=0.0, le=10.0)
    train_share: float = Field(0.67, ge=0.1, le=0.9)
    seed: int | None = Field(None, ge=0, le=SEED_MAX)

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        return _one_of(DATASETS, value)

    @property
    def dimension(self) -> int:
        """The ambient dimension n: a curve has dimension one, so n is the codimension + 1."""
        return self.codimension + 1


class NetworkConfig(Settings):
    """A fully connected network: units of each hidden layer, activation, initial weights."""

    hidden: tuple[int, ...] = Field((8, 8, 8), max_length=8)
    activation: str = "tanh"
    initializer: str = "pytorch"
    seed: int | None = Field(None, ge=0, le=SEED_MAX)

    @field_validator("hidden")
    @classmethod
    def _units_in_range(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 1 <= units <= 128 for units in value):
            raise ValueError("0 to 8 layers of 1 to 128 units each")
        return value

    @field_validator("activation")
    @classmethod
    def _known_activation(cls, value: str) -> str:
        return _one_of(ACTIVATIONS, value)

    @field_validator("initializer")
    @classmethod
    def _known_initializer(cls, value: str) -> str:
        return _one_of(INITIALIZERS, value)


class TrainingConfig(Settings):
    """The optimiser and what it minimises: cross-entropy + l1 sum|w| + l2/2 sum w^2."""

    optimizer: str = "adam"
    learning_rate: float = Field(1e-3, gt=0.0, le=100.0)
    momentum: float = Field(0.9, ge=0.0, lt=1.0)
    batch_size: int = Field(50, ge=1, le=10_000)
    l1: float = Field(0.0, ge=0.0, le=10.0)
    l2: float = Field(0.0, ge=0.0, le=10.0)

    @field_validator("optimizer")
    @classmethod
    def _known_optimizer(cls, value: str) -> str:
        return _one_of(OPTIMIZERS, value)


class Seeds(BaseModel):
    """One seed for each thing that is drawn, so that each can be held fixed alone."""

    model_config = ConfigDict(frozen=True)

    data: int
    weights: int
    batches: int
    measurements: int


class RunConfig(Settings):
    """Everything that determines a run: the same value gives the same weights, bit for bit."""

    data: DataConfig = DataConfig()
    network: NetworkConfig = NetworkConfig()
    training: TrainingConfig = TrainingConfig()
    seed: int = Field(1, ge=0, le=SEED_MAX)

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

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every layer from input to output, `(n, h1, ..., hL, classes)`."""
        return (self.data.dimension, *self.network.hidden, self.data.arms)

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
        text = query.removeprefix("?")
        if len(text) > QUERY_LENGTH_MAX:
            raise ConfigError(
                {"url": f"URL: expected at most {QUERY_LENGTH_MAX} characters, got {len(text)}."}
            )
        values: dict[str, Any] = {}
        for path, raw in parse_qsl(text, keep_blank_values=True):
            group, _, field = path.rpartition(".")
            target = values.setdefault(group, {}) if group else values
            if not isinstance(target, dict):
                raise ConfigError({path: f"{path}: unknown setting. Remove it from the URL."})
            if path == "network.hidden":
                target[field] = [part for part in raw.split(",") if part]
            else:
                target[field] = raw
        return cls.parse(values)

    def to_query(self) -> str:
        """Write the fields that differ from their defaults as a URL query (no leading `?`)."""
        pairs: list[tuple[str, str]] = []
        default = RunConfig()
        for name in type(self).model_fields:
            value, usual = getattr(self, name), getattr(default, name)
            if not isinstance(value, Settings):
                if value != usual:
                    pairs.append((name, str(value)))
                continue
            for field in type(value).model_fields:
                inner = getattr(value, field)
                if inner != getattr(usual, field):
                    is_list = isinstance(inner, tuple)
                    text = ",".join(map(str, inner)) if is_list else str(inner)
                    pairs.append((f"{name}.{field}", text))
        return urlencode(pairs, quote_via=quote, safe=",")


def parse_json(text: str | bytes) -> object:
    """Parse JSON, refusing NaN and infinities; raise `ConfigError` with the place."""

    def refuse(constant: str) -> object:
        raise ConfigError({"json": f"Expected finite numbers, got {constant}."})

    try:
        return json.loads(text, parse_constant=refuse)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError({"json": f"Expected JSON, got text that is not: {error}."}) from error


def validated(model: type[Model], values: object) -> Model:
    """Validate `values` as `model`; raise `ConfigError` with one plain sentence a field."""
    if isinstance(values, model):
        return values
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_sentences(model, error)) from error


def _sentences(model: type[BaseModel], error: ValidationError) -> dict[str, str]:
    problems: dict[str, str] = {}
    for item in error.errors(include_url=False):
        names = [str(part) for part in item["loc"] if isinstance(part, str)]
        path = ".".join(names)
        expected = _expectation(model, names) or item["msg"]
        if item["type"] == "extra_forbidden":
            problems[path] = (
                f"{path}: there is no such setting. Check its spelling or leave it out."
            )
        elif not path:
            problems["config"] = f"Expected a mapping of settings, got {shown(item['input'])}."
        else:
            problems[path] = f"{path}: expected {expected}, got {shown(item['input'])}."
    return problems


def shown(value: object) -> str:
    """Return a short, harmless rendering of what arrived."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "an infinity"
    if isinstance(value, Mapping):
        return f"a mapping of {len(value)} entries"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes) and len(value) > 8:
        return f"a list of {len(value)} entries"
    text = repr(value)
    return (
        text
        if len(text) <= SHOWN_INPUT_MAX
        else f"{text[:SHOWN_INPUT_MAX]}… ({len(text)} characters)"
    )


def _expectation(model: type[BaseModel], names: Sequence[str]) -> str:
    """What the field at `names` takes, in words, read off its own schema."""
    schema: dict[str, Any] = model.model_json_schema()
    node = schema
    choices: tuple[str, ...] = ()
    for name in names:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        node = node.get("properties", {}).get(name, {})
        choices = tuple(CHOICES.get(name, ()))
    options = node.get("anyOf", [node])
    node = {**node, **options[0]}
    if "$ref" in node:
        return "a mapping of settings"
    if choices or "enum" in node:
        return f"one of {', '.join(choices or node['enum'])}"
    if node.get("type") == "array":
        return "0 to 8 layers of 1 to 128 units each, such as [50, 50]"
    if "type" not in node:
        return ""
    kind = {"integer": "a whole number", "number": "a number"}.get(node["type"], node["type"])
    low, above = node.get("minimum"), node.get("exclusiveMinimum")
    high, below = node.get("maximum"), node.get("exclusiveMaximum")
    lower = f"from {low:g}" if low is not None else f"above {above:g}" if above is not None else ""
    upper = (
        f"to {high:.10g}" if high is not None else f"below {below:g}" if below is not None else ""
    )
    return " ".join(part for part in (kind, lower, upper) if part)


CHOICES: dict[str, tuple[str, ...]] = {
    "kind": tuple(DATASETS),
    "activation": tuple(ACTIVATIONS),
    "initializer": tuple(INITIALIZERS),
    "optimizer": tuple(OPTIMIZERS),
    "sampling": ("angle", "arc-length"),
}
