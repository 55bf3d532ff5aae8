"""Balls hold what is projected into them, in exact arithmetic, and their draws are uniform."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from spiral_dash.core.balls import NORMS, Norm

Array = npt.NDArray[Any]

SCALES = (1e-20, 1e-6, 1.0, 18.0, 4e3)
RADII = (1e-7, 0.1, 1 / 3, 0.5, 2.0, 1e3)
CASES = [
    (norm, dtype, dimension)
    for norm in NORMS
    for dtype in (np.float32, np.float64)
    for dimension in (1, 2, 32)
]


def fractions(values: Array) -> list[Fraction]:
    return [Fraction(float(value)) for value in values]


def excess(norm: Norm, x: Array, centre: Array, radius: float) -> Fraction:
    """How far ||x - c|| (squared in L2) is above r, without any rounding; 0 or less inside."""
    offset = [a - b for a, b in zip(fractions(x), fractions(centre), strict=True)]
    if norm == "linf":
        return max(map(abs, offset)) - Fraction(radius)
    return sum((a * a for a in offset), Fraction(0)) - Fraction(radius) ** 2


def centres_and_proposals(dtype: type, dimension: int, seed: int) -> tuple[Array, Array, Array]:
    """Every scale of centre with every radius, and proposals from well inside to far outside."""
    generator = np.random.default_rng(seed)
    scale, radius, reach = (
        grid.ravel() for grid in np.meshgrid(SCALES, RADII, [0.0, 0.3, 0.9999999, 1.0, 1.5, 1e6])
    )
    centre: Array = (scale * generator.standard_normal((dimension, len(scale)))).astype(dtype)
    corner = generator.choice([-1.0, 1.0], (dimension, len(scale)))
    inside = generator.uniform(-1.0, 1.0, (dimension, len(scale)))
    offset = radius * reach * np.where(generator.random(len(scale)) < 0.5, corner, inside)
    return centre, radius, (centre + offset).astype(dtype)


@pytest.mark.parametrize(("norm", "dtype", "dimension"), CASES)
def test_a_projection_stays_within_the_radius_to_the_last_bit(
    norm: Norm, dtype: type, dimension: int
) -> None:
    for seed in range(3):
        centre, radius, proposed = centres_and_proposals(dtype, dimension, seed)
        projected = NORMS[norm].around(centre, radius).project(proposed)
        assert projected.dtype == dtype
        for column in range(len(radius)):
            c, r, x = centre[:, column], radius[column], projected[:, column]
            assert excess(norm, x, c, r) <= 0


@pytest.mark.parametrize(("norm", "dtype", "dimension"), CASES)
def test_a_projection_is_the_nearest_point_up_to_rounding(
    norm: Norm, dtype: type, dimension: int
) -> None:
    centre, radius, proposed = centres_and_proposals(dtype, dimension, 7)
    projected = NORMS[norm].around(centre, radius).project(proposed)
    c, p = centre.astype(np.float64), proposed.astype(np.float64)
    if norm == "linf":
        expected = np.clip(p, c - radius, c + radius)
    else:
        length = np.linalg.norm(p - c, axis=0)
        expected = c + (p - c) * np.minimum(1, radius / np.maximum(length, 1e-300))
    # One unit in the last place of the coordinate, plus what is kept back of the radius in L2.
    room = np.spacing(np.abs(expected).astype(dtype)).astype(np.float64) + 1e-14 * radius
    assert (np.abs(projected - expected) <= 1.01 * room).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_box_cannot_be_one_float_larger(dtype: type) -> None:
    centre, radius, _ = centres_and_proposals(dtype, 2, 11)
    balls = NORMS["linf"].around(centre, radius)
    upper = balls.project(np.full_like(centre, 1e30))
    lower = balls.project(np.full_like(centre, -1e30))
    larger = np.nextafter(upper, dtype(np.inf)), np.nextafter(lower, dtype(-np.inf))
    for bound in larger:
        for column in range(len(radius)):
            for row in range(2):
                one = slice(row, row + 1)
                assert excess("linf", bound[one, column], centre[one, column], radius[column]) > 0


def test_the_rounded_distance_can_hide_that_a_point_is_outside() -> None:
    """1 + 1e-20 rounds to 1: a test of the rounded distance would let the point through."""
    centre, radius = np.array([[-1e-20]]), np.array([1.0])
    reached = NORMS["linf"].around(centre, radius).project(np.array([[1.0]]))
    assert reached[0, 0] < 1.0 == 1.0 - centre[0, 0]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("dimension", [1, 2, 32])
def test_the_steepest_step_rises_more_than_any_other(norm: Norm, dimension: int) -> None:
    generator = np.random.default_rng(2)
    gradient = generator.standard_normal((dimension, 40))
    step = NORMS[norm].steepest(gradient)
    order = np.inf if norm == "linf" else 2
    dual = 1 if norm == "linf" else 2
    np.testing.assert_allclose(np.linalg.norm(step, order, axis=0), 1.0, rtol=1e-12)
    rise = (gradient * step).sum(axis=0)
    # The largest rise of g . u over the unit ball is the dual norm of g.
    np.testing.assert_allclose(rise, np.linalg.norm(gradient, dual, axis=0), rtol=1e-12)


@pytest.mark.parametrize("norm", NORMS)
def test_the_steepest_step_survives_a_tiny_gradient_and_none(norm: Norm) -> None:
    gradient = np.array([[3e-38, 0.0, 0.0], [0.0, -2e-41, 0.0]], np.float32)
    step = NORMS[norm].steepest(gradient)
    np.testing.assert_allclose(step, [[1, 0, 0], [0, -1, 0]])


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_draws_are_uniform_in_the_ball(dimension: int) -> None:
    draws = {norm: NORMS[norm].draw(np.random.default_rng(4), 20_000, dimension) for norm in NORMS}
    # In n dimensions the part of the ball within a radius of t is t^n.
    for norm, drawn in draws.items():
        length = np.linalg.norm(drawn, np.inf if norm == "linf" else 2, axis=0)
        assert length.max() <= 1
        assert stats.kstest(length**dimension, "uniform").pvalue > 1e-3
    # No direction is preferred: the first coordinate is symmetric, and without correlation.
    for points in draws.values():
        assert abs((points[0] > 0).mean() - 0.5) < 0.015
        if dimension > 1:
            assert abs(np.corrcoef(points)[0, 1]) < 0.03


@pytest.mark.parametrize("norm", NORMS)
def test_more_draws_begin_with_the_same_ones(norm: Norm) -> None:
    few, many = (NORMS[norm].draw(np.random.default_rng(9), count, 3) for count in (5, 50))
    np.testing.assert_array_equal(few, many[:, :5])


@pytest.mark.parametrize("norm", NORMS)
def test_some_of_the_balls_are_the_same_balls(norm: Norm) -> None:
    centre, radius, proposed = centres_and_proposals(np.float32, 2, 1)
    balls = NORMS[norm].around(centre, radius)
    some = np.arange(0, len(radius), 3)
    np.testing.assert_array_equal(
        balls.take(some).project(proposed[:, some]), balls.project(proposed)[:, some]
    )
