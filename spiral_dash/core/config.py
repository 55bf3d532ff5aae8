"""What a run is made of, as frozen values that are validated once, where they enter.

A `RunConfig` names the data, the network, the training and one seed. It travels unchanged
from a form, a URL, a file or a Python call to the engine, so every bound is stated here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl, quote, urlencode

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
)
from pydantic_core.core_schema import literal_schema

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.data.registry import DATASETS
from spiral_dash.core.initializers import INITIALIZERS
from spiral_dash.core.inputs import FEATURES, PLAIN, FeatureName, Scaling
from spiral_dash.core.optimizers import OPTIMIZERS
from spiral_dash.core.validation import (
    ConfigError,
    parse_json,
    plain_number,
    schema_of,
    shown,
    validated,
)

__all__ = [
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

SEED_MAX = 2**32 - 1
QUERY_LENGTH_MAX = 4_000


def _one_of(names: Iterable[str]) -> GetPydanticSchema:
    """A text that is one of `names`, in the annotation of a field."""
    schema = literal_schema(list(names))
    return GetPydanticSchema(lambda _source, _handler: schema)


def _in_order(names: tuple[FeatureName, ...]) -> tuple[FeatureName, ...]:
    """Put features into the order in which a network gets them; refuse one named twice."""
    if len(set(names)) < len(names):
        raise ValueError("expected each feature at most once")
    return tuple(name for name in FEATURES if name in names)


Whole = Annotated[int, BeforeValidator(plain_number)]
Number = Annotated[float, BeforeValidator(plain_number)]
Seed = Annotated[int, Field(ge=0, le=SEED_MAX), BeforeValidator(plain_number)]
Units = Annotated[int, Field(ge=1, le=128), BeforeValidator(plain_number)]
Features = Annotated[tuple[FeatureName, ...], AfterValidator(_in_order)]


class Settings(BaseModel):
    """A frozen group of settings that refuses unknown names, infinities and NaN."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    def replace(self, **changes: object) -> Self:
        """Return a copy with `changes` applied and validated; raise `ConfigError`."""
        return validated(type(self), {**self.model_dump(), **changes})


class DataConfig(Settings):
    """The spiral's dials and how it is sampled (thesis 2.3.1, 2.3.2, 3.5).

    Lengths are in the units of the plane, angles in radians.
    """

    kind: Annotated[str, _one_of(DATASETS)] = "spiral"
    entanglement: Number = Field(8.0, ge=0.5, le=20.0)
    b: Number = Field(2.0, ge=0.01, le=100.0)
    phi_min: Number = Field(1.0, ge=0.05, le=20.0)
    arms: Whole = Field(2, ge=2, le=6)
    codimension: Whole = Field(1, ge=1, le=31)
    samples_per_arm: Whole = Field(1000, ge=50, le=5000)
    sampling: Literal["angle", "arc-length"] = "angle"
    train_noise: Number = Field(0.0, ge=0.0, le=10.0)
    test_noise: Number = Field(0.0, ge=0.0, le=10.0)
    train_share: Number = Field(0.67, ge=0.1, le=0.9)
    seed: Seed | None = None

    @property
    def dimension(self) -> int:
        """The ambient dimension n: a curve has dimension one, so n is the codimension + 1."""
        return self.codimension + 1


class NetworkConfig(Settings):
    """A fully connected network: what it gets, its hidden units, activation, initial weights.

    `features` are functions of the two numbers of a point; `x1,x2` stands for the numbers as they
    are, however many. `scaling` comes before them and is fitted to the training set.
    """

    features: Features = Field(PLAIN, min_length=1, max_length=len(FEATURES))
    scaling: Scaling = "none"
    hidden: tuple[Units, ...] = Field((8, 8, 8), max_length=8, examples=[[50, 50]])
    activation: Annotated[str, _one_of(ACTIVATIONS)] = "tanh"
    initializer: Annotated[str, _one_of(INITIALIZERS)] = "pytorch"
    seed: Seed | None = None


class TrainingConfig(Settings):
    """The optimiser and what it minimises: cross-entropy + l1 sum|w| + l2/2 sum w^2.

    With an adversary, `adversary_share` of every batch is replaced by examples that an attack
    finds within `adversary_epsilon` (L-infinity, plane units) of them (thesis 6.4).
    """

    optimizer: Annotated[str, _one_of(OPTIMIZERS)] = "adam"
    learning_rate: Number = Field(1e-3, gt=0.0, le=100.0)
    momentum: Number = Field(0.9, ge=0.0, lt=1.0)
    batch_size: Whole = Field(50, ge=1, le=10_000)
    l1: Number = Field(0.0, ge=0.0, le=10.0)
    l2: Number = Field(0.0, ge=0.0, le=10.0)
    adversary: Literal["none", "fgsm", "pgd"] = "none"
    adversary_epsilon: Number = Field(0.5, gt=0.0, le=100.0)
    adversary_share: Number = Field(1.0, gt=0.0, le=1.0)
    adversary_steps: Whole = Field(5, ge=1, le=50)


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
    seed: Seed = 1

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
        """Units of every layer from input to output, `(F, h1, ..., hL, classes)`."""
        plane = self.data.dimension == 2
        inputs = len(self.network.features) if plane else self.data.dimension
        return (inputs, *self.network.hidden, self.data.arms)

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
            value = _from_text(raw, schema_of(cls, path.split(".")).get("type"))
            target = values.setdefault(group, {}) if group else values
            if not isinstance(target, dict):
                raise ConfigError(
                    {path: f"{path}: does not go together with {group}. Leave one of them out."}
                )
            target[field] = value
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


def _from_text(text: str, kind: str | None) -> object:
    """Return what `text` in a URL stands for where a value of `kind` is expected."""
    if kind == "array":
        return [_number(part) for part in text.split(",")] if text else []
    return text if kind == "string" else _number(text)


def _number(text: str) -> int | float | str:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
