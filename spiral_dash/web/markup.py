"""Small pieces that the page's markup is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component


def attributes(**values: str) -> dict[str, Any]:
    """Return `aria-` and `data-` attributes, named with underscores, as a component takes them."""
    return {name.replace("_", "-"): value for name, value in values.items()}


def icon(name: str) -> Component:
    """Return a drawn sign; what it stands for is said by the control's text or label."""
    return html.Span(className=f"icon icon-{name}", **attributes(aria_hidden="true"))


def dom_id(identity: Mapping[str, object]) -> str:
    """Return the `id` attribute that Dash gives to a component whose id is a mapping."""
    return json.dumps(dict(identity), sort_keys=True, separators=(",", ":"))
