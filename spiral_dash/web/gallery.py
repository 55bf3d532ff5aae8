"""The gallery: every panel with its purpose, which of them are open, and in which order."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from spiral_dash.web import ids
from spiral_dash.web.arrangements import ARRANGEMENTS, LAYOUTS, USUAL, Layout
from spiral_dash.web.markup import attributes, button, dialog_header
from spiral_dash.web.panel_options import usual_options
from spiral_dash.web.panels import PANELS


def render_gallery() -> Component:
    """Return the dialog; `gallery.mjs` fills its two lists from the data it carries."""
    panels = [
        {"name": panel.name, "title": panel.title, "purpose": panel.purpose}
        for panel in PANELS.values()
    ]
    return html.Dialog(
        [
            dialog_header("Panels", ids.GALLERY_CLOSE, "Close the gallery"),
            html.Div(
                [_layout(layout) for layout in LAYOUTS],
                className="gallery-arrangements",
                role="group",
                **attributes(aria_label="Ready-made layouts"),
            ),
            html.H3("On the page", id="gallery-open-title"),
            html.Ol(
                id=ids.GALLERY_SHOWN,
                className="gallery-list",
                **attributes(aria_labelledby="gallery-open-title"),
            ),
            html.H3("Closed: these cost nothing", id="gallery-closed-title"),
            html.Ul(
                id=ids.GALLERY_HIDDEN,
                className="gallery-list",
                **attributes(aria_labelledby="gallery-closed-title"),
            ),
            html.P(id=ids.GALLERY_STATUS, className="visually-hidden", role="status"),
        ],
        id=ids.GALLERY,
        className="gallery",
        **attributes(
            aria_label="Panels",
            data_panels=json.dumps(panels),
            data_arrangements=json.dumps(ARRANGEMENTS),
            data_usual=json.dumps(USUAL),
            data_options=json.dumps(usual_options()),
        ),
    )


def _layout(layout: Layout) -> Component:
    return html.Button(
        [html.Strong(layout.name), html.Span(layout.purpose, className="gallery-purpose")],
        id=ids.arrangement(layout.name),
        type="button",
        className="btn btn-quiet gallery-layout",
        **attributes(data_arrangement=layout.name, aria_pressed="false"),
    )


def render_empty() -> Component:
    """Return what the page says while no panel is open."""
    return html.Div(
        [
            html.P("No panel is open."),
            button("Choose panels", ids.NO_PANELS_OPEN, "accent"),
        ],
        id=ids.NO_PANELS,
        className="no-panels",
        hidden=True,
    )
