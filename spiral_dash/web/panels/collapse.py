"""Class collapse: how far each layer draws a class together."""

from __future__ import annotations

from dash import html

from spiral_dash.experiments.catalogue.collapse import EXPERIMENT
from spiral_dash.web.experiment_settings import PATH
from spiral_dash.web.panels.base import Link, Panel, axis, choice, figure
from spiral_dash.web.panels.choices import COLLAPSE, EPOCH_AXIS, labels

NAME = "collapse"

PANEL = Panel(
    name=NAME,
    title="Class collapse",
    order=100,
    explanation=(
        "How far each layer draws the points of a class together. It is measured by the radius of "
        "gyration over the distance to the nearest other class, by how many directions the class "
        "still fills, by the mean variance of all pairs of classes (CDNV), or by the share of its "
        "points at which every unit is 0. The hypothesis is that relu draws one class together and "
        "leaves the other; experiment H3 asks it of many seeds."
    ),
    formula=[
        "√(tr Σ",
        html.Sub("c"),
        ") / min",
        html.Sub("d"),
        " ‖μ",
        html.Sub("c"),
        " − μ",
        html.Sub("d"),
        "‖;  exp(−Σ ",
        html.I("p"),
        " ln ",
        html.I("p"),
        "), ",
        html.I("p"),
        " = λ",
        html.Sub("i"),
        "(Σ",
        html.Sub("c"),
        ") / tr Σ",
        html.Sub("c"),
        ";  CDNV = (tr Σ",
        html.Sub("c"),
        " + tr Σ",
        html.Sub("d"),
        ") / 2‖μ",
        html.Sub("c"),
        " − μ",
        html.Sub("d"),
        "‖",
        html.Sup("2"),
    ],
    source=(
        "Thesis 4.2.1, Hypothesis 3; CDNV: Galanti et al. 2022; effective rank: Roy and "
        "Vetterli 2007"
    ),
    options=(
        choice(NAME, "quantity", "Quantity", labels(COLLAPSE)),
        choice(NAME, "layer", "Layer", {"last": "last hidden"}),
        choice(NAME, "epoch_axis", "Epoch axis", EPOCH_AXIS),
    ),
    links=(
        Link(
            "Over many seeds: experiment H3",
            f"{PATH}/{EXPERIMENT.id}",
            "Trains relu and tanh from many seeds at several batch sizes, compares the smaller "
            "gyration ratio with the greater, and tests what the thesis says of them.",
        ),
    ),
    graphs={
        "now": figure(
            margin={"l": 42, "r": 20, "t": 10, "b": 34},
            xaxis=axis("layer"),
            yaxis=axis("gyration ratio", exponentformat="power"),
        ),
        "epochs": figure(
            margin={"l": 42, "r": 20, "t": 10, "b": 34},
            xaxis=axis("epoch", tickformat=",d", nticks=4),
            yaxis=axis("gyration ratio", exponentformat="power"),
        ),
    },
)
