"""Training steps a second, against autograd and against the bare arithmetic of a step.

The figures of the same network trained the ordinary way, and of the matrix products and
activations that no implementation of a step can do without.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from statistics import median
from time import perf_counter

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.framework import Result, at_least, at_most, interleave, seconds_per_call
from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.dataset import make_dataset
from spiral_dash.core.engine import Engine
from spiral_dash.core.initializers import fill
from spiral_dash.core.passes import one_hot, with_ones
from spiral_dash.core.threads import single_thread

# One operation of a step by torch, and the same by numpy.
Pair = tuple[Callable[[], object], Callable[[], object]]

LARGE = (2, 50, 50, 50, 50, 50, 2)
SMALL = (2, 4, 2, 2)
DIGITS = (64, 32, 10)
DIGITS_POINTS = 1200
CASES = ((LARGE, "tanh", 50), (LARGE, "relu", 50), (SMALL, "tanh", 10))


def spiral_tensors(samples: int = 1340) -> tuple[Tensor, Tensor]:
    """A training set of the thesis' size: x (samples, 2) float32, y (samples,) int64 in {0, 1}.

    x(φ) = ±2 φ (cos φ, sin φ), φ in [1, 9], half of the samples on each arm (§2.3.1, §3.5).
    """
    phi = torch.linspace(1, 9, samples // 2)
    arm = 2 * phi[:, None] * torch.stack((phi.cos(), phi.sin()), 1)
    y = torch.arange(2).repeat_interleave(samples // 2)
    return torch.cat((arm, -arm)), y


def digits_tensors() -> tuple[Tensor, Tensor]:
    """The training part of the 8 by 8 digits: x (1200, 64) float32, y (1200,) int64."""
    data = make_dataset(RunConfig.parse({"data": {"kind": "digits"}}).data, seed=1)
    chosen = torch.randperm(len(data.y_train), generator=torch.Generator().manual_seed(0))
    chosen = chosen[:DIGITS_POINTS]
    return data.x_train[chosen], data.y_train[chosen]


def baseline_steps_per_second(
    sizes: Sequence[int], activation: str, batch: int, x: Tensor, y: Tensor, seconds: float = 0.5
) -> float:
    """Steps a second of `nn.Sequential`, autograd and `torch.optim.Adam` over about `seconds`.

    Written as fast as the plain style goes: the set is permuted once an epoch and the batches are
    slices of it. Whole epochs are counted, the last, smaller batch of each as one step.
    """
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), {"tanh": nn.Tanh, "relu": nn.ReLU}[activation]()]
    network = nn.Sequential(*layers[:-1])
    loss = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    order = torch.Generator().manual_seed(0)

    def epoch() -> int:
        shuffled = torch.randperm(len(x), generator=order)
        x_epoch, y_epoch = x[shuffled], y[shuffled]
        for start in range(0, len(x), batch):
            optimizer.zero_grad()
            logits = network(x_epoch[start : start + batch])
            loss(logits, y_epoch[start : start + batch]).backward()
            optimizer.step()
        return math.ceil(len(x) / batch)

    epoch()
    steps, begun = 0, perf_counter()
    while (elapsed := perf_counter() - begun) < seconds:
        steps += epoch()
    return steps / elapsed


def floor_seconds_per_step(sizes: Sequence[int], activation: str, batch: int) -> float:
    """The time of one step's products, activations and their derivatives alone, in seconds.

    Layer i with weights W (n, k) takes the products H Wᵀ (forward), Dᵀ H (weight gradient) and,
    but for the first, D W (input gradient), with H (batch, k) its input and D (batch, n) the
    gradient at its output. Each operation is timed by itself in a long loop, in memory that stays
    in the cache, by torch and by numpy, and the faster counts; biases, loss and optimiser count
    nothing.
    """
    first, *others = pairwise(sizes)
    operations = [(1, pair) for pair in _products(batch, *first)[:2]]
    for shape, times in Counter(others).items():
        operations += [(times, pair) for pair in _products(batch, *shape)]
    for width, times in Counter(sizes[1:-1]).items():
        operations += [(times, pair) for pair in _activation(activation, batch, width)]
    return sum(times * min(map(seconds_per_call, pair)) for times, pair in operations)


def _products(batch: int, inputs: int, outputs: int) -> list[Pair]:
    """The three matrix products of a layer, in the order of the step."""
    h, w = torch.randn(batch, inputs), torch.randn(outputs, inputs)
    d = torch.randn(batch, outputs)
    return [_product(h, w.t()), _product(d.t(), h), _product(d, w)]


def _product(a: Tensor, b: Tensor) -> Pair:
    out = torch.empty(len(a), b.shape[1])
    a_array, b_array, out_array = a.numpy(), b.numpy(), np.empty_like(out.numpy())
    return partial(torch.mm, a, b, out=out), partial(np.dot, a_array, b_array, out=out_array)


def _activation(name: str, batch: int, width: int) -> list[Pair]:
    """a(z), and d ⊙ a'(z) from d and h = a(z)."""
    z, d = torch.randn(batch, width), torch.randn(batch, width)
    h, grad = torch.empty_like(z), torch.empty_like(z)
    z_array, d_array, slope = z.numpy(), d.numpy(), np.empty_like(z.numpy())
    h_array, grad_array = np.empty_like(slope), np.empty_like(slope)
    zero = np.float32(0)

    def tanh_pullback() -> None:
        np.multiply(h_array, h_array, out=slope)
        np.subtract(1, slope, out=slope)
        np.multiply(d_array, slope, out=grad_array)

    def relu_pullback() -> None:
        np.sign(h_array, out=slope)
        np.multiply(d_array, slope, out=grad_array)

    aten = torch.ops.aten
    if name == "tanh":
        torch.tanh(z, out=h)
        np.tanh(z_array, out=h_array)
        return [
            (partial(torch.tanh, z, out=h), partial(np.tanh, z_array, out=h_array)),
            (partial(aten.tanh_backward.grad_input, d, h, grad_input=grad), tanh_pullback),
        ]
    assert name == "relu", name
    torch.clamp_min(z, 0, out=h)
    np.maximum(z_array, zero, out=h_array)
    return [
        (partial(torch.clamp_min, z, 0, out=h), partial(np.maximum, z_array, zero, out=h_array)),
        (partial(aten.threshold_backward.grad_input, d, h, 0, grad_input=grad), relu_pullback),
    ]


def engine_steps_per_second(
    sizes: Sequence[int], activation: str, batch: int, x: Tensor, y: Tensor, seconds: float = 0.5
) -> float:
    """Steps a second of the laboratory's own engine, counted and shuffled as the baseline's."""
    engine = Engine(sizes, activation, "adam")
    network = engine.network
    layers = list(zip(network.weights, network.biases, strict=True))
    fill("pytorch", layers, torch.Generator().manual_seed(0))
    columns = with_ones(x.numpy(), np.float32)
    targets = one_hot(y.numpy(), sizes[-1], np.float32)
    x_epoch, y_epoch = np.empty_like(columns), np.empty_like(targets)
    order = np.random.default_rng(0)

    def epoch() -> int:
        shuffled = order.permutation(len(x))
        np.take(columns, shuffled, axis=1, out=x_epoch)
        np.take(targets, shuffled, axis=1, out=y_epoch)
        for start in range(0, len(x), batch):
            here = slice(start, start + batch)
            engine.step(x_epoch[:, here], y_epoch[:, here], 1e-3, 0.9, 0.0, 0.0)
        return math.ceil(len(x) / batch)

    epoch()
    steps, begun = 0, perf_counter()
    while (elapsed := perf_counter() - begun) < seconds:
        steps += epoch()
    return steps / elapsed


def measure() -> list[Result]:
    """The engine against the baseline and the floor, for each network, on one thread."""
    x, y = spiral_tensors()
    results = []
    with single_thread():
        for sizes, activation, batch in CASES:
            rounds = interleave(
                partial(engine_steps_per_second, sizes, activation, batch, x, y),
                partial(baseline_steps_per_second, sizes, activation, batch, x, y),
                partial(floor_seconds_per_step, sizes, activation, batch),
            )
            engine, baseline, floor = (median(values) for values in zip(*rounds, strict=True))
            speedup = median(own / plain for own, plain, _ in rounds)
            overhead = median(1 / own / bare for own, _, bare in rounds)
            case = f"{'-'.join(map(str, sizes))}, {activation}, batch {batch}"
            figures = {
                "engine_steps_per_second": engine,
                "autograd_steps_per_second": baseline,
                "floor_microseconds_per_step": floor * 1e6,
            }
            small = sizes == SMALL
            results.append(
                Result(
                    f"steps/s, engine over autograd and Adam, {case}",
                    speedup,
                    "×",
                    at_least(8 if small else 5),
                    figures,
                )
            )
            results.append(
                Result(
                    f"time of a step over the arithmetic floor, {case}",
                    overhead,
                    "×",
                    # The smallest network is all call overhead: its floor says little.
                    None if small else at_most(1.7),
                    figures,
                )
            )
        results.append(_digits())
    return results


def _digits() -> Result:
    x, y = digits_tensors()
    case = (DIGITS, "relu", 50, x, y)
    rounds = interleave(
        partial(engine_steps_per_second, *case), partial(baseline_steps_per_second, *case)
    )
    steps = math.ceil(len(x) / 50)
    engine, baseline = (steps / median(values) for values in zip(*rounds, strict=True))
    return Result(
        f"an epoch of {len(x)} digits, 64-32-10, relu, batch 50, autograd and Adam over engine",
        median(own / plain for own, plain in rounds),
        "×",
        at_least(3),
        {"engine_milliseconds": engine * 1e3, "autograd_milliseconds": baseline * 1e3},
    )
