"""Loss with respect to the input: where a small move of a point changes the loss most."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import COLOR_BAR, Panel, axis, figure, switch

NAME = "input_gradient"

PANEL = Panel(
    name=NAME,
    title="Loss with respect to input",
    order=26,
    explanation=(
        "How fast the loss changes when a point is moved: bright places are those where a small "
        "push makes the network much less sure, and the arrows show which way to push. Over the "
        "plane it is the loss of the class that the network gives each place; the points, on "
        "request, show the loss of their own class. The scale is logarithmic where the values "
        "span decades."
    ),
    formula=[
        "∇",
        html.Sub(html.I("x")),
        html.I("J"),
        ",  ",
        html.I("J"),
        " = −log ",
        html.I("P"),
        "(class ",
        html.I("y"),
        " | ",
        html.I("x"),
        ")",
    ],
    source="Thesis 3.3, item 1",
    options=(switch(NAME, "points", "At the points"),),
    graphs={
        "main": figure(
            margin={"l": 40, "r": 84, "t": 10, "b": 34},
            xaxis=axis("x₁ (plane units)", constrain="domain", showgrid=False),
            yaxis=axis("x₂ (plane units)", scaleanchor="x", constrain="domain", showgrid=False),
            showlegend=False,
            coloraxis={"showscale": True, "colorbar": {**COLOR_BAR, "len": 1}},
        )
    },
)
