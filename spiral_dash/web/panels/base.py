"""What a panel is, and the card it is shown on.

A panel says here what it is, which options it has and what the axes of its graphs are; the script
of the same name in `assets/panels/` says what it watches and paints it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from spiral_dash.web import ids
from spiral_dash.web.markup import attributes, below
from spiral_dash.web.panels.choices import NORMS

Figure = dict[str, Any]
Text = str | Component | Sequence[str | Component]

FONT_SIZE = 11
SHORT_TITLE = 12
DOWNLOADS = {"csv": "Numbers (CSV)", "png": "Picture (PNG)", "svg": "Picture (SVG)"}
NUMBER_LENGTH_MAX = 24
PLOTLY_BUTTONS = [["zoom2d", "pan2d", "resetScale2d"]]


@dataclass(frozen=True)
class Link:
    """A way to another page, at a `path` of the server; `explanation` says what is there."""

    text: str
    path: str
    explanation: str


@dataclass(frozen=True)
class Panel:
    """A card of the page.

    `explanation` is two or three sentences, `formula` what is computed, `source` where it comes
    from. `options` are components made by `choice` and `switch`, with `links` behind them; `graphs`
    maps each graph's name to a figure without data; `body` is what the panel's script fills by
    itself, if anything, and `is_sketch` says that it is a picture. Panels are shown in ascending
    `order`.
    """

    name: str
    title: str
    order: int
    explanation: str
    formula: Text
    source: str
    graphs: Mapping[str, Figure]
    is_sketch: bool = False
    options: tuple[Component, ...] = ()
    links: tuple[Link, ...] = ()
    body: Component | None = None

    @property
    def purpose(self) -> str:
        """The first sentence of the explanation."""
        first, _, _ = self.explanation.partition(". ")
        return first.removesuffix(".") + "."


def choice(
    panel: str, option: str, label: str, choices: Mapping[str, str], value: str | None = None
) -> Component:
    """Return a labelled list of choices (value: what is shown), the first chosen unless named.

    Choices that depend on the network are supplied by the panel's script.
    """
    select = dbc.Select(
        id=ids.panel_option(panel, option),
        options=[{"value": key, "label": text} for key, text in choices.items()],
        value=next(iter(choices)) if value is None else value,
        size="sm",
    )
    return html.Label(
        [html.Span(label, className="panel-option-label"), select], className="panel-option"
    )


def norm_choice(panel: str) -> Component:
    """Return the list of the norms of a ball."""
    return choice(panel, "norm", "Norm", NORMS)


def switch(panel: str, option: str, label: str, *, value: bool = False) -> Component:
    """Return a labelled switch."""
    component: Component = dbc.Switch(
        id=ids.panel_option(panel, option), label=label, value=value, class_name="panel-option"
    )
    return component


def number(
    panel: str, option: str, label: str, value: str = "", *, placeholder: str = ""
) -> Component:
    """Return a labelled field for a number.

    What is typed travels as it is: the measurement refuses it with a sentence of its own.
    """
    field = dbc.Input(
        id=ids.panel_option(panel, option),
        type="text",
        inputmode="decimal",
        autocomplete="off",
        value=value,
        placeholder=placeholder,
        debounce=True,
        maxlength=NUMBER_LENGTH_MAX,
        size="sm",
        class_name="panel-number",
    )
    return html.Label(
        [html.Span(label, className="panel-option-label"), field], className="panel-option"
    )


def several(
    panel: str, option: str, label: str, choices: Mapping[str, str], chosen: Sequence[str]
) -> Component:
    """Return a labelled group of boxes to tick (value: what is shown)."""
    boxes = dbc.Checklist(
        id=ids.panel_option(panel, option),
        options=[{"value": key, "label": text} for key, text in choices.items()],
        value=list(chosen),
        class_name="panel-several",
    )
    return html.Div(boxes, role="group", className="panel-option", **attributes(aria_label=label))


def button(name: str, label: str) -> Component:
    """Return a button that the panel's script answers, by its name."""
    return html.Button(
        label,
        type="button",
        className="btn btn-quiet btn-small",
        **attributes(data_action=name),
    )


def more(label: str, *options: Component) -> Component:
    """Return a button that shows further options below it."""
    return html.Details(
        [
            html.Summary(label, className="btn btn-quiet btn-small"),
            html.Div(list(options), className="panel-more-options"),
        ],
        className="panel-more",
    )


def hint(text: str) -> Component:
    """Return a line that says how to read what the options beside it add."""
    return html.P(text, className="panel-hint")


def figure(**layout: Any) -> Figure:
    """Return a figure of axes and titles only; the axes are given as `xaxis={...}` and so on.

    The fixed margins keep the plot where it is when the ticks' labels change.
    """
    common: dict[str, Any] = {
        "template": None,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": FONT_SIZE, "color": "#7a8594"},
        "margin": {"l": 46, "r": 20, "t": 10, "b": 34, "pad": 0},
        "hovermode": "closest",
        "hoverlabel": {"font": {"size": FONT_SIZE}},
        "dragmode": "zoom",
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1,
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
            "font": {"size": FONT_SIZE},
            "tracegroupgap": 0,
        },
        "coloraxis": {"showscale": False},
    }
    legend = {**common["legend"], **layout.pop("legend", {})}
    return {"data": [], "layout": {**common, "legend": legend, **layout}}


def axis(title: str, **settings: Any) -> dict[str, Any]:
    """Return an axis with its title, fixed to the range that the panel's script asks for."""
    return {
        "title": {"text": title, "standoff": 6, "font": {"size": FONT_SIZE}},
        "range": [0, 1],
        "autorange": False,
        "automargin": False,
        "ticklabeloverflow": "allow",
        "zeroline": False,
        "gridcolor": "rgba(128,138,150,0.2)",
        "tickfont": {"size": FONT_SIZE - 1},
        "tickangle": 0,
        "exponentformat": "e",
        "nticks": 6,
        **settings,
    }


BIG_MARKERS = {"itemsizing": "constant"}
"""A legend whose markers are larger than those of the points."""

COLOR_BAR: dict[str, Any] = {
    "thickness": 9,
    "outlinewidth": 0,
    "xpad": 6,
    "tickfont": {"size": FONT_SIZE - 1},
    "exponentformat": "e",
    "title": {"side": "top", "font": {"size": FONT_SIZE}},
}


def card(panel: Panel, *, hidden: bool = False) -> Component:
    """Return the panel's card, empty: what it holds is `content`."""
    return html.Article(
        id=ids.panel(panel.name),
        className="panel",
        hidden=hidden,
        **attributes(data_panel=panel.name, aria_labelledby=_heading(panel)),
    )


def _heading(panel: Panel) -> str:
    return f"panel-title-{panel.name}"


def content(panel: Panel, root: str) -> list[Component]:
    """Return a card's title, explanation, buttons, options, graphs and the line below them.

    The page lies at `root`, a path that ends in a slash.
    """
    links = (
        html.A(
            link.text, href=below(root, link.path), title=link.explanation, className="panel-link"
        )
        for link in panel.links
    )
    options = html.Div([*panel.options, *links], className="panel-options")
    # A single option finds room beside a short title.
    fits = len(panel.options) == 1 and len(panel.title) <= SHORT_TITLE
    beside, under = ([options], []) if fits else ([], [options])
    return [
        html.Header(
            [
                html.H2(panel.title, id=_heading(panel), className="panel-title"),
                *beside,
                _about(panel),
                _downloads(panel),
                _button(panel, "enlarge", "Fill the page", aria_pressed="false"),
                _button(panel, "close", "Close"),
            ],
            className="panel-header",
        ),
        *(under if panel.options else []),
        html.Div(
            [
                *(_graph(panel, name, shown) for name, shown in panel.graphs.items()),
                *([] if panel.body is None else [panel.body]),
            ],
            className="panel-body",
        ),
        _progress(),
        html.P("", className="panel-note"),
    ]


def _progress() -> Component:
    """Where the panel's script says how far a long measurement is."""
    return html.Div(
        [
            html.Progress(value="0", max="1", **attributes(aria_label="Share done")),
            html.Span("", className="panel-progress-text"),
            button("call-off", "Cancel"),
        ],
        className="panel-progress",
        hidden=True,
    )


def _about(panel: Panel) -> Component:
    name = f"About {panel.title.lower()}"
    return html.Details(
        [
            html.Summary(
                "i",
                id=ids.panel_button(panel.name, "info"),
                className="panel-button",
                title=name,
                **attributes(aria_label=name),
            ),
            html.Div(
                [
                    html.P(panel.explanation),
                    html.P(panel.formula, className="panel-formula"),
                    html.P(panel.source, className="panel-source"),
                ],
                className="panel-explanation",
            ),
        ],
        className="panel-about",
    )


def _downloads(panel: Panel) -> Component:
    name = f"Download {panel.title.lower()}"
    return html.Details(
        [
            html.Summary(
                html.Span(className="panel-icon panel-icon-download"),
                className="panel-button",
                title="Download",
                **attributes(aria_label=name),
            ),
            html.Div(
                [
                    html.Button(
                        label,
                        id=ids.panel_button(panel.name, kind),
                        type="button",
                        className="menu-item",
                        **attributes(data_download=kind),
                    )
                    for kind, label in DOWNLOADS.items()
                    if panel.graphs or panel.is_sketch or kind == "csv"
                ],
                className="panel-downloads-list",
            ),
        ],
        className="panel-downloads",
    )


def _button(panel: Panel, action: str, label: str, **further: str) -> Component:
    name = f"{label}: {panel.title.lower()}"
    return html.Button(
        html.Span(className=f"panel-icon panel-icon-{action}"),
        id=ids.panel_button(panel.name, action),
        type="button",
        className="panel-button",
        title=label,
        **attributes(data_action=action, aria_label=name, **further),
    )


def _graph(panel: Panel, name: str, shown: Figure) -> Component:
    across, up = (shown["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis"))
    return html.Div(
        dcc.Graph(
            id=ids.panel_graph(panel.name, name),
            figure=shown,
            responsive=True,
            className="panel-plot",
            config={
                "displaylogo": False,
                # The panel's script knows which range suits the data, and resets to that.
                "doubleClick": False,
                "modeBarButtons": PLOTLY_BUTTONS,
            },
        ),
        className=f"panel-graph panel-graph-{name}",
        role="figure",
        **attributes(data_graph=name, aria_label=f"{panel.title}: {up} against {across}"),
    )
