"""What Dash tells the page's scripts: all that is done here is done in the browser."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State

from spiral_dash.web import ids


def register(app: Dash) -> None:
    """Connect the page's components to the scripts in `assets/`."""

    def shell(name: str, *dependencies: Any, initially: bool = False) -> None:
        function = ClientsideFunction("shell", name)
        app.clientside_callback(  # type: ignore[no-untyped-call]
            function, *dependencies, prevent_initial_call=not initially
        )

    shell(
        "turn",
        Input(ids.field(ALL, ALL), "value"),
        Input(ids.LAYERS, "value"),
        Input(ids.units(ALL), "value"),
        State(ids.KIND_DIALS, "data-kind"),
        State(ids.field(ALL, ALL), "id"),
    )
    shell(
        "show",
        Output(ids.field(ALL, ALL), "value"),
        Output(ids.LAYERS, "value"),
        Output(ids.units(ALL), "value"),
        Output(ids.KIND_DIALS, "children"),
        Output(ids.KIND_MAIN, "children"),
        Output(ids.KIND_DIALS, "data-kind"),
        Input(ids.CONFIG, "data"),
        State(ids.KINDS, "data"),
        State(ids.KIND_DIALS, "data-kind"),
        State(ids.field(ALL, ALL), "id"),
        State(ids.field(ALL, ALL), "value"),
        State(ids.LAYERS, "value"),
        State(ids.units(ALL), "value"),
    )
    shell(
        "kindChosen",
        Output(ids.KIND_DIALS, "children", allow_duplicate=True),
        Output(ids.KIND_MAIN, "children", allow_duplicate=True),
        Output(ids.KIND_DIALS, "data-kind", allow_duplicate=True),
        Input(ids.field("data", "kind"), "value"),
        State(ids.KINDS, "data"),
        State(ids.KIND_DIALS, "data-kind"),
    )
    shell(
        "layerCount", Output(ids.UNITS, "data-layers"), Input(ids.LAYERS, "value"), initially=True
    )
    shell(
        "panelOptions",
        # With an output, it is called for the options of a card that is filled later, too.
        Output(ids.PANEL_OPTIONS, "data"),
        Input(ids.panel_option(ALL, ALL), "value"),
        State(ids.panel_option(ALL, ALL), "id"),
        initially=True,
    )
    shell(
        "fillCards",
        Output(ids.panel(ALL), "children"),
        Input(ids.OPEN_PANELS, "data"),
        State(ids.CARDS, "data"),
        State(ids.panel(ALL), "id"),
    )
