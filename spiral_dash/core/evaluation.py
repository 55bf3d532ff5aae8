"""Loss and accuracy of a network over a whole set of points, in all and per class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.passes import TiledPass

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Metrics:
    """Mean cross-entropy in nats and accuracy as a share, in all and per class (m,) each.

    A class without points has NaN. Where the loss is no finite number there is no accuracy: it is
    NaN, in all and of every class.
    """

    loss: float
    accuracy: float
    class_loss: Array
    class_accuracy: Array


def evaluate(tiles: TiledPass, x: Array, targets: Array) -> Metrics:
    """Evaluate points x (n + 1, N) against one-hot targets (classes, N)."""
    logits = tiles.logits(x).astype(np.float64)
    top = logits.max(axis=0)
    log_sum = top + np.log(np.exp(logits - top).sum(axis=0))
    losses = log_sum - (logits * targets).sum(axis=0)
    hits = logits.argmax(axis=0) == targets.argmax(axis=0)
    counts = targets.sum(axis=1).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        class_loss = targets @ losses / counts
        class_accuracy = targets @ hits / counts
    loss, accuracy = float(losses.mean()), float(hits.mean())
    if not np.isfinite(loss):
        # The largest of logits that are not finite is an accident.
        accuracy, class_accuracy = np.nan, np.full_like(class_accuracy, np.nan)
    return Metrics(loss, accuracy, class_loss, class_accuracy)
