"""Weights: every layer's matrix as a heatmap, biases as a strip."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import COLOR_BAR, Panel, axis, choice, figure

NAME = "weights"

PANEL = Panel(
    name=NAME,
    title="Weights",
    order=30,
    explanation=(
        "Each picture is one layer's weight matrix: a row for each unit, a column for each input, "
        "blue below zero and orange above, all on one scale. The strip on the right of a matrix "
        "holds the biases. Stripes are units or inputs that the network has come to rely on."
    ),
    formula=[
        html.I("W"),
        html.Sub(html.I("l")),
        " ∈ ℝ",
        html.Sup("out × in"),
        ",  ",
        html.I("b"),
        html.Sub(html.I("l")),
        " ∈ ℝ",
        html.Sup("out"),
    ],
    source="Thesis Figs. 2.3, 4.2, 4.3",
    options=(choice(NAME, "layer", "Layer", {"all": "all layers"}),),
    graphs={
        "main": figure(
            margin={"l": 34, "r": 10, "t": 20, "b": 30},
            xaxis=axis("input", showgrid=False),
            yaxis=axis("unit", showgrid=False),
            showlegend=False,
            coloraxis={"showscale": True, "colorbar": {**COLOR_BAR, "len": 1}},
        )
    },
)
