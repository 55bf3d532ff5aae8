"""The menu that says where training is to stop."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from spiral_dash.web import ids
from spiral_dash.web.markup import attributes, icon

CONDITIONS = {
    "epoch": "epoch",
    "train_accuracy": "train accuracy, in %",
    "test_accuracy": "test accuracy, in %",
    "train_loss": "train loss",
    "test_loss": "test loss",
}


def render_stopping() -> Component:
    """Return the menu; `stopping.mjs` acts on it."""
    return html.Details(
        [
            html.Summary(
                [icon("stop"), html.Span(id=ids.STOP_SHOWN, className="stop-shown")],
                title="Stop at an epoch, an accuracy or a loss",
                className="btn btn-quiet btn-icon stop-summary",
                **attributes(aria_label="Stop at an epoch, an accuracy or a loss"),
            ),
            html.Div(
                [
                    html.H2("Stop training at", className="menu-title"),
                    html.Div(
                        [
                            html.Label(
                                "What is reached", htmlFor=ids.STOP_AT, className="visually-hidden"
                            ),
                            html.Select(
                                [
                                    html.Option(label, value=name)
                                    for name, label in CONDITIONS.items()
                                ],
                                id=ids.STOP_AT,
                                className="form-select form-select-sm",
                            ),
                            html.Label(
                                "Its value", htmlFor=ids.STOP_VALUE, className="visually-hidden"
                            ),
                            # React would not let the script write into an input of its own.
                            html.Span(id=ids.STOP_FIELD, className="stop-field"),
                        ],
                        className="stop-fields",
                    ),
                    html.Div(
                        [
                            html.Button(
                                "Set", id=ids.STOP_SET, type="button", className="btn btn-accent"
                            ),
                            html.Button(
                                "Never stop",
                                id=ids.STOP_CLEAR,
                                type="button",
                                className="btn btn-quiet",
                            ),
                        ],
                        className="stop-buttons",
                    ),
                    html.P(
                        "Training stops after the first epoch that reaches it: an accuracy from "
                        "below, a loss from above. Play then goes on.",
                        className="menu-help",
                    ),
                    html.P(id=ids.STOP_MESSAGE, className="menu-message", role="status"),
                ],
                className="menu-body stop-body",
            ),
        ],
        id=ids.STOP_MENU,
        className="menu",
        **attributes(data_menu=""),
    )
