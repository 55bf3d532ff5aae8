"""The kinds of data, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.validation import tagged

KIND_USUAL = "spiral"
KINDS: dict[str, type[DataConfig]] = {}

Kind = TypeVar("Kind", bound=type[DataConfig])


def register(kind: Kind) -> Kind:
    """Make a kind of data known under the default of its field `kind`, as a decorator."""
    name = kind.__pydantic_fields__["kind"].default
    assert isinstance(name, str) and name not in KINDS, f"two kinds of data are called {name}"
    KINDS[name] = kind
    return kind


def of_kind(value: object) -> DataConfig:
    """Validate `value` as the kind that it names, a spiral unless it does; for pydantic."""
    if isinstance(value, DataConfig):
        return value
    if not isinstance(value, Mapping):
        raise PydanticCustomError("kind", "a mapping of settings")
    name = value.get("kind", KIND_USUAL)
    if not isinstance(name, str) or name not in KINDS:
        unknown = InitErrorDetails(
            type="literal_error", loc=("kind",), input=name, ctx={"expected": ", ".join(KINDS)}
        )
        raise ValidationError.from_exception_data("kind", [unknown])
    return tagged(name, KINDS[name], value)
