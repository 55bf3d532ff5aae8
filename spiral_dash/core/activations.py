"""The activation functions a hidden layer may use, by name.

Each has a value and a pullback in closed form on preallocated arrays, which is what the
training loop calls, and the same function in torch, which is what autograd differentiates.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array = npt.NDArray[Any]
LEAKY_SLOPE = 0.01


@dataclass(frozen=True)
class Activation:
    """An elementwise function a(z), its derivative, and where its derivative comes from.

    `value(z, out)` writes a(z). `pullback(delta, z, h, scratch)` multiplies `delta` in place by
    a'(z), given z and h = a(z). When `needs_input` is false neither reads z once it has written
    h, and the two may share memory.
    """

    value: Callable[[Array, Array], None]
    pullback: Callable[[Array, Array, Array, Array], None]
    module: Callable[[Tensor], Tensor]
    formula: str
    needs_input: bool = False


def _tanh(z: Array, out: Array) -> None:
    np.tanh(z, out=out)


def _tanh_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    np.multiply(h, h, out=scratch)
    np.multiply(scratch, delta, out=scratch)
    np.subtract(delta, scratch, out=delta)


def _relu(z: Array, out: Array) -> None:
    np.maximum(z, z.dtype.type(0), out=out)


def _relu_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    np.sign(h, out=scratch)
    np.multiply(delta, scratch, out=delta)


def _logistic(z: Array, out: Array) -> None:
    np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    np.multiply(out, 0.5, out=out)
    np.add(out, 0.5, out=out)


def logistic_of_many(z: Array, out: Array) -> None:
    """Write 1 / (1 + e^-z): for thousands of values in half the time, and to other last bits."""
    torch.sigmoid(torch.from_numpy(z), out=torch.from_numpy(out))


def _sigmoid_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    np.multiply(h, h, out=scratch)
    np.subtract(h, scratch, out=scratch)
    np.multiply(delta, scratch, out=delta)


def _linear(z: Array, out: Array) -> None:
    if out is not z:
        np.copyto(out, z)


def _linear_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    """The derivative is one: nothing to multiply."""


def _leaky_relu(z: Array, out: Array) -> None:
    np.multiply(z, LEAKY_SLOPE, out=out)
    np.maximum(z, out, out=out)


def _leaky_relu_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    np.sign(h, out=scratch)
    np.maximum(scratch, LEAKY_SLOPE, out=scratch)
    np.multiply(delta, scratch, out=delta)


def _elu(z: Array, out: Array) -> None:
    # e^z - 1 lies above z, so that the larger of the two is the one meant on either side of 0.
    np.minimum(z, 0.0, out=out)
    np.expm1(out, out=out)
    np.maximum(z, out, out=out)


def _elu_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    np.minimum(h, 0.0, out=scratch)
    np.add(scratch, 1.0, out=scratch)
    np.multiply(delta, scratch, out=delta)


def _erf(z: Array) -> None:
    """Replace z by erf(z); numpy has no erf, torch shares the memory."""
    shared = torch.from_numpy(z)
    torch.special.erf(shared, out=shared)


def _gelu(z: Array, out: Array) -> None:
    """a(z) = z Phi(z), Phi(z) = (1 + erf(z / sqrt 2)) / 2."""
    np.multiply(z, 1 / math.sqrt(2), out=out)
    _erf(out)
    np.add(out, 1.0, out=out)
    np.multiply(out, 0.5, out=out)
    np.multiply(out, z, out=out)


def _gelu_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    """a'(z) = Phi(z) + z e^(-z^2/2) / sqrt(2 pi)."""
    np.multiply(z, 1 / math.sqrt(2), out=scratch)
    with np.errstate(over="ignore"):  # e^-inf is the 0 that is meant
        bell = np.multiply(scratch, scratch)
    np.negative(bell, out=bell)
    np.exp(bell, out=bell)
    np.multiply(bell, z, out=bell)
    np.multiply(bell, math.sqrt(2 / math.pi), out=bell)
    _erf(scratch)
    np.add(scratch, bell, out=scratch)
    np.add(scratch, 1.0, out=scratch)
    np.multiply(scratch, 0.5, out=scratch)
    np.multiply(delta, scratch, out=delta)


def _silu(z: Array, out: Array) -> None:
    _logistic(z, out)
    np.multiply(z, out, out=out)


def _silu_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    """a'(z) = s + h (1 - s), s = 1 / (1 + e^-z)."""
    _logistic(z, scratch)
    slope = np.subtract(1.0, scratch)
    np.multiply(slope, h, out=slope)
    np.add(scratch, slope, out=scratch)
    np.multiply(delta, scratch, out=delta)


def _softplus(z: Array, out: Array) -> None:
    np.abs(z, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    np.log1p(out, out=out)
    np.add(out, np.maximum(z, 0.0), out=out)


def _softplus_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    _logistic(z, scratch)
    np.multiply(delta, scratch, out=delta)


def _sine(z: Array, out: Array) -> None:
    np.sin(z, out=out)


def _sine_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    np.cos(z, out=scratch)
    np.multiply(delta, scratch, out=delta)


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(_tanh, _tanh_pullback, torch.tanh, "tanh z"),
    "relu": Activation(_relu, _relu_pullback, torch.relu, "max(0, z)"),
    "sigmoid": Activation(_logistic, _sigmoid_pullback, torch.sigmoid, "1 / (1 + e^-z)"),
    "linear": Activation(_linear, _linear_pullback, lambda z: z, "z"),
    "leaky_relu": Activation(
        _leaky_relu,
        _leaky_relu_pullback,
        torch.nn.LeakyReLU(LEAKY_SLOPE),
        "max(0.01 z, z)",
        needs_input=True,
    ),
    "elu": Activation(
        _elu, _elu_pullback, torch.nn.ELU(), "z if z > 0, else e^z - 1", needs_input=True
    ),
    "gelu": Activation(_gelu, _gelu_pullback, torch.nn.GELU(), "z Phi(z)", needs_input=True),
    "silu": Activation(_silu, _silu_pullback, torch.nn.SiLU(), "z / (1 + e^-z)", needs_input=True),
    "softplus": Activation(
        _softplus, _softplus_pullback, torch.nn.Softplus(), "log(1 + e^z)", needs_input=True
    ),
    "sine": Activation(_sine, _sine_pullback, torch.sin, "sin z", needs_input=True),
}
