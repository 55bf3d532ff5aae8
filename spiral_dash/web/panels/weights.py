"""Weights: every layer's matrix as a heatmap, its change, or the covariance of its units."""

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
        "orange below zero and blue above, all on one scale, with a strip of biases on the right. "
        "Stripes are units or inputs that the network has come to rely on. Shown instead may be "
        "how far training has moved the weights, or which units of a layer vary together."
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
        ";  Δ",
        html.I("W"),
        html.Sub(html.I("l")),
        " since epoch 0;  E[",
        html.I("hh"),
        html.Sup("T"),
        "] − E[",
        html.I("h"),
        "] E[",
        html.I("h"),
        "]",
        html.Sup("T"),
    ],
    source="Thesis Figs. 2.3, 4.2, 4.3",
    options=(
        choice(NAME, "layer", "Layer", {"all": "all layers"}),
        choice(
            NAME,
            "show",
            "Show",
            {
                "weights": "weights",
                "change": "change since the start",
                "covariance": "covariance of units",
            },
        ),
    ),
    graphs={
        "main": figure(
            margin={"l": 34, "r": 10, "t": 32, "b": 30},
            xaxis=axis("input", showgrid=False),
            yaxis=axis("unit", showgrid=False),
            showlegend=False,
            coloraxis={"showscale": True, "colorbar": {**COLOR_BAR, "len": 1}},
        )
    },
)
