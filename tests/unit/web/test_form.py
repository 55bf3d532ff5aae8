"""Configurations as the page's text, and text from outside as configurations."""

from __future__ import annotations

import math

import pytest

from spiral_dash import Run
from spiral_dash.core.config import RunConfig
from spiral_dash.core.data import OWN
from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.core.validation import schema_of
from spiral_dash.web.conversation import described
from spiral_dash.web.form import (
    Reading,
    beside,
    query_of,
    read_form,
    read_query,
    text_of,
    texts_of,
)

GENERATED = sorted(KINDS.keys() - {OWN})
DIGEST = {OWN: {"digest": "0f" * 32}}
CONFIGS = [
    RunConfig(),
    RunConfig.parse({"network": {"hidden": []}, "seed": 0}),
    RunConfig.parse(
        {
            "data": {"b": math.sqrt(3), "arms": 6, "codimension": 31, "seed": 7, "kind": "spiral"},
            "network": {
                "hidden": [1, 128, 3, 4, 5, 6, 7, 8],
                "activation": "leaky_relu",
                "scaling": "minmax",
            },
            "training": {"learning_rate": 1e-5, "l2": 0.1 + 0.2, "optimizer": "sgd"},
            "seed": 2**32 - 1,
        }
    ),
]
FEATURED = RunConfig.parse(
    {"network": {"features": ["x2", "sin_x1"], "scaling": "standard"}, "data": {"kind": "xor"}}
)
CONFIGS.append(FEATURED)
SCHEDULED = RunConfig(schedule="1:learning_rate=0.1;7.2:l2=0.5,batch_size=3")


def form_of(config: RunConfig) -> tuple[dict[tuple[str, str], object], str, list[object]]:
    """The controls as they stand when `config` is shown."""
    texts = texts_of(config)
    hidden = texts.pop("network.hidden")
    units: list[object] = [*hidden.split(",")] if hidden else []
    fields: dict[tuple[str, str], object] = {}
    for path, text in texts.items():
        group, _, name = path.rpartition(".")
        fields[group or "run", name] = text
    return fields, str(len(units)), units + ["8"] * (8 - len(units))


@pytest.mark.parametrize("config", CONFIGS)
def test_what_the_controls_show_reads_back_as_the_same_configuration(config: RunConfig) -> None:
    fields, layers, units = form_of(config)
    reading = read_form(fields, layers, units, RunConfig())
    assert reading.config == config
    assert reading.problems == {}


@pytest.mark.parametrize("config", [*CONFIGS, SCHEDULED])
def test_the_address_reads_back_as_the_same_configuration(config: RunConfig) -> None:
    reading = read_query("?" + query_of(config, None))
    assert reading.config == config
    assert reading.problems == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [(8.0, "8"), (0.1, "0.1"), (1e-5, "1e-05"), (None, ""), (3, "3"), ("tanh", "tanh")],
)
def test_numbers_are_shown_without_needless_digits(value: object, text: str) -> None:
    assert text_of(value) == text


BAD_FIELDS: list[tuple[tuple[str, str], object, str, str]] = [
    (("data", "entanglement"), "21", "data.entanglement", "from 0.5 to 20, got 21"),
    (("data", "entanglement"), "", "data.entanglement", "got nothing"),
    (("data", "entanglement"), None, "data.entanglement", "got nothing"),
    (("data", "entanglement"), "8 rad", "data.entanglement", "got '8 rad'"),
    (("data", "entanglement"), "inf", "data.entanglement", "got an infinity"),
    (("data", "entanglement"), [1, 2], "data.entanglement", "got [1, 2]"),
    (("data", "entanglement"), True, "data.entanglement", "got True"),
    (("data", "arms"), "2.5", "data.arms", "a whole number from 2 to 6"),
    (("data", "arms"), "9" * 10_000, "data.arms", "a whole number from 2 to 6"),
    (("data", "kind"), "maze", "data.kind", "'maze'"),
    (("data", "sampling"), "random", "data.sampling", "one of angle, arc-length"),
    (("data", "seed"), "-1", "data.seed", "got -1"),
    (("network", "activation"), "__import__('os')", "network.activation", "one of tanh"),
    (("network", "initializer"), {}, "network.initializer", "a mapping"),
    (("training", "momentum"), "1", "training.momentum", "below 1"),
    (("training", "learning_rate"), "nan", "training.learning_rate", "got NaN"),
    (("training", "batch_size"), "1e3000", "training.batch_size", "got an infinity"),
    (("run", "seed"), "", "seed", "got nothing"),
    (("run", "nonsense"), "1", "nonsense", "there is no such setting"),
    (("data", "nonsense"), "1", "data.nonsense", "there is no such setting"),
]


@pytest.mark.parametrize(("place", "value", "path", "words"), BAD_FIELDS)
def test_a_bad_field_keeps_the_present_value_and_the_others_count(
    place: tuple[str, str], value: object, path: str, words: str
) -> None:
    current = RunConfig.parse({"data": {"entanglement": 3.0}, "seed": 5})
    fields, layers, units = form_of(current)
    fields["training", "l1"] = "0.25"
    fields[place] = value
    reading = read_form(fields, layers, units, current)
    assert list(reading.problems) == [path]
    assert words in reading.problems[path]
    assert reading.config == current.replace(training=current.training.replace(l1=0.25))


def test_many_bad_fields_are_each_named() -> None:
    fields, layers, units = form_of(RunConfig())
    bad = {place: "x" for place in fields if place != ("data", "distance")}
    reading = read_form(bad, layers, units, RunConfig())
    assert reading.config == RunConfig()
    named = {f"{group}.{name}" if group != "run" else name for group, name in bad}
    assert named <= set(reading.problems)


@pytest.mark.parametrize("layers", ["9", "-1", "10000", "two", "", None, "1.5", [3]])
def test_a_bad_number_of_layers(layers: object) -> None:
    fields, _, units = form_of(RunConfig())
    reading = read_form(fields, layers, units, RunConfig())
    assert "from 0 to 8" in reading.problems["network.hidden"]
    assert reading.config == RunConfig()


@pytest.mark.parametrize("units", ["0", "129", "wide", "", None, "1e9"])
def test_bad_units(units: object) -> None:
    fields, layers, listed = form_of(RunConfig())
    reading = read_form(fields, layers, [units, *listed[1:]], RunConfig())
    assert "from 1 to 128" in reading.problems["network.hidden"]
    assert reading.config == RunConfig()


def test_unknown_groups_are_left_alone() -> None:
    fields, layers, units = form_of(RunConfig())
    fields["weights", "w"] = "1"
    assert read_form(fields, layers, units, RunConfig()).config == RunConfig()


BAD_QUERIES = [
    ("data.entanglement=50", 1),
    ("data.entanglement=", 1),
    ("data.entanglement=NaN", 1),
    ("data.samples_per_arm=1000000000", 1),
    ("network.hidden=" + ",".join(["8"] * 10), 1),
    ("network.hidden=8,x", 1),
    ("network.hidden=1000", 1),
    ("network.activation=softmax", 1),
    ("training.learning_rate=0", 1),
    ("seed=one", 1),
    ("data=1", 1),
    ("nonsense=1&other=2", 2),
    ("data.entanglement=50&data.arms=7&network.hidden=0", 3),
    ("..=1", 1),
    ("%00=1", 1),
    ("data.b=<script>", 1),
    ("x=" + "y" * 5000, 1),
]


@pytest.mark.parametrize(("query", "problems"), BAD_QUERIES)
def test_a_bad_address_gives_a_sentence_for_each_problem(query: str, problems: int) -> None:
    reading = read_query(query)
    assert len(reading.problems) == problems
    assert all(10 < len(sentence) < 400 for sentence in reading.problems.values())
    assert reading.config == RunConfig()


def test_the_valid_rest_of_an_address_is_used() -> None:
    reading = read_query("?data.arms=3&data.entanglement=99&network.hidden=4,2&seed=11")
    assert list(reading.problems) == ["data.entanglement"]
    assert reading.config == RunConfig.parse(
        {"data": {"arms": 3}, "network": {"hidden": [4, 2]}, "seed": 11}
    )


def turned(name: str, value: object, current: RunConfig) -> Reading:
    """The form of `current` with one dial of the data turned."""
    fields, layers, units = form_of(current)
    fields["data", name] = value
    return read_form(fields, layers, units, current)


@pytest.mark.parametrize("distance", ["3", "0.5", "12.25"])
def test_a_distance_sets_the_growth_which_sets_it_back(distance: str) -> None:
    near = turned("distance", distance, RunConfig()).config
    assert near.data == SpiralData(distance=float(distance))
    assert texts_of(near)["data.distance"] == distance
    assert float(texts_of(near)["data.b"]) == pytest.approx(near.data.growth, rel=1e-5)
    wound = turned("entanglement", "5", near).config
    assert wound.data == SpiralData(distance=float(distance), entanglement=5)
    grown = turned("b", "1.7", wound).config
    assert grown.data == SpiralData(b=1.7, entanglement=5)


@pytest.mark.parametrize("distance", ["0", "-1", "1e9", "nan", "inf", "far", [1], True])
def test_a_bad_distance_changes_nothing(distance: object) -> None:
    reading = turned("distance", distance, RunConfig())
    assert reading.config == RunConfig()
    sentence = beside("data.distance", reading.problems["data.distance"])
    assert sentence.startswith("Expected a number")


def test_another_kind_begins_at_its_defaults_but_for_what_all_have() -> None:
    current = RunConfig.parse({"data": {"arms": 3, "train_share": 0.5, "seed": 4}, "seed": 9})
    for kind in GENERATED:
        config = turned("kind", kind, current).config
        assert config.data == KINDS[kind].model_validate(
            {"train_share": 0.5, "seed": 4, **({"arms": 3} if kind == "spiral" else {})}
        )
        assert config.replace(data=current.data) == current


def of_kind(kind: str, **settings: object) -> RunConfig:
    return RunConfig.parse({"data": {"kind": kind, **settings}, "seed": 3})


def varied(kind: str) -> list[RunConfig]:
    """Several configurations of a kind, each number of its own at an end of its bounds."""
    own = KINDS[kind].model_fields.keys() - DataConfig.model_fields.keys()
    configs = [of_kind(kind, train_share=1.0, test_noise=0.25, seed=11)]
    for end in ("minimum", "maximum"):
        nodes = {name: schema_of(RunConfig, ["data", kind, name]) for name in own}
        settings = {name: node[end] for name, node in nodes.items() if end in node}
        if settings.get("phi_min") == 0:
            del settings["phi_min"]
        configs.append(of_kind(kind, **settings))
    return configs


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_the_controls_show_reads_back_for_every_kind(kind: str) -> None:
    for config in [of_kind(kind, **DIGEST.get(kind, {})), *varied(kind)]:
        fields, layers, units = form_of(config)
        assert read_form(fields, layers, units, config, kind) == Reading(config)
        if kind != OWN:  # whose rows no control holds
            assert read_form(fields, layers, units, RunConfig(), kind).config == config
        assert read_query(config.to_query()) == Reading(config)


@pytest.mark.parametrize("kind", GENERATED)
@pytest.mark.parametrize("before", GENERATED)
def test_dials_of_a_kind_that_is_not_chosen_say_nothing(kind: str, before: str) -> None:
    """While the page still shows the dials of the kind before, another is what it is at first."""
    current = varied(before)[1]
    fields, layers, units = form_of(current)
    fields["data", "kind"] = kind
    config = read_form(fields, layers, units, current, before).config
    expected = current.data if kind == before else KINDS[kind].model_validate({})
    assert config == current.replace(data=expected)
    # The session has moved on, and the page has not yet been told.
    moved = of_kind(kind)
    assert read_form(fields, layers, units, moved, before).config == (
        moved if kind != before else current
    )


@pytest.mark.parametrize("kind", GENERATED)
def test_own_points_are_not_chosen_but_opened(kind: str) -> None:
    current = varied(kind)[1]
    fields, layers, units = form_of(current)
    fields["data", "kind"] = OWN
    for dials in (kind, OWN):
        reading = read_form(fields, layers, units, current, dials)
        assert reading.config == current
        assert "Open one" in reading.problems["data.kind"]


def test_own_points_keep_their_rows_whatever_is_turned() -> None:
    current = of_kind(OWN, digest="ab" * 32)
    fields, layers, units = form_of(current)
    fields["data", "train_share"] = "0.5"
    del fields["data", "digest"]
    config = read_form(fields, layers, units, current, OWN).config
    assert config.data == PointsData(digest="ab" * 32, train_share=0.5)


def test_a_bad_field_of_another_kind_begins_at_its_default() -> None:
    current = of_kind("circle", radius=9)
    fields, layers, units = form_of(of_kind("moons"))
    fields["data", "radius"] = "far"
    reading = read_form(fields, layers, units, current, "moons")
    assert reading.config == of_kind("moons").replace(seed=3)
    assert "from 0.1 to 100" in reading.problems["data.radius"]


def test_a_start_that_the_distance_rules_out_changes_nothing() -> None:
    current = RunConfig.parse({"data": {"distance": 3.0}})
    reading = turned("phi_min", "0", current)
    assert reading.config == current
    assert "expected none" in reading.problems["data.distance"]


EDITS_OF_NONE = {
    "network.hidden=12&schedule=1:unit.1.12=silent": "",
    "schedule=1:unit.1.12=silent&network.hidden=12": "",
    "schedule=1:unit.1.12=silent": "unit: layer 1 has no such unit: expected 1 to 8, got 12.",
    "schedule=1:weight.1.1.3=0.5&network.features=x1,x2,x1x2": "",
    "schedule=1:weight.1.1.3=0.5": "input: layer 1 has no such input: expected 1 to 2, got 3.",
    "data.kind=digits&schedule=1:weight.1.1.64=0.5,bias.4.10=1": "",
    "data.kind=digits&schedule=1:bias.4.11=1": "layer 4 has no such unit: expected 1 to 10, got 11",
    "schedule=1:unit.4.1=silent": "layer: outputs cannot be silenced: expected 1 to 3, got 4.",
}


@pytest.mark.parametrize("query", EDITS_OF_NONE)
def test_edits_in_the_address_are_of_the_network_that_it_names(query: str) -> None:
    reading = read_query(f"seed=7&{query}")
    assert reading.config.seed == 7
    assert EDITS_OF_NONE[query] in reading.problems.get("schedule", "")
    assert bool(EDITS_OF_NONE[query]) == bool(reading.problems)
    assert len(reading.config.schedule) == (0 if reading.problems else query.count(",bias") + 1)


def test_what_the_schedule_has_changed_meanwhile_is_not_turned_back() -> None:
    told = texts_of(RunConfig())
    fields, layers, units = form_of(RunConfig())
    fields["training", "l1"] = "0.25"
    now = RunConfig.parse({"training": {"learning_rate": 0.01, "batch_size": 20}})
    reading = read_form(fields, layers, units, now, told=told)
    assert reading.config.training == now.training.replace(l1=0.25)
    # Without what the page was told, the controls are taken at their word.
    assert read_form(fields, layers, units, now).config.training.batch_size == 50
    # A value set back to what the page was told is a wish, once another was carried out.
    fields["training", "l1"] = "0"
    assert read_form(fields, layers, units, now, told=told).config.training == now.training


def test_features_are_what_is_switched_on_and_one_at_least() -> None:
    fields, layers, units = form_of(RunConfig())
    fields["network", "features"] = ["sin_x1", "x1"]
    features = read_form(fields, layers, units, RunConfig()).config.network.features
    assert features == ("x1", "sin_x1")
    fields["network", "features"] = []
    reading = read_form(fields, layers, units, FEATURED)
    assert reading.config.network.features == FEATURED.network.features
    assert "1 to 7 entries" in reading.problems["network.features"]


@pytest.mark.parametrize("wanted", [of_kind("digits"), of_kind("spiral", codimension=2)])
def test_features_go_where_the_data_has_no_plane(wanted: RunConfig) -> None:
    fields, layers, units = form_of(wanted)
    fields["network", "features"] = ["x1", "x1x2"]
    config = read_form(fields, layers, units, RunConfig(), wanted.data.kind).config
    assert config == wanted
    Run(config.replace(network=config.network.replace(hidden=())))


def test_a_sentence_beside_a_control_does_without_its_name() -> None:
    assert beside("data.arms", "data.arms: expected two.") == "Expected two."
    assert beside("data.arms", "") == ""


def test_the_dials_show_what_the_schedule_has_come_to_and_the_address_how() -> None:
    now = SCHEDULED.training_at(3)
    told = described(SCHEDULED, SCHEDULED.replace(training=now, schedule=()), None)
    assert told.texts["training.learning_rate"] == "0.1"
    assert told.texts["training.l2"] == "0"
    assert told.training == now
    assert "schedule" not in told.texts
    fields, layers, units = form_of(SCHEDULED.replace(training=now))
    assert read_form(fields, layers, units, RunConfig()).config == RunConfig(training=now)
    assert read_query(told.query).config == SCHEDULED


@pytest.mark.parametrize("text", ["x", "5:l1=1;3:l1=2", "5:speed=1", "5:l1=nan", "5:optimizer=sgd"])
def test_a_schedule_in_the_address_that_is_none_is_left_out_with_a_sentence(text: str) -> None:
    reading = read_query(f"seed=7&schedule={text}")
    assert reading.config == RunConfig(seed=7)
    assert reading.problems["schedule"].startswith("schedule: entry ")


@pytest.mark.parametrize(
    ("typed", "means"),
    [("1,5", 1.5), ("0,25", 0.25), (",5", 0.5), ("2", 2), ("5e-1", 0.5), ("3,", 3.0)],
)
def test_a_comma_is_a_decimal_point(typed: str, means: float) -> None:
    reading = turned("phi_min", typed, RunConfig())
    assert not reading.problems
    assert isinstance(reading.config.data, SpiralData)
    assert reading.config.data.phi_min == means
