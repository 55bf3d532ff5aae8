"""What lessons may name of this page: its panels with their options."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import dash_bootstrap_components as dbc
from dash.development.base_component import Component

from spiral_dash.lessons.vocabulary import OptionValues, Vocabulary
from spiral_dash.web.panels import PANELS

SWITCH = OptionValues(values=("on", "off"))


@functools.cache
def vocabulary() -> Vocabulary:
    """Return every panel's options as they are on the page, read off its components."""
    panels = {
        name: {option: values for part in panel.options for option, values in _options(part)}
        for name, panel in PANELS.items()
    }
    return Vocabulary(panels)


def _options(component: object) -> Iterator[tuple[str, OptionValues]]:
    if isinstance(component, list | tuple):
        for each in component:
            yield from _options(each)
    if not isinstance(component, Component):
        return
    identity = getattr(component, "id", None)
    if isinstance(identity, dict) and identity.get("type") == "panel-option":
        yield identity["option"], _values(component)
    yield from _options(getattr(component, "children", None))


def _values(component: Component) -> OptionValues:
    match component:
        case dbc.Switch():
            return SWITCH
        case dbc.Input():
            return OptionValues(number=True)
    values = tuple(str(option["value"]) for option in vars(component)["options"])
    if isinstance(component, dbc.Checklist):
        return OptionValues(values=values, several=True)
    # A list of one is that to which the panel's script adds what the network has.
    return OptionValues(values=values, open=len(values) == 1)
