"""Loss and accuracy over the epochs, thinned without losing an extreme."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe

CURVES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")


class HistoryOptions(Options):
    """`points` bounds the length of the curves."""

    points: int = Field(600, ge=10, le=100_000)


def extremes(values: npt.NDArray[Any], buckets: int) -> npt.NDArray[Any]:
    """Return indices, ascending, that keep the ends and every bucket's lowest and highest."""
    count = len(values)
    if count <= 2 * buckets:
        return np.arange(count)
    edges = np.linspace(0, count, buckets + 1).astype(np.int64)
    finite = np.where(np.isfinite(values), values, np.inf)
    pairs = [
        (a + finite[a:b].argmin(), a + values[a:b].argmax()) for a, b in itertools.pairwise(edges)
    ]
    return np.unique(np.array([0, *np.ravel(pairs), count - 1]))


@probe(
    "history",
    options=HistoryOptions,
    source="thesis 3.3 item 4",
    returns={
        "<curve>_epoch": "(K,) epochs of each curve's points, from 0",
        "train_loss": "(K,) mean cross-entropy in nats on the training set",
        "test_loss": "(K,) the same on the test set",
        "train_accuracy": "(K,) share of the training set classified correctly",
        "test_accuracy": "(K,) the same on the test set",
    },
)
def history(subject: Subject, options: HistoryOptions) -> Arrays:
    """Return each curve at K <= points epochs; every dip and spike of the run is among them."""
    result: Arrays = {}
    for name in CURVES:
        values = subject.history[name]
        kept = extremes(values, options.points // 2)
        result[f"{name}_epoch"] = subject.history["epoch"][kept]
        result[name] = values[kept]
    return result
