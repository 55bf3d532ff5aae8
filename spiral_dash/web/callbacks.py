"""What happens when the page opens, a dial turns or a button is pressed. Async, and thin."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from dash import (
    ALL,
    ClientsideFunction,
    Dash,
    Input,
    Output,
    State,
    callback_context,
    no_update,
    set_props,
)

from spiral_dash.core.config import ConfigError, RunConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.live.commands import Adjust, Configure, parse_command
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host, HostFull
from spiral_dash.live.pool import PoolError
from spiral_dash.live.session import CommandRefused
from spiral_dash.live.states import State as SessionState
from spiral_dash.web import ids
from spiral_dash.web.controls import momentum_matters, momentum_reason
from spiral_dash.web.form import (
    DISTANCE,
    GROWTH,
    Reading,
    beside,
    path_of,
    payload_of,
    read_form,
    read_query,
    texts_of,
)

NEW_SEED_MAX = 1_000_000
NOTICES_MAX = 5
ACTIONS = {"play", "pause", "step", "reset", "speed", "branch"}
GONE = "This session has ended. Reload the page for a new one."
FOLLOWED = "The former session is gone. This is a new one with the settings of the address."
NO_POINTS = (
    "The address names points that are not here: more than 400 do not travel in an address. "
    "Open their file, or the recording of the run."
)
NO_POINTS_NAMED = "The address names no points of its own: open a file with them."

Notice = dict[str, str]


def register(app: Dash, host: Host) -> None:
    """Connect the page's components to `host` and to the scripts in `assets/`."""
    _register_clientside(app)

    @app.callback(
        Output(ids.SESSION, "data"),
        Output(ids.OPENED, "data"),
        Output(ids.CONFIG, "data"),
        Output(ids.NOTICE, "data"),
        Input(ids.OPENING, "data"),
        prevent_initial_call=True,
    )
    async def open_session(opening: object) -> tuple[Any, Any, Any, list[Notice]]:
        asked = opening if isinstance(opening, Mapping) else {}
        reading = read_query(str(asked.get("search") or ""))
        notices = _problems(reading)
        token = str(asked.get("token") or "")
        try:
            handle = host.find(token)
            reading, missing = _with_rows(reading, handle)
            if missing:
                notices.append(_notice("warning", missing))
            handle = await _rejoin(handle, reading)
            if handle is None:
                if token or asked.get("ended"):
                    notices.append(_notice("info", FOLLOWED))
                token = await host.open(reading.config, reading.rows)
                handle = host.find(token)
        except (HostFull, PoolError, CommandRefused, ConfigError) as error:
            notices.append(_notice("danger", str(error)))
            return None, None, payload_of(reading.config), notices
        payload = payload_of(reading.config) if handle is None else _payload(handle)
        return token, {"token": token}, payload, notices

    @app.callback(
        Output(ids.problem(ALL, ALL), "children"),
        Output(ids.RESTART_DIALOG, "hidden"),
        Output(ids.field("training", "momentum"), "disabled"),
        Output(ids.MOMENTUM_REASON, "children"),
        Input(ids.field(ALL, ALL), "value"),
        Input(ids.LAYERS, "value"),
        Input(ids.units(ALL), "value"),
        Input(ids.RESTART_CONFIRM, "n_clicks"),
        State(ids.KIND_DIALS, "data-kind"),
        State(ids.TOLD, "data"),
        State(ids.RESTART_SILENT, "value"),
        State(ids.SESSION, "data"),
        State(ids.problem(ALL, ALL), "id"),
        State(ids.problem(ALL, ALL), "children"),
        State(ids.RESTART_DIALOG, "hidden"),
        State(ids.MOMENTUM_REASON, "children"),
        prevent_initial_call=True,
    )
    async def turn(
        values: list[object],
        layers: object,
        units: list[object],
        confirmed: object,
        dials: object,
        told: object,
        silent: object,
        token: object,
        places: list[dict[str, str]],
        said: list[object],
        hidden: object,
        reason: object,
    ) -> tuple[list[object], object, object, object]:
        handle = host.find(str(token))
        current = RunConfig() if handle is None else handle.present
        fields = _named(callback_context.inputs_list[0], values)
        reading = read_form(
            fields,
            layers,
            units,
            current,
            dials=dials if isinstance(dials, str) else None,
            told=told if isinstance(told, Mapping) else {},
        )
        waits = False
        if handle is not None:
            asked = callback_context.triggered_id == ids.RESTART_CONFIRM or bool(silent)
            try:
                waits = await _apply(handle, reading.config, asked)
            except CommandRefused as error:
                _tell(_notice("danger", str(error)))
        _follow(reading, fields)
        training = reading.config.training
        now = momentum_reason(training)
        # Each property that is written costs the browser time, most of all beside a live picture.
        return (
            [
                _unless_equal(_sentence(reading, place), before or "")
                for place, before in zip(places, said, strict=True)
            ],
            _unless_equal(not waits, hidden),
            no_update if now == reason else not momentum_matters(training),
            _unless_equal(now, reason),
        )

    @app.callback(
        Input(ids.ACTION, "data"),
        State(ids.SESSION, "data"),
        prevent_initial_call=True,
    )
    async def act(action: object, token: object) -> None:
        if not isinstance(action, Mapping):
            return
        handle = host.find(str(token))
        message = {name: value for name, value in action.items() if name != "at"}
        try:
            if handle is None:
                raise CommandRefused(GONE)
            if message.get("do") == "new-seed":
                config = handle.config.replace(seed=secrets.randbelow(NEW_SEED_MAX))
                await handle.command(Configure(config=config))
                set_props(ids.CONFIG, {"data": _payload(handle)})
            elif message.get("do") in ACTIONS:
                await handle.command(parse_command(message))
        except (CommandRefused, ConfigError) as error:
            _tell(_notice("warning", str(error)))

    @app.callback(
        Input(ids.SEEN, "data"),
        State(ids.SESSION, "data"),
        prevent_initial_call=True,
    )
    async def follow(seen: object, token: object) -> None:
        handle = host.find(str(token))
        if handle is not None and isinstance(seen, Mapping):
            # When it was asked and what waits for the person's yes, for the script that shows it.
            asked = {name: seen.get(name) for name in ("at", "waits")}
            set_props(ids.CONFIG, {"data": _payload(handle) | asked})


def _register_clientside(app: Dash) -> None:
    def shell(name: str, *dependencies: Any, initially: bool = False) -> None:
        function = ClientsideFunction("shell", name)
        app.clientside_callback(  # type: ignore[no-untyped-call]
            function, *dependencies, prevent_initial_call=not initially
        )

    shell("arrive", Output(ids.OPENING, "data"), Input(ids.URL, "search"), initially=True)
    shell("connect", Input(ids.OPENED, "data"))
    shell("notify", Input(ids.NOTICE, "data"))
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
    shell(
        "show",
        Output(ids.field(ALL, ALL), "value"),
        Output(ids.LAYERS, "value"),
        Output(ids.units(ALL), "value"),
        Output(ids.KIND_DIALS, "children"),
        Output(ids.KIND_DIALS, "data-kind"),
        Output(ids.TOLD, "data"),
        Input(ids.CONFIG, "data"),
        Input(ids.preset(ALL), "n_clicks"),
        Input(ids.RESTART_CANCEL, "n_clicks"),
        State(ids.PRESETS, "data"),
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
        Output(ids.KIND_DIALS, "data-kind", allow_duplicate=True),
        Input(ids.field("data", "kind"), "value"),
        State(ids.KINDS, "data"),
        State(ids.KIND_DIALS, "data-kind"),
    )
    shell(
        "layerCount", Output(ids.UNITS, "data-layers"), Input(ids.LAYERS, "value"), initially=True
    )
    shell(
        "act",
        Output(ids.ACTION, "data"),
        *(
            Input(button, "n_clicks")
            for button in (ids.PLAY, ids.STEP, ids.RESET, ids.NEW_SEED, ids.BRANCH)
        ),
        Input(ids.SPEED, "value"),
    )


async def _rejoin(handle: SessionHandle | None, reading: Reading) -> SessionHandle | None:
    """Return a living session, turned to what the address asks for if it asks for anything else."""
    if handle is not None and reading.config not in (handle.config, RunConfig()):
        if reading.rows is not None:
            handle.rows.put(reading.rows)
        await handle.command(Configure(config=reading.config))
    return handle


def _with_rows(reading: Reading, handle: SessionHandle | None) -> tuple[Reading, str]:
    """Return a reading whose points are there, and why it is not the one of the address, if so.

    Points that are not in the address may be in the session already. Where they are nowhere, the
    present session stays as it is, and a new one begins with the usual data.
    """
    data = reading.config.data
    if not isinstance(data, PointsData) or reading.rows is not None:
        return reading, ""
    if handle is not None and handle.rows.has(data.digest):
        return reading, ""
    why = NO_POINTS if data.digest else NO_POINTS_NAMED
    if handle is not None:
        return Reading(handle.config), f"{why} The present session goes on."
    config = reading.config.replace(data=RunConfig().data)
    return Reading(config, reading.problems), f"{why} Here is the usual spiral instead."


def _payload(handle: SessionHandle) -> dict[str, Any]:
    return payload_of(handle.config, handle.training, handle.rows.text(handle.config))


async def _apply(handle: SessionHandle, wanted: RunConfig, asked: bool) -> bool:
    """Bring a session to a configuration; whether a part of it waits for the person's yes.

    What changes a run in progress does so at once. What starts a new one does so where none has
    been trained or `asked` says that the person knows.
    """
    present = handle.present
    if wanted == present:
        return False
    optimizer = present.training.optimizer
    in_progress = present.replace(training=wanted.training.replace(optimizer=optimizer))
    starts_anew = wanted != in_progress
    if starts_anew and (asked or handle.state is SessionState.READY):
        await handle.command(Configure(config=wanted))
        return False
    if in_progress != present:
        await handle.command(Adjust(training=in_progress.training))
    return starts_anew


def _follow(reading: Reading, fields: Mapping[tuple[str, str], object]) -> None:
    """Show the distance that the growth, or the growth that the distance has led to."""
    texts = texts_of(reading.config)
    for path in (DISTANCE, GROWTH):
        group, _, name = path.partition(".")
        shown = fields.get((group, name))
        if path in texts and path not in reading.problems and shown not in (None, texts[path]):
            set_props(ids.field(group, name), {"value": texts[path]})


def _named(
    identified: Iterable[Mapping[str, Any]], values: Iterable[object]
) -> dict[tuple[str, str], object]:
    pairs = zip(identified, values, strict=True)
    return {(str(each["id"]["group"]), str(each["id"]["name"])): value for each, value in pairs}


def _sentence(reading: Reading, place: Mapping[str, str]) -> str:
    path = path_of(place["group"], place["name"])
    return beside(path, reading.problems.get(path, ""))


def _unless_equal(value: object, before: object) -> object:
    return no_update if value == before else value


def _notice(level: str, text: str) -> Notice:
    return {"level": level, "text": text}


def _tell(*notices: Notice) -> None:
    set_props(ids.NOTICE, {"data": list(notices)})


def _problems(reading: Reading) -> list[Notice]:
    sentences = list(reading.problems.values())
    notices = [_notice("warning", sentence) for sentence in sentences[:NOTICES_MAX]]
    more = len(sentences) - NOTICES_MAX
    if more > 0:
        notices.append(_notice("warning", f"{more} more settings of the address are not valid."))
    return notices
