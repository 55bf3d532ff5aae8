"""Loss and accuracy over the epochs."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import Panel, axis, choice, figure
from spiral_dash.web.panels.choices import EPOCH_AXIS

NAME = "metrics"

PANEL = Panel(
    name=NAME,
    title="Loss and accuracy",
    order=60,
    explanation=(
        "The loss is what training makes small, the accuracy is the share of points classified "
        "correctly; both are measured after every epoch. A test curve that turns back while the "
        "training curve goes on is the sign of overfitting. The curves of each class show "
        "whether one is learnt at the cost of another."
    ),
    formula=[
        html.I("J"),
        " = −(1/",
        html.I("N"),
        ") Σ",
        html.Sub(html.I("i")),
        " log ",
        html.I("P"),
        "(class ",
        html.I("y"),
        html.Sub(html.I("i")),
        " | ",
        html.I("x"),
        html.Sub(html.I("i")),
        "), in nats",
    ],
    source="Thesis 3.3 item 4",
    options=(
        choice(
            NAME,
            "curves",
            "Curves",
            {
                "all": "all classes",
                "train": "each class, train",
                "test": "each class, test",
            },
        ),
        choice(NAME, "scale", "Loss axis", {"linear": "linear", "log": "logarithmic"}),
        choice(NAME, "epoch_axis", "Epoch axis", EPOCH_AXIS),
    ),
    graphs={
        "main": figure(
            margin={"l": 50, "r": 20, "t": 20, "b": 34},
            xaxis=axis("epoch", tickformat=",d", anchor="y"),
            yaxis=axis("accuracy", domain=[0, 0.46], tickformat=".0%", nticks=4),
            yaxis2=axis(
                "loss (nats)", domain=[0.54, 1], anchor="x", nticks=4, exponentformat="power"
            ),
        )
    },
)
