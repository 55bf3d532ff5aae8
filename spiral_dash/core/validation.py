"""Values from outside: read, checked against a model, and refused in a plain sentence."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

DIGITS_MAX = 40
PROBLEMS_MAX = 10
SHOWN_MAX = 60

Model = TypeVar("Model", bound=BaseModel)


class ConfigError(ValueError):
    """A configuration that cannot be used; `problems` maps each field to one sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(self.problems.values()))


class ProbeError(ValueError):
    """A measurement that cannot be taken; the message says why and what would do."""


def parse_json(text: str | bytes) -> object:
    """Parse JSON, refusing NaN and infinities; raise `ConfigError` with the place."""
    if not isinstance(text, str | bytes | bytearray):
        raise ConfigError({"json": f"Expected JSON, got {shown(text)}."})
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_whole_number)
    except ConfigError:
        raise
    except RecursionError as error:
        raise ConfigError({"json": "Expected JSON, got text that is nested too deeply."}) from error
    except ValueError as error:
        raise ConfigError({"json": f"Expected JSON, got text that is not: {error}."}) from error


def _refuse_constant(constant: str) -> object:
    raise ConfigError({"json": f"Expected finite numbers, got {constant}."})


def _whole_number(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise ConfigError(
            {"json": f"Expected numbers of at most {DIGITS_MAX} digits, got {len(digits)} digits."}
        )
    return int(digits)


def validated(model: type[Model], values: object) -> Model:
    """Validate `values` as `model`; raise `ConfigError` with one plain sentence a field.

    What a field takes is read off the model. A validator that raises `ValueError("expected ...")`
    words its own sentence.
    """
    if isinstance(values, model):
        return values
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise refusal(model, error) from error


def refusal(model: type[BaseModel], error: ValidationError) -> ConfigError:
    """Return what pydantic says of `model` in plain sentences, one a field."""
    return ConfigError(_sentences(model, error))


def plain_number(value: object) -> int | float:
    """Return a number as Python's own; refuse anything else to pydantic, which calls this.

    Where a configuration takes numbers, True and "8" are mistakes, which pydantic would convert.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise PydanticCustomError("number", "a number")
    return int(value) if isinstance(value, Integral) else float(value)


def tagged(tag: str, model: type[Model], values: object) -> Model:
    """Validate `values` as one choice among several models, for pydantic, which calls this.

    The places of what is wrong begin with `tag`, so that a sentence finds the right bounds.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ValidationError.from_exception_data(
            model.__name__, [_placed_below(tag, item) for item in error.errors(include_url=False)]
        ) from None


def _placed_below(tag: str, item: Any) -> InitErrorDetails:
    kind = item["type"]
    if kind not in get_args(ErrorType):
        kind = PydanticCustomError(kind, item["msg"].replace("{", "{{").replace("}", "}}"))
    place = (tag, *item["loc"])
    return InitErrorDetails(
        type=kind, loc=place, input=item["input"], ctx=dict(item.get("ctx", {}))
    )


def read_number(text: str) -> int | float | str:
    """Return the number that `text` stands for, or the text where it is none."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def with_numbers_read(value: object, node: Mapping[str, Any]) -> object:
    """Return `value` with texts read as numbers where `node`, its JSON schema, takes no text."""
    accepted = _types(node)
    if isinstance(value, str) and "string" not in accepted and accepted & {"integer", "number"}:
        return read_number(value.strip())
    if isinstance(value, list | tuple) and "array" in accepted:
        return [with_numbers_read(each, _items(node)) for each in value]
    return value


def plain(value: object, node: Mapping[str, Any]) -> object:
    """Return `value` with numbers as Python's own; refuse what is not of a type that `node` takes.

    `node` is a field's JSON schema. Without this, pydantic would take "8" and True for numbers,
    and 1 and "yes" for true. Lists are looked into, anything else is left to pydantic.
    """
    accepted = _types(node)
    match value:
        case bool():
            fits = "boolean" in accepted
        case str():
            fits = "string" in accepted
        case Real():
            value = plain_number(value)
            fits = bool(accepted & {"integer", "number"})
        case list() | tuple():
            fits = "array" in accepted
            if fits:
                value = [plain(each, _items(node)) for each in value]
        case _:
            fits = True
    if not fits:
        raise PydanticCustomError("type", "a value of another type")
    return value


def _types(node: Mapping[str, Any]) -> frozenset[str]:
    """Return the JSON types that a schema takes."""
    if "anyOf" in node:
        return frozenset().union(*map(_types, node["anyOf"]))
    return frozenset({node["type"]} if "type" in node else ())


def _items(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of the entries of the list that a schema takes."""
    choices = (choice.get("items", {}) for choice in node.get("anyOf", [node]))
    return next(filter(None, choices), {})


def whole_number(name: str, value: object, *, least: int | None = None) -> int:
    """Return an argument called `name` that is a whole number from `least`; else `ConfigError`."""
    number = _finite(value)
    if number is None or number != int(number) or (least is not None and number < least):
        expected = "a whole number" + ("" if least is None else f" from {least}")
        raise ConfigError({name: f"{name}: expected {expected}, got {shown(value)}."})
    return int(number)


def duration(name: str, value: object) -> float:
    """Return an argument called `name` that is a number of seconds from 0; else `ConfigError`."""
    seconds = _finite(value)
    if seconds is None or seconds < 0:
        raise ConfigError({name: f"{name}: expected a number of seconds, got {shown(value)}."})
    return float(seconds)


def _finite(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    number = plain_number(value)
    return number if math.isfinite(number) else None


def _sentences(model: type[BaseModel], error: ValidationError) -> dict[str, str]:
    problems: dict[str, str] = {}
    for item in error.errors(include_url=False):
        key, sentence = _sentence(model, item["type"], item["loc"], item["input"], item["msg"])
        if key not in problems and len(problems) == PROBLEMS_MAX:
            problems["more"] = f"These are the first of {error.error_count()} problems."
            break
        problems.setdefault(key, sentence)
    return problems


def _sentence(
    model: type[BaseModel], kind: str, place: Sequence[int | str], value: object, message: str
) -> tuple[str, str]:
    reason = message.removeprefix("Value error, ")
    names = _without_tag(model, place)
    whole = ".".join(map(str, names))
    if kind == "value_error":
        if not whole:
            return "config", f"{reason}."
        got = "" if ", got " in reason else f", got {shown(value)}"
        return whole, f"{whole}: {reason}{got}."
    if not place:
        return "config", f"Expected a mapping of settings, got {shown(value)}."
    if kind in {"extra_forbidden", "invalid_key"}:
        path = whole if re.fullmatch(rf"[\w.]{{1,{SHOWN_MAX}}}", whole) else shown(whole)
        return path, f"{path}: there is no such setting. Check its spelling or leave it out."
    fields = [*place]
    # What comes last may be an entry of a list, or the name of one choice among several.
    while len(fields) > 1 and (isinstance(fields[-1], int) or not schema_of(model, fields)):
        fields.pop()
    path = ".".join(map(str, _without_tag(model, fields)))
    if kind == "missing":
        path = whole if isinstance(place[-1], int) else path
        return path, f"{path}: expected a value, got none."
    expected = describe(schema_of(model, fields)) or reason.removeprefix("Input should be ")
    return path, f"{path}: expected {expected}, got {shown(value)}."


def _without_tag(model: type[BaseModel], place: Sequence[int | str]) -> list[int | str]:
    """Leave out of a place the name of the choice that it lies in."""
    choices = _choices(model, place)
    return [*place[:1], *place[2:]] if choices and place[1:2] and place[1] in choices else [*place]


def _choices(model: type[BaseModel], place: Sequence[int | str]) -> Mapping[str, type[BaseModel]]:
    """Return the models that the field at the beginning of `place` chooses from, by tag."""
    every: Mapping[str, Mapping[str, type[BaseModel]]] = getattr(model, "choices", {})
    return every.get(str(place[0]), {}) if place else {}


def shown(value: object) -> str:
    """Return a short, harmless rendering of what arrived."""
    match value:
        case None:
            return "nothing"
        case str():
            cut = repr(value[:SHOWN_MAX])
            return cut if len(value) <= SHOWN_MAX else f"{cut}… ({len(value)} characters)"
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "an infinity"
        case int() if value.bit_length() > 4 * DIGITS_MAX:
            return f"a number of about {round(value.bit_length() * math.log10(2))} digits"
        case Real():
            return str(value)
        case Mapping():
            return f"a mapping of {_counted(len(value), 'setting')}"
        case list() | tuple() if len(value) <= 8 and all(
            isinstance(one, str | Real) for one in value
        ):
            return f"[{', '.join(map(shown, value))}]"
        case list() | tuple():
            return f"a list of {_counted(len(value), 'entry', 'entries')}"
    return f"a value of type {type(value).__name__}"


def and_more(named: str, more: int) -> str:
    """Return the first of some things, and how many more there are, if any."""
    return f"{named} and {more} more" if more > 0 else named


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def schema_of(model: type[BaseModel], names: Sequence[int | str]) -> Mapping[str, Any]:
    """Return the JSON schema of the field at `names`, empty where there is none.

    A number among the names is an entry of a list. Where a field chooses from several models, the
    name after it may be the tag of one; without, it is the first that has the field. The field
    `kind` is the tag itself.
    """
    choices = _choices(model, names)
    if choices and [*names[1:]] == ["kind"]:
        return {"type": "string", "enum": [*choices]}
    if choices and len(names) > 1:
        tag = str(names[1]) if names[1] in choices else ""
        rest = names[2:] if tag else names[1:]
        candidates = [choices[tag]] if tag else list(choices.values())
        found = (schema_of(candidate, rest) for candidate in candidates)
        return next(filter(None, found), {})
    schema = _schema(model)
    node: Mapping[str, Any] = schema
    for name in names:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        if isinstance(name, int):
            node = node.get("items", {})
            continue
        others = node.get("additionalProperties", False)
        node = node.get("properties", {}).get(name, others if isinstance(others, dict) else {})
    return node


@functools.cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def describe(node: Mapping[str, Any]) -> str:
    """Say in words what a JSON schema takes, such as "a number from 0.01 to 100"."""
    if "anyOf" in node:
        return " or ".join(filter(None, map(describe, node["anyOf"])))
    if "$ref" in node:
        return "a mapping of settings"
    if "enum" in node:
        return f"one of {', '.join(map(str, node['enum']))}"
    if "const" in node:
        return str(node["const"])
    match node.get("type"):
        case "integer":
            return f"a whole number{_bounds(node)}"
        case "number":
            return f"a number{_bounds(node)}"
        case "boolean":
            return "true or false"
        case "string":
            return f"a text{_lengths(node)}"
        case "array":
            least, most = node.get("minItems", 0), node.get("maxItems")
            length = f"{least} to {most} entries" if most is not None else "entries"
            each = describe(node.get("items", {}))
            example = f", such as {node['examples'][0]}" if "examples" in node else ""
            return f"a list of {length}" + (f", each {each}" if each else "") + example
        case "object":
            return "a mapping of settings"
    return ""


def _lengths(node: Mapping[str, Any]) -> str:
    least, most = node.get("minLength", 0), node.get("maxLength")
    length = "" if most is None else f" of {least} to {most} characters"
    return length + (f" that matches {node['pattern']}" if "pattern" in node else "")


def _bounds(node: Mapping[str, Any]) -> str:
    words = {
        "minimum": "from",
        "exclusiveMinimum": "above",
        "maximum": "to",
        "exclusiveMaximum": "below",
    }
    return "".join(f" {word} {node[key]:.10g}" for key, word in words.items() if key in node)
