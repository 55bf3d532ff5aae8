"""Adversarial accuracy: what is left of the accuracy when points may be moved."""

from __future__ import annotations

from dash import html

from spiral_dash.web.panels.base import Panel, axis, figure

NAME = "robustness"

PANEL = Panel(
    name=NAME,
    title="Adversarial accuracy",
    order=50,
    explanation=(
        "The share of test points still classified correctly when an attacker may move each by "
        "up to ε along every axis. FGSM takes one step up the loss; BIM takes several smaller ones "
        "and stays within ε of the original point. Attacks take longer than the other "
        "measurements, so this panel follows at its own pace."
    ),
    formula=[
        "FGSM: ",
        html.I("x"),
        " + ε sign(∇",
        html.Sub(html.I("x")),
        html.I("J"),
        ");  BIM: repeat ",
        html.I("x"),
        " ← clip(",
        html.I("x"),
        " + ε/2 · sign(∇",
        html.Sub(html.I("x")),
        html.I("J"),
        ")), four times",
    ],
    source="Thesis 4.3.2, eqs. 4.4 to 4.6, Figs. 4.17 and 4.18",
    graphs={
        "main": figure(
            margin={"l": 50, "r": 10, "t": 20, "b": 34},
            xaxis=axis("ε (plane units, L∞)"),
            yaxis=axis("test accuracy", tickformat=".0%"),
        )
    },
)
