"""Groups of settings: frozen, bounded, and refused in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetPydanticSchema
from pydantic_core.core_schema import literal_schema

from spiral_dash.core.validation import plain_number, validated

SEED_MAX = 2**32 - 1

Whole = Annotated[int, BeforeValidator(plain_number)]
Number = Annotated[float, BeforeValidator(plain_number)]
Seed = Annotated[int, Field(ge=0, le=SEED_MAX), BeforeValidator(plain_number)]


def one_of(names: Iterable[str]) -> GetPydanticSchema:
    """A text that is one of `names`, in the annotation of a field."""
    schema = literal_schema(list(names))
    return GetPydanticSchema(lambda _source, _handler: schema)


class Settings(BaseModel):
    """A frozen group of settings that refuses unknown names, infinities and NaN."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    def replace(self, **changes: object) -> Self:
        """Return a copy with `changes` applied and validated; raise `ConfigError`."""
        return validated(type(self), {**self.model_dump(), **changes})
