"""Where the scripts of rooms draw: a bar below the top one, and a dialog."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from spiral_dash.web import ids
from spiral_dash.web.markup import attributes


def render_room_bar() -> Component:
    """Return the bar of a room, for who presents in it and who follows; `room/bar.mjs` fills it."""
    return html.Section(
        id=ids.ROOM, className="room-bar", hidden=True, **attributes(aria_label="Room")
    )


def render_room_dialogs() -> tuple[Component, Component]:
    """Return the dialog of a room and its board, which scripts fill when they are opened."""
    dialog = html.Dialog(
        id=ids.ROOM_DIALOG,
        className="gallery room-dialog",
        **attributes(aria_label="Room for a class"),
    )
    board = html.Dialog(
        id=ids.ROOM_BOARD, className="gallery board", **attributes(aria_label="The board")
    )
    return dialog, board
