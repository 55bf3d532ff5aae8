"""The panels of the page, one a file: every module here that defines a `PANEL`."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from spiral_dash.core.probes import PROBES
from spiral_dash.web import ids
from spiral_dash.web.markup import attributes
from spiral_dash.web.panels.base import Panel, card, content

__all__ = ["PANELS", "Panel", "contents", "render"]


def _found() -> dict[str, Panel]:
    modules = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    panels: list[Panel] = [module.PANEL for module in modules if hasattr(module, "PANEL")]
    return {panel.name: panel for panel in sorted(panels, key=lambda panel: panel.order)}


PANELS = _found()


def render(names: Sequence[str]) -> Component:
    """Return the grid of all cards, still empty, those in `names` open and the others closed.

    The page's script opens, closes and orders them after that, and fills a card when it is first
    opened (see `contents`): what is not on the page does not slow it.
    """
    shares = {name: probe.unit_interval for name, probe in PROBES.items() if probe.unit_interval}
    by_class = {name: probe.by_class for name, probe in PROBES.items() if probe.by_class}
    return html.Div(
        [card(panel, hidden=name not in names) for name, panel in PANELS.items()],
        id=ids.PANELS,
        className="panels",
        # Which arrays may travel as bytes, and which have a column for each class, for whoever
        # writes their values down.
        **attributes(data_shares=json.dumps(shares), data_by_class=json.dumps(by_class)),
    )


def contents(root: str) -> dict[str, list[Component]]:
    """Return what each card of the page at `root` holds, by the panel's name."""
    return {name: content(panel, root) for name, panel in PANELS.items()}
