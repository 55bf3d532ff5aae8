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
    a'(z), given z and h = a(z). When `needs_input` is false the pullback reads only h, and z may
    share its memory.
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
    np.maximum(z, LEAKY_SLOPE * z, out=out)


def _leaky_relu_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    np.multiply(delta, np.where(h > 0, 1.0, LEAKY_SLOPE), out=delta, casting="same_kind")


def _elu(z: Array, out: Array) -> None:
    below = np.expm1(np.minimum(z, 0.0))
    np.maximum(z, 0.0, out=out)
    np.add(out, below, out=out)


def _elu_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    np.minimum(h, 0.0, out=scratch)
    np.add(scratch, 1.0, out=scratch)
    np.multiply(delta, scratch, out=delta)


def _normal_cdf(z: Array, out: Array) -> None:
    """Write Phi(z) = (1 + erf(z / sqrt 2)) / 2; numpy has no erf, torch shares the memory."""
    np.multiply(z, 1 / math.sqrt(2), out=out)
    shared = torch.from_numpy(out)
    torch.special.erf(shared, out=shared)
    np.multiply(out, 0.5, out=out)
    np.add(out, 0.5, out=out)


def _gelu(z: Array, out: Array) -> None:
    cdf = np.empty_like(z)
    _normal_cdf(z, cdf)
    np.multiply(z, cdf, out=out)


def _gelu_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    _normal_cdf(z, scratch)
    density = np.exp(-0.5 * z * z)
    density *= z
    density *= 1 / math.sqrt(2 * math.pi)
    np.add(scratch, density, out=scratch)
    np.multiply(delta, scratch, out=delta)


def _silu(z: Array, out: Array) -> None:
    sigmoid = np.empty_like(z)
    _logistic(z, sigmoid)
    np.multiply(z, sigmoid, out=out)


def _silu_pullback(delta: Array, z: Array, h: Array, scratch: Array) -> None:
    _logistic(z, scratch)
    slope = h * (1.0 - scratch)
    np.add(scratch, slope, out=scratch)
    np.multiply(delta, scratch, out=delta)


def _softplus(z: Array, out: Array) -> None:
    tail = np.log1p(np.exp(-np.abs(z)))
    np.maximum(z, 0.0, out=out)
    np.add(out, tail, out=out)


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
        _leaky_relu, _leaky_relu_pullback, torch.nn.LeakyReLU(LEAKY_SLOPE), "max(0.01 z, z)"
    ),
    "elu": Activation(_elu, _elu_pullback, torch.nn.ELU(), "z if z > 0, else e^z - 1"),
    "gelu": Activation(_gelu, _gelu_pullback, torch.nn.GELU(), "z Phi(z)", needs_input=True),
    "silu": Activation(_silu, _silu_pullback, torch.nn.SiLU(), "z / (1 + e^-z)", needs_input=True),
    "softplus": Activation(
        _softplus, _softplus_pullback, torch.nn.Softplus(), "log(1 + e^z)", needs_input=True
    ),
    "sine": Activation(_sine, _sine_pullback, torch.sin, "sin z", needs_input=True),
}
