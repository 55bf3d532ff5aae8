"""Adversarial training: batches in which an attack has moved the points (thesis 6.4)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.balls import LinfBalls
from spiral_dash.core.config import TrainingConfig
from spiral_dash.core.engine import Engine

Array = npt.NDArray[Any]


class Adversary:
    """Moves training points against the network as it is, within epsilon of where they lie.

    `fgsm` takes one step of length epsilon (eq. 4.4); `pgd` starts at random and takes several
    of half of it (Madry et al. 2018). The balls of the whole set are built once an epsilon, so
    that holding an example to its ball costs a batch one call.
    """

    def __init__(self, engine: Engine, columns: Array) -> None:
        """`columns` (n + 1, N) are the training points, in the units of the data."""
        self._engine = engine
        self._inputs = engine.network.inputs
        self._columns = columns
        self._centres = columns[:-1]
        self._balls: LinfBalls | None = None
        self._shuffled = np.empty_like(columns)
        self._lower = np.empty_like(self._centres)
        self._upper = np.empty_like(self._centres)
        self._noise = np.empty_like(self._centres)
        self._moved: dict[int, Array] = {}

    def shuffle(self, order: Array, epsilon: float, generator: np.random.Generator) -> None:
        """Prepare an epoch whose points come in `order`; `generator` draws the random starts."""
        if self._balls is None or self._balls.radius[0] != epsilon:
            radius = np.full(self._centres.shape[1], epsilon)
            self._balls = LinfBalls.around(self._centres, radius)
        np.take(self._columns, order, axis=1, out=self._shuffled)
        np.take(self._balls.lower, order, axis=1, out=self._lower)
        np.take(self._balls.upper, order, axis=1, out=self._upper)
        self._noise[:] = generator.uniform(-epsilon, epsilon, self._noise.shape)

    def batch(self, targets: Array, columns: slice, training: TrainingConfig) -> Array:
        """Return what the first layer gets of a batch whose first share is moved, (F + 1, B).

        `columns` says which of the epoch's points these are; valid until the next call.
        """
        return self._inputs.columns(self.move(targets, columns, training))

    def move(self, targets: Array, columns: slice, training: TrainingConfig) -> Array:
        """Return the points of the batch, (n + 1, B), its first share moved; as for `batch`."""
        x = self._shuffled[:, columns]
        points = x.shape[1]
        moved = self._moved.get(points)
        if moved is None:
            moved = self._moved[points] = np.empty_like(x)
        np.copyto(moved, x)
        count = max(1, round(training.adversary_share * points))
        attacked = slice(columns.start, columns.start + count)
        lower, upper = self._lower[:, attacked], self._upper[:, attacked]
        epsilon = training.adversary_epsilon
        place = moved[:-1, :count]
        if training.adversary == "fgsm":
            self._climb(moved[:, :count], targets[:, :count], place, epsilon, lower, upper)
            return moved
        place += self._noise[:, attacked]
        np.clip(place, lower, upper, out=place)
        for _ in range(training.adversary_steps):
            self._climb(moved[:, :count], targets[:, :count], place, epsilon / 2, lower, upper)
        return moved

    def _climb(
        self, x: Array, targets: Array, place: Array, stride: float, lower: Array, upper: Array
    ) -> None:
        """Take one step of `stride` up the loss, in place, and come back into the ball."""
        tile = self._engine.batch_pass(x.shape[1])
        tile.forward(self._inputs.columns(x))
        delta = tile.ascent_delta(targets)
        gradient = np.empty((self._inputs.units, x.shape[1]), x.dtype)
        step = self._inputs.pullback(x, tile.input_gradient(delta, gradient))
        np.sign(step, out=step)
        np.multiply(step, step.dtype.type(stride), out=step)
        np.add(place, step, out=place)
        np.clip(place, lower, upper, out=place)
