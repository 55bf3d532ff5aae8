"""Examples: test points, what the network says of them, and what an attack made of them."""

from __future__ import annotations

from dash import html

from spiral_dash.web.markup import attributes
from spiral_dash.web.panels.base import Panel, button, choice, more, norm_choice, number
from spiral_dash.web.panels.choices import ATTACKS

NAME = "examples"

PANEL = Panel(
    name=NAME,
    title="Examples",
    order=52,
    explanation=(
        "Test points as they are, what the network says of each and how sure it is, and beside it "
        "the example that an attack found within ε, what the network says of that, and the "
        "difference: orange where a number fell, blue where it rose. Images are shown as images, "
        "other points by their numbers."
    ),
    formula=[
        html.I("x"),
        " ↦ ",
        html.I("x"),
        "′ with ‖",
        html.I("x"),
        "′ − ",
        html.I("x"),
        "‖ ≤ ε and class(",
        html.I("x"),
        "′) ≠ ",
        html.I("y"),
    ],
    source="Thesis 4.3.2, eqs. 4.4 to 4.6; Madry et al. 2018",
    graphs={},
    options=(
        choice(
            NAME,
            "show",
            "Show",
            {"all": "all", "wrong": "classified wrongly", "broken": "broken by the attack"},
        ),
        choice(NAME, "method", "Attack", {name: ATTACKS[name] for name in ("bim", "fgsm", "pgd")}),
        number(NAME, "epsilon", "ε"),
        more(
            "More",
            norm_choice(NAME),
            number(NAME, "iterations", "Iterations", "10"),
            number(NAME, "alpha", "Step α", placeholder="ε/2"),
            number(NAME, "restarts", "Restarts", "10"),
        ),
        html.Div(
            [
                button("earlier", "‹ Back"),
                number(NAME, "first", "From point", "0"),
                button("later", "Next ›"),
            ],
            className="examples-pages",
            role="group",
            **attributes(aria_label="Which examples"),
        ),
    ),
    body=html.Div(
        className="examples",
        tabIndex="0",
        role="region",
        **attributes(
            data_content="examples", aria_label="Examples; Page Up and Page Down show others"
        ),
    ),
)
