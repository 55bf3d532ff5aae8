"""The dialog that makes a link for a class: what it opens, and which dials it leaves to others."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from spiral_dash.web import ids
from spiral_dash.web.markup import attributes, button, dialog_header

ALL = {"": "All free", "lock": "Lock all", "hide": "Hide all"}
"""What can be done with all dials at once."""


def render_link_dialog() -> Component:
    """Return the dialog; `link.mjs` fills it when it is opened."""
    return html.Dialog(
        [
            dialog_header("Link for a class", ids.LINK_CLOSE, "Close the link"),
            html.P(
                "Who opens it finds this page as it is now: the run and what it is compared with, "
                "at the epoch on show, the panels with their options, the speed.",
                className="gallery-purpose",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            html.Label("The link", htmlFor=ids.LINK_TEXT, className="data-label"),
                            html.Textarea(
                                id=ids.LINK_TEXT,
                                readOnly="readonly",
                                rows="4",
                                className="form-control link-text",
                            ),
                            button("Copy", ids.LINK_COPY, "accent"),
                            html.P(id=ids.LINK_SAID, className="gallery-purpose", role="status"),
                        ],
                        className="link-words",
                    ),
                    html.Div(
                        id=ids.LINK_QR,
                        className="link-qr",
                        role="img",
                        **attributes(aria_label="The link as a QR picture"),
                    ),
                ],
                className="link-parts",
            ),
            html.H3("What others may turn"),
            html.Div(
                [
                    html.Button(
                        text,
                        type="button",
                        className="btn btn-quiet btn-small",
                        **attributes(data_all=value),
                    )
                    for value, text in ALL.items()
                ],
                className="link-all",
                role="group",
                **attributes(aria_label="All dials at once"),
            ),
            html.Ul(id=ids.LINK_DIALS, className="link-dials"),
        ],
        id=ids.LINK_DIALOG,
        className="gallery link-dialog",
        **attributes(aria_label="Link for a class"),
    )
