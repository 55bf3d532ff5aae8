"""The dialog of ready-made settings: each with the reason for it, and what to watch."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from spiral_dash.web import ids
from spiral_dash.web.lessons import LIST
from spiral_dash.web.markup import attributes, below, dialog_header
from spiral_dash.web.presets import PRESETS, Preset


def render_presets(root: str) -> Component:
    """Return the dialog; `presets.mjs` opens it and brings what is chosen."""
    return html.Dialog(
        [
            dialog_header("Start from", ids.PRESETS_CLOSE, "Close the ready-made settings"),
            html.P(
                "Each sets the dials, the panels with their options, and the speed, and keeps the "
                "seeds. Your browser's Back is what was before.",
                className="gallery-purpose",
            ),
            html.P(
                [
                    "Or follow a lesson: ",
                    html.A("lessons for a class", href=below(root, LIST)),
                    ", with questions to predict, play and answer.",
                ],
                className="gallery-purpose",
            ),
            html.Ul([html.Li(_item(preset)) for preset in PRESETS], className="presets"),
        ],
        id=ids.PRESETS,
        className="gallery",
        **attributes(aria_label="Ready-made settings"),
    )


def _item(preset: Preset) -> Component:
    words = f"about-{preset.name.replace(' ', '-')}"
    return html.Button(
        [
            html.Strong(preset.name),
            html.Span(
                [
                    html.Span(preset.purpose),
                    html.Span(f"Watch: {preset.watch}", className="preset-watch"),
                ],
                id=words,
                className="gallery-purpose",
            ),
        ],
        type="button",
        className="btn btn-quiet gallery-layout",
        **attributes(
            aria_label=preset.name,
            aria_describedby=words,
            data_search=preset.search,
            data_watch=f"Watch: {preset.watch}",
        ),
    )
