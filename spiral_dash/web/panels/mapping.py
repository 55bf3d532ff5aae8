"""Point mapping: where a layer sends the points."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import BIG_MARKERS, COLOR_BAR, Panel, axis, choice, figure, switch

NAME = "mapping"

PANEL = Panel(
    name=NAME,
    title="Point mapping",
    order=20,
    explanation=(
        "Where the chosen layer sends each training point, so that one sees the network untangle "
        "the classes. Two units are shown as they are; more are shown along the two directions in "
        "which the points vary most, with the share of the variance that each explains. The "
        "grid shows how the plane itself is bent: solid lines were horizontal, dotted ones "
        "vertical."
    ),
    formula=[
        html.I("h"),
        html.Sub(html.I("l")),
        " = a(",
        html.I("W"),
        html.Sub(html.I("l")),
        html.I("h"),
        html.Sub([html.I("l"), " − 1"]),
        " + ",
        html.I("b"),
        html.Sub(html.I("l")),
        "),  ",
        html.I("h"),
        html.Sub("0"),
        " = ",
        html.I("x"),
        ";  PC: eigenvectors of the covariance of ",
        html.I("h"),
        html.Sub(html.I("l")),
    ],
    source="Thesis 4.2.1, Figs. 4.10 to 4.14",
    options=(
        choice(NAME, "layer", "Layer", {"last": "last hidden"}),
        choice(
            NAME,
            "show",
            "Show",
            {"points": "points", "grid": "grid", "both": "points, grid"},
        ),
        choice(NAME, "dimension", "Dimensions", {"2": "2-D", "3": "3-D"}),
        choice(NAME, "classes", "Class", {"all": "all classes"}),
        choice(NAME, "colour", "Colour", {"class": "class"}),
        choice(NAME, "scales", "Scales", {"equal": "equal scales", "own": "a scale for each axis"}),
        html.Div(switch(NAME, "order", "Join in order"), className="panel-when-coordinate"),
    ),
    graphs={
        "main": figure(
            margin={"l": 46, "r": 20, "t": 22, "b": 34},
            xaxis=axis("first coordinate"),
            yaxis=axis("second coordinate"),
            legend=BIG_MARKERS,
            coloraxis={"showscale": False, "colorbar": {**COLOR_BAR, "len": 1}},
        )
    },
)
