"""Loss and accuracy of a network over a whole set of points, in all and per class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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


class Truth:
    """The classes of a set of points, against which logits are judged."""

    def __init__(self, labels: npt.NDArray[np.integer[Any]], classes: int) -> None:
        """Take labels (N,) from 0 to `classes` - 1."""
        self._labels = labels.astype(np.intp)
        self._points = np.arange(len(labels))
        self._counts = np.bincount(self._labels, minlength=classes).astype(np.float64)

    def metrics(self, logits: Array) -> Metrics:
        """Judge logits (classes, N)."""
        finite = bool(np.isfinite(logits).all())
        shifted = logits.astype(np.float64)
        hits = shifted.argmax(axis=0) == self._labels
        with np.errstate(all="ignore"):
            shifted -= shifted.max(axis=0)
            losses = np.log(np.exp(shifted).sum(axis=0)) - shifted[self._labels, self._points]
            class_loss, class_accuracy = self._by_class(losses), self._by_class(hits)
            loss, accuracy = float(losses.mean()), float(hits.mean())
        if not (finite and np.isfinite(loss)):
            # The largest of logits that are not finite is an accident.
            loss = loss if not np.isfinite(loss) else np.nan
            accuracy, class_accuracy = np.nan, np.full_like(class_accuracy, np.nan)
        return Metrics(loss, accuracy, class_loss, class_accuracy)

    def _by_class(self, values: Array) -> Array:
        """Return the mean over the points of each class, NaN for one without any."""
        sums: Array = np.bincount(self._labels, values, minlength=len(self._counts))
        return sums / self._counts
