"""Norms and spectra of the weight matrices over training."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import Panel, axis, choice, figure
from spiral_dash.web.panels.choices import EPOCH_AXIS, TRENDS, labels

NAME = "trends"

PANEL = Panel(
    name=NAME,
    title="Norms and spectra",
    order=110,
    explanation=(
        "How one figure of each weight matrix moves through training, a curve for each layer with "
        "the layer's number at its end. Eigenvalues λ exist for square matrices only; norm, "
        "condition number and rank for all. A diamond marks the epoch at which a matrix loses "
        "rank: from there on some direction of its input is sent to nothing."
    ),
    formula=[
        "‖",
        html.I("W"),
        "‖",
        html.Sub("F"),
        " = √(Σ ",
        html.I("w"),
        html.Sup("2"),
        "),  ‖",
        html.I("W"),
        "‖",
        html.Sub("2"),
        " = σ",
        html.Sub("max"),
        ",  condition = σ",
        html.Sub("max"),
        " / σ",
        html.Sub("min"),
        ",  rank: number of σ > 10",
        html.Sup("−6"),
        " σ",
        html.Sub("max"),
    ],
    source="Thesis 2.2.2, 2.4.7, 4.1.1 and 4.1.2, Figs. 4.4 to 4.6, D.1",
    options=(
        choice(NAME, "quantity", "Quantity", labels(TRENDS)),
        choice(NAME, "epoch_axis", "Epoch axis", EPOCH_AXIS),
    ),
    graphs={
        "main": figure(
            margin={"l": 50, "r": 20, "t": 10, "b": 34},
            xaxis=axis("epoch", tickformat=",d"),
            yaxis=axis("Frobenius norm", exponentformat="power"),
            showlegend=False,
        )
    },
)
