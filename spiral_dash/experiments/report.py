"""One HTML file that says what was asked, how, and what came of it; nothing is loaded by it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from spiral_dash.core.validation import ConfigError
from spiral_dash.experiments.design import Experiment, Factor
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.results import SEEDS_SHOWN, Results
from spiral_dash.experiments.store import Store
from spiral_dash.experiments.table import needed
from spiral_dash.experiments.words import number, probability

STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 22%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; }
h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-bottom: 1px solid var(--line); }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1.5rem 0; overflow-x: auto; } figure svg { max-width: 100%; height: auto; }
figcaption { font-size: .9rem; } .scroll { overflow-x: auto; }
code { background: color-mix(in srgb, currentColor 8%, transparent); padding: .1rem .3rem; }
.verdicts td:first-child { min-width: 16rem; }
.verdict { font-weight: 600; min-width: 8rem; }
.verdict::before { display: inline-block; width: 1.3em; }
.supported::before { content: "✓"; } .contradicted::before { content: "✗"; }
.open::before { content: "?"; }
"""
LEVELS_LISTED = 30


def report(store: Store, experiments: Sequence[Experiment] | None = None) -> str:
    """Return the report of every experiment in a store, or of some, as HTML."""
    needed("scipy", "matplotlib")
    chosen = list(store.experiments() if experiments is None else experiments)
    if not chosen:
        raise ConfigError({"report": f"{store.folder}: there is no experiment here yet."})
    title = chosen[0].question if len(chosen) == 1 else "Experiments"
    sections = [_section(store, experiment) for experiment in chosen]
    contents = (
        "<ul>"
        + "".join(f'<li><a href="#{e.id}">{e.id}: {escape(e.question)}</a></li>' for e in chosen)
        + "</ul>"
        if len(chosen) > 1
        else ""
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1>{contents}{''.join(sections)}</main></body></html>\n"
    )


def write_report(store: Store, path: Path) -> None:
    """Write the report of everything in a store; raise `ConfigError`."""
    text = report(store)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError({"report": f"{path}: expected a file to write: {reason}."}) from error


def _section(store: Store, experiment: Experiment) -> str:
    results = Results.read(store, experiment)
    command = store.command(experiment.id)
    parts = [
        f'<h2 id="{experiment.id}">{experiment.id}</h2>',
        f"<p>{escape(experiment.question)}</p>",
        answer(results),
        f"<p>Again: <code>{escape(command)}</code></p>" if command else "",
    ]
    return f"<section>{''.join(parts)}</section>"


def answer(results: Results, *, links: bool = False) -> str:
    """Return what came of an experiment as HTML: design, figures, claims and verdicts.

    With `links`, points and a list lead to the runs in the laboratory on the same server.
    """
    experiment = results.experiment
    parts = []
    if experiment.thesis:
        parts.append(
            f"<p><strong>The thesis ({escape(experiment.section)}):</strong> "
            f"{escape(experiment.thesis)}</p>"
        )
    parts += [f"<p>{escape(text)}</p>" for text in experiment.remarks]
    parts.append(_design(experiment, results))
    parts += [_figure(results, one, links=links) for one in experiment.figures]
    if experiment.claims:
        parts.append(_verdicts(results))
    if links:
        parts.append(_runs(results))
    return "".join(parts)


def _figure(results: Results, figure: Figure, *, links: bool) -> str:
    """Return a figure with its caption; "" where there is nothing to see yet."""
    from spiral_dash.experiments.drawing import draw
    from spiral_dash.experiments.map_table import map_html

    if figure.kind == "map":
        return map_html(results, figure)
    drawn = draw(results, figure, links=links)
    if drawn is None:
        return ""
    numbers = f" (thesis Fig {', '.join(figure.thesis)})" if figure.thesis else ""
    is_picture = figure.kind in {"mapping", "boundary"}
    note = "" if is_picture else " Lines are means over the seeds, bands their 95 % t intervals."
    if links and results.experiment.seeds > SEEDS_SHOWN:
        note += f" Points are the runs of the first {SEEDS_SHOWN} seeds."
    return (
        f"<figure>{drawn}<figcaption>{escape(figure.title)}{numbers}.{note}</figcaption></figure>"
    )


def _runs(results: Results) -> str:
    """Return a list of every run that is done, as links."""
    rows: dict[tuple[int, ...], list[str]] = {}
    for run in results.runs:
        links = rows.setdefault(run.index, []) if run.is_done else []
        if run.is_done and len(links) < SEEDS_SHOWN:
            seed = run.config.seed
            links.append(f'<a href="{escape(results.address(run.index, seed))}">{seed}</a>')
    body = "".join(
        f"<tr><th>{escape(_levels(results.experiment, index))}</th><td>{' '.join(links)}</td></tr>"
        for index, links in rows.items()
    )
    return (
        f"<details><summary>Open a run in the laboratory ({results.done})</summary>"
        f'<div class="scroll"><table><thead><tr><th>Settings</th><th>Seeds</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div></details>"
    )


def _levels(experiment: Experiment, index: tuple[int, ...]) -> str:
    named = zip(experiment.factors, index, strict=True)
    return ", ".join(f"{one.title} {one.labels[level]}" for one, level in named) or "all"


def _design(experiment: Experiment, results: Results) -> str:
    held = ", ".join(f"{name} = {value}" for name, value in experiment.base.items())
    rows = [
        *((one.title, _shown_levels(one)) for one in experiment.factors),
        ("Held", held or "the defaults"),
        (
            "Runs",
            f"{results.done} of {experiment.runs} done: seeds {experiment.first_seed} to "
            f"{experiment.first_seed + experiment.seeds - 1}, {experiment.epochs} epochs each"
            + (f"; {results.diverged} diverged" if results.diverged else "")
            + (f"; {results.failed} lack a measurement" if results.failed else ""),
        ),
        (
            "Measured",
            "; ".join(
                m.probe
                + (
                    f" ({', '.join(f'{k} = {v}' for k, v in m.options.items())})"
                    if m.options
                    else ""
                )
                + (f" at epochs {', '.join(map(str, m.epochs))}" if m.epochs != (-1,) else "")
                for m in experiment.measurements
            ),
        ),
    ]
    cells = "".join(f"<tr><th>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in rows)
    return f'<div class="scroll"><table>{cells}</table></div>'


def _shown_levels(one: Factor) -> str:
    if len(one.levels) <= LEVELS_LISTED:
        return ", ".join(one.labels)
    return f"{len(one.levels)} levels of {', '.join(one.levels[0].settings)}"


def _verdicts(results: Results) -> str:
    from spiral_dash.experiments.verdicts import verdicts

    rows = []
    for one in verdicts(results):
        tested = one.tested
        mark = one.word if one.word in {"supported", "contradicted"} else "open"
        unit = f" {one.unit}" if one.unit else ""
        rows.append(
            f"<tr><td>{escape(one.claim.text)}</td>"
            f'<td class="verdict {mark}">{escape(one.text)}</td>'
            f"<td>{escape(tested.test)}</td>"
            f'<td class="number">{probability(one.p)}</td>'
            f'<td class="number">{number(tested.effect)}<br>'
            f"<small>{tested.effect_name}</small></td>"
            f'<td class="number">{number(tested.estimate)} [{number(tested.low)}, '
            f"{number(tested.high)}]{escape(unit)}</td>"
            f'<td class="number">{tested.seeds}</td></tr>'
        )
    return (
        '<div class="scroll"><table class="verdicts"><thead><tr><th>Claim</th><th>Verdict</th>'
        "<th>Test</th>"
        "<th>p (Holm)</th><th>Effect</th><th>Estimate [95 %]</th><th>Seeds</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
