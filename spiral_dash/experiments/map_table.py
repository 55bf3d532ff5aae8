"""A map of correlations as HTML: a table whose cells open their scatter, and one of all numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

import numpy as np

from spiral_dash.experiments.correlations import Correlation, Map, maps
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.results import Results
from spiral_dash.experiments.words import number, probability, two

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 340, 240, 62, 40, 10
NEGATIVE, POSITIVE = "#5e3c99", "#e66101"
"""Apart for every kind of colour vision (ColorBrewer PuOr); the sign is written as well."""
STRENGTH = 60
"""Percent of the colour in a cell of ±1, under letters that have to be read."""
STYLE = """
.map caption { caption-side: top; color: inherit; font-weight: 700; text-align: left; }
.map td { text-align: right; padding: 0; } .map th { font-weight: 400; }
.map th[scope=row] { min-width: 9rem; } .map thead th + th { text-align: right; }
.map button { all: unset; box-sizing: border-box; cursor: pointer; width: 100%;
  padding: .3rem .5rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.map button:focus-visible { outline: 2px solid currentColor; outline-offset: -2px; }
.map .certain { font-weight: 700; } .map thead th { vertical-align: bottom; min-width: 5rem; }
[popover].scatter { max-width: 26rem; padding: 1rem; border: 1px solid currentColor;
  border-radius: .4rem; color: CanvasText; background: Canvas; }
.scatter p { margin: .2rem 0; } .scatter button { float: right; }
.scatter svg { width: 100%; height: auto; }
.scatter path { fill: none; stroke: currentColor; }
.scatter .dots { stroke-width: 5; stroke-linecap: round; stroke-opacity: .6; }
.scatter text { fill: currentColor; font-size: 11px; }
"""


def map_html(results: Results, figure: Figure) -> str:
    """Return the maps of a figure, with a scatter for each cell and a table of all; "" for none."""
    shown = maps(results, figure)
    cells = [cell for one in shown for row in one.cells for cell in row]
    if not any(cell.points for cell in cells):
        return ""
    looked_at = sum(not math.isnan(cell.p) for cell in cells)
    experiment = results.experiment
    name = f"{experiment.id}-{experiment.figures.index(figure)}"
    return (
        f"<style>{STYLE}</style>"
        + "".join(_table(one, f"{name}-{place}") for place, one in enumerate(shown))
        + f"<p>{escape(figure.title)}: Spearman's ρ over {max(cell.points for cell in cells)} "
        "data. Orange is above 0, violet below; bold with * are those that differ from 0, all "
        f"{looked_at} considered (Holm, p &lt; 0.05). A cell opens its scatter.</p>"
        + _numbers(shown)
    )


def _table(one: Map, name: str) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in one.columns)
    rows, scatters = [], []
    for i, (label, row) in enumerate(zip(one.rows, one.cells, strict=True)):
        places = [f"{name}-{i}-{j}" for j in range(len(row))]
        entries = "".join(_entry(cell, place) for cell, place in zip(row, places, strict=True))
        rows.append(f'<tr><th scope="row">{escape(label)}</th>{entries}</tr>')
        scatters += [_scatter(cell, place) for cell, place in zip(row, places, strict=True)]
    return (
        f'<div class="scroll"><table class="map"><caption>{escape(one.title)}</caption><thead><tr>'
        f'<th scope="col">Network</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f"</div>{''.join(scatters)}"
    )


def _entry(cell: Correlation, place: str) -> str:
    if math.isnan(cell.rho):
        return f'<td><button popovertarget="{place}">–</button></td>'
    colour = POSITIVE if cell.rho > 0 else NEGATIVE
    share = round(STRENGTH * abs(cell.rho))
    certain, star = (' class="certain"', "*") if cell.is_certain else ("", "")
    return (
        f'<td style="background:color-mix(in srgb,{colour} {share}%,transparent)"{certain}>'
        f'<button popovertarget="{place}">{two(cell.rho)}{star}</button></td>'
    )


def _scatter(cell: Correlation, place: str) -> str:
    title = escape(f"{cell.y_label} against {cell.x_label}")
    return (
        f'<div popover class="scatter" id="{place}" aria-label="{title}">'
        f'<button popovertarget="{place}" popovertargetaction="hide" aria-label="Close">✕</button>'
        f"<p><strong>{title}</strong></p><p>{escape(said(cell))}</p>{_drawn(cell)}</div>"
    )


def said(cell: Correlation) -> str:
    """Return a correlation in words: ρ, interval, p and points."""
    if math.isnan(cell.rho):
        return f"No correlation: too few points ({cell.points}), or one of the two is constant."
    p = probability(cell.p)
    p = p if p.startswith("<") else f"= {p}"
    interval = f"[{two(cell.low)}, {two(cell.high)}]"
    return f"ρ = {two(cell.rho)} {interval}, p {p} (Holm), {cell.points} data"


def _drawn(cell: Correlation) -> str:
    finite = np.isfinite(cell.y)
    x, y = cell.x[finite], cell.y[finite]
    if not len(x):
        return ""
    is_log = bool((y > 0).all() and y.max() > 1000 * y.min())
    heights = np.log10(y) if is_log else y
    across = LEFT + (WIDTH - LEFT - TOP) * _unit(x)
    down = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * _unit(heights)
    dots = "".join(f"M{a:.0f} {b:.0f}h0" for a, b in zip(across, down, strict=True))
    axes = f"M{LEFT - 6} {TOP}V{HEIGHT - BOTTOM + 6}H{WIDTH}"
    scale = ", logarithmic" if is_log else ""
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true"><path d="{axes}"/>'
        f'<path class="dots" d="{dots}"/>'
        f'<text x="{LEFT}" y="{HEIGHT - 20}">{number(x.min())}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 20}" text-anchor="end">{number(x.max())}</text>'
        f'<text x="{(WIDTH + LEFT) / 2:.0f}" y="{HEIGHT - 5}" text-anchor="middle">'
        f"{escape(cell.x_label)}{scale and f' (vertical axis{scale})'}</text>"
        f'<text x="{LEFT - 10}" y="{HEIGHT - BOTTOM}" text-anchor="end">{number(y.min())}</text>'
        f'<text x="{LEFT - 10}" y="{TOP + 8}" text-anchor="end">{number(y.max())}</text></svg>'
    )


def _unit(values: np.ndarray) -> np.ndarray:
    width = np.ptp(values)
    scaled: np.ndarray = (values - values.min()) / width if width else np.full(len(values), 0.5)
    return scaled


def rows(shown: list[Map]) -> Iterator[tuple[str, Correlation]]:
    """Yield every cell with the map it is of, the strongest first."""
    named = [(one.title, cell) for one in shown for row in one.cells for cell in row]
    strength = [(math.isnan(cell.rho), -abs(cell.rho)) for _, cell in named]
    yield from (named[k] for k in sorted(range(len(named)), key=strength.__getitem__))


def _numbers(shown: list[Map]) -> str:
    body = "".join(
        f"<tr><td>{escape(title)}</td><td>{escape(cell.x_label)}</td>"
        f'<td>{escape(cell.y_label)}</td><td class="number">{two(cell.rho)}</td>'
        f'<td class="number">[{two(cell.low)}, {two(cell.high)}]</td>'
        f'<td class="number">{escape(probability(cell.p))}</td>'
        f'<td class="number">{cell.points}</td></tr>'
        for title, cell in rows(shown)
        if not math.isnan(cell.rho)
    )
    return (
        "<details><summary>All numbers, the strongest first</summary>"
        '<div class="scroll"><table><thead><tr><th scope="col">Networks</th>'
        '<th scope="col">Property of the data</th><th scope="col">Property of the network</th>'
        '<th scope="col">ρ</th><th scope="col">95 %</th><th scope="col">p (Holm)</th>'
        f'<th scope="col">Data</th></tr></thead><tbody>{body}</tbody></table></div></details>'
    )
