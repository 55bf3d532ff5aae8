"""The optimisers, by name: each moves one flat parameter vector along one flat gradient.

Their memory (`slots` vectors and a step count) lies beside the parameters in the training
state, so that a copy of the state is a complete place to go on from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
RMSPROP_DECAY = 0.99

Move = Callable[[float, float], None]
"""Take one step with `(learning rate, momentum)`."""


@dataclass(frozen=True)
class Optimizer:
    """`bind(parameters, gradient, slots, step)` gives the function that takes one step.

    All are flat and share memory with the training state; `step` has shape (1,) and counts.
    `decoupled` says that L2 shrinks the weights themselves and not the gradient (AdamW).
    `uses_momentum` says whether the momentum setting has an effect.
    """

    slots: int
    bind: Callable[[Tensor, Tensor, list[Tensor], Tensor], Move]
    decoupled: bool = False
    uses_momentum: bool = False


def _sgd(parameters: Tensor, gradient: Tensor, slots: list[Tensor], step: Tensor) -> Move:
    velocity = slots[0]
    lists: tuple[list[Tensor], ...] = ([parameters], [gradient], [velocity])
    without: tuple[list[Tensor], ...] = ([parameters], [gradient], [])

    def move(learning_rate: float, momentum: float) -> None:
        if not momentum:  # which the fused step takes for "keeps no velocity"
            velocity.copy_(gradient)
        torch._fused_sgd_(
            *(lists if momentum else without),
            weight_decay=0.0,
            momentum=momentum,
            lr=learning_rate,
            dampening=0.0,
            nesterov=False,
            maximize=False,
            is_first_step=False,
        )

    return move


def _adam(parameters: Tensor, gradient: Tensor, slots: list[Tensor], step: Tensor) -> Move:
    count = step.numpy()
    lists: tuple[Any, ...] = ([parameters], [gradient], [slots[0]], [slots[1]], [], [step[0]])

    def move(learning_rate: float, momentum: float) -> None:
        count[0] += 1
        torch._fused_adam_(
            *lists,
            lr=learning_rate,
            beta1=BETA_1,
            beta2=BETA_2,
            weight_decay=0.0,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )

    return move


def _rmsprop(parameters: Tensor, gradient: Tensor, slots: list[Tensor], step: Tensor) -> Move:
    p, g, square = parameters.numpy(), gradient.numpy(), slots[0].numpy()
    scratch = np.empty_like(p)
    real = p.dtype.type

    def move(learning_rate: float, momentum: float) -> None:
        np.multiply(square, real(RMSPROP_DECAY), out=square)
        np.multiply(g, g, out=scratch)
        np.multiply(scratch, real(1 - RMSPROP_DECAY), out=scratch)
        np.add(square, scratch, out=square)
        np.sqrt(square, out=scratch)
        np.add(scratch, real(EPSILON), out=scratch)
        np.divide(g, scratch, out=scratch)
        np.multiply(scratch, real(learning_rate), out=scratch)
        np.subtract(p, scratch, out=p)

    return move


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(1, _sgd, uses_momentum=True),
    "adam": Optimizer(2, _adam),
    "adamw": Optimizer(2, _adam, decoupled=True),
    "rmsprop": Optimizer(1, _rmsprop),
}
