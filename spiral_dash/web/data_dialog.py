"""The dialog that opens a person's own points: bring a table, choose what it means, start."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from spiral_dash.core.data.labels import CLASSES_MAX
from spiral_dash.core.data.reading import BYTES_MAX
from spiral_dash.core.data.rows import COLUMNS_MAX, ROWS_MAX
from spiral_dash.web import ids
from spiral_dash.web.markup import attributes, button, dialog_header

TITLE = "data-title"
EXAMPLE = "x, y, label\n0.4, 1.2, red\n-0.3, 0.9, blue\n…"


def render_data_dialog() -> Component:
    """Return the dialog; the scripts in `assets/data/` fill it and act on it."""
    return html.Dialog(
        [
            dialog_header("Open data", ids.DATA_CLOSE, "Close without opening data", TITLE),
            _bring(),
            _choose(),
            html.Div(
                [
                    # Without a value it moves until it is hidden again.
                    html.Progress(**attributes(aria_label="The file is being read")),
                    html.Span(id=ids.DATA_STATUS, role="status"),
                ],
                id=ids.DATA_PROGRESS,
                className="data-progress",
                hidden=True,
            ),
            html.P(id=ids.DATA_ERROR, className="data-error", role="alert"),
            html.Footer(
                [
                    button("Another file", ids.DATA_AGAIN),
                    button("Start a new run on these points", ids.DATA_START, "accent"),
                ],
                className="data-footer",
            ),
        ],
        id=ids.DATA_DIALOG,
        className="gallery data-dialog",
        **attributes(
            aria_labelledby=TITLE,
            data_bytes_max=str(BYTES_MAX),
        ),
    )


def _bring() -> Component:
    return html.Div(
        [
            html.P(
                "A table with a row for each point: columns of numbers, and one with the class. "
                "CSV as spreadsheets write it, or a numpy archive (.npz) of x and y. Up to "
                f"{ROWS_MAX:,} rows, {COLUMNS_MAX:,} columns, {CLASSES_MAX} classes and "
                f"{BYTES_MAX // 2**20} MiB.",
                className="data-help",
            ),
            html.Div(
                [
                    button("Choose a file …", ids.DATA_CHOOSE, "accent"),
                    html.Span("or drop one anywhere on the page", className="data-help"),
                ],
                className="data-line",
            ),
            html.Label("Or paste a table", htmlFor=ids.DATA_PASTED, className="data-label"),
            html.Textarea(
                id=ids.DATA_PASTED,
                className="form-control data-pasted",
                placeholder=EXAMPLE,
                rows="5",
                spellCheck="false",
            ),
            html.Div(
                button("Read the pasted table", ids.DATA_READ),
                className="data-line",
            ),
        ],
        className="data-bring",
    )


def _choose() -> Component:
    return html.Div(
        [
            html.P(id=ids.DATA_FOUND, className="data-found", tabIndex="-1"),
            html.Ul(id=ids.DATA_NOTES, className="data-notes"),
            html.Div(
                [
                    html.Label("Class", htmlFor=ids.DATA_LABEL, className="data-label"),
                    html.Select(
                        id=ids.DATA_LABEL,
                        className="form-select form-select-sm",
                        **attributes(aria_describedby=ids.DATA_WHY),
                    ),
                    html.Span(id=ids.DATA_WHY, className="data-help"),
                ],
                className="data-line",
            ),
            html.Fieldset(
                [
                    html.Legend("Numbers of a point", className="data-label"),
                    html.Div(
                        [
                            # The script puts a field in here.
                            html.Div(id=ids.DATA_FILTER, className="data-filter"),
                            button("All", ids.DATA_ALL, "quiet small"),
                            button("None", ids.DATA_NONE, "quiet small"),
                            html.Span(id=ids.DATA_COUNT, className="data-help", role="status"),
                        ],
                        className="data-line",
                    ),
                    html.Ul(id=ids.DATA_COLUMNS, className="data-columns"),
                ]
            ),
            html.Div(id=ids.DATA_OPTIONS, className="data-options"),
            html.Div(id=ids.DATA_SEEN, className="data-seen", **attributes(aria_live="polite")),
        ],
        className="data-choose",
    )
