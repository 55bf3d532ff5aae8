"""Exact radii: how far each test point may be moved before the network takes it for another."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import (
    BIG_MARKERS,
    Panel,
    axis,
    choice,
    figure,
    norm_choice,
    number,
)
from spiral_dash.web.panels.choices import EXACT

NAME = "radius"

PANEL = Panel(
    name=NAME,
    title="Exact radii",
    order=55,
    explanation=(
        "The distance from each test point to the nearest place that the network gives another "
        "class, proved from both sides: against a coordinate, or class by class, it shows where "
        "the network is weak, and beside it how many points have which radius. Radii are decided "
        "in forty steps, a bar spanning what is left open of each, in the data plane and in "
        "float64, whose rounding is not directed outwards. Points classified wrongly have radius "
        "0 and stand below the axis, those proved beyond the last step above it."
    ),
    formula=[
        html.I("r"),
        "(",
        html.I("x"),
        ") = inf { ‖δ‖ : class(",
        html.I("x"),
        " + δ) ≠ ",
        html.I("y"),
        " }",
    ],
    source="Thesis Def. 15, 2.4.6; bounds after CROWN (Zhang et al. 2018), split by a quadtree",
    options=(
        norm_choice(NAME),
        choice(NAME, "exact", "Exact", EXACT),
        number(NAME, "reach", "up to"),
    ),
    graphs={
        "main": figure(
            margin={"l": 46, "r": 20, "t": 20, "b": 34},
            xaxis=axis("test points", domain=[0, 0.68]),
            xaxis2=axis("test points", domain=[0.73, 1], anchor="y", nticks=4, rangemode="tozero"),
            yaxis=axis("exact radius (plane units)"),
            legend=BIG_MARKERS,
            barmode="stack",
            bargap=0,
        )
    },
)
