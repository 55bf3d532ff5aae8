"""The pages of the experiments, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from spiral_dash.core.probes import PROBES
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.plan import estimated_seconds
from spiral_dash.web.experiment_settings import PATH
from spiral_dash.web.markup import below
from spiral_dash.web.pages import document

NAV = """
    <nav aria-label="Pages">
      <a href="{root}">Laboratory</a> <a href="{experiments}">Experiments</a>
    </nav>"""
EXAMPLE = "data.entanglement=2,4,6,8,10\nnetwork.activation=tanh,relu"


def _document(root: str, title: str, content: str) -> str:
    return document(
        root,
        title,
        content,
        kind="experiments",
        style="experiments/experiments.css",
        script="experiments/page.mjs",
        before=NAV.format(root=root, experiments=below(root, PATH)),
    )


def listing(
    root: str,
    catalogue: Sequence[Experiment],
    own: Sequence[Experiment],
    why_not: str,
    wrong: str = "",
) -> str:
    """Return the page that lists the catalogue and one's own questions, with a form for more.

    `why_not` says why nothing can be started, `wrong` what keeps the results from being read.
    """
    parts = [
        "<h1>Experiments</h1>",
        "<p>Questions put to many runs, each from many seeds. What is done is kept, and is not "
        "done again.</p>",
        "<h2>The thesis, chapter 4 and the map of its aim</h2>",
        _links(catalogue, root),
    ]
    if wrong:
        parts.append(sorry(wrong))
    if own:
        parts += ["<h2>Questions of your own</h2>", _links(own, root)]
    parts += ["<h2>A new question</h2>", _own_form() if not why_not else sorry(why_not)]
    return _document(root, "Experiments", "".join(parts))


def _links(experiments: Sequence[Experiment], root: str) -> str:
    rows = "".join(
        f'<li><a href="{below(root, PATH)}/{one.id}"><b>{one.id}</b> {escape(one.question)}</a>'
        f"<small>{escape(one.section) or f'{one.runs} runs'}</small></li>"
        for one in experiments
    )
    return f'<ul class="catalogue">{rows}</ul>'


COMPARING = (
    '<p id="comparing" hidden><button type="button" aria-pressed="false">Compare two runs</button> '
    '<span role="status"></span></p>'
)
"""Two points of a figure, or seeds below it, are opened side by side."""


def page(root: str, experiment: Experiment, why_not: str) -> str:
    """Return the page of one experiment; its answer is fetched, and again as it grows."""
    name = experiment.id
    form = sorry(why_not) if why_not else _seeds_form(experiment)
    content = (
        f"<h1>{name}</h1><p>{escape(experiment.question)}</p>{form}"
        f'<div id="state" data-name="{name}" role="status"></div>'
        f"{COMPARING}"
        f'<div id="answer" aria-busy="true"><p class="note">Drawing…</p></div>'
    )
    return _document(root, f"{name}: {experiment.question}", content)


def nothing(root: str, name: str) -> str:
    """Return the page for an experiment that there is not."""
    return _document(
        root,
        "No such experiment",
        f"<h1>No such experiment</h1><p>There is no experiment {escape(name[:60])} here. "
        f'<a href="{below(root, PATH)}">All there are</a></p>',
    )


def refused(root: str, title: str, sentences: Sequence[str]) -> str:
    """Return the page that says what is wrong with an address."""
    return _document(root, title, f"<h1>{escape(title)}</h1>{''.join(map(sorry, sentences))}")


def sorry(sentence: str) -> str:
    """Return a sentence that says why something is not there."""
    return f'<p class="note">{escape(sentence)}</p>'


BUTTONS = (
    '<button type="submit" class="primary">Start</button>'
    '<button type="button" id="cancel" hidden>Cancel</button>'
    '<p class="refusal" role="alert" hidden></p>'
)


def _field(name: str, label: str, control: str, hint: str = "") -> str:
    about = f' <small id="{name}-hint">{escape(hint)}</small>' if hint else ""
    return f'<label for="{name}">{label}</label>{control}{about}'


def _number(name: str, value: int, least: int, most: int) -> str:
    return (
        f'<input id="{name}" name="{name}" type="number" value="{value}" min="{least}" '
        f'max="{most}" required>'
    )


def _seeds_form(experiment: Experiment) -> str:
    if experiment.section:
        each = experiment.runs // experiment.seeds
        hint = (
            f"Each seed is {each} run{'s' * (each != 1)} of {experiment.epochs} epochs, about "
            f"{max(1.0, each * estimated_seconds(experiment)):.0f} s on one core. What is done "
            "is kept."
        )
        field = _field("seeds", "Seeds", _number("seeds", experiment.seeds, 1, 10_000), hint)
        return f'<form data-name="{experiment.id}" class="start">{field}{BUTTONS}</form>'
    return (
        '<form class="start" data-name="">'
        + BUTTONS.replace("<button", "<button hidden", 1)
        + ("</form>")
    )


def _own_form() -> str:
    probes = ", ".join(sorted(PROBES))
    fields = (
        _field("name", "Name", '<input id="name" name="name" value="sweep" pattern="[\\w.\\-]+" '
               'maxlength="60" required>'),
        _field(
            "settings",
            "Settings and their levels",
            f'<textarea id="settings" name="settings" rows="4" aria-describedby="settings-hint" '
            f'spellcheck="false">{EXAMPLE}</textarea>',
            "One a line. Commas between levels; for lists such as network.hidden semicolons: "
            "network.hidden=50,50;20",
        ),
        _field(
            "measure",
            "Measurements",
            '<input id="measure" name="measure" value="norms" aria-describedby="measure-hint" '
            'spellcheck="false" required>',
            f"Any of {probes}",
        ),
        _field(
            "options",
            "Their options",
            '<textarea id="options" name="options" rows="2" aria-describedby="options-hint" '
            'spellcheck="false"></textarea>',
            "One a line, such as attack.method=bim",
        ),
        _field("seeds", "Seeds", _number("seeds", 5, 1, 10_000)),
        _field("epochs", "Epochs", _number("epochs", 100, 0, 100_000)),
    )  # fmt: skip
    return f'<form class="start own">{"".join(fields)}{BUTTONS}</form>'
