"""Network: every unit with the picture of what it computes, the links between them, to touch."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import html

from spiral_dash.core.config import RunConfig
from spiral_dash.core.validation import schema_of
from spiral_dash.web import ids
from spiral_dash.web.markup import attributes
from spiral_dash.web.panels.base import Panel, choice

NAME = "network"
FIRST_LENGTH_MAX = 64
HIDDEN = schema_of(RunConfig, ["network", "hidden"])

PANEL = Panel(
    name=NAME,
    title="Network",
    order=14,
    explanation=(
        "The network itself: in every unit the picture of what it computes over the plane, orange "
        "below zero and blue above, and between the units links as wide as their weights. Point at "
        "a unit or a link for its numbers; click it to set a weight or a bias, to silence a unit "
        "or to freeze a layer, which becomes an entry of the run's schedule. Layers and units are "
        "added and removed with + and −, which begins a new run."
    ),
    formula=[
        html.I("h"),
        html.Sub("l"),
        " = ",
        html.I("a"),
        "(",
        html.I("W"),
        html.Sub("l"),
        " ",
        html.I("h"),
        html.Sub("l−1"),
        " + ",
        html.I("b"),
        html.Sub("l"),
        ") over the plane;  the little square at a unit is its bias",
    ],
    source="Thesis eq. 2.12; Smilkov et al. 2017, TensorFlow Playground",
    graphs={},
    is_sketch=True,
    options=(
        html.Div(
            [
                html.Button(
                    "−",
                    type="button",
                    className="btn btn-quiet btn-small",
                    **attributes(data_layers="-1", aria_label="One hidden layer fewer"),
                ),
                html.Span("hidden layers", className="network-layers"),
                html.Button(
                    "+",
                    type="button",
                    className="btn btn-quiet btn-small",
                    **attributes(data_layers="1", aria_label="One hidden layer more"),
                ),
            ],
            className="network-depth",
            role="group",
            **attributes(aria_label="Hidden layers"),
        ),
        choice(NAME, "scale", "Colours", {"own": "colours by unit", "layer": "colours by layer"}),
        html.Label(
            [
                html.Span("Units that come before those shown, by layer"),
                dbc.Input(
                    id=ids.panel_option(NAME, "first"),
                    type="hidden",
                    value="",
                    maxlength=FIRST_LENGTH_MAX,
                    pattern=r"(\d+(,\d+)*)?",
                ),
            ],
            hidden=True,
        ),
    ),
    body=html.Div(
        className="network",
        role="group",
        **attributes(
            data_content="network",
            data_layers_most=str(HIDDEN["maxItems"]),
            data_units_most=str(HIDDEN["items"]["maximum"]),
            aria_label="Network; the arrow keys go from unit to unit",
        ),
    ),
)
