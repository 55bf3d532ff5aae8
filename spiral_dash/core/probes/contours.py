"""The curves along which a network changes its answer, and their shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from contourpy import LineType, contour_generator

Array = npt.NDArray[Any]


def margins(logits: Array) -> list[Array]:
    """Return the fields (R, R) whose zero lines are the boundary, from logits (m, R, R).

    Two classes: the one field z_1 - z_0. More: for each class its logit less the greatest of
    the others, whose zero line is the outline of where that class wins.
    """
    if len(logits) == 2:
        return [logits[1] - logits[0]]
    second, first = np.sort(logits, axis=0)[-2:]
    fields = np.stack([np.where(z == first, z - second, z - first) for z in logits])
    # Where classes tie, the first wins: its field is as little above 0 as a number can be.
    wins = logits.argmax(axis=0) == np.arange(len(logits))[:, None, None]
    return list(np.where((fields == 0) & wins, np.nextafter(fields.dtype.type(0), 1), fields))


def zero_lines(field: Array, x1: Array, x2: Array) -> list[Array]:
    """Trace where a field (R, R), rows x2 and columns x1, is zero: lines (K, 2), closed ones end
    where they begin (marching squares, linear along the edges of a cell)."""
    traced = contour_generator(x1, x2, field, line_type=LineType.Separate).lines(0.0)
    return [np.asarray(line) for line in traced]


def length(line: Array) -> float:
    """The length of a line (K, 2)."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def resampled(line: Array, step: float) -> Array:
    """Return a line (K, 2) cut into equal arcs as near to `step` as divides it evenly.

    A closed line keeps at least three sides, an open one its two ends.
    """
    arc = np.concatenate([[0.0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
    pieces = max(round(arc[-1] / step), 3 if _closed(line) else 1)
    places = np.linspace(0.0, arc[-1], pieces + 1)
    return np.stack([np.interp(places, arc, line[:, k]) for k in (0, 1)], axis=1)


def turning(line: Array, step: float) -> float:
    """The sum of |change of direction| in radians along a line, in arcs of about `step`.

    At a fixed step rather than from cell to cell, because the zigzag of a traced line would
    otherwise grow with the grid. A closed line turns by 2 pi at least.
    """
    chords = np.diff(resampled(line, step), axis=0)
    if _closed(line):
        chords = np.concatenate([chords, chords[:1]])
    before, after = chords[:-1], chords[1:]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return float(np.abs(np.arctan2(cross, (before * after).sum(axis=1))).sum())


def pieces(lines: Sequence[Array], x1: Array, x2: Array) -> int:
    """Count the connected pieces of lines where two that share a cell of the grid connect."""
    owner: dict[tuple[int, int], int] = {}
    parent = list(range(len(lines)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    corner, spacing = np.array([x1[0], x2[0]]), x1[1] - x1[0]
    for index, line in enumerate(lines):
        middles = (line[:-1] + line[1:]) / 2
        for cell in map(tuple, np.floor((middles - corner) / spacing).astype(int).tolist()):
            other = owner.setdefault(cell, index)
            parent[root(index)] = root(other)
    return sum(root(index) == index for index in range(len(lines)))


def with_gaps(lines: Sequence[Array]) -> Array:
    """Return the lines one after another, (K, 2) float32, a row of NaN between two of them."""
    gap = np.full((1, 2), np.nan)
    rows = [part for line in lines for part in (gap, line)][1:]
    return np.concatenate(rows).astype(np.float32) if rows else np.empty((0, 2), np.float32)


def _closed(line: Array) -> bool:
    return len(line) > 2 and bool((line[0] == line[-1]).all())
