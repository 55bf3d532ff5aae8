"""Affine enclosures of a layer's units over many balls at once, forward and back through layers.

Each unit is enclosed as A e + b +- q, e in the unit ball, with one column of A an input. Forward, a
linear layer maps A and b through W, and q through |W|; an activation with its relaxation (k, m, d)
maps A to k A, b to k b + m and q to |k| q + d. Backward, functions of the last layer's units are
rewritten over those of an earlier one (CROWN, Zhang et al. 2018), which keeps what the errors of
different units have in common. Both lines of a relaxation are parallel, so one pass back gives
the lower and the upper bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.balls import Norm
from spiral_dash.core.certify.relaxation import Relaxation

Array = npt.NDArray[Any]
BLOCK = 512
"""Columns of a product on the way back: few enough to stay in a core's second-level cache."""


@dataclass(frozen=True)
class Enclosure:
    """Units in form[:, :n] e + form[:, n] +- error; form is (units, n + 1, B), error (units, B)."""

    form: Array
    error: Array

    @classmethod
    def of_balls(cls, centre: Array, half: Array) -> Enclosure:
        """Return the exact enclosure of the inputs: balls of radius `half` (B,) at `centre`."""
        balls, inputs = centre.shape
        form = np.zeros((inputs, inputs + 1, balls))
        form[np.arange(inputs), np.arange(inputs)] = half
        form[:, inputs] = centre.T
        return cls(form, np.zeros((inputs, balls)))

    @property
    def middle(self) -> Array:
        """The units' enclosed values at the balls' centres (units, B)."""
        return self.form[:, -1]

    def ends(self, norm: Norm) -> tuple[Array, Array]:
        """Return the least and the greatest value of each unit over each ball."""
        reach = dual_norm(self.form[:, :-1].swapaxes(1, 2), norm)
        reach += self.error
        return self.middle - reach, self.middle + reach

    def linear(self, weight: Array, bias: Array) -> Enclosure:
        """Return the enclosure of W h + b."""
        units, columns, balls = self.form.shape
        flat = np.dot(weight, self.form.reshape(units, columns * balls))
        form = flat.reshape(len(bias), columns, balls)
        form[:, -1] += bias[:, None]
        return Enclosure(form, np.dot(np.abs(weight), self.error))

    def relaxed(self, relaxation: Relaxation) -> Enclosure:
        """Return the enclosure of the activation's values."""
        slope, shift, gap = relaxation
        form = self.form * slope[:, None]
        form[:, -1] += shift
        return Enclosure(form, self.error * np.abs(slope) + gap)


Step = tuple[Array, Array, Relaxation]
"""A hidden layer on the way back: its weight, its bias, and its activation's relaxation."""


def dual_norm(slopes: Array, norm: Norm) -> Array:
    """Return max slope . e over the unit ball: the dual norm along the last axis."""
    if norm == "l2":
        reach: Array = np.sqrt(np.einsum("...n,...n->...", slopes, slopes))
    else:
        reach = np.abs(slopes).sum(-1)
    return reach


def back(rows: Array, offset: Array, steps: Sequence[Step], start: Enclosure) -> Enclosure:
    """Return the enclosure of rows . h + offset, h the output of the last of `steps` after `start`.

    `rows` is (units, R, B) and is used up, `offset` (R, B).
    """
    offset = offset.copy()
    error = np.zeros_like(offset)
    for weight, bias, (slope, shift, gap) in reversed(steps):
        offset += np.einsum("urb,ub->rb", rows, shift)
        error += np.einsum("urb,ub->rb", np.abs(rows), gap)
        rows *= slope[:, None]
        flat = rows.reshape(len(bias), offset.size)
        offset += np.dot(bias, flat).reshape(offset.shape)
        rows = np.dot(weight.T, flat).reshape(weight.shape[1], *offset.shape)
    error += np.einsum("urb,ub->rb", np.abs(rows), start.error)
    form = np.einsum("urb,ucb->rcb", rows, start.form)
    form[:, -1] += offset
    return Enclosure(form, error)


def linear_back(weight: Array, bias: Array, steps: Sequence[Step], start: Enclosure) -> Enclosure:
    """Return the enclosure of W h + b through `steps`, a block of W's rows at a time."""
    balls = start.error.shape[1]
    block = max(1, BLOCK // max(1, balls))
    parts = []
    for first in range(0, len(bias), block):
        some = slice(first, first + block)
        shape = (weight.shape[1], len(bias[some]), balls)
        rows = np.broadcast_to(weight[some].T[:, :, None], shape).copy()
        offset = np.broadcast_to(bias[some, None], shape[1:])
        parts.append(back(rows, offset, steps, start))
    return Enclosure(
        np.concatenate([part.form for part in parts]),
        np.concatenate([part.error for part in parts]),
    )
