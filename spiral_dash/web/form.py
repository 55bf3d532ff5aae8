"""Between a configuration and what stands in the page's address and controls, both as text."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from spiral_dash.core.config import (
    QUERY_LENGTH_MAX,
    ConfigError,
    RunConfig,
    Settings,
    TrainingConfig,
    shown,
)
from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.core.validation import schema_of

DISTANCE, GROWTH = "data.distance", "data.b"
KIND, DIGEST, ROWS = "data.kind", "data.digest", "data.rows"
PANELS_FIELD = "panels"
"""The part of the address that is the page's own: which panels are open, in their order."""
DIGITS = 6
"""Significant digits of what follows from another dial."""

Texts = dict[str, str]


@dataclass(frozen=True)
class Reading:
    """A usable configuration, and one sentence for each field that was not.

    `rows` are the points that came with it, if any.
    """

    config: RunConfig
    problems: dict[str, str] = field(default_factory=dict)
    rows: Rows | None = None


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
    texts: Texts = {}
    for name in RunConfig.model_fields:
        value = getattr(config, name)
        if name == "schedule":
            continue  # which has no control: what it has come to is the training
        if not isinstance(value, Settings):
            texts[name] = text_of(value)
            continue
        for inner in type(value).model_fields:
            texts[f"{name}.{inner}"] = text_of(getattr(value, inner))
    data = config.data
    if isinstance(data, SpiralData):
        # Of distance and growth, the one that was set stands as it is, and the other follows.
        if data.distance is None:
            texts[DISTANCE] = f"{data.distance_l2:.{DIGITS}g}"
        else:
            texts[GROWTH] = f"{data.growth:.{DIGITS}g}"
    return texts


def payload_of(
    config: RunConfig, training: TrainingConfig | None = None, rows: str | None = None
) -> dict[str, Any]:
    """Return what the page keeps of the session's configuration.

    The address is that of the configuration, the dials show the `training` that the run has come
    to by its schedule (None: what it begins with). `rows` are the points that the configuration
    names, as text; without it, the address needs their file.
    """
    now = config.training_at(0) if training is None else training
    query = config.to_query()
    return {
        "config": config.model_dump(mode="json"),
        "training": now.model_dump(mode="json"),
        "query": query if rows is None else f"{query}&{ROWS}={rows}",
        "needs_file": isinstance(config.data, PointsData) and rows is None,
        "texts": texts_of(config.replace(training=now)),
    }


def read_query(query: str) -> Reading:
    """Read what is valid in a URL's query; what is not keeps its default and has a sentence."""
    fields = query.removeprefix("?").split("&")
    brought = [each for each in fields if each.partition("=")[0] == ROWS]
    text = "&".join(each for each in fields if each.partition("=")[0] not in (PANELS_FIELD, ROWS))
    if len(text) > QUERY_LENGTH_MAX:
        return _read_whole_query(text)
    pairs = parse_qsl(text, keep_blank_values=True)
    if brought:
        return _read_with_rows(pairs, unquote(brought[-1].partition("=")[2]))
    return _read_pairs(pairs)


def _read_with_rows(pairs: Sequence[tuple[str, str]], text: str) -> Reading:
    """Read an address that holds points as `text`; without them, its data are the usual."""
    named = [value for name, value in pairs if name == DIGEST]
    others = [(name, value) for name, value in pairs if name not in (KIND, DIGEST)]
    try:
        rows = Rows.from_text(text, named[-1] if named else None)
    except ConfigError as error:
        settings = [pair for pair in others if not pair[0].startswith("data.")]
        reading = _read_pairs(settings)
        sentence = f"{ROWS}: {' '.join(error.problems.values())}"
        return Reading(reading.config, {ROWS: sentence, **reading.problems})
    reading = _read_pairs([(KIND, PointsData.model_fields["kind"].default), *others])
    data = reading.config.data.replace(digest=rows.digest)
    return Reading(reading.config.replace(data=data), reading.problems, rows)


def _read_pairs(pairs: Sequence[tuple[str, str]]) -> Reading:
    kind = [pair for pair in pairs if pair[0] == KIND]
    if _read_whole_query(urlencode(kind)).problems:
        kind = []
    problems: dict[str, str] = {}
    valid: list[tuple[str, str]] = []
    for pair in pairs:
        alone = _read_whole_query(urlencode([*kind, pair]))
        problems |= alone.problems
        if not alone.problems:
            valid.append(pair)
    # What is valid alone may not be so together.
    together = _read_whole_query(urlencode(valid))
    while together.problems:
        problems |= together.problems
        fewer = [pair for pair in valid if pair[0] not in together.problems]
        valid = fewer if len(fewer) < len(valid) else []
        together = _read_whole_query(urlencode(valid))
    return Reading(together.config, problems)


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

    A field whose value cannot be used keeps that of `current` and has a sentence. Another kind of
    data begins at its defaults, but for what every kind has.
    """
    tree: dict[str, Any] = {"data": _undialled(values, current), "network": {}, "training": {}}
    for (group, name), value in _told(values, current).items():
        path = path_of(group, name)
        if group != "run" and group not in tree:
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


def _undialled(values: Mapping[tuple[str, str], object], current: RunConfig) -> dict[str, Any]:
    """Return what no control shows and the same kind of data keeps: which points they are."""
    same = values.get(("data", "kind"), current.data.kind) == current.data.kind
    return {"digest": current.data.digest} if same and isinstance(current.data, PointsData) else {}


def _told(
    values: Mapping[tuple[str, str], object], current: RunConfig
) -> dict[tuple[str, str], object]:
    """Return the controls' values that say something: those of the kind of data chosen."""
    told = dict(values)
    kind = values.get(("data", "kind"), current.data.kind)
    if kind != current.data.kind and isinstance(kind, str) and kind in KINDS:
        shared = DataConfig.model_fields
        return {key: value for key, value in told.items() if key[0] != "data" or key[1] in shared}
    if isinstance(current.data, SpiralData):
        shown_now = texts_of(current)
        turned = {
            name
            for name in ("b", "distance")
            if told.get(("data", name), shown_now[f"data.{name}"]) != shown_now[f"data.{name}"]
        }
        if "b" in turned:
            told["data", "distance"] = None
        else:
            told["data", "b"] = current.data.b
            if not turned:
                told["data", "distance"] = current.data.distance
            elif told["data", "distance"] in ("", None):
                told["data", "b"] = current.data.growth
    return told


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


def beside(path: str, sentence: str) -> str:
    """Return a sentence without the field's name, which its control shows already."""
    rest = sentence.removeprefix(f"{path}: ")
    return rest[:1].upper() + rest[1:]
