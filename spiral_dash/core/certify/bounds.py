"""Affine bounds of a classifier's margins over many balls at once.

What lies before the first layer, a `Front`, is folded into it where it is affine. One pass forward
bounds the units' ranges and so fixes each activation's relaxation; one pass back
through those relaxations bounds the margins over the inputs. Rounding is that of float64 and is
not directed outward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
from torch import Tensor

from spiral_dash.core.balls import Norm
from spiral_dash.core.certify.enclosure import Enclosure, Step, back, linear_back
from spiral_dash.core.certify.front import Front
from spiral_dash.core.certify.relaxation import RELAXATIONS, VALUES, relax

Array = npt.NDArray[Any]
ArrayLike = Tensor | Array | Sequence[Any]
Layers = Sequence[tuple[ArrayLike, ArrayLike]]
TILE = 384
"""Columns a pass: the enclosures of a 50-unit layer stay within a core's second-level cache."""
SHALLOW = 5
"""Hidden layers up to which ranges are carried forward alone: that is the fastest proof there."""
LOOK_BACK = 2
"""In a deeper network every so many layers the ranges are worked out by looking back, or the
errors carried forward would grow by orders of magnitude, and the squares needed with them."""
BOUNDED = ("tanh", "sigmoid", "sine")
"""Activations whose values lie in [-1, 1]."""


def to_array(values: ArrayLike) -> Array:
    """Return a float64 copy in memory of its own, which no training step can change."""
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    return np.array(values, dtype=np.float64, order="C")


def check_norm(norm: str) -> None:
    """Raise ValueError unless `norm` is one of those a bound is known for."""
    if norm not in get_args(Norm):
        raise ValueError(f"norm must be one of {', '.join(get_args(Norm))}, not {norm!r}")


@dataclass(frozen=True)
class MarginBounds:
    """z_c(x) - z_j(x) in slope[j] . e + offset[j] +- gap[j], with x = centre + half e.

    The row of the reference class c itself is 0. Shapes: `reference` (B,), `slope` (B, m, n),
    `offset` and `gap` (B, m).
    """

    reference: Array
    slope: Array
    offset: Array
    gap: Array

    @classmethod
    def join(cls, parts: Sequence[MarginBounds]) -> MarginBounds:
        """Return the bounds of all balls of `parts`, in order."""
        return cls(
            np.concatenate([part.reference for part in parts]),
            np.concatenate([part.slope for part in parts]),
            np.concatenate([part.offset for part in parts]),
            np.concatenate([part.gap for part in parts]),
        )

    def of_class(self, ball: Array, label: Array, rivals: Array) -> tuple[Array, Array, Array]:
        """Return slope, offset and gap of z_y - z_j, for rows of balls, labels y, rivals j.

        z_y - z_j is the difference of two rows, whose gaps add. `ball` and `label` are (P,),
        `rivals` is (P, R); the results are (P, R, n), (P, R) and (P, R).
        """
        row, own = ball[:, None], label[:, None]
        slope = self.slope[row, rivals] - self.slope[row, own]
        offset = self.offset[row, rivals] - self.offset[row, own]
        return slope, offset, self.gap[row, rivals] + self.gap[row, own]


def holds(least: Array, label: Array, rivals: Array) -> Array:
    """Return whether z_y - z_j >= `least` lets y win, for labels (P,) and rivals and least (P, R).

    Of equal logits the first wins, as `argmax` has it.
    """
    return np.greater(least, 0.0) | (np.equal(least, 0.0) & (rivals > label[:, None]))


class Classifier:
    """A fully connected network h <- a(W h + b), whose last layer gives logits, in float64.

    `front` is what a point becomes before the first layer, `rivals[c]` lists the classes other
    than c. Where a value on the way, as the network that is meant computes it, may be beyond
    `greatest`, nothing is proved. Raises ValueError for an activation without a relaxation, for
    layers that do not chain, for fewer than two logits, and for parameters that are not finite.
    """

    def __init__(
        self,
        layers: Layers,
        activation: str,
        front: Front | None = None,
        greatest: float = np.inf,
    ) -> None:
        if activation not in RELAXATIONS:
            known = ", ".join(RELAXATIONS)
            raise ValueError(f"no proof is available for {activation!r}; there is one for {known}")
        self.activation = activation
        self.layers = [(to_array(weight), to_array(bias)) for weight, bias in layers]
        _check_chain(self.layers)
        self._sizes = [(np.abs(weight), np.abs(bias)) for weight, bias in self.layers]
        self._greatest = greatest
        weight, bias = self.layers[0]
        self._given = Front.nothing(weight.shape[1]) if front is None else front
        if self._given.units != weight.shape[1]:
            raise ValueError(
                f"the first layer takes {weight.shape[1]} values, but gets {self._given.units}"
            )
        self._front: Front | None = self._given
        if self._given.features is None:
            folded = np.dot(weight, self._given.matrix), bias + np.dot(weight, self._given.offset)
            self.layers[0], self._front = folded, None
        self.inputs = self._given.inputs
        self.classes = classes = len(self.layers[-1][1])
        self.rivals = np.array([[j for j in range(classes) if j != c] for c in range(classes)])
        hidden = len(self.layers) - 1
        self._looks_back = range(LOOK_BACK, hidden, LOOK_BACK) if hidden > SHALLOW else range(0)
        weight, bias = self.layers[-1]
        self._margin_weight = weight[:, None] - weight[self.rivals]
        self._margin_bias = bias[:, None] - bias[self.rivals]

    def predict(self, points: Array) -> Array:
        """Return the class (N,) of points (N, n), the first of those with the greatest logit."""
        value = VALUES[self.activation]
        with np.errstate(all="ignore"):
            columns = points.T if self._front is None else self._front.values(points)
            for weight, bias in self.layers[:-1]:
                columns = value(np.dot(weight, columns) + bias[:, None])
            weight, bias = self.layers[-1]
            ahead: Array = (np.dot(weight, columns) + bias[:, None]).argmax(0)
        return ahead

    def margins(self, centre: Array, half: Array, norm: Norm = "linf") -> MarginBounds:
        """Return affine bounds of the margins over balls of radius `half` (B,) at `centre` (B, n).

        The reference class of a ball is the one ahead at the centre of its enclosure. A ball too
        wide for float64 gets bounds that are not finite, which prove nothing.
        """
        step = max(1, TILE // (self.inputs + 1))
        with np.errstate(all="ignore"):
            bounds = MarginBounds.join(
                [
                    self._bound(centre[at : at + step], half[at : at + step], norm)
                    for at in range(0, max(1, len(half)), step)
                ]
            )
            overflowing = self._may_overflow(centre, half)
            bounds.slope[overflowing], bounds.offset[overflowing] = 0.0, 0.0
            bounds.gap[overflowing] = np.inf
            return bounds

    def _may_overflow(self, centre: Array, half: Array) -> Array:
        """Return the balls (k,) in which the network that is meant may pass its greatest number."""
        if not np.isfinite(self._greatest) or not len(half):
            return np.empty(0, np.intp)
        low, high = (centre - half[:, None]).min(0), (centre + half[:, None]).max(0)
        around = 0.5 * (low + high), 0.5 * (high - low).max(keepdims=True)
        if self._largest_value(around[0][None], around[1])[0] <= self._greatest:
            return np.empty(0, np.intp)
        return np.flatnonzero(~(self._largest_value(centre, half) <= self._greatest))

    def _largest_value(self, centre: Array, half: Array) -> Array:
        """Return a bound (B,) of every number met on the way to the logits, partial sums too."""
        size = self._given.greatest(centre, half)
        largest = size.max(axis=0)
        for weight, bias in self._sizes:
            size = np.dot(weight, size) + bias[:, None]
            largest = np.maximum(largest, size.max(axis=0))
            # No activation exceeds its argument by more than 1, and these never exceed 1.
            size = np.minimum(size, 1.0) if self.activation in BOUNDED else size + 1.0
        return np.asarray(largest)

    def _bound(self, centre: Array, half: Array, norm: Norm) -> MarginBounds:
        """Bound the margins of the class ahead at each centre over its rivals."""
        if self._front is None:
            start = base = units = Enclosure.of_balls(centre, half)
        else:
            start = base = units = self._front.enclose(centre, half, norm)
        steps: list[Step] = []
        since_base: list[Step] = []
        for depth, (weight, bias) in enumerate(self.layers[:-1]):
            look_back = depth in self._looks_back
            if look_back:
                units = linear_back(weight, bias, since_base, base)
            else:
                units = units.linear(weight, bias)
            relaxation = relax(self.activation, *units.ends(norm))
            units = units.relaxed(relaxation)
            steps.append((weight, bias, relaxation))
            since_base.append(steps[-1])
            if look_back:
                base, since_base = units, []
        weight, bias = self.layers[-1]
        ahead = (np.dot(weight, units.middle) + bias[:, None]).argmax(0)
        margins = back(
            self._margin_weight[ahead].transpose(2, 1, 0).copy(),
            self._margin_bias[ahead].T,
            steps,
            start,
        )
        balls = len(half)
        bounds = MarginBounds(
            ahead,
            np.zeros((balls, self.classes, self.inputs)),
            np.zeros((balls, self.classes)),
            np.zeros((balls, self.classes)),
        )
        row, rivals = np.arange(balls)[:, None], self.rivals[ahead]
        bounds.slope[row, rivals] = margins.form[:, :-1].transpose(2, 0, 1)
        bounds.offset[row, rivals] = margins.middle.T
        bounds.gap[row, rivals] = margins.error.T
        return bounds


def check_points(
    classifier: Classifier, points: ArrayLike, labels: ArrayLike
) -> tuple[Array, Array]:
    """Return points (N, n) float64 and labels (N,) as indices; raise ValueError if they are not."""
    places = to_array(points)
    if places.ndim != 2 or places.shape[1] != classifier.inputs:
        raise ValueError(
            f"points should be (N, {classifier.inputs}) for this network, got {places.shape}"
        )
    if not np.isfinite(places).all():
        raise ValueError("points should be finite")
    values = to_array(labels)
    if values.shape != (len(places),):
        raise ValueError(f"labels should be ({len(places)},), one a point, got {values.shape}")
    if not np.isin(values, np.arange(classifier.classes)).all():
        raise ValueError(f"labels should be whole numbers in 0..{classifier.classes - 1}")
    return places, values.astype(np.intp)


def _check_chain(layers: Sequence[tuple[Array, Array]]) -> None:
    if not layers:
        raise ValueError("a network has at least the layer that gives its logits, got none")
    first = layers[0][0]
    below = first.shape[1] if first.ndim == 2 else 0
    for depth, (weight, bias) in enumerate(layers):
        if bias.ndim != 1 or weight.shape != (bias.size, below):
            raise ValueError(
                f"layer {depth} should map {below} values and have one bias a row, "
                f"got a weight of shape {weight.shape} and a bias of shape {bias.shape}"
            )
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ValueError(f"layer {depth} has parameters that are not finite")
        below = bias.size
    if below < 2:
        raise ValueError(f"a classifier has at least two logits, got {below}")
