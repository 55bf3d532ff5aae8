"""Decision boundary: class probabilities over the data plane."""

from __future__ import annotations

from dash import html

from spiral_dash.web.markup import attributes
from spiral_dash.web.panels.base import (
    BIG_MARKERS,
    COLOR_BAR,
    Panel,
    axis,
    button,
    choice,
    figure,
    hint,
    more,
    norm_choice,
    number,
    switch,
)

NAME = "boundary"

PANEL = Panel(
    name=NAME,
    title="Decision boundary",
    order=10,
    explanation=(
        "Each place of the data plane has the colour of the class that the network gives it, the "
        "paler the less sure it is; the boundary runs where it cannot decide. The points are the "
        "training set, hollow ones the test set. In more than two dimensions this is the slice "
        "through the data's own plane, or through that in which they vary most."
    ),
    formula=[
        html.I("P"),
        "(class ",
        html.I("k"),
        " | ",
        html.I("x"),
        ") = softmax(",
        html.I("f"),
        "(",
        html.I("x"),
        "))",
        html.Sub(html.I("k")),
    ],
    source="Thesis Fig. 4.20; codimension: 2.3.2",
    options=(
        switch(NAME, "test", "Test points"),
        switch(NAME, "discretise", "Discretise"),
        switch(NAME, "line", "Boundary line"),
        html.Div(switch(NAME, "draw", "Draw"), className="panel-draw"),
        html.Div(
            [
                choice(NAME, "tool", "Tool", {"add": "add points", "erase": "erase"}),
                choice(NAME, "pen", "Class", {"0": "class 0"}),
                button("undraw", "Undo"),
                button("clear-points", "Clear"),
            ],
            className="panel-drawing",
            role="group",
            **attributes(aria_label="Drawing tools"),
        ),
        more(
            "Robustness",
            switch(NAME, "attack", "Attack a test point (click one)"),
            number(NAME, "point", "Test point", "0"),
            number(NAME, "epsilon", "ε"),
            norm_choice(NAME),
            switch(NAME, "weakest", "Ring the weakest points"),
            switch(NAME, "proof", "Show the proof's squares"),
            hint(
                "Arrows lead from a test point to what each attack found in its ball, faint where "
                "that was no other class; the dashed outline is its exact radius. The proof's "
                "squares hold one class each; empty ones hold the boundary or were not needed, "
                "hatched ones are undecided still."
            ),
        ),
    ),
    graphs={
        "main": figure(
            margin={"l": 40, "r": 84, "t": 8, "b": 34},
            xaxis=axis("x₁ (plane units)", constrain="domain", showgrid=False),
            yaxis=axis(
                "x₂ (plane units)",
                scaleanchor="x",
                constrain="domain",
                showgrid=False,
            ),
            legend={"orientation": "v", "x": 1, "xanchor": "left", "yanchor": "top"} | BIG_MARKERS,
            coloraxis={
                "showscale": False,
                "colorbar": {**COLOR_BAR, "len": 0.55, "y": 0, "yanchor": "bottom", "dtick": 0.5},
            },
        )
    },
)
