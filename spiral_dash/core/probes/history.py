"""Loss and accuracy over the epochs, thinned without losing an extreme."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.history import PER_CLASS
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe

CURVES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")


class HistoryOptions(Options):
    """`points` bounds the length of the curves; `per_class` adds those of every class."""

    points: int = Field(600, ge=10, le=100_000)
    per_class: bool = False


def extremes(values: npt.NDArray[Any], buckets: int) -> npt.NDArray[Any]:
    """Return indices, ascending, that keep the ends and every bucket's lowest and highest."""
    count = len(values)
    if count <= 2 * buckets:
        return np.arange(count)
    edges = np.linspace(0, count, buckets + 1).astype(np.int64)
    low = np.where(np.isfinite(values), values, np.inf)
    high = np.where(np.isnan(values), -np.inf, values)
    pairs = [(a + low[a:b].argmin(), a + high[a:b].argmax()) for a, b in itertools.pairwise(edges)]
    return np.unique(np.array([0, *np.ravel(pairs), count - 1]))


@probe(
    "history",
    options=HistoryOptions,
    source="thesis 3.3 item 4",
    of_history=True,
    returns={
        "<curve>_epoch": "(K,) epochs of each curve's points, from 0",
        "train_loss": "(K,) mean cross-entropy in nats on the training set",
        "test_loss": "(K,) the same on the test set",
        "train_accuracy": "(K,) share of the training set classified correctly",
        "test_accuracy": "(K,) the same on the test set",
        "<set>_class_loss_<c>": "(K,) mean cross-entropy in nats of class c, counted from 0, on "
        "the set, train or test; NaN for a class without points; only with `per_class`",
        "<set>_class_accuracy_<c>": "(K,) share of class c classified correctly; only with "
        "`per_class`",
    },
)
def history(subject: Subject, options: HistoryOptions) -> Arrays:
    """Return each curve at K <= points epochs; every dip and spike of the run is among them."""
    curves = {name: subject.history[name] for name in CURVES}
    if options.per_class:
        for name in PER_CLASS:
            each = subject.history[name].T
            curves |= {f"{name}_{label}": values for label, values in enumerate(each)}
    result: Arrays = {}
    for name, values in curves.items():
        kept = extremes(values, options.points // 2)
        result[f"{name}_epoch"] = subject.history["epoch"][kept]
        result[name] = values[kept]
    return result
