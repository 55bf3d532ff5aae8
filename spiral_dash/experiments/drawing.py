"""Figures as SVG, by matplotlib: for a report, and for the documents."""

from __future__ import annotations

import io
import re
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter

from spiral_dash.experiments.correlations import Map, maps
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.results import SEEDS_SHOWN, Results
from spiral_dash.experiments.series import Line, Panel, Picture, panels, pictures
from spiral_dash.experiments.words import two

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's, apart for every kind of colour vision."""
MARKERS = "osD^vPX*"
DASHES = ("-", "--", "-.", ":")
INK = "#123456"
"""Stands for the colour of the text around the picture."""
STYLE: Any = {
    "font.size": 9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.color": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "spiral-dash",
    "font.family": "sans-serif",
    "legend.frameon": False,
}


def draw(
    results: Results, figure: Figure, ink: str = "currentColor", *, links: bool = False
) -> str | None:
    """Return a figure as an SVG element, None where there is nothing to see yet.

    `ink` is the colour of letters and axes; by default that of the text around it. With `links`
    every run of the first seeds has a point of its own, which leads to it in the laboratory.
    """
    with mpl.rc_context(STYLE):
        if figure.kind in {"mapping", "boundary"}:
            shown = pictures(results, figure)
            canvas = _gallery(shown, figure) if shown else None
        elif figure.kind == "map":
            correlated = maps(results, figure)
            known = any(cell.points for one in correlated for row in one.cells for cell in row)
            canvas = _maps(correlated) if known else None
        else:
            found = panels(results, figure)
            seen = any(np.isfinite(line.mean).any() for panel in found for line in panel.lines)
            canvas = _curves(found, results if links else None) if seen else None
        if canvas is None:
            return None
        buffer = io.StringIO()
        canvas.savefig(
            buffer, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None}
        )
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(INK, ink)
    text = text.replace("<a xlink:href", '<a tabindex="-1" xlink:href')
    label = figure.title.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{label}" ', text, count=1)


def _curves(shown: list[Panel], linked: Results | None) -> Canvas:
    canvas = Canvas(
        figsize=(4.2 * len(shown) if len(shown) > 1 else 5.2, 3.3), layout="constrained"
    )
    axes = canvas.subplots(1, len(shown), squeeze=False, sharey=True)[0]
    for place, (ax, panel) in enumerate(zip(axes, shown, strict=True)):
        for number, line in enumerate(panel.lines):
            _line(ax, panel, line, number)
            if linked is not None and panel.at_the_end:
                _points(ax, panel, line, number, linked)
        ax.set_title(panel.title)
        ax.set_xlabel(panel.x_label)
        if place == 0:
            ax.set_ylabel(panel.y_label)
        if panel.log:
            ax.set_yscale("log")
        if panel.ticks is not None:
            ax.xaxis.set_major_locator(FixedLocator(list(panel.x)))
            ticks = panel.ticks
            ax.xaxis.set_major_formatter(
                FuncFormatter(lambda x, _, ticks=ticks: ticks[min(int(x), len(ticks) - 1)])
            )
    if len(shown[0].lines) > 1:
        handles, labels = axes[0].get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 4))
    return canvas


def _line(ax: Any, panel: Panel, line: Line, number: int) -> None:
    colour = COLOURS[number % len(COLOURS)]
    ax.fill_between(panel.x, line.low, line.high, color=colour, alpha=0.2, linewidth=0)
    ax.plot(
        panel.x,
        line.mean,
        color=colour,
        linestyle=DASHES[number // len(COLOURS) % len(DASHES)],
        marker=MARKERS[number % len(MARKERS)],
        markersize=4,
        label=line.label or None,
    )


def _points(ax: Any, panel: Panel, line: Line, number: int, results: Results) -> None:
    """Mark the runs of the first seeds; a point that stands for one run leads to it."""
    for x, cell, values in zip(panel.x, line.cells, line.values[:, :SEEDS_SHOWN], strict=True):
        if cell is None:
            continue
        known = np.isfinite(values)
        marks = ax.scatter(
            np.full(known.sum(), x), values[known], s=9, color=COLOURS[number % len(COLOURS)]
        )
        seeds = np.array(results.experiment.seed_numbers[:SEEDS_SHOWN])[known]
        marks.set_urls([results.address(cell, int(seed)) for seed in seeds])
        marks.set_alpha(0.55)


def _gallery(shown: list[Picture], figure: Figure) -> Canvas:
    rows = list(dict.fromkeys(one.row for one in shown))
    columns = list(dict.fromkeys(one.column for one in shown))
    canvas = Canvas(figsize=(1.5 * len(columns) + 0.4, 1.6 * len(rows) + 0.3), layout="constrained")
    axes = canvas.subplots(len(rows), len(columns), squeeze=False)
    for ax in axes.ravel():
        ax.set_xticks([])
        ax.set_yticks([])
        ax.grid(False)
    for one in shown:
        ax = axes[rows.index(one.row)][columns.index(one.column)]
        if one.field is not None:
            ax.imshow(
                one.field, origin="lower", cmap="PuOr", vmin=0, vmax=1, interpolation="nearest"
            )
        elif one.points is not None and one.labels is not None:
            for label in np.unique(one.labels):
                points = one.points[one.labels == label]
                ax.scatter(
                    *points.T, s=1.5, color=COLOURS[int(label)], linewidths=0, rasterized=True
                )
        if one.row == rows[0]:
            ax.set_title(one.column, fontsize=8)
        if one.column == columns[0]:
            ax.set_ylabel(one.row)
    if figure.over:
        canvas.suptitle(figure.over, fontsize=8)
    return canvas


def _maps(shown: list[Map]) -> Canvas:
    """Draw every ρ as a number on its colour, bold with * where it differs from 0."""
    rows, columns = len(shown[0].rows), len(shown[0].columns)
    canvas = Canvas(
        figsize=(3.0 + 0.62 * columns * len(shown), 1.8 + 0.24 * rows), layout="constrained"
    )
    axes = canvas.subplots(1, len(shown), squeeze=False, sharey=True)[0]
    for ax, one in zip(axes, shown, strict=True):
        rho = np.array([[cell.rho for cell in row] for row in one.cells])
        ax.imshow(-rho, cmap="PuOr", vmin=-1.7, vmax=1.7, aspect="auto")
        for (i, j), value in np.ndenumerate(rho):
            cell = one.cells[i][j]
            text = "–" if np.isnan(value) else f"{two(value)}{'*' if cell.is_certain else ''}"
            weight = "bold" if cell.is_certain else "normal"
            colour = "black" if np.isfinite(value) else INK
            ax.text(j, i, text, ha="center", va="center", size=7, weight=weight, color=colour)
        ax.set_xticks(range(columns), one.columns, rotation=40, ha="right")
        ax.set_yticks(range(rows), one.rows)
        ax.set_title(one.title)
        ax.grid(False)
    return canvas
