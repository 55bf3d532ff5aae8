"""The page as it is made: every setting has its control, every id its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from dash import html
from dash.development.base_component import Component
from pydantic import Field

from spiral_dash.core.config import DataConfig, RunConfig, Settings
from spiral_dash.core.data.registry import KINDS, register
from spiral_dash.core.inputs import FEATURES
from spiral_dash.core.optimizers import OPTIMIZERS
from spiral_dash.web import ids
from spiral_dash.web.address import read_address
from spiral_dash.web.controls import (
    momentum_matters,
    momentum_reason,
    render_kind,
    render_kinds,
)
from spiral_dash.web.dials import (
    SECTIONS,
    Dial,
    bounds_text,
    choices,
    own_dials,
    several,
    shared_dials,
)
from spiral_dash.web.document import ASSETS
from spiral_dash.web.form import texts_of
from spiral_dash.web.layout import make_layout
from spiral_dash.web.markup import dom_id
from spiral_dash.web.presets import PRESETS

OWN = [dial for kind in KINDS.values() for dial in own_dials(kind)]
ALWAYS = [dial for section in SECTIONS.values() for dial in section] + [*shared_dials()]
DIALS = [*ALWAYS, *own_dials(KINDS["spiral"])]
BY_NO_HAND = {"data.digest"}
MADE_BY_SCRIPTS = {"OPENING", "DATA_FILE", "TIMELINE", "TIMELINE_MARKS", "RUN_FILE", "STOP_VALUE"}


def components(layout: Component) -> Iterator[Component]:
    yield layout
    yield from layout._traverse()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def layout() -> Component:
    return make_layout("/")


def attribute(component: Component, name: str) -> Any:
    return getattr(component, name, None)


@pytest.fixture(scope="module")
def by_id(layout: Component) -> dict[str, Component]:
    return identified(layout)


def identified(layout: Component) -> dict[str, Component]:
    found: dict[str, Component] = {}
    for component in components(layout):
        identity = attribute(component, "id")
        if identity is not None:
            name = dom_id(identity) if isinstance(identity, dict) else identity
            assert name not in found, f"two components are called {name}"
            found[name] = component
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_setting_has_exactly_one_dial(kind: str) -> None:
    config = RunConfig.parse({"data": {"kind": kind}})
    settings = []
    for name, value in config.__dict__.items():
        if name == "schedule":
            continue  # which the dials of the training write
        inner = type(value).model_fields if isinstance(value, Settings) else None
        settings += [name] if inner is None else [f"{name}.{field}" for field in inner]
    dials = [dial.path for dial in (*ALWAYS, *own_dials(KINDS[kind]))]
    assert sorted(dials) == sorted(set(settings) - BY_NO_HAND)


@pytest.mark.parametrize("dial", DIALS, ids=lambda dial: dial.path)
def test_every_dial_has_a_label_a_control_help_and_a_place_for_its_problem(
    dial: Dial, by_id: dict[str, Component]
) -> None:
    complete(dial, by_id)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_dials_of_every_kind_can_take_the_place_of_another(kind: str) -> None:
    by_id = identified(html.Div([*render_kinds()[kind]["main"], *render_kinds()[kind]["own"]]))
    dials = own_dials(KINDS[kind])
    for dial in dials:
        complete(dial, by_id)
    names = [f"dials-of-{kind}"]
    names += [dom_id(ids.field(dial.group, dial.name)) for dial in dials]
    assert set(names) <= set(by_id)
    texts = texts_of(RunConfig.parse({"data": {"kind": kind}}))
    for dial in dials:
        assert attribute(by_id[dom_id(ids.field("data", dial.name))], "value") == texts[dial.path]


def complete(dial: Dial, by_id: dict[str, Component]) -> None:
    assert dial.label
    assert dial.help.endswith(".")
    control = (
        ids.LAYERS if dial.path == "network.hidden" else dom_id(ids.field(dial.group, dial.name))
    )
    assert control in by_id
    assert dom_id(ids.problem(dial.group, dial.name)) in by_id
    help_text = by_id[f"help-{dial.group}-{dial.name}"].children
    assert help_text.startswith(dial.help) and bounds_text(dial) in help_text


def test_a_kind_without_words_has_dials_from_its_names_and_bounds() -> None:
    class ToyData(DataConfig):
        kind: Literal["toy"] = "toy"
        samples: int = 40
        edge_width: float = Field(0.5, ge=0, le=2)
        shape: Literal["round", "square"] = "round"

    register(ToyData)
    try:
        samples, width, shape = own_dials(ToyData)
        assert (samples.label, width.label, shape.label) == ("Samples", "Edge width", "Shape")
        assert bounds_text(width) == "Takes a number from 0 to 2."
        assert choices(shape) == ("round", "square")
        by_id = identified(html.Div(render_kind("toy", texts_of(RunConfig(data=ToyData())))["own"]))
        assert attribute(by_id[dom_id(ids.field("data", "samples"))], "value") == "40"
        kinds = identified(make_layout("/"))[dom_id(ids.field("data", "kind"))]
        assert {"label": "toy", "value": "toy"} in attribute(kinds, "options")
    finally:
        del KINDS["toy"]


def test_every_label_belongs_to_a_control(by_id: dict[str, Component]) -> None:
    targets = labelled(by_id)
    assert len(set(targets)) == len(targets)
    for dial in DIALS:
        control = dom_id(ids.field(dial.group, dial.name))
        if several(dial):
            group = by_id[f"label-{dial.group}-{dial.name}"]
            assert attribute(group, "children") == dial.label
            continue
        assert targets.count(ids.LAYERS if dial.path == "network.hidden" else control) == 1


def labelled(by_id: dict[str, Component]) -> list[str]:
    """The id that each label of the dials stands for."""
    return [
        attribute(component, "htmlFor")
        for place in (ids.MAIN_DIALS, ids.DIALS)
        for component in components(by_id[place])
        if isinstance(component, html.Label)
    ]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("data.entanglement", "Takes a number from 0.5 to 20 rad."),
        ("data.arms", "Takes a whole number from 2 to 6."),
        ("training.momentum", "Takes a number from 0 below 1."),
        ("network.seed", "Takes a whole number from 0 to 4294967295."),
        ("network.activation", ""),
    ],
)
def test_bounds_are_read_off_the_configuration(path: str, words: str) -> None:
    [dial] = [dial for dial in DIALS if dial.path == path]
    assert bounds_text(dial) == words


def test_a_slider_stays_within_the_bounds() -> None:
    for dial in OWN:
        if dial.slider is None or dial.name == "distance":
            continue
        for end in (dial.slider.low, dial.slider.high):
            KINDS[dial.kind].model_validate({dial.name: end})


def test_a_field_of_several_names_has_a_switch_for_each(by_id: dict[str, Component]) -> None:
    [dial] = [dial for dial in DIALS if several(dial)]
    switches = by_id[dom_id(ids.field(dial.group, dial.name))]
    options = attribute(switches, "options")
    assert [option["value"] for option in options] == [*FEATURES]
    labels = ["x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin x₁", "sin x₂"]
    assert [option["label"] for option in options] == labels
    assert attribute(switches, "value") == [*RunConfig().network.features]


def test_choices_come_from_the_registries() -> None:
    [dial] = [dial for dial in DIALS if dial.path == "training.optimizer"]
    assert choices(dial) == tuple(OPTIMIZERS)


def test_ready_made_settings_are_valid_and_leave_the_seeds() -> None:
    for preset in PRESETS:
        address = read_address(preset.search)
        assert address.problems == []
        assert address.reading.config == RunConfig.parse(preset.settings)
        assert "seed=" not in preset.search
        assert address.page.panels in (None, preset.panels)
        asked = sum(len(options) for options in address.page.options.values())
        assert asked == len(preset.options)
        assert (address.page.vs is not None) == bool(preset.versus)
        assert preset.purpose.endswith(".") and preset.watch[-1] in ".?"
    assert len({preset.name for preset in PRESETS}) == len(PRESETS) >= 10


def test_the_scripts_use_ids_that_exist(by_id: dict[str, Component]) -> None:
    used: set[str] = set()
    for path in sorted(ASSETS.rglob("*.mjs")):
        used |= set(re.findall(r"\bIDS\.([A-Z_]+)", path.read_text(encoding="utf-8")))
    assert used
    for name in used:
        assert getattr(ids, name) in by_id or name in MADE_BY_SCRIPTS


def test_every_shell_script_is_loaded() -> None:
    folder = ASSETS / "shell"
    imported = {"main.mjs"}
    for script in folder.glob("*.mjs"):
        imported |= set(re.findall(r'from "\./([\w.]+)"', script.read_text(encoding="utf-8")))
    assert {script.name for script in folder.glob("*.mjs")} == imported


def test_momentum_says_why_it_cannot_be_set() -> None:
    training = RunConfig().training
    for name, optimizer in OPTIMIZERS.items():
        chosen = training.replace(optimizer=name)
        assert momentum_matters(chosen) is optimizer.uses_momentum
        assert bool(momentum_reason(chosen)) is not optimizer.uses_momentum
