"""What is known exactly of spiral data: codimension, entanglement, distances, length (2.3.2).

Distances are those of the curves, without noise, and are found from what a closest pair must
satisfy, so that one-dimensional searches do the work of a search over pairs of points.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.config import ConfigError, DataConfig, shown
from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.data.spiral import arc_length

Array = npt.NDArray[Any]
SCAN_STEP = 0.05
"""Step of the first, dense scans, in radians."""
ZOOM_SAMPLES = 17
"""Samples of each finer search, which is 8 times finer than the one before."""
PRECISION = 1e-11
"""A search ends when it cannot lower the minimum by more than this share of it."""


@dataclass(frozen=True)
class Geometry:
    """Numbers that describe spiral data; lengths in the plane's units, angles in radians.

    `distance_linf` is None where the embedding that it depends on is not known.
    """

    codimension: int
    entanglement: float
    distance_l2: float
    distance_linf: float | None
    arc_length: float


def spiral_geometry(config: DataConfig, dataset: Dataset | None = None) -> Geometry:
    """Return the geometry of the arms that `config` names, embedded as in `dataset`.

    d_p = min |x - y|_p over points of different arms, in L2 (thesis eq. 2.7, its minimum) and in
    L-infinity, the norm of the attacks. The embedding keeps L2 and changes L-infinity, so without
    a dataset the latter is known for codimension 1 only. `arc_length` is that of one arm.
    """
    low, high = config.phi_min, config.phi_min + config.entanglement
    plane = np.eye(2) if dataset is None else dataset.plane.numpy()
    known = plane.shape[0] == config.dimension
    ends = arc_length(np.array([low, high]), config.b)
    l2 = _distance_l2(low, high, config.arms)
    linf = _distance_linf(low, high, config.arms, plane, l2) if known else None
    return Geometry(
        codimension=config.codimension,
        entanglement=config.entanglement,
        distance_l2=config.b * l2,
        distance_linf=None if linf is None else config.b * linf,
        arc_length=float(ends[1] - ends[0]),
    )


def b_for_distance(config: DataConfig, distance: float) -> float:
    """Return the b that sets the L2 distance between arms, all else as in `config`.

    The distance is proportional to b (thesis 2.3.2). Raises `ConfigError` where b would leave
    its bounds.
    """
    per_b = _distance_l2(config.phi_min, config.phi_min + config.entanglement, config.arms)
    lowest, highest = _bounds_of_b()
    if not per_b * lowest <= distance <= per_b * highest:
        raise ConfigError(
            {
                "distance": f"distance: expected a number from {per_b * lowest:.4g} to"
                f" {per_b * highest:.4g} for these arms, got {shown(distance)}."
            }
        )
    return min(max(distance / per_b, lowest), highest)


@functools.cache
def _bounds_of_b() -> tuple[float, float]:
    schema = DataConfig.model_json_schema()["properties"]["b"]
    return float(schema["minimum"]), float(schema["maximum"])


def _distance_l2(low: float, high: float, arms: int) -> float:
    """Return the L2 distance for b = 1.

    Points of two arms that are an angle alpha apart, at phi and phi + t, t >= 0, are
    sqrt(t^2 + 2 phi (phi + t) (1 - cos(t - alpha))) apart, which grows with phi: one point of a
    closest pair is at the inner end, and only t is searched.
    """
    alpha = 2 * np.pi * np.arange(1, arms)[:, None] / arms

    def distance(row: Array, t: Array) -> Array:
        ahead = 1 - np.cos(t - alpha[row])
        return np.asarray(np.sqrt(t * t + 2 * low * (low + t) * ahead))

    t = np.linspace(0.0, high - low, math.ceil((high - low) / SCAN_STEP) + 1)
    rows = np.arange(len(alpha))
    return _lowest(distance, np.broadcast_to(t, (len(rows), len(t))), distance(rows, t))


def _distance_linf(low: float, high: float, arms: int, plane: Array, l2: float) -> float:
    """Return the L-infinity distance for b = 1 between arms embedded by `plane` (n, 2).

    `l2` is their L2 distance, which it does not exceed.

    The differences between the points of two arms fill a region of the plane, and one inside it
    could be made shorter. So a closest pair lies on its border: there a point is at an end of its
    arm, or the two tangents are parallel. With tau(phi) = phi + atan(phi), the tangent's angle
    less the arm's own, both kinds read: the partner of tau is at slope tau + shift, where the
    slope is 0 for an end and 1 for parallel tangents. Both are scanned, and refined, over tau.
    """
    per_turn = math.ceil(math.pi / arms / SCAN_STEP)
    step = math.pi / arms / per_turn  # so that the angles between arms are whole steps
    first, last = (phi + math.atan(phi) for phi in (low, high))
    tau = np.append(np.arange(first, last, step), last)
    count = len(tau) - 1
    # For an even number, half of the pairs are the others turned by pi, which no norm notices.
    bases = range(arms // 2 if arms % 2 == 0 else arms)
    pairs = [(base, other) for base in bases for other in range(arms) if base != other]
    # How long in L2 a closest pair can be: the norms' ratio over directions, less what a direction
    # between two of these may differ by. The phi of a pair differ by less than that, tau by twice.
    directions = np.exp(1j * np.linspace(0.0, np.pi, 256))
    longest = l2 / (float(_linf_norm(directions, plane).min()) - np.pi / 255 / 2)
    reach = min(count, math.ceil(2 * longest / step) + 1)
    half_turn = arms * per_turn
    parallel = [
        (base, other, 1, offset)
        for base, other in pairs
        for offset in range(2 * per_turn * (base - other) % half_turn, reach, half_turn)
    ]
    ends = [(base, other, 0, offset) for base, other in pairs for offset in (0, count)]
    moving, partner, slope, offset = np.array(parallel + ends).T[:, :, None]
    turned = np.exp(2j * np.pi * np.arange(arms) / arms)
    shift = np.where(slope == 1, offset * step, tau[offset])

    def norm(row: Array, tau: Array) -> Array:
        ahead = turned[partner[row]] * _on_arm(slope[row] * tau + shift[row])
        return _linf_norm(ahead - turned[moving[row]] * _on_arm(tau), plane)

    z = _on_arm(tau)
    at = slope * np.arange(count + 1) + offset
    between = turned[partner] * z[np.minimum(at, count)] - turned[moving] * z
    lengths = np.where((slope == 0) | (at < count), np.abs(between), np.inf)
    near = lengths <= longest
    values = np.full(lengths.shape, np.inf)
    values[near] = _linf_norm(between[near], plane)
    furthest = np.where(slope == 1, last - shift, last)
    return _lowest(norm, np.minimum(tau, furthest), values)


def _on_arm(tau: Array) -> Array:
    """Return phi e^(i phi), where phi + atan(phi) = tau > 0, by Newton's method from below."""
    phi = np.maximum(tau / 2, tau - np.pi / 2)
    for _ in range(5):
        squared = phi * phi
        phi = phi + (tau - phi - np.arctan(phi)) * (1 + squared) / (2 + squared)
    return np.asarray(phi * np.exp(1j * phi))


def _linf_norm(points: Array, plane: Array) -> Array:
    """Return the L-infinity norm, after the embedding, of points given as complex numbers."""
    pairs = np.stack([points.real, points.imag], axis=-1)
    return np.asarray(np.abs(pairs @ plane.T).max(axis=-1))


def _lowest(function: Callable[[Array, Array], Array], t: Array, values: Array) -> float:
    """Return the lowest value of functions that were sampled at ascending t (rows, samples).

    `function(rows, t)` evaluates those of `rows`; `values` are the samples, infinite where they
    need no refinement. Every sample no higher than its neighbours starts a finer search between
    them, while it may still matter: a convex function goes no further below its lowest sample
    than it changes over the intervals around, and twice that is for what is not quite convex.
    """
    rows, best = np.arange(len(values)), np.inf
    around = np.arange(-2, 2)
    while len(values):
        best = min(best, float(values.min()))
        padded = np.pad(values, ((0, 0), (1, 1)), mode="edge")
        lowest = (values <= padded[:, :-2]) & (values <= padded[:, 2:]) & np.isfinite(values)
        line, sample = np.nonzero(lowest)
        interval = np.clip(sample[:, None] + around, 0, values.shape[1] - 2)
        with np.errstate(invalid="ignore"):  # between two samples that need no refinement
            changes = values[line[:, None], interval + 1] - values[line[:, None], interval]
        room = 2 * np.fmax.reduce(np.abs(changes), axis=1)
        deep = values[line, sample] - room < best * (1 - PRECISION)
        line, sample = line[deep], sample[deep]
        rows = rows[line]
        lower = t[line, np.maximum(sample - 1, 0)]
        upper = t[line, np.minimum(sample + 1, t.shape[1] - 1)]
        t = lower[:, None] + (upper - lower)[:, None] * np.linspace(0.0, 1.0, ZOOM_SAMPLES)
        values = function(rows, t)
    return best
