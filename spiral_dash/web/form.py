"""Between a configuration and what stands in the page's address and controls, both as text."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import numpy as np

from spiral_dash.core.config import (
    QUERY_LENGTH_MAX,
    ConfigError,
    RunConfig,
    Settings,
    TrainingConfig,
    shown,
)
from spiral_dash.core.data import OWN
from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.core.schedule import check_entries
from spiral_dash.core.validation import schema_of

DISTANCE, GROWTH = "data.distance", "data.b"
KIND, DIGEST, ROWS = "data.kind", "data.digest", "data.rows"
SCHEDULE = "schedule"
DIGITS = 6
"""Significant digits of what follows from another dial."""

ABSENT = object()
"""Stands for the value of a control that is not of the kind of data chosen."""

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
        return ",".join(map(text_of, value))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def texts_of(config: RunConfig) -> Texts:
    """Return what each control shows, by the field's path; a list as `8,8,8`."""
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


def query_of(config: RunConfig, rows: str | None) -> str:
    """Return the address of a configuration, with the `rows` that it names, as text, if there."""
    query = config.to_query()
    return query if rows is None else f"{query}&{ROWS}={rows}"


def read_query(query: str) -> Reading:
    """Read what is valid in a URL's query; what is not keeps its default and has a sentence."""
    fields = query.removeprefix("?").split("&")
    brought = [each for each in fields if each.partition("=")[0] == ROWS]
    text = "&".join(each for each in fields if each.partition("=")[0] != ROWS)
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
        if pair[0] == SCHEDULE:
            continue  # what it may do depends on the network, which the others say
        alone = _read_whole_query(urlencode([*kind, pair]))
        problems |= alone.problems
        if not alone.problems:
            valid.append(pair)
    valid += [pair for pair in pairs if pair[0] == SCHEDULE]
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
        config = RunConfig.from_query(text)
        _check_schedule(config)
        return Reading(config)
    except ConfigError as error:
        return Reading(RunConfig(), error.problems)


def read_form(
    values: Mapping[tuple[str, str], object],
    layers: object,
    units: Sequence[object],
    current: RunConfig,
    dials: str | None = None,
    told: Mapping[str, object] | None = None,
) -> Reading:
    """Read the controls: `values` by (group, name), the number of hidden layers, their units.

    A field whose value cannot be used keeps that of `current` and has a sentence. `dials` is the
    kind of data whose own dials are on the page (None: that of `current`); until those of the kind
    that is chosen are there, it begins at its defaults, but for what every kind has. `told` are the
    texts of the training that the page was given last: what still shows them was not turned, and
    is what the run has come to meanwhile by its schedule.
    """
    tree: dict[str, Any] = {"data": {}, "network": {}, "training": {}}
    problems: dict[str, str] = {}
    said = dict(values)
    said |= _data_said(values, current, dials or current.data.kind, problems)
    said |= _training_said(values, current, told or {})
    for (group, name), value in said.items():
        path = path_of(group, name)
        if value is ABSENT or (group != "run" and group not in tree):
            continue
        (tree if group == "run" else tree[group])[name] = _read(value, path, said)
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
            return Reading(_with_features(RunConfig.parse(tree)), problems)
        except ConfigError as error:
            for path in error.problems:
                _put_back(tree, path, current, again=path in problems)
            problems |= error.problems


def _with_features(config: RunConfig) -> RunConfig:
    """Return `config` with the usual inputs where the data has no plane to choose them in."""
    usual = RunConfig().network.features
    if config.network.features == usual or _numbers_a_point(config.data) in (2, None):
        return config
    return config.replace(network=config.network.replace(features=usual))


def _check_schedule(config: RunConfig) -> None:
    """Raise `ConfigError` where the schedule edits what the network has not for these data."""
    if not config.schedule:
        return
    numbers, classes = _shape(config.data)
    features = config.network.features
    inputs = numbers if features == RunConfig().network.features else len(features)
    try:
        check_entries(config.schedule, (inputs, *config.network.hidden, classes))
    except ValueError as error:
        raise ConfigError({SCHEDULE: f"{SCHEDULE}: {error}."}) from error


def _numbers_a_point(data: DataConfig) -> int | None:
    return _shape(data)[0]


@functools.lru_cache(maxsize=16)
def _shape(data: DataConfig) -> tuple[int | None, int | None]:
    """Return how many numbers a point of `data` has and its classes, None where its rows say it."""
    if isinstance(data, PointsData):
        return None, None
    sample = data.sample(np.random.default_rng(0), None)
    return int(sample.points.shape[1]), len(sample.class_names)


def _read(value: object, path: str, said: Mapping[tuple[str, str], object]) -> object:
    """Return what a control's value stands for: a text, a list of texts, or a number."""
    names = path.split(".")
    kind = said.get(("data", "kind"))
    if (
        names[0] == "data"
        and isinstance(kind, str)
        and kind in KINDS
        and names[1] in KINDS[str(kind)].model_fields
    ):
        names.insert(1, kind)
    match schema_of(RunConfig, names).get("type"):
        case "string":
            return value
        case "array":
            return _entries(value)
    return _number(value)


def _training_said(
    values: Mapping[tuple[str, str], object], current: RunConfig, told: Mapping[str, object]
) -> dict[tuple[str, str], object]:
    """Return the present training for the controls that still show what the page was told."""
    return {
        (group, name): getattr(current.training, name)
        for (group, name), value in values.items()
        if group == "training"
        and told.get(path_of(group, name)) == value
        and name in TrainingConfig.model_fields
    }


def _data_said(
    values: Mapping[tuple[str, str], object],
    current: RunConfig,
    dials: str,
    problems: dict[str, str],
) -> dict[tuple[str, str], object]:
    """Return what the controls of the data say, `ABSENT` where they speak of another kind."""
    now = current.data
    kind = values.get(("data", "kind"), now.kind)
    said: dict[tuple[str, str], object] = {}
    if not isinstance(kind, str) or kind not in KINDS:
        kind = now.kind  # and the choice is refused with the rest
    elif kind == OWN and kind != now.kind:
        problems[KIND] = f"{KIND}: own points come from a file or are drawn. Open one, or draw."
        said["data", "kind"] = kind = now.kind
    shared = DataConfig.model_fields
    own = [name for name in KINDS[kind].model_fields if name not in shared]
    present: DataConfig = now if kind == now.kind else KINDS[kind].model_validate({})
    if dials != kind:
        said |= {(g, name): ABSENT for g, name in values if g == "data" and name not in shared}
    said |= {
        ("data", name): getattr(present, name)
        for name in own
        if dials != kind or ("data", name) not in values
    }
    if dials == kind and isinstance(present, SpiralData):
        said |= _growth_said(values, present)
    return said


def _growth_said(
    values: Mapping[tuple[str, str], object], present: SpiralData
) -> dict[tuple[str, str], object]:
    """Return distance and growth, of which the one that was turned counts."""
    growth, distance = ("data", "b"), ("data", "distance")
    shown_now = texts_of(RunConfig(data=present))
    turned = {
        place
        for place in (growth, distance)
        if values.get(place, shown_now[path_of(*place)]) != shown_now[path_of(*place)]
    }
    if growth in turned:
        return {distance: None}
    if distance not in turned:
        return {growth: present.b, distance: present.distance}
    emptied = values[distance] in ("", None)
    return {growth: present.growth if emptied else present.b}


def _put_back(tree: dict[str, Any], path: str, current: RunConfig, again: bool) -> None:
    """Give a field that cannot be used the value that it has now.

    Where that did not help, as with a field that another one rules out, its whole group goes back.
    """
    group, _, name = path.rpartition(".")
    if again and group:
        tree[group] = getattr(current, group).model_dump()
        return
    target, source = (tree[group], getattr(current, group)) if group else (tree, current)
    target.pop(name, None)
    another = group == "data" and tree["data"].get("kind", current.data.kind) != current.data.kind
    known = DataConfig.model_fields if another else type(source).model_fields
    if name in known:
        target[name] = getattr(source, name)


def _number(value: object) -> object:
    """Return the number that a control's text stands for; None, or the text, if it is none.

    A comma is a decimal point, as on the keypads of many phones.
    """
    if not isinstance(value, str):
        return value
    for read in (int, float):
        with contextlib.suppress(ValueError):
            return read(value.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
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
