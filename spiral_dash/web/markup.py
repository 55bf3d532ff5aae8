"""Small pieces that the page's markup is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component


def below(root: str, path: str) -> str:
    """Return the address of a path of the server whose page lies at `root`, a path that ends in a
    slash.
    """
    return root + path.removeprefix("/")


def attributes(**values: str) -> dict[str, Any]:
    """Return `aria-` and `data-` attributes, named with underscores, as a component takes them."""
    return {name.replace("_", "-"): value for name, value in values.items()}


def icon(name: str) -> Component:
    """Return a drawn sign; what it stands for is said by the control's text or label."""
    return html.Span(className=f"icon icon-{name}", **attributes(aria_hidden="true"))


def button(text: str, identity: str, kind: str = "quiet", **more: Any) -> Component:
    """Return a button that says what it does; `kind` is its look: `quiet`, `accent`, or both words
    of `quiet small`.
    """
    look = " ".join(f"btn-{word}" for word in kind.split())
    return html.Button(text, id=identity, type="button", className=f"btn {look}", **more)


def dialog_header(title: str, close: str, leaving: str, title_id: str | None = None) -> Component:
    """Return the head of a dialog: its title, and the button of id `close`, labelled `leaving`.

    With `title_id`, the dialog can be named by it. No header: that would be one of the page.
    """
    named: dict[str, Any] = {} if title_id is None else {"id": title_id}
    return html.Div(
        [
            html.H2(title, **named),
            html.Button(
                icon("close"),
                id=close,
                type="button",
                title="Close (Esc)",
                className="btn btn-quiet btn-icon",
                **attributes(aria_label=leaving),
            ),
        ],
        className="gallery-header",
    )


def dom_id(identity: Mapping[str, object]) -> str:
    """Return the `id` attribute that Dash gives to a component whose id is a mapping."""
    return json.dumps(dict(identity), sort_keys=True, separators=(",", ":"))
