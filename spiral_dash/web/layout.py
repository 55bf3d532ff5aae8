"""The page: a top bar with the transport, a sidebar of dials, and the panels."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from spiral_dash.core.config import RunConfig
from spiral_dash.live.commands import Speed
from spiral_dash.live.pace import FULL_SPEED, USUAL_SPEED
from spiral_dash.web import ids
from spiral_dash.web.arrangements import USUAL
from spiral_dash.web.controls import render_kinds, render_main, render_sections
from spiral_dash.web.data_dialog import render_data_dialog
from spiral_dash.web.gallery import render_empty, render_gallery
from spiral_dash.web.headline import render_headline
from spiral_dash.web.link_dialog import render_link_dialog
from spiral_dash.web.markup import attributes, icon
from spiral_dash.web.notebook import render_notebook
from spiral_dash.web.panels import contents, render
from spiral_dash.web.preset_dialog import render_presets
from spiral_dash.web.rooms.markup import render_room_bar, render_room_dialogs
from spiral_dash.web.run_menu import (
    render_drop_target,
    render_export_dialog,
    render_run_menu,
    render_seat,
)
from spiral_dash.web.stopping import render_stopping

TITLE = "Spiral Dash"
SPEEDS = (
    *(Speed(steps_per_second=number) for number in (1.0, 2.0, 5.0, 20.0)),
    *(Speed(epochs_per_second=number) for number in (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)),
    FULL_SPEED,
)
NOTHING = "–"
"""Stands where a number will be, until there is one."""

_LOSS = (
    "The mean cross-entropy of the {} points, J = −(1/N) Σᵢ log P(class yᵢ | xᵢ), in nats. To "
    "guess among K classes costs log K: 0.693 for two."
)
_ACCURACY = (
    "The share of the {} points whose most probable class is their own: "
    "(1/N) Σᵢ [argmaxₖ P(class k | xᵢ) = yᵢ]."
)
ABOUT = {
    "Epoch": "How often the training points have all been used: an epoch is ⌈N / batch size⌉ "
    "steps. While an earlier one is looked at, that one.",
    "Epochs/s": "Epochs trained in a second, measured at the server, while it plays.",
    "Train loss": _LOSS.format("training"),
    "Test loss": _LOSS.format("test"),
    "Train accuracy": _ACCURACY.format("training"),
    "Test accuracy": _ACCURACY.format("test"),
}
"""What each number of the top bar is, with its formula."""

KEYS = (
    ("Space", "play or pause"),
    ("S", "train one epoch"),
    ("B", "train one batch"),
    ("R", "reset to the same first weights"),
    ("N", "start again with a new seed"),
    ("← →", "go through the epochs that have passed"),
    ("L", "back to the newest epoch"),
    ("D", "show or hide the further dials"),
    ("G", "choose panels"),
    ("P", "ready-made settings"),
    ("C", "compare with a second run, or no longer"),
    ("J", "the notebook: every run trained here"),
    ("T", "light or dark"),
    ("?", "this list"),
)


def make_layout(root: str) -> Component:
    """Return the whole page, its dials at the defaults until a session opens; it lies at `root`."""
    return html.Div(
        [
            html.A("Skip to the panels", href=f"#{ids.MAIN}", className="skip-link"),
            *_stores(root),
            html.Header([_bar(root), _timeline()], className="topbar"),
            # The script fills it: it changes with every frame.
            html.Section(
                id=ids.COMPARE,
                className="compare",
                hidden=True,
                **attributes(aria_label="Two runs compared"),
            ),
            render_room_bar(),
            _main_dials(),
            render_headline(),
            html.Div(
                [_sidebar(), _main()],
                className="workspace",
            ),
            _keyboard_help(),
            render_gallery(),
            render_presets(root),
            render_data_dialog(),
            render_export_dialog(),
            render_notebook(),
            render_link_dialog(),
            *render_room_dialogs(),
            render_drop_target(),
            render_seat(),
            html.Section(id=ids.NOTICES, className="notices", **attributes(aria_label="Messages")),
            html.Div(id=ids.HINT, className="hint", role="tooltip", hidden=True),
        ],
        className="shell",
    )


def _stores(root: str) -> list[Component]:
    return [
        dcc.Store(id=ids.CONFIG),
        dcc.Store(id=ids.KINDS, data=render_kinds()),
        dcc.Store(id=ids.OPEN_PANELS),
        dcc.Store(id=ids.PANEL_OPTIONS),
        dcc.Store(id=ids.CARDS, data=contents(root)),
    ]


def _bar(root: str) -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.Span(className="brand-mark", **attributes(aria_hidden="true")),
                    html.H1(TITLE, className="brand-name"),
                ],
                className="brand",
            ),
            _transport(),
            _readouts(),
            html.Div(
                [
                    _tool(ids.GALLERY_OPEN, "gallery", "Choose panels (G)"),
                    _tool(ids.COMPARE_OPEN, "compare", "Compare with a second run (C)"),
                    _tool(ids.NOTEBOOK_OPEN, "notebook", "Notebook of all runs (J)"),
                    render_run_menu(root),
                    _tool(ids.KEYBOARD_OPEN, "keyboard", "Keyboard shortcuts"),
                    _tool(
                        ids.PROJECTOR,
                        "projector",
                        "For a projector",
                        aria_pressed="false",
                    ),
                    _tool(ids.THEME, "theme", "Light or dark"),
                ],
                className="tools",
            ),
        ],
        className="bar",
    )


def _tool(identity: str, sign: str, label: str, **more: str) -> Component:
    return html.Button(
        icon(sign),
        id=identity,
        type="button",
        title=label,
        className="btn btn-quiet btn-icon",
        **attributes(aria_label=label, **more),
    )


def _transport() -> Component:
    return html.Div(
        [
            html.Button(
                [
                    html.Span([icon("play"), "Play"], className="when-stopped"),
                    html.Span([icon("pause"), "Pause"], className="when-playing"),
                ],
                id=ids.PLAY,
                type="button",
                title="Play or pause (space bar)",
                className="btn btn-play",
            ),
            _tool(ids.STEP_BATCH, "step-batch", "Train one batch (B)"),
            _tool(ids.STEP, "step", "Train one epoch (S)"),
            _tool(ids.RESET, "reset", "Reset to the same first weights (R)"),
            _tool(ids.NEW_SEED, "seed", "Start again with a new seed (N)"),
            html.Div(
                [
                    html.Label("Speed", htmlFor=ids.SPEED, className="visually-hidden"),
                    html.Select(
                        [html.Option(_speed_name(speed), value=speed.text) for speed in SPEEDS],
                        id=ids.SPEED,
                        className="form-select form-select-sm",
                        **attributes(data_usual=USUAL_SPEED.text),
                    ),
                ],
                className="speed",
            ),
            render_stopping(),
        ],
        className="transport",
        role="group",
        **attributes(aria_label="Training"),
    )


def _speed_name(speed: Speed) -> str:
    if speed == FULL_SPEED:
        return "full speed"
    number = speed.steps_per_second or speed.epochs_per_second
    units = ("batch", "batches") if speed.steps_per_second else ("epoch", "epochs")
    return f"{number:g} {units[number != 1]}/s"


def _readouts() -> Component:
    def stat(label: str, identity: str, kind: str) -> Component:
        name = html.Button(
            label, type="button", className="stat-name", **attributes(data_hint_text=ABOUT[label])
        )
        return html.Div(
            [html.Dt(name), html.Dd(NOTHING, id=identity)], className=f"stat stat-{kind}"
        )

    return html.Div(
        [
            html.Span(NOTHING, id=ids.STATE, className="state", role="status"),
            html.Span(
                "busy server: panels take turns",
                id=ids.BUSY,
                className="busy",
                role="status",
                hidden=True,
            ),
            html.Dl(
                [
                    stat("Epoch", ids.EPOCH, "epoch"),
                    stat("Epochs/s", ids.EPOCHS_PER_SECOND, "rate"),
                    stat("Train loss", ids.TRAIN_LOSS, "train"),
                    stat("Test loss", ids.TEST_LOSS, "test"),
                    stat("Train accuracy", ids.TRAIN_ACCURACY, "train"),
                    stat("Test accuracy", ids.TEST_ACCURACY, "test"),
                ],
                className="stats",
            ),
        ],
        className="readouts",
    )


def _timeline() -> Component:
    return html.Div(
        [
            html.Span("Epoch", className="timeline-label", **attributes(aria_hidden="true")),
            # The range input inside is made by timeline.mjs: it moves with every frame.
            html.Div(id=ids.TIMELINE_TRACK, className="timeline-track"),
            html.Span(NOTHING, id=ids.TIMELINE_SHOWN, className="timeline-shown"),
            # The script disables both where they make no sense; React would ignore the clicks on a
            # button that it had disabled itself.
            html.Button(
                [icon("live"), "Back to live"],
                id=ids.LIVE,
                type="button",
                title="Show the newest epoch again (L)",
                className="btn btn-quiet btn-small",
            ),
            html.Button(
                [icon("branch"), "Branch here"],
                id=ids.BRANCH,
                type="button",
                title="Forget what came after the epoch on show, and train on from it",
                className="btn btn-quiet btn-small",
            ),
        ],
        className="timeline",
    )


def _main_dials() -> Component:
    """The dials that matter most, in a row, and the button that shows the rest."""
    return html.Section(
        [
            html.Button(
                [icon("presets"), "Start from"],
                id=ids.PRESETS_OPEN,
                type="button",
                title="Ready-made settings (P)",
                className="btn btn-quiet",
            ),
            html.Button(
                [icon("dials"), "All dials"],
                id=ids.DIALS_TOGGLE,
                type="button",
                title="Show or hide the further dials (D)",
                className="btn btn-quiet",
                **attributes(aria_controls=ids.DIALS, aria_expanded="false"),
            ),
            *render_main(RunConfig()),
        ],
        id=ids.MAIN_DIALS,
        className="main-dials",
        **attributes(aria_label="Main dials"),
    )


def _sidebar() -> Component:
    return html.Aside(
        [*render_sections(RunConfig(), _facts())],
        id=ids.DIALS,
        className="dials",
        **attributes(aria_label="Further dials"),
    )


def _facts() -> Component:
    return html.Div(
        [
            html.H2("On screen", className="geometry-title"),
            # The script fills it with what is known of the data on screen.
            html.Dl(id=ids.FACTS, className="geometry-list"),
            html.P(
                "Too many points for the address: a link to this page needs their file. The menu "
                "of the run downloads both together.",
                className="link-note",
            ),
            html.Ul(id=ids.FACT_NOTES, className="fact-notes"),
        ],
        className="geometry",
    )


def _main() -> Component:
    return html.Main(
        [
            html.Div(
                [
                    icon("offline"),
                    html.Span("Connection lost. Trying again; the run goes on at the server."),
                ],
                id=ids.CONNECTION,
                className="connection",
                role="status",
                hidden=True,
            ),
            render(USUAL),
            render_empty(),
        ],
        id=ids.MAIN,
        className="main",
        tabIndex="-1",
    )


def _keyboard_help() -> Component:
    return html.Dialog(
        [
            html.H2("Keyboard"),
            html.Dl(
                [
                    html.Div([html.Dt(html.Kbd(key)), html.Dd(what)], className="key")
                    for key, what in KEYS
                ],
                className="keys",
            ),
            html.P(
                "In a dial, the up and down arrows turn it. None of the keys above "
                "acts while a field is being typed in.",
                className="keys-note",
            ),
            dbc.Switch(
                id=ids.KEYBOARD_SWITCH,
                label="Shortcuts on",
                value=True,
                persistence=True,
                persistence_type="local",
            ),
            html.Button("Close", id=ids.KEYBOARD_CLOSE, type="button", className="btn btn-accent"),
        ],
        id=ids.KEYBOARD,
        className="keyboard",
        **attributes(aria_label="Keyboard shortcuts"),
    )
