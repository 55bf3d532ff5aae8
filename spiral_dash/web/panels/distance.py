"""Distance moved: how far a layer moves each point, against the point's radius."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import BIG_MARKERS, Panel, axis, choice, figure

NAME = "distance"

PANEL = Panel(
    name=NAME,
    title="Distance moved",
    order=22,
    explanation=(
        "How far the chosen layer moves each training point, against the distance of the point "
        "from the origin, with the least-squares line of each class. Two units are taken as they "
        "are. A wider layer is taken in the plane in which it varies most, turned to lie as near "
        "to the data as it can, for that plane has no direction of its own."
    ),
    formula=[
        "‖",
        html.I("h"),
        html.Sub(html.I("l")),
        "(",
        html.I("x"),
        ") − ",
        html.I("x"),
        "‖ against ‖",
        html.I("x"),
        "‖",
    ],
    source="Thesis 4.2.1, Fig. 4.15",
    options=(choice(NAME, "layer", "Layer", {"last": "last hidden"}),),
    graphs={
        "main": figure(
            margin={"l": 46, "r": 20, "t": 22, "b": 34},
            xaxis=axis("radius ‖x‖ (plane units)"),
            yaxis=axis("moved ‖h(x) − x‖ (plane units)"),
            legend=BIG_MARKERS,
        )
    },
)
