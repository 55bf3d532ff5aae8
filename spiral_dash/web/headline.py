"""The headline: one sentence that says what to do next, until it is dismissed."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from spiral_dash.web import ids
from spiral_dash.web.markup import attributes, icon

STEPS = {
    "play": "Press Play: the network has never seen the points, and learns which colour belongs "
    "where.",
    "watch": "Watch the boundary wind around the points while the loss falls. Pause when you have "
    "seen enough.",
    "look-back": "Drag the epoch slider: every picture goes back to how it was then.",
    "turn": "Now turn a dial, such as the entanglement or the activation, and press Play again. "
    "Your browser's Back brings this run back.",
    "scroll": "Scroll down for what happens inside: where the points are moved, the weights, their "
    "eigenvalues, the attacks. The gallery (G) has more.",
}
"""What to do first, and next, by the name of each step."""


def render_headline() -> Component:
    """Return the line, empty and hidden; `headline.mjs` fills it from the steps it carries."""
    return html.Div(
        [
            html.P(id=ids.HEADLINE_TEXT, className="headline-text", role="status"),
            html.Button(
                icon("close"),
                id=ids.HEADLINE_CLOSE,
                type="button",
                title="No more hints",
                className="btn btn-quiet btn-icon",
                **attributes(aria_label="Dismiss the hints"),
            ),
        ],
        id=ids.HEADLINE,
        className="headline",
        hidden=True,
        **attributes(data_steps=json.dumps(list(STEPS.items()))),
    )
