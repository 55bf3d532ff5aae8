"""Boundary complexity: length, number and turning of the boundary's curves over the epochs."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import Panel, axis, choice, figure
from spiral_dash.web.panels.choices import EPOCH_AXIS

NAME = "complexity"

PANEL = Panel(
    name=NAME,
    title="Boundary complexity",
    order=12,
    explanation=(
        "The decision boundary, traced on a grid of 200 × 200 places: its length, over that of "
        "the boundary of a perfect classifier where one is known; how many separate curves it has; "
        "and by how much they turn in all. A boundary that is too long, in many pieces or very "
        "winding fits more than the classes. Tracing takes a while, so the curves follow at their "
        "own pace."
    ),
    formula=[
        html.I("L"),
        " / ",
        html.I("L"),
        html.Sub("ideal"),
        ",  number of curves,  ∫ |κ| d",
        html.I("s"),
        " (radians)",
    ],
    source="Thesis 4.3.3, which names no such metric: the definition is this laboratory's",
    options=(choice(NAME, "epoch_axis", "Epoch axis", EPOCH_AXIS),),
    graphs={
        "main": figure(
            margin={"l": 50, "r": 20, "t": 8, "b": 34},
            xaxis=axis("epoch", tickformat=",d", anchor="y"),
            yaxis=axis("turning (rad)", domain=[0, 0.29], nticks=4),
            yaxis2=axis("curves", domain=[0.355, 0.645], nticks=4),
            yaxis3=axis("length / ideal", domain=[0.71, 1], nticks=4),
            showlegend=False,
        )
    },
)
