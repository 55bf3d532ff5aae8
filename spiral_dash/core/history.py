"""The metrics of every epoch of a run, kept whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.evaluation import Metrics

Array = npt.NDArray[Any]
SCALARS = ("epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
PER_CLASS = (
    "train_class_loss",
    "train_class_accuracy",
    "test_class_loss",
    "test_class_accuracy",
)


class History:
    """One row an epoch, epoch 0 first: the network before training."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._rows = np.empty((64, len(SCALARS) + len(PER_CLASS) * classes))
        self._length = 0
        self._untouched = 0

    def __len__(self) -> int:
        return self._length

    def append(self, epoch: int, train: Metrics, test: Metrics) -> None:
        """Add the row of one epoch, which must follow the last."""
        assert epoch == self._length
        if self._length == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        self._rows[self._length] = [
            epoch,
            train.loss,
            train.accuracy,
            test.loss,
            test.accuracy,
            *train.class_loss,
            *train.class_accuracy,
            *test.class_loss,
            *test.class_accuracy,
        ]
        self._length += 1

    def skip(self, epoch: int) -> None:
        """Add the row of an epoch that was not evaluated: its metrics are NaN."""
        none = np.full(self._classes, np.nan)
        unknown = Metrics(np.nan, np.nan, none, none)
        self.append(epoch, unknown, unknown)

    def truncate(self, epoch: int) -> None:
        """Forget every epoch after `epoch`."""
        self._length = min(self._length, epoch + 1)
        self._untouched = min(self._untouched, self._length)

    def mark(self) -> int:
        """Return how many rows, from the first, are what they were at the last mark; mark anew."""
        untouched, self._untouched = self._untouched, self._length
        return untouched

    @property
    def rows(self) -> Array:
        """The rows so far, (epochs + 1, columns) float64: what `restore` takes."""
        return self._rows[: self._length]

    def restore(self, rows: Array) -> None:
        """Replace the history by `rows`; raise `ValueError` where they do not fit."""
        width = self._rows.shape[1]
        if rows.ndim != 2 or rows.shape[1] != width or len(rows) < 1:
            raise ValueError(f"Expected a history of {width} columns, got shape {rows.shape}.")
        self._rows = np.array(rows, np.float64)
        self._length = len(rows)
        self._untouched = 0

    def arrays(self) -> dict[str, Array]:
        """Return name -> values: scalars (E,), per class (E, classes); views, epoch 0 first."""
        rows = self.rows
        named = {name: rows[:, column] for column, name in enumerate(SCALARS)}
        for index, name in enumerate(PER_CLASS):
            start = len(SCALARS) + index * self._classes
            named[name] = rows[:, start : start + self._classes]
        return named
