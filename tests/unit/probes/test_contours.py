"""Traced lines against shapes whose length and turning are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from spiral_dash.core.probes.contours import (
    length,
    margins,
    pieces,
    resampled,
    turning,
    with_gaps,
    zero_lines,
)

Array = npt.NDArray[Any]
AXIS = np.linspace(-2.0, 2.0, 201)
X1, X2 = np.meshgrid(AXIS, AXIS)


def disc(x1: float, x2: float, radius: float) -> Array:
    """Positive inside the disc."""
    return np.asarray(radius - np.hypot(X1 - x1, X2 - x2))


def test_a_circle_is_one_closed_line_of_its_length_and_turns_once() -> None:
    (line,) = zero_lines(disc(0.1, -0.2, 1.3), AXIS, AXIS)
    assert length(line) == pytest.approx(2 * np.pi * 1.3, rel=1e-3)
    assert turning(line, 0.05) == pytest.approx(2 * np.pi, rel=1e-3)
    np.testing.assert_allclose(np.hypot(line[:, 0] - 0.1, line[:, 1] + 0.2), 1.3, atol=1e-3)


def test_columns_are_x1() -> None:
    (line,) = zero_lines(X1 - 0.501, AXIS, AXIS)
    np.testing.assert_allclose(line[:, 0], 0.501, atol=1e-12)
    assert length(line) == pytest.approx(4.0)
    assert turning(line, 0.05) == pytest.approx(0.0, abs=1e-9)


def test_a_corner_turns_by_its_angle() -> None:
    corner = np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    assert turning(corner, 0.1) == pytest.approx(np.pi / 2)


def test_a_tiny_loop_still_turns_once() -> None:
    (line,) = zero_lines(disc(0.0, 0.0, 0.03), AXIS, AXIS)
    assert turning(line, 0.5) == pytest.approx(2 * np.pi)


def test_a_wave_turns_by_twice_its_steepest_angle_each_half_wave() -> None:
    # x2 = 0.3 sin(pi x1): the direction swings between +-atan(0.3 pi), four half waves in all.
    (line,) = zero_lines(X2 - 0.3 * np.sin(np.pi * X1), AXIS, AXIS)
    assert turning(line, 0.02) == pytest.approx(4 * 2 * np.arctan(0.3 * np.pi), rel=0.01)


def test_the_turning_hardly_depends_on_the_grid() -> None:
    measured = []
    for nodes in (101, 201, 401):
        axis = np.linspace(-2.0, 2.0, nodes)
        x1, x2 = np.meshgrid(axis, axis)
        (line,) = zero_lines(1.3 - np.hypot(x1, 1.4 * x2), axis, axis)
        measured.append(turning(line, 0.04))
    np.testing.assert_allclose(measured, 2 * np.pi, rtol=1e-2)


def test_resampling_keeps_the_ends_and_spaces_evenly() -> None:
    line = np.array([[0.0, 0.0], [0.3, 0.0], [1.0, 0.0]])
    np.testing.assert_allclose(resampled(line, 0.25)[:, 0], [0.0, 0.25, 0.5, 0.75, 1.0])


def test_two_discs_are_two_pieces_and_touching_lines_one() -> None:
    apart = zero_lines(np.maximum(disc(-1, 0, 0.5), disc(1, 0, 0.5)), AXIS, AXIS)
    assert len(apart) == pieces(apart, AXIS, AXIS) == 2
    same_twice = [*apart, *apart]
    assert pieces(same_twice, AXIS, AXIS) == 2
    cross = zero_lines(X1 - 0.001, AXIS, AXIS) + zero_lines(X2 - 0.001, AXIS, AXIS)
    assert pieces(cross, AXIS, AXIS) == 1
    assert pieces([], AXIS, AXIS) == 0


def test_the_margin_of_two_classes_is_the_difference() -> None:
    logits = np.stack([X1, X2])
    (field,) = margins(logits)
    np.testing.assert_array_equal(field, X2 - X1)


def test_margins_are_positive_exactly_where_a_class_wins() -> None:
    logits = np.random.default_rng(0).standard_normal((4, 30, 30))
    fields = margins(logits)
    for label, field in enumerate(fields):
        others = np.delete(logits, label, axis=0).max(axis=0)
        np.testing.assert_allclose(field, logits[label] - others)


def test_gaps_lie_between_lines_only() -> None:
    drawn = with_gaps([np.zeros((2, 2)), np.ones((3, 2))])
    assert drawn.shape == (6, 2)
    np.testing.assert_array_equal(np.isnan(drawn).all(axis=1), [0, 0, 1, 0, 0, 0])
    assert with_gaps([]).shape == (0, 2)
