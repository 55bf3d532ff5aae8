"""The sidebar's controls, one for every dial: a label, a field, its help, and its problem."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from spiral_dash.core.config import RunConfig, TrainingConfig
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.optimizers import OPTIMIZERS
from spiral_dash.core.validation import schema_of
from spiral_dash.web import ids
from spiral_dash.web.dials import (
    CLOSED,
    DATA,
    KIND,
    MAIN,
    SECTIONS,
    Dial,
    bounds_text,
    choices,
    main_dial,
    own_dials,
    schema,
    several,
    shared_dials,
)
from spiral_dash.web.form import texts_of
from spiral_dash.web.markup import attributes, dom_id

KIND_FIELD = ids.field("data", "kind")
LAYERS_MAX: int = schema_of(RunConfig, ["network", "hidden"])["maxItems"]
LEARNING_RATES = ("0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1")


def render_sections(config: RunConfig, facts: Component) -> list[Component]:
    """Return the sidebar's sections, each dial at its value in `config`; see `render_main`.

    Of the data, only the dials of its kind; those of another are filled in when it is chosen.
    """
    texts = texts_of(config)
    kind = config.data.kind
    own = html.Div(
        render_kind(kind, texts)["own"],
        id=ids.KIND_DIALS,
        className="kind-dials",
        **attributes(data_kind=kind),
    )
    extra = {DATA: [own, *(render_dial(dial, texts) for dial in shared_dials()), facts]}
    apart = {KIND.path, *MAIN}
    return [
        html.Details(
            [
                html.Summary(title, className="section-title"),
                html.Div(
                    [
                        *(render_dial(dial, texts) for dial in dials if dial.path not in apart),
                        *extra.get(title, []),
                    ],
                    className="section-body",
                ),
            ],
            open=title not in CLOSED,
            className="section",
        )
        for title, dials in SECTIONS.items()
    ]


def render_main(config: RunConfig) -> list[Component]:
    """Return the dials that stand above the pictures: of the data, and those of `MAIN`."""
    texts = texts_of(config)
    by_path = {dial.path: dial for dials in SECTIONS.values() for dial in dials}
    main = html.Div(
        render_kind(config.data.kind, texts)["main"], id=ids.KIND_MAIN, className="kind-dials"
    )
    others = (render_dial(by_path[path], texts) for path in MAIN)
    return [render_dial(KIND, texts), main, *others]


def render_kinds() -> dict[str, dict[str, list[Component]]]:
    """Return what the places of a kind's own dials hold, for each kind, at its defaults."""
    return {
        kind: render_kind(kind, texts_of(RunConfig.parse({"data": {"kind": kind}})))
        for kind in KINDS
    }


def render_kind(kind: str, texts: dict[str, str]) -> dict[str, list[Component]]:
    """Return the `main` dial of a kind of data, and its `own`: a sentence and all others."""
    of_kind = KINDS[kind]
    main = main_dial(of_kind)
    others = [dial for dial in own_dials(of_kind) if dial != main]
    # Named after the kind, so that no part of it is taken for the same of another kind.
    return {
        "main": [
            html.Div(
                [] if main is None else [render_dial(main, texts)],
                id=f"main-dial-of-{kind}",
                className="kind-dials",
            )
        ],
        "own": [
            html.P(of_kind.about, className="dial-reason kind-about"),
            html.Div(
                [render_dial(dial, texts) for dial in others],
                id=f"dials-of-{kind}",
                className="kind-dials",
            ),
        ],
    }


def render_dial(dial: Dial, texts: dict[str, str]) -> Component:
    """Return a label, the control, its help, and the place for its problem."""
    names = choices(dial)
    identity = ids.field(dial.group, dial.name)
    target = dom_id(identity)
    if dial.path == "network.hidden":
        control: Sequence[Component] = [_layers(texts[dial.path])]
        target = ids.LAYERS
    elif several(dial):
        control = [_switches(dial, several(dial), texts[dial.path])]
    elif names:
        control = [_choice(identity, names, texts[dial.path])]
    else:
        control = _number(dial, identity, texts[dial.path])
    help_text = " ".join(part for part in (dial.help, bounds_text(dial)) if part)
    help_id = f"help-{dial.group}-{dial.name}"
    return html.Div(
        [
            html.Div(
                [
                    html.Label(_subscripted(dial.label), htmlFor=target, className="dial-label")
                    if not several(dial)
                    else html.Span(dial.label, id=_label_id(dial), className="dial-label"),
                    html.Span(dial.unit, className="dial-unit") if dial.unit else None,
                    html.Button(
                        "?",
                        type="button",
                        className="hint-button",
                        **attributes(
                            aria_label=f"About {dial.label}",
                            aria_describedby=help_id,
                            data_hint=help_id,
                        ),
                    ),
                ],
                className="dial-head",
            ),
            # Where a link locks the dial, the script disables what is in here.
            html.Fieldset(control, className="dial-control", role="presentation"),
            html.P(help_text, id=help_id, className="visually-hidden dial-help"),
            html.P(
                id=ids.problem(dial.group, dial.name),
                className="dial-problem",
                **attributes(aria_live="polite"),
            ),
        ],
        className="dial dial-half" if dial.half else "dial",
        hidden=len(names) == 1,
        **attributes(
            data_group=dial.group,
            data_name=dial.name,
            data_step=str(dial.step),
            data_scale=dial.scale,
        ),
    )


def _subscripted(label: str) -> list[Component | str]:
    before, found, after = label.partition("φmin")
    return [before, "φ", html.Sub("min"), after] if found else [label]


def _label_id(dial: Dial) -> str:
    return f"label-{dial.group}-{dial.name}"


def _switches(dial: Dial, names: Sequence[str], value: str) -> Component:
    """Return a switch for each name, of which at least one stays on."""
    return html.Div(
        dbc.Checklist(
            id=ids.field(dial.group, dial.name),
            options=[{"label": _formula(name), "value": name} for name in names],
            value=[name for name in names if name in value.split(",")],
            inline=True,
            class_name="switches",
        ),
        role="group",
        **attributes(aria_labelledby=_label_id(dial), data_least="1"),
    )


def _formula(name: str) -> str:
    """Return a feature's name as it is written: `x1^2` as x₁², `sin_x2` as sin x₂."""
    signs = (("x1", "x₁"), ("x2", "x₂"), ("^2", "²"), ("_", " "))
    return functools.reduce(lambda text, sign: text.replace(*sign), signs, name)


def _choice(identity: dict[str, Any], names: Sequence[str], value: str) -> Component:
    titles = {name: kind.title for name, kind in KINDS.items()} if identity == KIND_FIELD else {}
    options = [
        {"label": titles.get(name) or name.replace("_", " "), "value": name} for name in names
    ]
    select: Component = dbc.Select(id=identity, options=options, value=value, size="sm")
    return select


def _number(dial: Dial, identity: dict[str, Any], value: str) -> list[Component]:
    # Text, not a number field: what was typed arrives as it was typed and can be answered.
    seed = dial.name == "seed"
    number = dbc.Input(
        id=identity,
        type="text",
        inputmode="numeric" if schema(dial).get("type") == "integer" else "decimal",
        value=value,
        debounce=True,
        size="sm",
        autocomplete="off",
        placeholder="derived" if seed and dial.group != "run" else "",
        list=ids.LEARNING_RATES if dial.name == "learning_rate" else None,
        disabled=dial.name == "momentum" and not momentum_matters(RunConfig().training),
    )
    if dial.name == "learning_rate":
        rates = [html.Option(value=rate) for rate in LEARNING_RATES]
        return [number, html.Datalist(rates, id=ids.LEARNING_RATES)]
    if dial.name == "momentum":
        reason = momentum_reason(RunConfig().training)
        return [number, html.P(reason, id="reason-training-momentum", className="dial-reason")]
    if dial.slider is None:
        return [number]
    slider = dbc.Input(
        id=f"slider-{dial.group}-{dial.name}",
        type="range",
        min=dial.slider.low,
        max=dial.slider.high,
        step=dial.slider.step,
        value=value,
        class_name="form-range",
    )
    return [html.Div([slider, number], className="dial-slider")]


def _layers(hidden: str) -> Component:
    units = hidden.split(",") if hidden else []
    return html.Div(
        [
            html.Div(
                [
                    html.Button(
                        "−",
                        id=ids.FEWER_LAYERS,
                        type="button",
                        className="btn btn-quiet btn-step",
                        **attributes(aria_label="One hidden layer fewer"),
                    ),
                    dbc.Input(
                        id=ids.LAYERS,
                        type="text",
                        inputmode="numeric",
                        value=str(len(units)),
                        debounce=True,
                        size="sm",
                        autocomplete="off",
                    ),
                    html.Button(
                        "+",
                        id=ids.MORE_LAYERS,
                        type="button",
                        className="btn btn-quiet btn-step",
                        **attributes(aria_label="One hidden layer more"),
                    ),
                ],
                className="layer-count",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            dbc.Input(
                                id=ids.units(layer),
                                type="text",
                                inputmode="numeric",
                                value=units[min(layer, len(units)) - 1] if units else "8",
                                debounce=True,
                                size="sm",
                                autocomplete="off",
                            ),
                            html.Label(
                                [html.Span("units of layer ", className="visually-hidden"), layer],
                                htmlFor=dom_id(ids.units(layer)),
                            ),
                        ],
                        className="layer-units",
                    )
                    for layer in range(1, LAYERS_MAX + 1)
                ],
                id=ids.UNITS,
                className="layers",
                **attributes(data_layers=str(len(units))),
            ),
        ]
    )


def momentum_matters(training: TrainingConfig) -> bool:
    """Whether the momentum has an effect."""
    return OPTIMIZERS[training.optimizer].uses_momentum


def momentum_reason(training: TrainingConfig) -> str:
    """Return why the momentum cannot be set, or nothing."""
    if momentum_matters(training):
        return ""
    users = ", ".join(name for name, optimizer in OPTIMIZERS.items() if optimizer.uses_momentum)
    return f"No effect with {training.optimizer}: only {users} uses it."
