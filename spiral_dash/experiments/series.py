"""The numbers of a figure: lines with their bands, and pictures, for whoever draws them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.data.dataset import make_dataset
from spiral_dash.experiments.design import Factor
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity
from spiral_dash.experiments.results import One, Results
from spiral_dash.experiments.statistics import interval

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Line:
    """A line: `values` (K, S) of K places and S seeds, their means and 95 % t intervals (K,).

    `cells` (K,) are the indices of the design's levels, None where a point stands for several.
    """

    label: str
    values: Array
    mean: Array
    low: Array
    high: Array
    cells: tuple[tuple[int, ...] | None, ...]


@dataclass(frozen=True, eq=False)
class Panel:
    """Lines over one axis; `x` (K,) are numbers, with `ticks` where they are only places.

    `at_the_end` says that each point is of one run at its end.
    """

    title: str
    x: Array
    ticks: tuple[str, ...] | None
    x_label: str
    y_label: str
    log: bool
    lines: tuple[Line, ...]
    at_the_end: bool = True


@dataclass(frozen=True, eq=False)
class Picture:
    """One run's image: points (N, 2) with labels (N,), or a field (R, R) over a square."""

    row: str
    column: str
    points: Array | None = None
    labels: Array | None = None
    field: Array | None = None


def panels(results: Results, figure: Figure) -> list[Panel]:
    """Return the panels of a figure of lines."""
    experiment = results.experiment
    found = []
    for where, title in levels_of(results, figure.panels, figure.where):
        lines = [
            line
            for chosen, name in levels_of(results, figure.lines, where)
            for line in _lines(results, figure, chosen, name)
        ]
        x, ticks, x_label = _axis(results, figure)
        quantities = [q for q in figure.quantities if "." not in q]
        y_label = figure.y_label or (
            experiment.quantity(quantities[0]).title if len(quantities) == 1 else ""
        )
        found.append(
            Panel(
                title,
                x,
                ticks,
                x_label,
                y_label,
                figure.log,
                tuple(lines),
                at_the_end=figure.kind != "epochs",
            )
        )
    return found


def levels_of(
    results: Results, name: str | None, where: dict[str, str]
) -> Iterator[tuple[dict[str, str], str]]:
    """Yield `where` with each level of a factor added, and the level's label."""
    if name is None:
        yield dict(where), ""
        return
    for label in _factor(results, name).labels:
        yield {**where, name: label}, label


def _factor(results: Results, name: str) -> Factor:
    return results.experiment.factors[results.experiment.factor_named(name)]


def _axis(results: Results, figure: Figure) -> tuple[Array, tuple[str, ...] | None, str]:
    if figure.kind == "levels":
        factor = _factor(results, figure.over)
        if factor.numbers is not None:
            return np.array(factor.numbers), None, figure.x_label or factor.title
        labels = factor.labels
        return np.arange(len(labels), dtype=float), labels, figure.x_label or factor.title
    if figure.kind == "epochs":
        probe = results.experiment.quantity(figure.quantities[0]).probe
        epochs = np.array(results.epochs_of(probe), float)
        return epochs, None, figure.x_label or "Epoch"
    return _array_axis(results, figure), None, figure.x_label or figure.over


def _array_axis(results: Results, figure: Figure) -> Array:
    source = figure.over or figure.quantities[0]
    for run in results.runs:
        array = _array(results, run, source)
        if array is not None:
            return array if figure.over else np.arange(1.0, len(array) + 1)
    return np.zeros(0)


def _array(results: Results, run: One, source: str) -> Array | None:
    probe, _, name = source.partition(".")
    arrays = run.found.get((probe, results.experiment.epochs))
    return np.asarray(arrays[name], float) if isinstance(arrays, dict) and name in arrays else None


def _lines(results: Results, figure: Figure, where: dict[str, str], name: str) -> Iterator[Line]:
    several = len(figure.quantities) > 1
    for place, quantity in enumerate(figure.quantities):
        label = figure.labels[place] if figure.labels else ""
        if several and not label and "." not in quantity:
            known = results.experiment.quantity(quantity)
            label = known.label or known.name
        text = ", ".join(filter(None, [name, label]))
        values, cells = _values(results, figure, quantity, where)
        bands = np.array([interval(row) for row in values]).reshape(-1, 3).T
        yield Line(text, values, bands[0], bands[1], bands[2], cells)


def _values(
    results: Results, figure: Figure, name: str, where: dict[str, str]
) -> tuple[Array, tuple[tuple[int, ...] | None, ...]]:
    """Return (K, S) along the figure's axis, the mean over factors that are not named."""
    if figure.kind == "array":
        source = figure.quantities[figure.quantities.index(name)]
        length = len(_array_axis(results, figure))
        rows = [Quantity(name=name, source=source, pick=(k,)) for k in range(length)]
        return _over(results, [(q, -1) for q in rows], where)
    quantity = results.experiment.quantity(name)
    if figure.kind == "epochs":
        epochs = results.epochs_of(quantity.probe)
        return _over(results, [(quantity, epoch) for epoch in epochs], where)
    labels = _factor(results, figure.over).labels
    parts = [_over(results, [(quantity, -1)], {**where, figure.over: one}) for one in labels]
    return np.concatenate([part[0] for part in parts]), tuple(part[1][0] for part in parts)


def _over(
    results: Results, wanted: list[tuple[Quantity, int]], where: dict[str, str]
) -> tuple[Array, tuple[tuple[int, ...] | None, ...]]:
    index: list[int | slice] = []
    for factor in results.experiment.factors:
        label = where.get(factor.name)
        index.append(slice(None) if label is None else factor.labels.index(label))
    rows = []
    for quantity, epoch in wanted:
        values = results.values(quantity, epoch)[tuple(index)]
        rows.append(values.reshape(-1, values.shape[-1]).mean(axis=0))
    single = all(isinstance(k, int) for k in index)
    cell = tuple(k for k in index if isinstance(k, int)) if single else None
    return np.array(rows), (cell,) * len(rows)


def pictures(results: Results, figure: Figure) -> list[Picture]:
    """Return the pictures of the first seed, row after row."""
    found = []
    probe = figure.kind
    epochs = results.epochs_of(probe)
    for where, row in levels_of(results, figure.lines, figure.where):
        columns = levels_of(results, figure.over or None, where)
        for chosen, column in columns:
            run = _run(results, chosen)
            for epoch in epochs if not figure.over else epochs[-1:]:
                arrays = None if run is None else run.found.get((probe, epoch))
                if run is None or not isinstance(arrays, dict):
                    continue
                title = column or f"epoch {epoch}"
                found.append(_picture(run, arrays, row, title))
    return found


def _run(results: Results, where: dict[str, str]) -> One | None:
    for run in results.runs:
        labels = {
            factor.name: factor.labels[level]
            for factor, level in zip(results.experiment.factors, run.index, strict=True)
        }
        if where.items() <= labels.items():
            return run
    return None


def _picture(run: One, arrays: dict[str, Array], row: str, column: str) -> Picture:
    if "probability" in arrays:
        return Picture(row, column, field=np.asarray(arrays["probability"]))
    data = make_dataset(run.config.data, run.config.seeds.data)
    labels = data.shown.y_train.numpy()
    return Picture(row, column, points=np.asarray(arrays["train"]), labels=labels)
