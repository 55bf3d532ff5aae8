"""Exact robustness radii in the plane: affine bounds on squares, split where a point needs it.

Each square of the tree carries affine bounds of the margins, so it tells of every point near it
how far the closest place is where the point's class may end, and how far one where it does end.
The gap between the two falls with the square of the side, which is why few splits suffice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.balls import Norm
from spiral_dash.core.certify.bounds import (
    ArrayLike,
    Classifier,
    Layers,
    MarginBounds,
    check_norm,
    check_points,
    holds,
)
from spiral_dash.core.certify.distance import TINY, to_cut_square, to_square
from spiral_dash.core.certify.front import Front
from spiral_dash.core.certify.radii import ExactRadii, check_epsilons

Array = npt.NDArray[Any]
Progress = Callable[[float], bool | None]

MAX_BOXES = 100_000
ROOTS_ACROSS = 24
"""Squares of the first grid along the longer side of the data's extent."""
SPLITS_A_ROUND, SPLITS_LEAST = 256, 16
"""Squares split before progress is reported, and a caller may cancel: fewer in a large network."""
SPLIT_WEIGHTS = 4_000_000
"""Weights of the network times squares split in a round."""
FINEST = 2.0**-44
"""The least side, relative to the coordinates: beneath it centres would be rounded."""
LEAST = float(np.nextafter(np.float32(0.0), np.float32(1.0)))
"""The least upper radius of a point that is classified correctly: above 0 in single precision."""
BEYOND = 1.0 + 2.0**-20
"""How far past the largest epsilon is looked, to certify the largest epsilon itself."""
QUARTERS = np.array([[-0.5, -0.5], [0.5, -0.5], [-0.5, 0.5], [0.5, 0.5]])


def exact_radii(
    layers: Layers,
    activation: str,
    points: ArrayLike,
    labels: ArrayLike,
    epsilons: Sequence[float] | Array,
    *,
    norm: Norm = "linf",
    front: Front | None = None,
    correct: Array | None = None,
    greatest: float = np.inf,
    max_boxes: int = MAX_BOXES,
    progress: Progress | None = None,
) -> ExactRadii:
    """Bracket each point's robustness radius until every (point, epsilon) pair is decided.

    The radius of x with label y is inf {||d|| : argmax z(x + d) != y}, where the first of equal
    logits wins. `layers` are (weight (out, in), bias (out,)) pairs, the last giving logits; `front`
    is what a point of the plane becomes before the first of them. `points` is (N, 2), `labels`
    (N,). `correct` (N,) says which points the network that is meant classifies correctly, should
    its arithmetic differ: of one that float64 sees otherwise nothing is proved beyond itself.
    Where that network may meet numbers beyond `greatest`, nothing is proved either.

    At most `max_boxes` squares are bounded; pairs still open then stay open. `progress` is called
    with the share of pairs decided, and ends the proof by returning False. Raises ValueError for an
    argument out of its range. Rounding is that of float64.
    """
    check_norm(norm)
    sizes = np.unique(check_epsilons(epsilons))
    classifier = Classifier(layers, activation, front, greatest)
    places, classes = check_points(classifier, points, labels)
    if classifier.inputs != 2:
        raise ValueError(
            f"the quadtree lies in a plane, but the network has {classifier.inputs} inputs; "
            "restrict it to a plane, or use one_shot_radius"
        )
    if max_boxes < 1:
        raise ValueError(f"max_boxes should be at least 1, got {max_boxes}")
    proof = _Proof(classifier, places, classes, sizes[sizes > 0.0], norm, correct)
    return proof.run(max_boxes, progress)


class _Proof:
    """The tree's squares, and the (point, square) pairs that still bear on a point's radius."""

    def __init__(
        self,
        classifier: Classifier,
        points: Array,
        labels: Array,
        epsilons: Array,
        norm: Norm,
        correct: Array | None,
    ) -> None:
        self.classifier, self.norm = classifier, norm
        self.points, self.labels, self.epsilons = points, labels, epsilons
        self.reach = float(epsilons.max(initial=0.0)) * BEYOND
        agrees = classifier.predict(points) == labels
        self.correct = agrees if correct is None else correct
        self.provable = agrees & self.correct & bool(len(epsilons))
        self.open = self.provable
        self.lower = np.zeros(len(points))
        self.upper = np.where(self.correct, np.inf, 0.0)
        self.finest = FINEST * (float(np.abs(points).max(initial=0.0)) + self.reach)
        # Squares: the centre, half the side, the margins' bounds, and which are leaves.
        self.centre = np.empty((0, 2))
        self.half = np.empty(0)
        self.bounds = classifier.margins(self.centre, self.half)
        self.leaf = np.empty(0, dtype=bool)
        # Pairs: how far the point's class holds in the square at least, and by estimate.
        self.point = np.empty(0, dtype=np.intp)
        self.square = np.empty(0, dtype=np.intp)
        self.holds = np.empty(0)
        self.likely = np.empty(0)

    def run(self, max_boxes: int, progress: Progress | None) -> ExactRadii:
        """Refine until every pair of point and epsilon is decided, or none can be."""
        rounds, capped, cancelled = 0, False, False
        size = sum(weight.size for weight, _ in self.classifier.layers)
        at_once = max(SPLITS_LEAST, min(SPLITS_A_ROUND, SPLIT_WEIGHTS // size))
        if self.open.any():
            self._plant(max_boxes)
        while True:
            undecided = self._decide()
            share = 1.0 - float(undecided.sum()) / max(1, undecided.size)
            wanted = self._wanted(undecided)
            unwelcome = progress is not None and progress(share) is False
            if unwelcome or not len(wanted):
                cancelled = len(wanted) > 0
                break
            wanted = wanted[: min(at_once, (max_boxes - len(self.half)) // 4)]
            capped = not len(wanted)
            if capped:
                break
            self._split(wanted)
            rounds += 1
        return self._result(rounds, capped, cancelled)

    def _plant(self, max_boxes: int) -> None:
        """Lay the first grid over all balls, and pair each with the squares it may touch."""
        active = np.flatnonzero(self.open)
        places = self.points[active]
        corner = places.min(0) - self.reach
        extent = places.max(0) + self.reach - corner
        most = min(ROOTS_ACROSS, math.isqrt(max_boxes))
        side = max(float(extent.max()) / most, 0.5 * self.reach)
        across = np.minimum(np.ceil(extent / side), most).astype(np.intp)
        row, column = np.divmod(np.arange(across.prod()), across[0])
        centre = corner + side * (np.stack([column, row], 1) + 0.5)
        # One square more on either side, should the first be rounded past an edge of the grid.
        step = np.arange(-1, math.ceil(2.0 * self.reach / side) + 2)
        first = np.floor((places - self.reach - corner) / side).astype(np.intp)
        column, row = np.broadcast_arrays(
            first[:, 0, None, None] + step, first[:, 1, None, None] + step[:, None]
        )
        inside = (column >= 0) & (column < across[0]) & (row >= 0) & (row < across[1])
        point = active[np.nonzero(inside)[0]]
        square = (row * across[0] + column)[inside]
        self._grow(centre, np.full(len(centre), 0.5 * side), point, square, np.zeros(len(point)))

    def _grow(self, centre: Array, half: Array, point: Array, square: Array, known: Array) -> None:
        """Bound those of the squares that an open ball touches, and measure their pairs.

        `known` is how far the point's class holds in the parent of the pair's square.
        """
        side = half[square]
        offset = (self.points[point] - centre[square]) / side[:, None]
        touch = to_square(offset, self.norm) * side
        near = touch <= self._limit(point)
        point, square, offset, touch = point[near], square[near], offset[near], touch[near]
        side, known = side[near], known[near]
        used = np.zeros(len(half), dtype=bool)
        used[square] = True
        square = (np.cumsum(used) - 1)[square]
        centre, half = centre[used], half[used]
        bounds = self.classifier.margins(centre, half)

        label = self.labels[point]
        rivals = self.classifier.rivals[label]
        slope, middle, gap = bounds.of_class(square, label, rivals)
        # The class ends below 0 before a later rival, of which it wins a tie, and at 0 before an
        # earlier one; the difference matters where two logits are equal throughout.
        tie = TINY * (rivals > label[:, None])
        levels = (gap - middle - tie, -middle - tie, -gap - middle - tie)
        may_end, likely, ends = (
            distance.min(1) * side
            for distance in to_cut_square(offset[:, None], slope, levels, self.norm)
        )
        # A bound that is not a number says nothing: the class may end anywhere in the square.
        holding = np.maximum(np.where(np.isnan(may_end), touch, may_end), known)
        np.copyto(likely, touch, where=np.isnan(likely))
        np.minimum.at(self.upper, point, np.where(np.isnan(ends), np.inf, ends))

        keep = holding <= self._limit(point)
        self.point = np.concatenate([self.point, point[keep]])
        self.square = np.concatenate([self.square, square[keep] + len(self.half)])
        self.holds = np.concatenate([self.holds, holding[keep]])
        self.likely = np.concatenate([self.likely, likely[keep]])
        self.centre = np.concatenate([self.centre, centre])
        self.half = np.concatenate([self.half, half])
        self.bounds = MarginBounds.join([self.bounds, bounds])
        self.leaf = np.concatenate([self.leaf, np.ones(len(half), dtype=bool)])

    def _limit(self, point: Array) -> Array:
        """How far from each point a place may still bear on its radius."""
        return np.minimum(self.upper[point], self.reach)

    def _decide(self) -> Array:
        """Tighten the lower radii, close the points that are decided: the open pairs (N, E)."""
        lower = np.minimum(self.upper, self.reach)
        np.minimum.at(lower, self.point, self.holds)
        self.lower = np.where(self.open, lower, self.lower)
        undecided = (self.lower[:, None] <= self.epsilons) & (self.epsilons < self.upper[:, None])
        undecided &= self.provable[:, None]
        self.open = undecided.any(1)
        self._keep(self.open[self.point] & (self.holds <= self._limit(self.point)))
        return undecided

    def _keep(self, pairs: Array) -> None:
        self.point, self.square = self.point[pairs], self.square[pairs]
        self.holds, self.likely = self.holds[pairs], self.likely[pairs]

    def _wanted(self, undecided: Array) -> Array:
        """Return the squares to split, coarse ones first.

        A point's class is reckoned to end at the least estimate. Within a ball beyond it one
        square will do, that of the estimate, to falsify. Within a ball short of it every square
        in which the class may end has to be cleared.
        """
        estimate = np.full(len(self.points), np.inf)
        np.minimum.at(estimate, self.point, self.likely)
        short = undecided & np.less(self.epsilons, estimate[:, None])
        clear = np.where(short, self.epsilons, -np.inf).max(1, initial=-np.inf)
        falsify = (undecided & ~short).any(1)
        wanted = np.less_equal(self.holds, clear[self.point])
        wanted |= falsify[self.point] & np.less_equal(self.likely, estimate[self.point])
        squares = np.unique(self.square[wanted])
        divisible = np.greater(self.half[squares], self.finest)
        return np.asarray(squares[divisible])

    def _split(self, squares: Array) -> None:
        """Replace squares by their quarters, in the tree and in the pairs."""
        order = np.full(len(self.half), -1)
        order[squares] = np.arange(len(squares))
        self.leaf[squares] = False
        parent = order[self.square]
        parted = parent >= 0
        point, known = self.point[parted], self.holds[parted]
        quarter = (4 * parent[parted][:, None] + np.arange(4)).reshape(-1)
        centre = self.centre[squares, None] + self.half[squares, None, None] * QUARTERS
        half = np.repeat(0.5 * self.half[squares], 4)
        self._keep(~parted)
        self._grow(centre.reshape(-1, 2), half, np.repeat(point, 4), quarter, np.repeat(known, 4))

    def _result(self, rounds: int, capped: bool, cancelled: bool) -> ExactRadii:
        leaf = self.leaf
        centre, half = self.centre[leaf], self.half[leaf]
        label, row = self.bounds.reference[leaf], np.flatnonzero(leaf)
        rivals = self.classifier.rivals[label]
        slope, middle, gap = self.bounds.of_class(row, label, rivals)
        least = middle - gap - np.abs(slope).sum(-1)
        proved = holds(least, label, rivals).all(1)
        closest = np.arange(len(row)), least.argmin(1)
        return ExactRadii(
            radius_lower=self.lower,
            radius_upper=np.where(self.correct, np.maximum(self.upper, LEAST), 0.0),
            boxes=np.stack(
                [
                    centre[:, 0] - half,
                    centre[:, 0] + half,
                    centre[:, 1] - half,
                    centre[:, 1] + half,
                ],
                axis=1,
            ),
            verdict=np.where(proved, label, -1).astype(np.int8),
            band=np.column_stack([slope[closest] / half[:, None], middle[closest], gap[closest]]),
            evaluated=len(self.half),
            rounds=rounds,
            capped=capped,
            cancelled=cancelled,
        )
