"""The menu of the run: record it as a file, open a recorded one, or open data."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from spiral_dash.core.export import FORMATS
from spiral_dash.core.recording import BYTES_MAX, SUFFIX
from spiral_dash.web import ids
from spiral_dash.web.experiment_settings import PATH
from spiral_dash.web.markup import attributes, below, icon


def render_run_menu(root: str) -> Component:
    """Return the menu; `recordings.mjs` acts on it."""
    return html.Details(
        [
            html.Summary(
                icon("file"),
                title="Record or open a run, or data",
                className="btn btn-quiet btn-icon",
                **attributes(aria_label="Record or open a run, or data"),
            ),
            html.Div(
                [
                    *_item(
                        "Download this run",
                        ids.RUN_DOWNLOAD,
                        "Its settings, history and weights in one file, for this page or for "
                        "Run.load in Python.",
                    ),
                    html.P(
                        "The address of this page does not hold these points: there are too many. "
                        "Whoever gets it needs their file too. This download holds them.",
                        id=ids.LINK_NOTE,
                        className="menu-help link-note",
                    ),
                    *_item(
                        "Link for a class …",
                        ids.LINK_OPEN,
                        "Opens this page for others, as text and as a QR picture, with dials "
                        "locked or hidden.",
                    ),
                    *_item(
                        "Room for a class …",
                        ids.ROOM_OPEN,
                        "Shows this run live to everyone who opens a link: they follow what you "
                        "do here.",
                    ),
                    *_item(
                        "Take it along …",
                        ids.EXPORT_OPEN,
                        "For other tools: a PyTorch script, ONNX, properties for a verifier, "
                        "weights, data, history.",
                    ),
                    *_item(
                        "Report of this page",
                        ids.RUN_REPORT,
                        "Pictures, figures, settings and the link in one HTML file; print it for "
                        "a PDF. In a lesson, your answers too.",
                    ),
                    *_item(
                        "Open a recorded run …",
                        ids.RUN_OPEN,
                        "It takes the place of the present run.",
                    ),
                    *_item(
                        "Open data …",
                        ids.DATA_OPEN,
                        "Points of your own, as a table: CSV, .npz, or pasted. Files of either "
                        "kind can be dropped anywhere on the page, too.",
                    ),
                    *_item(
                        "End this session …",
                        ids.RUN_END,
                        "Frees its seat at this server. Closing the page does so too, but the "
                        "run stays for when you come back.",
                    ),
                    html.A("Experiments", href=below(root, PATH), className="menu-item"),
                    html.P(
                        "Questions put to many runs at once, with tests and verdicts.",
                        className="menu-help",
                    ),
                    html.Div(
                        [
                            html.H2("Changed during this run", className="menu-title"),
                            # The script fills it, as it does the marks on the epoch slider.
                            html.Ol(className="menu-list"),
                        ],
                        id=ids.RUN_CHANGES,
                        hidden=True,
                    ),
                    html.P(id=ids.RUN_MESSAGE, className="menu-message", role="status"),
                ],
                className="menu-body",
            ),
        ],
        id=ids.RUN_MENU,
        className="menu",
        **attributes(data_menu="", data_bytes_max=str(BYTES_MAX), data_suffix=SUFFIX),
    )


def _item(text: str, identity: str, about: str) -> tuple[Component, Component]:
    """Return an item of the menu, and what it is for."""
    return (
        html.Button(text, id=identity, type="button", className="menu-item"),
        html.P(about, className="menu-help"),
    )


def render_export_dialog() -> Component:
    """Return the dialog of formats; `assets/export/dialog.mjs` fills it once it is opened."""
    formats = [
        {
            "name": name,
            **{field: getattr(form, field) for field in ("title", "about")},
            "has_properties": form.has_properties,
        }
        for name, form in FORMATS.items()
    ]
    return html.Dialog(
        id=ids.EXPORT_DIALOG,
        className="gallery export-dialog",
        **attributes(aria_label="Take this run along", data_formats=json.dumps(formats)),
    )


def render_seat() -> Component:
    """Return what covers the page while it has no session; `assets/page/seat.mjs` fills it."""
    return html.Dialog(
        [
            html.H2(id=ids.SEAT_TITLE),
            html.P(id=ids.SEAT_TEXT, role="status"),
            html.Div(id=ids.SEAT_CHOICES, className="seat-choices"),
        ],
        id=ids.SEAT,
        className="gallery seat",
        **attributes(aria_labelledby=ids.SEAT_TITLE),
    )


def render_drop_target() -> Component:
    """Return what covers the page while a file is dragged over it."""
    return html.Div(
        html.P("Drop a table or a recorded run to open it"),
        id=ids.DROP,
        className="drop",
        hidden=True,
        **attributes(aria_hidden="true"),
    )
