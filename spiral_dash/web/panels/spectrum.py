"""Eigenvalue spectrum of the weight matrices, and their norms over the epochs."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import Panel, axis, choice, figure
from spiral_dash.web.panels.choices import EPOCH_AXIS

NAME = "spectrum"

PANEL = Panel(
    name=NAME,
    title="Eigenvalue spectrum",
    order=40,
    explanation=(
        "The eigenvalues of a square weight matrix say in which directions it stretches (outside "
        "the unit circle), shrinks (inside) or turns (off the real axis). Beside them are the "
        "sorted moduli of every layer, and the size of each matrix over the epochs. A matrix that "
        "is not square has no eigenvalues: its singular values σ stand in."
    ),
    formula=[
        html.I("W v"),
        " = λ ",
        html.I("v"),
        ",  ‖",
        html.I("W"),
        "‖",
        html.Sub("F"),
        " = √(Σ ",
        html.I("w"),
        html.Sup("2"),
        ")",
    ],
    source="Thesis 4.1.1 and 4.1.2, Figs. 4.4 to 4.6, D.1",
    options=(
        choice(NAME, "layer", "Layer", {"last": "auto"}),
        choice(NAME, "epoch_axis", "Epoch axis", EPOCH_AXIS),
    ),
    graphs={
        "plane": figure(
            margin={"l": 40, "r": 20, "t": 8, "b": 34},
            xaxis=axis("Re λ", constrain="domain"),
            yaxis=axis("Im λ", scaleanchor="x", constrain="domain"),
            showlegend=False,
        ),
        "modulus": figure(
            margin={"l": 40, "r": 20, "t": 8, "b": 34},
            xaxis=axis("rank, largest first", nticks=4),
            yaxis=axis("|λ| by layer", nticks=4),
            showlegend=False,
        ),
        "norms": figure(
            margin={"l": 40, "r": 20, "t": 8, "b": 34},
            xaxis=axis("epoch", tickformat=",d", nticks=4),
            yaxis=axis("‖W‖<sub>F</sub> by layer", nticks=4),
            showlegend=False,
        ),
    },
)
