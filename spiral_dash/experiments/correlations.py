"""Rank correlations of the settings that a design varies with what the runs gave."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from spiral_dash.core.config import RunConfig
from spiral_dash.core.validation import schema_of
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity
from spiral_dash.experiments.results import Results
from spiral_dash.experiments.series import levels_of
from spiral_dash.experiments.statistics import ALPHA, CONFIDENCE, holm

Array = npt.NDArray[Any]
LEAST = 8
"""Points that a correlation takes."""


@dataclass(frozen=True, eq=False)
class Correlation:
    """One setting x (K,) against one quantity y (K,), the mean over the seeds of each point.

    `rho` is Spearman's correlation with its 95 % interval, `p` adjusted for every cell looked at
    (Holm); NaN where one of the two is constant, or fewer than 8 points are known.
    """

    x: Array
    y: Array
    x_label: str
    y_label: str
    rho: float
    low: float
    high: float
    p: float

    @property
    def points(self) -> int:
        """How many points are known."""
        return len(self.x)

    @property
    def is_certain(self) -> bool:
        """Whether it differs from 0, all cells considered."""
        return self.p < ALPHA


@dataclass(frozen=True, eq=False)
class Map:
    """Cells, row by row: a row a quantity, a column a setting."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Correlation, ...], ...]


def maps(results: Results, figure: Figure) -> list[Map]:
    """Return a map for each level of the figure's `panels`; all their cells are adjusted as one."""
    experiment = results.experiment
    place = experiment.factor_named(figure.over)
    points = experiment.factors[place]
    paths = [*points.levels[0].settings]
    x = np.array([[level.settings[path] for path in paths] for level in points.levels], float)
    columns = tuple(setting_title(path) for path in paths)
    quantities = [experiment.quantity(name) for name in figure.quantities]
    found = []
    for where, title in levels_of(results, figure.panels, figure.where):
        rows = []
        for quantity in quantities:
            y = _along(results, quantity, figure.over, where)
            rows.append([_cell(x[:, k], y, columns[k], quantity) for k in range(len(paths))])
        found.append((title, rows))
    cells = [cell for _, rows in found for row in rows for cell in row]
    known = [cell.p for cell in cells if not math.isnan(cell.p)]
    adjusted = iter(holm(known))
    return [
        Map(
            title,
            tuple(quantity.title for quantity in quantities),
            columns,
            tuple(tuple(_adjusted(cell, adjusted) for cell in row) for row in rows),
        )
        for title, rows in found
    ]


def setting_title(path: str) -> str:
    """Return what a setting is called, with its unit."""
    schema = schema_of(RunConfig, path.split("."))
    unit = schema.get("unit", "")
    title = str(schema.get("title", path))
    return f"{title} ({unit})" if unit else title


def _along(results: Results, quantity: Quantity, over: str, where: dict[str, str]) -> Array:
    """Return a quantity at every point (K,), the mean over the seeds and the factors not named."""
    values = results.at(quantity, where, along=over)
    values = np.moveaxis(values, -2, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a point without a single run
        mean: Array = np.nanmean(values.reshape(len(values), -1), axis=1)
    return mean


def _cell(x: Array, y: Array, x_label: str, quantity: Quantity) -> Correlation:
    known = ~np.isnan(y)
    x, y = x[known], y[known]
    rho, low, high, p = spearman(x, y)
    return Correlation(x, y, x_label, quantity.title, rho, low, high, p)


def _adjusted(cell: Correlation, adjusted: Iterator[float]) -> Correlation:
    return cell if math.isnan(cell.p) else replace(cell, p=next(adjusted))


def spearman(x: Array, y: Array) -> tuple[float, float, float, float]:
    """Return Spearman's rank correlation of x and y (K,), its 95 % interval and p-value.

    The interval is that of Fisher's z with the standard error of Bonett and Wright (2000).
    """
    if len(x) < LEAST or (x == x[0]).all() or (y == y[0]).all():
        return math.nan, math.nan, math.nan, math.nan
    found = stats.spearmanr(x, y)
    rho = float(found.statistic)
    z = math.atanh(min(max(rho, -1 + 1e-12), 1 - 1e-12))
    error = math.sqrt((1 + rho**2 / 2) / (len(x) - 3))
    reach = float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * error
    return rho, math.tanh(z - reach), math.tanh(z + reach), float(found.pvalue)
