"""Gradients: what reaches each layer in a pass over the whole training set."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import Panel, axis, choice, figure
from spiral_dash.web.panels.choices import EPOCH_AXIS, GRADIENTS, labels

NAME = "gradients"

PANEL = Panel(
    name=NAME,
    title="Gradients",
    order=130,
    explanation=(
        "The gradient of the loss over the whole training set, layer by layer. A layer with tiny "
        "gradients (vanishing) or huge ones (exploding) hardly learns. A relu unit that is 0 at "
        "every training point is dead: no gradient passes through it, so it seldom comes back."
    ),
    formula=[
        html.I("g"),
        html.Sub(html.I("l")),
        " = ∂",
        html.I("J"),
        "/∂(",
        html.I("W"),
        html.Sub(html.I("l")),
        ", ",
        html.I("b"),
        html.Sub(html.I("l")),
        "),  ‖",
        html.I("g"),
        "‖ = √(Σ ",
        html.I("g"),
        html.Sup("2"),
        "),  share of ",
        html.I("g"),
        " = 0,  share of |",
        html.I("g"),
        "| < 10",
        html.Sup("−8"),
    ],
    source="Thesis 4.2, Fig. 4.8",
    options=(
        choice(NAME, "quantity", "Quantity", labels(GRADIENTS)),
        choice(NAME, "epoch_axis", "Epoch axis", EPOCH_AXIS),
    ),
    graphs={
        "now": figure(
            margin={"l": 56, "r": 20, "t": 10, "b": 34},
            xaxis=axis("layer"),
            yaxis=axis("‖g‖", exponentformat="power"),
            showlegend=False,
        ),
        "epochs": figure(
            margin={"l": 56, "r": 20, "t": 10, "b": 34},
            xaxis=axis("epoch", tickformat=",d", nticks=4),
            yaxis=axis("‖g‖ by layer", exponentformat="power"),
            showlegend=False,
        ),
    },
)
