"""Between a configuration and what stands in the page's address and controls, both as text."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from spiral_dash.core.config import (
    QUERY_LENGTH_MAX,
    ConfigError,
    DataConfig,
    RunConfig,
    Settings,
    shown,
)
from spiral_dash.core.data.geometry import b_for_distance, spiral_geometry
from spiral_dash.core.validation import schema_of

DISTANCE = "data.distance"
PANELS_FIELD = "panels"
"""The part of the address that is the page's own: which panels are open, in their order."""
DIGITS = 6
"""Significant digits of the growth b that a distance is turned into, and of a shown distance."""

Texts = dict[str, str]


@dataclass(frozen=True)
class Reading:
    """A usable configuration, and one sentence for each field that was not."""

    config: RunConfig
    problems: dict[str, str] = field(default_factory=dict)


def path_of(group: str, name: str) -> str:
    """Return the path of a field, as errors and URLs name it, from its control's id."""
    return name if group == "run" else f"{group}.{name}"


def text_of(value: object) -> str:
    """Return a value as a control shows it, such that reading it back gives the same value."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def texts_of(config: RunConfig) -> Texts:
    """Return what each control shows, by the field's path; lists as `8,8,8`."""
    texts: Texts = {DISTANCE: f"{distance_l2(config.data):.{DIGITS}g}"}
    for name in RunConfig.model_fields:
        value = getattr(config, name)
        if not isinstance(value, Settings):
            texts[name] = text_of(value)
            continue
        for inner in type(value).model_fields:
            texts[f"{name}.{inner}"] = text_of(getattr(value, inner))
    return texts


def payload_of(config: RunConfig) -> dict[str, Any]:
    """Return what the page keeps of the session's configuration."""
    return {
        "config": config.model_dump(mode="json"),
        "query": config.to_query(),
        "texts": texts_of(config),
    }


@functools.lru_cache(maxsize=256)
def _distance_l2(phi_min: float, entanglement: float, arms: int, b: float) -> float:
    # The embedding keeps L2; with one, the search for the L-infinity distance is left out.
    config = DataConfig(phi_min=phi_min, entanglement=entanglement, arms=arms, b=b, codimension=2)
    return spiral_geometry(config).distance_l2


def distance_l2(config: DataConfig) -> float:
    """Return the L2 distance between the arms of `config`."""
    return _distance_l2(config.phi_min, config.entanglement, config.arms, config.b)


def read_query(query: str) -> Reading:
    """Read what is valid in a URL's query; what is not keeps its default and has a sentence."""
    fields = query.removeprefix("?").split("&")
    text = "&".join(each for each in fields if each.partition("=")[0] != PANELS_FIELD)
    if len(text) > QUERY_LENGTH_MAX:
        return _read_whole_query(text)
    pairs = parse_qsl(text, keep_blank_values=True)
    problems: dict[str, str] = {}
    valid: list[tuple[str, str]] = []
    for pair in pairs:
        alone = _read_whole_query(urlencode([pair]))
        problems |= alone.problems
        if not alone.problems:
            valid.append(pair)
    return Reading(_read_whole_query(urlencode(valid)).config, problems)


def _read_whole_query(text: str) -> Reading:
    try:
        return Reading(RunConfig.from_query(text))
    except ConfigError as error:
        return Reading(RunConfig(), error.problems)


def read_form(
    values: Mapping[tuple[str, str], object],
    layers: object,
    units: Sequence[object],
    current: RunConfig,
) -> Reading:
    """Read the controls: `values` by (group, name), the number of hidden layers, their units.

    A field whose value cannot be used keeps that of `current` and has a sentence.
    """
    tree: dict[str, Any] = {"data": {}, "network": {}, "training": {}}
    for (group, name), value in values.items():
        path = path_of(group, name)
        if path == DISTANCE or (group != "run" and group not in tree):
            continue
        kind = schema_of(RunConfig, path.split(".")).get("type")
        (tree if group == "run" else tree[group])[name] = (
            value if kind == "string" else _entries(value) if kind == "array" else _number(value)
        )
    problems: dict[str, str] = {}
    count = _layer_count(layers, len(units))
    if count is None:
        tree["network"]["hidden"] = current.network.hidden
        problems["network.hidden"] = (
            f"network.hidden: expected a whole number of layers from 0 to {len(units)}, "
            f"got {shown(_number(layers))}."
        )
    else:
        tree["network"]["hidden"] = [_number(each) for each in units[:count]]
    while True:  # of many problems, the first ones are named each time
        try:
            return Reading(RunConfig.parse(tree), problems)
        except ConfigError as error:
            problems |= error.problems
            for path in error.problems:
                _put_back(tree, path, current)


def _put_back(tree: dict[str, Any], path: str, current: RunConfig) -> None:
    """Give a field that cannot be used the value that it has now."""
    group, _, name = path.rpartition(".")
    target, source = (tree[group], getattr(current, group)) if group else (tree, current)
    target.pop(name, None)
    if name in type(source).model_fields:
        target[name] = getattr(source, name)


def _number(value: object) -> object:
    """Return the number that a control's text stands for; None, or the text, if it is none."""
    if not isinstance(value, str):
        return value
    for read in (int, float):
        with contextlib.suppress(ValueError):
            return read(value)
    return value.strip() or None


def _entries(value: object) -> object:
    """Return the entries of a list that is written with commas between them."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _layer_count(layers: object, most: int) -> int | None:
    count = _number(layers)
    return count if isinstance(count, int) and 0 <= count <= most else None


def with_distance(config: RunConfig, distance: object) -> Reading:
    """Return `config` with the b that sets the L2 distance, rounded to 6 significant digits."""
    number = _number(distance)
    if isinstance(number, bool) or not isinstance(number, int | float):
        problem = f"distance: expected a number, got {shown(number)}."
        return Reading(config, {DISTANCE: problem})
    try:
        b = float(f"{b_for_distance(config.data, number):.{DIGITS}g}")
        return Reading(config.replace(data=config.data.replace(b=b)))
    except ConfigError as error:
        return Reading(config, {DISTANCE: " ".join(error.problems.values())})


def beside(path: str, sentence: str) -> str:
    """Return a sentence without the field's name, which its control shows already."""
    name = path.removeprefix("data.") if path == DISTANCE else path
    rest = sentence.removeprefix(f"{name}: ")
    return rest[:1].upper() + rest[1:]
