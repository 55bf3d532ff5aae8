"""The notebook: a dialog with a row for every run that was trained in this browser."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from spiral_dash.web import ids
from spiral_dash.web.markup import attributes, button, dialog_header
from spiral_dash.web.panels.choices import NORMS

TITLE = "notebook-title"
COLUMNS = (
    "Mark", "Boundary", "What differs from the row before", "Epochs", "Training, s", "Train loss",
    "Test loss", "Train accuracy", "Test accuracy", "Robust accuracy", "Note", "",
)  # fmt: skip
USUAL_EPSILON = "0.5"


def render_notebook() -> Component:
    """Return the dialog; the scripts in `assets/notebook/` fill it and act on it."""
    return html.Dialog(
        [
            dialog_header("Notebook", ids.NOTEBOOK_CLOSE, "Close the notebook", TITLE),
            _tools(),
            html.P(
                "No run has been trained here yet. Press play: each run gets a row.",
                className="notebook-empty",
            ),
            html.Div(
                html.Table(
                    [
                        html.Thead(
                            html.Tr(
                                [
                                    html.Th(
                                        name or html.Span("Delete", className="visually-hidden"),
                                        scope="col",
                                    )
                                    for name in COLUMNS
                                ]
                            )
                        ),
                        html.Tbody(),
                    ]
                ),
                className="notebook-rows",
                tabIndex="0",
                role="region",
                **attributes(aria_label="Runs"),
            ),
            html.P(
                "Click a run to have it back, trained as far. Robust accuracy is what the proof on "
                "the panels Decision boundary (Robustness) or Adversarial accuracy has shown of "
                "the test points at the last epoch; – where none of them has taken it so far. The "
                "notebook is kept in this browser alone.",
                className="notebook-help",
            ),
        ],
        id=ids.NOTEBOOK,
        className="gallery notebook",
        **attributes(aria_labelledby=TITLE),
    )


def _tools() -> Component:
    return html.Div(
        [
            button("Compare the two marked", ids.NOTEBOOK_COMPARE, "quiet small"),
            button("Download as CSV", ids.NOTEBOOK_CSV, "quiet small"),
            html.Label("Robust at ε", htmlFor=ids.NOTEBOOK_EPSILON),
            dbc.Input(
                id=ids.NOTEBOOK_EPSILON,
                type="text",
                inputmode="decimal",
                autocomplete="off",
                value=USUAL_EPSILON,
                maxlength=12,
                size="sm",
                class_name="notebook-epsilon",
            ),
            html.Label("in", htmlFor=ids.NOTEBOOK_NORM),
            html.Select(
                [html.Option(text, value=norm) for norm, text in NORMS.items()],
                id=ids.NOTEBOOK_NORM,
                className="form-select form-select-sm",
            ),
            html.Span("", id=ids.NOTEBOOK_WRONG, role="alert", className="notebook-wrong"),
        ],
        className="notebook-tools",
    )
