"""Adversarial accuracy: what is left of the accuracy when points may be moved."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import (
    Panel,
    axis,
    button,
    choice,
    figure,
    hint,
    more,
    norm_choice,
    number,
    several,
    switch,
)
from spiral_dash.web.panels.choices import ATTACKS, EXACT

NAME = "robustness"
CURVES = {"clean": "clean", **ATTACKS, "estimate": "estimate"}

PANEL = Panel(
    name=NAME,
    title="Adversarial accuracy",
    order=50,
    explanation=(
        "The share of test points still classified correctly when each may be moved by up to ε. "
        "Attacks give an upper bound, because they may miss what is there. The exact curve decides "
        "every point, proved robust or proved not, by bounds on the squares of a quadtree; where "
        "one is not decided, a band is left."
    ),
    formula=[
        "FGSM: ",
        html.I("x"),
        " + ε sign(∇",
        html.Sub(html.I("x")),
        html.I("J"),
        ");  BIM, PGD: repeat ",
        html.I("x"),
        " ← project(",
        html.I("x"),
        " + α sign(∇",
        html.Sub(html.I("x")),
        html.I("J"),
        "));  exact: for all ‖δ‖ ≤ ε, class(",
        html.I("x"),
        " + δ) = ",
        html.I("y"),
    ],
    source="Thesis 4.3.1, 4.3.2, eqs. 4.3 to 4.6, Figs. 4.16 to 4.18, Def. 15; Madry et al. 2018",
    options=(
        norm_choice(NAME),
        choice(NAME, "exact", "Exact", EXACT),
        more(
            "Curves",
            several(NAME, "curves", "Curves", CURVES, list(CURVES)),
            number(NAME, "reach", "ε up to"),
            number(NAME, "iterations", "Iterations", "4"),
            number(NAME, "alpha", "Step α", placeholder="ε/2"),
            number(NAME, "restarts", "Restarts", "10"),
            html.Div(
                switch(NAME, "whole", "One-shot bound in the whole space"),
                className="panel-when-ambient",
            ),
            hint(
                "Noise moves each point at random. FGSM takes one step up the loss, BIM several "
                "smaller ones, PGD the same from random starts. They are tried at the marks: what "
                "broke a point there breaks it at every larger ε, and more is not known before "
                "the next. Proofs round as float64 does, not outwards."
            ),
        ),
        more(
            "Compare",
            button("keep", "Keep this curve"),
            html.Ul(className="kept-curves"),
        ),
    ),
    graphs={
        "main": figure(
            margin={"l": 50, "r": 20, "t": 22, "b": 34},
            xaxis=axis("ε (plane units, L∞)"),
            yaxis=axis("test accuracy", tickformat=".0%", tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]),
        )
    },
)
