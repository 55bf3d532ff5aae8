"""Weight distributions: a layer's weights now, and how they moved through training."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import COLOR_BAR, Panel, axis, choice, figure
from spiral_dash.web.panels.choices import EPOCH_AXIS

NAME = "histograms"

PANEL = Panel(
    name=NAME,
    title="Weight distributions",
    order=120,
    explanation=(
        "On the right the weights of one layer as they are now, on the left how that distribution "
        "moved through training: the epochs go across, the weights up, and the colour is the "
        "share of the layer's weights. Weights beyond the chosen range are counted at its ends."
    ),
    formula=[
        "share of the entries of ",
        html.I("W"),
        html.Sub(html.I("l")),
        " in each of 61 intervals of equal width between −",
        html.I("r"),
        " and ",
        html.I("r"),
    ],
    source="Thesis Figs. 2.3, 4.2, 4.3",
    options=(
        choice(NAME, "layer", "Layer", {"last": "last hidden"}),
        choice(
            NAME,
            "range",
            "Range",
            {"0.5": "± 0.5", "1": "± 1", "2": "± 2", "5": "± 5", "10": "± 10"},
            value="2",
        ),
        choice(NAME, "epoch_axis", "Epoch axis", EPOCH_AXIS),
    ),
    graphs={
        "main": figure(
            margin={"l": 44, "r": 60, "t": 10, "b": 34},
            xaxis=axis(
                "epoch", tickformat=",d", domain=[0, 0.66], anchor="y", nticks=5, showgrid=False
            ),
            xaxis2=axis(
                "share", domain=[0.8, 1], anchor="y", nticks=2, tickformat=".0%", tickangle=0
            ),
            yaxis=axis("weight"),
            showlegend=False,
            coloraxis={
                "showscale": True,
                "colorbar": {**COLOR_BAR, "len": 1, "title": {"text": "share", "side": "top"}},
            },
        )
    },
)
