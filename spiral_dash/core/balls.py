"""Balls about points, one kind a norm: what lies in them, and where they rise steepest."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any, Literal, Self, final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Norm = Literal["linf", "l2"]


@dataclass(frozen=True, eq=False)
class Balls(abc.ABC):
    """{x : ||x - c|| <= r}, one a column: centres (n, B), radii (B,) float64.

    Projections keep ||x - c|| <= r to the last bit, reckoned in exact arithmetic on the floats
    returned: where a boundary lies between two floats, the inner one is taken.
    """

    centre: Array
    radius: Array

    @classmethod
    @abc.abstractmethod
    def around(cls, centre: Array, radius: Array) -> Self:
        """Return the balls of radii (B,) about centres (n, B)."""

    @abc.abstractmethod
    def take(self, columns: Array | slice) -> Self:
        """Return some of the balls."""

    @abc.abstractmethod
    def project(self, x: Array) -> Array:
        """Return the points of the balls that are nearest to x (n, B), in the centres' dtype."""

    @staticmethod
    @abc.abstractmethod
    def steepest(gradient: Array) -> Array:
        """Return the unit step (n, B) that raises g . x the most; zero where g is zero."""

    @staticmethod
    @abc.abstractmethod
    def draw(generator: np.random.Generator, count: int, dimension: int) -> Array:
        """Return points (n, count) uniform in the unit ball.

        Drawn point by point: more points from the same generator begin with the same ones.
        """


@final
@dataclass(frozen=True, eq=False)
class LinfBalls(Balls):
    """max |x_i - c_i| <= r: the box between `lower` and `upper`, (n, B) each (thesis eq. 4.5)."""

    lower: Array
    upper: Array

    @classmethod
    def around(cls, centre: Array, radius: Array) -> Self:
        lower, upper = _farthest(centre, -radius), _farthest(centre, radius)
        return cls(centre, radius, lower, upper)

    def take(self, columns: Array | slice) -> Self:
        return type(self)(
            self.centre[:, columns],
            self.radius[columns],
            self.lower[:, columns],
            self.upper[:, columns],
        )

    def project(self, x: Array) -> Array:
        return np.asarray(np.clip(x.astype(self.centre.dtype), self.lower, self.upper))

    @staticmethod
    def steepest(gradient: Array) -> Array:
        return np.sign(gradient)

    @staticmethod
    def draw(generator: np.random.Generator, count: int, dimension: int) -> Array:
        return generator.uniform(-1.0, 1.0, (count, dimension)).T


@final
@dataclass(frozen=True, eq=False)
class L2Balls(Balls):
    """sqrt(sum (x_i - c_i)^2) <= r."""

    @classmethod
    def around(cls, centre: Array, radius: Array) -> Self:
        return cls(centre, radius)

    def take(self, columns: Array | slice) -> Self:
        return type(self)(self.centre[:, columns], self.radius[columns])

    def project(self, x: Array) -> Array:
        centre = self.centre.astype(np.float64, copy=False)
        projected = x.astype(self.centre.dtype, copy=True)
        offset = projected - centre
        length = np.sqrt(np.square(offset).sum(axis=0))
        # Every operation below errs by half a unit in the last place at most, so does each term
        # of the sum: what is allowed is less than r by as much, and the exact length is not more.
        allowed = self.radius * (1 - (len(x) + 6) * np.finfo(np.float64).eps)
        outside = length > allowed
        if outside.any():
            c, inner = centre[:, outside], offset[:, outside]
            inner *= allowed[outside] / length[outside]
            projected[:, outside] = _no_farther(c, inner, self.centre.dtype)
        return projected

    @staticmethod
    def steepest(gradient: Array) -> Array:
        # Scaled by the largest entry first: the squares of a tiny gradient would underflow.
        largest = np.abs(gradient).max(axis=0)
        scaled = gradient / np.where(largest > 0, largest, 1)
        length = np.sqrt(np.square(scaled).sum(axis=0))
        return np.asarray(scaled / np.where(length > 0, length, 1))

    @staticmethod
    def draw(generator: np.random.Generator, count: int, dimension: int) -> Array:
        # A normal vector with two entries too many, projected to the sphere and then cut down to
        # n entries, is uniform in the ball (Barthe et al. 2005; Voelker et al. 2017).
        normal = generator.standard_normal((count, dimension + 2))
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        return np.asarray(normal[:, :dimension].T)


NORMS: dict[Norm, type[Balls]] = {"linf": LinfBalls, "l2": L2Balls}


def _farthest(centre: Array, offset: Array) -> Array:
    """Return, per entry, the float nearest to c + offset with |float - c| <= |offset| exactly."""
    exact = centre.astype(np.float64, copy=False)
    reached = (exact + offset).astype(centre.dtype)
    # The rounded distance can equal the radius and the true one exceed it: Knuth's two-sum gives
    # the distance as a sum of two floats without any error.
    a = reached.astype(np.float64, copy=False)
    distance = a - exact
    part = distance - a
    error = (a - (distance - part)) - (exact + part)
    excess = (distance - offset) * np.sign(offset)
    beyond = (excess > 0) | ((excess == 0) & (error * np.sign(offset) > 0))
    return np.where(beyond, np.nextafter(reached, centre), reached)


def _no_farther(centre: Array, offset: Array, dtype: np.dtype[Any]) -> Array:
    """Return c + offset in `dtype`, every entry rounded towards c where rounding went outwards."""
    reached = (centre + offset).astype(dtype)
    outwards = np.abs(reached - centre) > np.abs(offset)
    return np.where(outwards, np.nextafter(reached, centre.astype(dtype)), reached)
