"""The page as it is made: every setting has its control, every id its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from dash import html
from dash.development.base_component import Component

from spiral_dash.core.config import RunConfig, Settings
from spiral_dash.core.optimizers import OPTIMIZERS
from spiral_dash.web import ids
from spiral_dash.web.app import ASSETS
from spiral_dash.web.controls import momentum_matters, momentum_reason
from spiral_dash.web.dials import PRESETS, SECTIONS, Dial, bounds_text, choices
from spiral_dash.web.form import texts_of
from spiral_dash.web.layout import make_layout
from spiral_dash.web.markup import dom_id

DIALS = [dial for section in SECTIONS.values() for dial in section]
MADE_BY_SCRIPTS = {"TIMELINE", "RUN_FILE"}
PATHS = sorted(texts_of(RunConfig()))


def components(layout: Component) -> Iterator[Component]:
    yield layout
    yield from layout._traverse()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def layout() -> Component:
    return make_layout()


def attribute(component: Component, name: str) -> Any:
    return getattr(component, name, None)


@pytest.fixture(scope="module")
def by_id(layout: Component) -> dict[str, Component]:
    found: dict[str, Component] = {}
    for component in components(layout):
        identity = attribute(component, "id")
        if identity is not None:
            name = dom_id(identity) if isinstance(identity, dict) else identity
            assert name not in found, f"two components are called {name}"
            found[name] = component
    return found


def test_every_setting_has_exactly_one_dial() -> None:
    settings = []
    for name, value in RunConfig().__dict__.items():
        if name == "schedule":
            continue  # which the dials of the training write
        inner = type(value).model_fields if isinstance(value, Settings) else None
        settings += [name] if inner is None else [f"{name}.{field}" for field in inner]
    assert sorted(dial.path for dial in DIALS) == sorted(settings)


@pytest.mark.parametrize("dial", DIALS, ids=lambda dial: dial.path)
def test_every_dial_has_a_label_a_control_help_and_a_place_for_its_problem(
    dial: Dial, by_id: dict[str, Component]
) -> None:
    assert dial.label
    assert dial.help.endswith(".")
    control = (
        ids.LAYERS if dial.path == "network.hidden" else dom_id(ids.field(dial.group, dial.name))
    )
    assert control in by_id
    assert dom_id(ids.problem(dial.group, dial.name)) in by_id
    assert by_id[f"help-{dial.group}-{dial.name}"].children.startswith(dial.help)
    assert labelled(by_id).count(control) == 1


def labelled(by_id: dict[str, Component]) -> list[str]:
    """The id that each label of the sidebar stands for."""
    return [
        attribute(component, "htmlFor")
        for component in components(by_id[ids.DIALS])
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
    for dial in DIALS:
        if dial.slider is None or dial.name == "distance":
            continue
        for end in (dial.slider.low, dial.slider.high):
            RunConfig().data.replace(**{dial.name: end})


def test_choices_come_from_the_registries() -> None:
    [dial] = [dial for dial in DIALS if dial.path == "training.optimizer"]
    assert choices(dial) == tuple(OPTIMIZERS)


def test_ready_made_settings_are_valid_and_leave_the_seeds() -> None:
    for preset in PRESETS:
        texts = preset.texts()
        assert {path for path in PATHS if path.endswith("seed")}.isdisjoint(texts)
        RunConfig.parse(preset.settings)


def test_the_scripts_use_ids_that_exist(by_id: dict[str, Component]) -> None:
    script = (ASSETS / "shell" / "ids.mjs").read_text(encoding="utf-8")
    used = dict(re.findall(r'^\s+([A-Z_]+): "([\w-]+)"', script, re.MULTILINE))
    assert used
    for name, value in used.items():
        assert getattr(ids, name) == value
        assert value in by_id or name in MADE_BY_SCRIPTS


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
