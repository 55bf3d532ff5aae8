"""Groups of settings: frozen, bounded, and refused in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    JsonValue,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core.core_schema import literal_schema

from spiral_dash.core.validation import plain, plain_number, refusal, schema_of, validated

SEED_MAX = 2**32 - 1

Whole = Annotated[int, BeforeValidator(plain_number)]
Number = Annotated[float, BeforeValidator(plain_number)]
Seed = Annotated[int, Field(ge=0, le=SEED_MAX), BeforeValidator(plain_number)]


def one_of(names: Iterable[str]) -> GetPydanticSchema:
    """A text that is one of `names`, in the annotation of a field."""
    schema = literal_schema(list(names))
    return GetPydanticSchema(lambda _source, _handler: schema)


def turning(
    *,
    unit: str = "",
    step: float | None = None,
    slider: tuple[float, float, float] | None = None,
    by_hand: bool = True,
) -> dict[str, JsonValue]:
    """How a person turns a field, as the `json_schema_extra` of it.

    `unit` is that of its value, `step` what an arrow key adds, `slider` the least and the largest
    value and the step of a slider beside the number. What is not set `by_hand` has no control. The
    field's `title` and `description` are its name and what turning it does.
    """
    return {
        "unit": unit,
        "step": step,
        "slider": None if slider is None else list(slider),
        "by_hand": by_hand,
    }


class Settings(BaseModel):
    """A frozen group of settings that refuses unknown names, infinities and NaN.

    Raises `ConfigError` with one sentence a field, however it is made.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    def __init__(self, /, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise refusal(type(self), error) from error

    # Without this mark pydantic would make groups within a group by this method, and the places
    # of what is wrong in them would be lost.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def replace(self, **changes: object) -> Self:
        """Return a copy with `changes` applied and validated; raise `ConfigError`."""
        return validated(type(self), {**self.model_dump(), **changes})


class Options(Settings):
    """Options of a measurement: where they take numbers, True and "8" are mistakes."""

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: object, info: ValidationInfo) -> object:
        return plain(value, schema_of(cls, [str(info.field_name)]))
