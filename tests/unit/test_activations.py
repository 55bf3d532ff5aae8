"""Every activation's value and pullback in closed form are those of its torch function."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from spiral_dash.core.activations import ACTIVATIONS, Activation

Array = npt.NDArray[Any]
# torch's softplus is z itself from 20 on, which is 2e-9 away.
TOLERANCE = {"float32": 2e-6, "float64": 3e-9}

every_activation = pytest.mark.parametrize("name", ACTIVATIONS)
every_dtype = pytest.mark.parametrize("dtype", TOLERANCE)


def points(dtype: str) -> Array:
    """Points (50, 60) that reach into both tails, the kink at 0 among them."""
    z = np.linspace(-25, 25, 3000)
    z[0] = 0.0
    return z.reshape(50, 60).astype(dtype)


def through(activation: Activation, z: Array) -> tuple[Array, Array]:
    """What a network's pass holds afterwards: z, overwritten where that is allowed, and h."""
    z = z.copy()
    h = np.empty_like(z) if activation.needs_input else z
    activation.value(z, h)
    return z, h


@every_activation
@every_dtype
def test_value_is_that_of_the_torch_function(name: str, dtype: str) -> None:
    z = points(dtype)
    _, h = through(ACTIVATIONS[name], z)
    expected = ACTIVATIONS[name].module(torch.from_numpy(z)).numpy()
    np.testing.assert_allclose(h, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@every_activation
@every_dtype
def test_pullback_is_the_gradient_of_the_torch_function(name: str, dtype: str) -> None:
    z = points(dtype)
    delta = np.random.default_rng(0).normal(size=z.shape).astype(dtype)
    x = torch.from_numpy(z.copy()).requires_grad_()
    ACTIVATIONS[name].module(x).backward(torch.from_numpy(delta.copy()))
    assert x.grad is not None
    kept_z, h = through(ACTIVATIONS[name], z)
    ACTIVATIONS[name].pullback(delta, kept_z, h, np.empty_like(z))
    tolerance = 2 * TOLERANCE[dtype]
    np.testing.assert_allclose(delta, x.grad.numpy(), rtol=tolerance, atol=tolerance)


@every_activation
def test_pullback_leaves_z_and_h_as_they_were(name: str) -> None:
    z, h = through(ACTIVATIONS[name], points("float32"))
    before = z.copy(), h.copy()
    ACTIVATIONS[name].pullback(np.ones_like(z), z, h, np.empty_like(z))
    np.testing.assert_array_equal(z, before[0])
    np.testing.assert_array_equal(h, before[1])


@every_activation
@every_dtype
def test_huge_and_tiny_inputs_stay_finite_without_a_warning(name: str, dtype: str) -> None:
    """Warnings are errors in the tests, so that an overflow on the way would fail this one."""
    limits = np.finfo(dtype)
    sizes = np.array([limits.max, 1e30, 1e10, 800, 90, 1, 1e-30, limits.tiny, 0.0], dtype)
    z = np.concatenate([sizes, -sizes])
    kept_z, h = through(ACTIVATIONS[name], z)
    delta = np.ones_like(z)
    ACTIVATIONS[name].pullback(delta, kept_z, h, np.empty_like(z))
    assert np.isfinite(h).all()
    assert np.isfinite(delta).all()


@every_activation
def test_derivative_by_difference(name: str) -> None:
    """(a(z + e) - a(z - e)) / 2e, which depends neither on torch nor on the pullback."""
    z = np.array([-3.1, -1.2, -0.4, 0.3, 0.9, 2.6])
    step = 1e-6
    above = through(ACTIVATIONS[name], z + step)[1]
    below = through(ACTIVATIONS[name], z - step)[1]
    slope = np.ones_like(z)
    kept_z, h = through(ACTIVATIONS[name], z)
    ACTIVATIONS[name].pullback(slope, kept_z, h, np.empty_like(z))
    np.testing.assert_allclose(slope, (above - below) / (2 * step), atol=1e-8)


@every_activation
def test_the_formula_is_given(name: str) -> None:
    assert "z" in ACTIVATIONS[name].formula
