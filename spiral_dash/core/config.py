"""What a run is made of, as frozen values that are validated once, where they enter.

A `RunConfig` names the data, the network, the training and one seed. It travels unchanged
from a form, a URL, a file or a Python call to the engine, so every bound is stated here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import parse_qsl, quote, urlencode

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.data.registry import KINDS, of_kind
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.core.initializers import INITIALIZERS
from spiral_dash.core.optimizers import OPTIMIZERS
from spiral_dash.core.settings import Number, Seed, Settings, Whole, one_of
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

QUERY_LENGTH_MAX = 4_000

Units = Annotated[int, Field(ge=1, le=128), BeforeValidator(plain_number)]


class NetworkConfig(Settings):
    """A fully connected network: units of each hidden layer, activation, initial weights."""

    hidden: tuple[Units, ...] = Field((8, 8, 8), max_length=8, examples=[[50, 50]])
    activation: Annotated[str, one_of(ACTIVATIONS)] = "tanh"
    initializer: Annotated[str, one_of(INITIALIZERS)] = "pytorch"
    seed: Seed | None = None


class TrainingConfig(Settings):
    """The optimiser and what it minimises: cross-entropy + l1 sum|w| + l2/2 sum w^2.

    With an adversary, `adversary_share` of every batch is replaced by examples that an attack
    finds within `adversary_epsilon` (L-infinity, plane units) of them (thesis 6.4).
    """

    optimizer: Annotated[str, one_of(OPTIMIZERS)] = "adam"
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

    choices: ClassVar[Mapping[str, Mapping[str, type[BaseModel]]]] = {"data": KINDS}

    data: Annotated[SerializeAsAny[DataConfig], BeforeValidator(of_kind)] = SpiralData()
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
            if isinstance(value, DataConfig) and type(value) is not type(usual):
                pairs.append((f"{name}.kind", value.kind))
                usual = KINDS[value.kind].model_validate({})
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
