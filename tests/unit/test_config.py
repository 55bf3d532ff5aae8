"""A configuration survives every way it travels; what is not one is refused by a sentence."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.config import (
    Change,
    ConfigError,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
)
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.core.initializers import INITIALIZERS
from spiral_dash.core.inputs import FEATURES
from spiral_dash.core.optimizers import OPTIMIZERS

FIELDS: dict[str, tuple[object, ...]] = {
    "data.kind": ("spiral",),
    "data.entanglement": (0.5, 6.283185307179586, 20.0),
    "data.b": (0.01, 1 / 3, 100.0),
    "data.phi_min": (0.0, 0.05, 2.0, 20.0),
    "data.arms": (2, 6),
    "data.distance": (None, 0.05, 4.0, 1 / 3, 100.0),
    "data.angle_noise": (0.0, 0.2, 3.0),
    "data.codimension": (1, 31),
    "data.samples_per_arm": (50, 5000),
    "data.sampling": ("angle", "arc-length"),
    "data.train_noise": (0.0, 1e-7, 10.0),
    "data.test_noise": (0.0, 0.25, 10.0),
    "data.train_share": (0.1, 0.67, 0.9, 1.0),
    "data.seed": (None, 0, 2**32 - 1),
    "network.features": (("x1", "x2"), ("x2",), ("x1x2", "sin_x2"), FEATURES),
    "network.scaling": ("none", "standard", "minmax"),
    "network.hidden": ((), (1,), (128,) * 8, (8, 4, 2)),
    "network.activation": tuple(ACTIVATIONS),
    "network.initializer": tuple(INITIALIZERS),
    "network.seed": (None, 0, 2**32 - 1),
    "training.optimizer": tuple(OPTIMIZERS),
    "training.learning_rate": (1e-12, 1e-3, 100.0),
    "training.momentum": (0.0, 0.99),
    "training.batch_size": (1, 10_000),
    "training.l1": (0.0, 1e-5, 10.0),
    "training.l2": (0.0, 1e-5, 10.0),
    "training.adversary": ("none", "fgsm", "pgd"),
    "training.adversary_epsilon": (0.01, 100.0),
    "training.adversary_share": (0.01, 1.0),
    "training.adversary_steps": (1, 50),
    "schedule": ((), (Change(epoch=0, l1=0.5), Change(epoch=9, step=3, batch_size=2))),
    "seed": (0, 7, 2**32 - 1),
}
GOOD = [(path, value) for path, values in FIELDS.items() for value in values]


def nested(path: str, value: object) -> dict[str, object]:
    group, _, field = path.rpartition(".")
    return {group: {field: value}} if group else {field: value}


def at(config: RunConfig, path: str) -> object:
    value: object = config
    for name in path.split("."):
        value = getattr(value, name)
    return value


def test_the_table_names_every_field() -> None:
    found = {"seed", "schedule"}
    for group in ("data", "network", "training"):
        found |= {f"{group}.{name}" for name in type(getattr(RunConfig(), group)).model_fields}
    assert found == FIELDS.keys()


def test_the_defaults() -> None:
    config = RunConfig()
    assert config == RunConfig.parse({}) == RunConfig.from_json("{}") == RunConfig.from_query("")
    assert config.data == SpiralData(b=2, phi_min=1, entanglement=8, samples_per_arm=1000)
    assert config.to_query() == ""


@pytest.mark.parametrize(("path", "value"), GOOD)
def test_every_way_of_travelling_keeps_the_value(path: str, value: object) -> None:
    config = RunConfig.parse(nested(path, value))
    assert at(config, path) == value
    assert RunConfig.from_json(config.to_json()) == config
    assert RunConfig.from_query(config.to_query()) == config
    assert RunConfig.from_query("?" + config.to_query()) == config
    assert RunConfig.parse(config.model_dump()) == config
    assert RunConfig.parse(config) is config


def test_many_fields_travel_together() -> None:
    values: dict[str, Any] = {}
    for path, choices in FIELDS.items():
        group, _, field = path.rpartition(".")
        (values.setdefault(group, {}) if group else values)[field] = choices[-1]
    config = RunConfig.parse(values)
    assert RunConfig.from_json(config.to_json().encode()) == config
    assert RunConfig.from_query(config.to_query()) == config
    assert all(at(config, path) == choices[-1] for path, choices in FIELDS.items())


def test_a_query_is_short_and_can_be_read() -> None:
    config = RunConfig.parse({"data": {"entanglement": 6}, "network": {"hidden": [8, 8]}})
    assert config.to_query() == "data.entanglement=6.0&network.hidden=8,8"
    assert RunConfig.from_query("network.hidden=8%2C8&data.entanglement=6") == config


@pytest.mark.parametrize(
    ("given", "path", "kept"),
    [
        ({"seed": 8.0}, "seed", 8),
        ({"data": {"b": 3}}, "data.b", 3.0),
        ({"data": {"arms": np.int64(4)}}, "data.arms", 4),
        ({"data": {"b": np.float64(2.5)}}, "data.b", 2.5),
        ({"network": {"hidden": [np.int32(4), 3.0]}}, "network.hidden", (4, 3)),
    ],
)
def test_numbers_of_another_type_become_plain(given: object, path: str, kept: object) -> None:
    value = at(RunConfig.parse(given), path)
    assert value == kept
    assert type(value) is type(kept)


def test_values_are_frozen() -> None:
    config = RunConfig()
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 3  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        config.data.seed = 3  # type: ignore[misc]


def test_replace_returns_a_validated_copy() -> None:
    config = RunConfig()
    changed = config.replace(seed=9, training=config.training.replace(learning_rate=0.1))
    assert (config.seed, changed.seed, changed.training.learning_rate) == (1, 9, 0.1)
    assert changed.data == config.data
    with pytest.raises(ConfigError, match=r"arms: expected a whole number from 2 to 6, got 7\."):
        config.data.replace(arms=7)


def test_seeds_derive_from_one_and_can_be_held_alone() -> None:
    seeds = RunConfig(seed=5).seeds
    assert seeds == RunConfig(seed=5).seeds
    assert len({seeds.data, seeds.weights, seeds.batches, seeds.measurements}) == 4
    other = RunConfig(seed=6).seeds
    assert not {*dict(seeds).values()} & {*dict(other).values()}
    held = RunConfig(seed=5, data=SpiralData(seed=11), network=NetworkConfig(seed=0)).seeds
    assert (held.data, held.weights) == (11, 0)
    assert (held.batches, held.measurements) == (seeds.batches, seeds.measurements)


def test_seeds_depend_on_nothing_else() -> None:
    plain = RunConfig(seed=5).seeds
    assert RunConfig(seed=5, data=SpiralData(arms=4), training=TrainingConfig(l1=1)).seeds == plain


HUGE = 10**5000

# What enters, and what the sentence about it must say.
BAD_VALUES: list[tuple[object, str]] = [
    # out of range
    ({"data": {"entanglement": 0.4999}}, r"data\.entanglement: .* 0\.5 to 20, got 0\.4999\."),
    ({"data": {"entanglement": 20.1}}, r"0\.5 to 20, got 20\.1"),
    ({"data": {"b": 0}}, r"data\.b: expected a number from 0\.01 to 100, got 0\."),
    ({"data": {"b": -2.0}}, r"got -2\.0"),
    ({"data": {"phi_min": -0.1}}, r"data\.phi_min: .* 0 to 20"),
    ({"data": {"arms": 1}}, r"data\.arms: expected a whole number from 2 to 6, got 1\."),
    ({"data": {"arms": 7}}, r"2 to 6, got 7"),
    ({"data": {"codimension": 0}}, r"1 to 31, got 0"),
    ({"data": {"codimension": 32}}, r"1 to 31, got 32"),
    ({"data": {"samples_per_arm": 49}}, r"50 to 5000, got 49"),
    ({"data": {"samples_per_arm": 10**9}}, r"50 to 5000, got 1000000000"),
    ({"data": {"samples_per_arm": 1e9}}, r"50 to 5000, got 1000000000\.0"),
    ({"data": {"train_share": 1.1}}, r"0\.1 to 1, got 1\.1"),
    ({"data": {"test_noise": -0.1}}, r"0 to 10, got -0\.1"),
    ({"data": {"seed": -1}}, r"data\.seed: expected a whole number from 0 to 4294967295, got -1"),
    ({"network": {"seed": 2**32}}, r"0 to 4294967295, got 4294967296"),
    ({"seed": 2**64}, r"got 18446744073709551616"),
    ({"training": {"learning_rate": 0}}, r"a number above 0 to 100, got 0"),
    ({"training": {"momentum": 1.0}}, r"a number from 0 below 1, got 1\.0"),
    ({"training": {"batch_size": 0}}, r"1 to 10000, got 0"),
    ({"training": {"l2": 11}}, r"training\.l2: .* 0 to 10, got 11"),
    # layers
    ({"network": {"hidden": [8] * 9}}, r"a list of 0 to 8 entries, .* a list of 9 entries"),
    ({"network": {"hidden": [8] * 10_000}}, r"such as \[50, 50\], got a list of 10000 entries"),
    ({"network": {"hidden": [0]}}, r"network\.hidden: .* from 1 to 128, .* got 0"),
    ({"network": {"hidden": [8, 129]}}, r"got 129"),
    ({"network": {"hidden": [8.5]}}, r"got 8\.5"),
    ({"network": {"hidden": ["8"]}}, r"got '8'"),
    ({"network": {"hidden": [True]}}, r"got True"),
    ({"network": {"hidden": [[8]]}}, r"got \[8\]"),
    ({"network": {"hidden": "8,8"}}, r"a list of 0 to 8 entries.*got '8,8'"),
    ({"network": {"hidden": 8}}, r"got 8\."),
    ({"network": {"hidden": None}}, r"got nothing"),
    ({"network": {"hidden": {"0": 8}}}, r"got a mapping of 1 setting\."),
    # of the wrong type
    ({"seed": "1"}, r"seed: expected a whole number from 0 to 4294967295, got '1'\."),
    ({"seed": True}, r"got True"),
    ({"seed": None}, r"got nothing"),
    ({"seed": 1.5}, r"got 1\.5"),
    ({"seed": [1]}, r"got \[1\]"),
    ({"seed": {}}, r"got a mapping of 0 settings"),
    ({"data": {"b": "2"}}, r"got '2'"),
    ({"data": {"b": False}}, r"got False"),
    ({"data": {"b": b"2"}}, r"got a value of type bytes"),
    ({"data": {"b": 2j}}, r"got a value of type complex"),
    ({"data": {"b": np.ones(3)}}, r"got a value of type ndarray"),
    ({"data": {"kind": 1}}, r"data\.kind: expected .*spiral.*, got 1"),
    ({"network": {"activation": ["tanh"]}}, r"got \['tanh'\]"),
    ({"network": {"activation": b"tanh"}}, r"got a value of type bytes"),
    # unknown
    ({"data": {"kind": "helix"}}, r"data\.kind: expected .*spiral.*, got 'helix'"),
    ({"data": {"sampling": "Angle"}}, r"one of angle, arc-length, got 'Angle'"),
    ({"network": {"activation": ""}}, r"one of tanh, relu, .*, got ''"),
    ({"network": {"initializer": "glorot"}}, r"one of pytorch, xavier, .*, got 'glorot'"),
    ({"training": {"optimizer": "lbfgs"}}, r"one of sgd, adam, adamw, rmsprop, got 'lbfgs'"),
    ({"sead": 1}, r"^sead: there is no such setting\. Check its spelling or leave it out\.$"),
    ({"data": {"__class__": 1}}, r"data\.__class__: there is no such setting"),
    ({"": 1}, r"'': there is no such setting"),
    ({"line\nbreak": 1}, r"'line\\nbreak': there is no such setting"),
    ({1: 1}, r"1: there is no such setting"),
    ({"network": {"activation": "tanh\0" * 1000}}, r"… \(5000 characters\)"),
    ({"k" * 10_000: 1}, r"… \(10000 characters\): there is no such setting"),
    # not finite, or too large to be written down
    ({"data": {"b": math.nan}}, r"data\.b: expected a number from 0\.01 to 100, got NaN\."),
    ({"data": {"b": math.inf}}, r"got an infinity"),
    ({"seed": math.nan}, r"got NaN"),
    ({"seed": -math.inf}, r"got an infinity"),
    ({"seed": HUGE}, r"got a number of about 5000 digits"),
    ({"data": {"b": HUGE}}, r"got a number of about 5000 digits"),
    ({"network": {"hidden": [HUGE]}}, r"got a number of about 5000 digits"),
    # no mapping at all
    (None, r"Expected a mapping of settings, got nothing"),
    ([], r"Expected a mapping of settings, got \[\]"),
    ("seed=1", r"Expected a mapping of settings, got 'seed=1'"),
    (3, r"Expected a mapping of settings, got 3"),
    (object(), r"Expected a mapping of settings, got a value of type object"),
    (SpiralData(), r"Expected a mapping of settings, got a value of type SpiralData"),
    ({"data": None}, r"data: expected a mapping of settings, got nothing"),
    ({"data": [1, 2]}, r"data: expected a mapping of settings, got \[1, 2\]"),
    ({"network": NetworkConfig, "training": 1}, r"training: expected a mapping of settings, got 1"),
]

BAD_TEXTS: list[tuple[str | bytes, str]] = [
    ("", r"Expected JSON"),
    ("{", r"Expected JSON"),
    ("{'seed': 1}", r"Expected JSON"),
    ("seed: 1", r"Expected JSON"),
    ('{"seed": 1} x', r"Expected JSON"),
    (b"\xff\xfe\x00", r"Expected JSON"),
    (b"\x80\x81", r"Expected JSON"),
    ('{"data": {"b": NaN}}', r"Expected finite numbers, got NaN"),
    ('{"data": {"b": -Infinity}}', r"Expected finite numbers, got -Infinity"),
    ('{"data": {"b": 1e999}}', r"got an infinity"),
    ('{"seed": 1' + "0" * 6000 + "}", r"at most 40 digits, got 6001 digits"),
    ('{"seed": 1' + "0" * 39 + "}", r"got 1000000000000000000000000000000000000000"),
    ("[" * 100_000, r"nested too deeply"),
    ('{"data":' * 50_000, r"nested too deeply"),
    ("[" * 900 + "]" * 900, r"Expected a mapping of settings, got a list of 1 entry\."),
    ('{"seed":' + "[" * 900 + "]" * 900 + "}", r"seed: .*got a list of 1 entry"),
    ('{"seed":' * 900 + "1" + "}" * 900, r"seed: .*got a mapping of 1 setting"),
    ("[1, 2]", r"Expected a mapping of settings, got \[1, 2\]"),
    ('"text"', r"Expected a mapping of settings, got 'text'"),
    ("null", r"Expected a mapping of settings, got nothing"),
    ('{"seed": "1"}', r"seed: .*got '1'"),
    ('{"seed": true}', r"seed: .*got True"),
    ('{"data": {"kind": "\\ud800"}}', r"data\.kind: .*got '\\ud800'"),
    ('{"\\ud800": 1}', r"\\ud800"),
]

BAD_QUERIES: list[tuple[str, str]] = [
    ("data.b=", r"data\.b: expected a number from 0\.01 to 100, got ''"),
    ("data.b", r"got ''"),
    ("data.b=abc", r"got 'abc'"),
    ("data.b=2,5", r"got '2,5'"),
    ("data.b=nan", r"got NaN"),
    ("data.b=inf", r"got an infinity"),
    ("data.b=1e999", r"got an infinity"),
    ("data.b=%ff%zz", r"data\.b: .*%zz"),
    ("data.arms=2.5", r"got 2\.5"),
    ("data.seed=None", r"data\.seed: .*got 'None'"),
    ("seed=true", r"got 'true'"),
    ("seed=" + "9" * 3000, r"got a number of about 3000 digits"),
    ("network.hidden=8,,8", r"network\.hidden: .*got ''"),
    ("network.hidden=8;8", r"got '8;8'"),
    ("network.hidden=" + "8," * 1000 + "8", r"got a list of 1001 entries"),
    ("network.activation=TANH", r"one of tanh, relu"),
    ("activation=tanh", r"activation: there is no such setting"),
    ("data=5", r"data: expected a mapping of settings, got 5"),
    ("data=5&data.b=3", r"data\.b: does not go together with data"),
    ("data.b=3&data=5", r"data: expected a mapping of settings, got 5"),
    ("seed=5&seed.x=3", r"seed\.x: does not go together with seed"),
    ("a.b.c=1", r"a\.b: there is no such setting"),
    ("=5", r"'': there is no such setting"),
    ("data.=5", r"data\.: there is no such setting"),
    ("<script>=1", r"'<script>': there is no such setting"),
    ("seed=1&" * 5000, r"URL: expected at most 32000 characters, got 35000"),
    ("a" * 1_000_000, r"URL: expected at most 32000 characters, got 1000000"),
]

CASES: list[tuple[Callable[[], object], str]] = [
    *[((lambda v=value: RunConfig.parse(v)), says) for value, says in BAD_VALUES],
    *[((lambda t=text: RunConfig.from_json(t)), says) for text, says in BAD_TEXTS],
    *[((lambda q=query: RunConfig.from_query(q)), says) for query, says in BAD_QUERIES],
]


@pytest.mark.parametrize(("enter", "says"), CASES, ids=range(len(CASES)))
def test_bad_input_is_refused_with_what_was_expected_and_what_arrived(
    enter: Callable[[], object], says: str
) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        enter()
    problems = refused.value.problems
    assert problems
    for sentence in problems.values():
        assert len(sentence) < 300
        assert sentence.isprintable()
        assert sentence.endswith(".")
    assert str(refused.value) == " ".join(problems.values())


def test_every_wrong_field_has_a_sentence_of_its_own() -> None:
    with pytest.raises(ConfigError) as refused:
        RunConfig.parse(
            {"data": {"b": -1, "arms": 9}, "seed": "x", "network": {"hidden": [0, 999]}}
        )
    assert refused.value.problems.keys() == {"data.b", "data.arms", "seed", "network.hidden"}


@pytest.mark.parametrize(
    "values",
    [
        {f"unknown{i}": 1 for i in range(10_000)},
        {"network": {"hidden": ["x"] * 10_000}},
        {"data": {f"unknown{i}": [1] * 100 for i in range(10_000)}},
    ],
    ids=["names", "layers", "names with values"],
)
def test_ten_thousand_problems_are_told_briefly_and_at_once(values: object) -> None:
    begun = time.process_time()
    with pytest.raises(ConfigError) as refused:
        RunConfig.parse(values)
    assert time.process_time() - begun < 2.0
    assert len(str(refused.value)) < 1500


@pytest.mark.parametrize("group", [*KINDS.values(), NetworkConfig, TrainingConfig])
def test_the_defaults_are_within_their_own_bounds(group: type[Any]) -> None:
    assert group.model_validate(json.loads(group().model_dump_json())) == group()
