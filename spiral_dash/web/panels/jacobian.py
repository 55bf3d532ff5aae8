"""Stretching of the plane: how much the network grows or shrinks area, place by place."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import COLOR_BAR, Panel, axis, choice, figure

NAME = "jacobian"

PANEL = Panel(
    name=NAME,
    title="Stretching of the plane",
    order=24,
    explanation=(
        "By how much a small area around each place grows (blue) or shrinks (orange) on its way "
        "to the chosen layer. Where a layer maps two units to two, it is the layer's own "
        "determinant; for any other layer it is the area that the whole map from the plane makes "
        "of it. Zero keeps area; a place where the map folds flat has no area left."
    ),
    formula=[
        "2 → 2 units: log |det ",
        html.I("Dg"),
        "|;  else log √det(",
        html.I("J"),
        html.Sup("T"),
        html.I("J"),
        "),  ",
        html.I("J"),
        " = ∂",
        html.I("h"),
        html.Sub(html.I("l")),
        " / ∂",
        html.I("x"),
    ],
    source="Thesis eq. 4.1, Appendix B",
    options=(choice(NAME, "layer", "Layer", {"last": "last hidden"}),),
    graphs={
        "main": figure(
            margin={"l": 40, "r": 96, "t": 8, "b": 34},
            xaxis=axis("x₁ (plane units)", constrain="domain", showgrid=False),
            yaxis=axis("x₂ (plane units)", scaleanchor="x", constrain="domain", showgrid=False),
            showlegend=False,
            coloraxis={"showscale": True, "colorbar": {**COLOR_BAR, "len": 1}},
        )
    },
)
