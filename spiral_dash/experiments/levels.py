"""Factors as they are written in a shell: `data.entanglement=2,4,6`, `network.hidden=50,50;20`."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from spiral_dash.core.config import ConfigError, RunConfig, read_text
from spiral_dash.core.probes import PROBES
from spiral_dash.core.validation import schema_of, shown, with_numbers_read
from spiral_dash.experiments.design import Factor, Measurement, factor

LEVELS_MAX = 10_000


def read_factors(texts: Sequence[str]) -> tuple[Factor, ...]:
    """Return the factor of each FIELD=LEVELS; raise `ConfigError`.

    Commas separate the levels of a number or a word, semicolons those of a list.
    """
    return tuple(_factor(text) for text in texts)


def _factor(text: str) -> Factor:
    field, equals, levels = text.partition("=")
    field = field.strip()
    if not equals:
        raise ConfigError({"set": f"--set: expected FIELD=LEVELS, got {shown(text)}."})
    schema = schema_of(RunConfig, field.split("."))
    if not schema or field == "seed":
        said = "the seeds are given by --seeds" if field == "seed" else "there is no such setting"
        raise ConfigError({field: f"{shown(field)[1:-1]}: {said}. Check its spelling."})
    kind = schema.get("type")
    separator = ";" if kind == "array" else ","
    parts = [levels] if field == "schedule" else levels.split(separator)
    if len(parts) > LEVELS_MAX:
        raise ConfigError(
            {field: f"{field}: expected at most {LEVELS_MAX} levels, got {len(parts)}."}
        )
    values: list[JsonValue] = [read_text(field, part.strip()) for part in parts]
    if len({repr(value) for value in values}) < len(values):
        raise ConfigError({field: f"{field}: expected each level once, got {shown(levels)}."})
    return factor(field, *values)


def read_measurements(
    names: str, options: Sequence[str], epochs: Sequence[int]
) -> tuple[Measurement, ...]:
    """Return the measurements of `norms,metrics` with options such as `attack.method=bim`."""
    chosen: dict[str, dict[str, JsonValue]] = {
        name.strip(): {} for name in names.split(",") if name.strip()
    }
    if not chosen:
        raise ConfigError({"measure": "--measure: expected the names of measurements, got none."})
    for text in options:
        path, equals, value = text.partition("=")
        name, dot, option = path.strip().partition(".")
        if not equals or not dot:
            raise ConfigError(
                {"option": f"--option: expected MEASUREMENT.OPTION=VALUE, got {shown(text)}."}
            )
        if name not in chosen:
            raise ConfigError(
                {"option": f"--option: {shown(name)} is not measured. Name it in --measure."}
            )
        chosen[name][option] = _option(name, option, value)
    return tuple(
        Measurement(probe=name, options=given, epochs=tuple(epochs))
        for name, given in chosen.items()
    )


def _option(name: str, option: str, text: str) -> JsonValue:
    if name not in PROBES:
        return text
    node = schema_of(PROBES[name].options, [option])
    kinds = {one.get("type") for one in node.get("anyOf", [node])}
    value: object = text.split(",") if "array" in kinds else text
    if kinds & {"boolean"} and text in {"true", "false"}:
        value = text == "true"
    read: JsonValue = with_numbers_read(value, node)  # type: ignore[assignment]
    return read


def read_epochs(text: str) -> tuple[int, ...]:
    """Return the epochs in `10,50,-1`; raise `ConfigError`."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ConfigError(
            {"at": f"--at: expected epochs such as 10,50,-1 (-1: the last), got {shown(text)}."}
        ) from None
