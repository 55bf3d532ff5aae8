"""Networks and data to measure: small, seeded, in float64 where a reference is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from spiral_dash.core.data.dataset import Dataset, make_dataset
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.core.network import Network, parameter_count, split
from spiral_dash.core.probes import Subject

Array = npt.NDArray[Any]


def spiral(arms: int = 2, codimension: int = 1, samples: int = 50, noise: float = 0.0) -> Dataset:
    config = SpiralData(
        arms=arms, codimension=codimension, samples_per_arm=samples, train_noise=noise
    )
    return make_dataset(config, 3)


def random_network(
    sizes: Sequence[int],
    activation: str = "tanh",
    dtype: torch.dtype = torch.float64,
    scale: float = 1.0,
    seed: int = 5,
) -> Network:
    """Normal weights of variance scale^2 / fan in, normal biases of variance scale^2 / 4."""
    flat = torch.zeros(parameter_count(sizes), dtype=dtype)
    generator = np.random.default_rng(seed)
    for block in split(flat, sizes):
        fan_in = block.shape[1] - 1
        drawn = generator.standard_normal(tuple(block.shape)) * scale
        drawn[:, :-1] /= np.sqrt(fan_in)
        drawn[:, -1] /= 2
        block.copy_(torch.from_numpy(drawn))
    return Network(sizes, activation, flat)


def network_of(blocks: Sequence[Array], activation: str = "linear") -> Network:
    """A float64 network of the given layers, each (out, in + 1): weights, then the bias."""
    sizes = (blocks[0].shape[1] - 1, *(len(block) for block in blocks))
    flat = np.concatenate([np.asarray(block, np.float64).ravel() for block in blocks])
    return Network(sizes, activation, torch.from_numpy(flat))


def subject_of(network: Network, data: Dataset) -> Subject:
    return Subject(network, data, network.copy(), {}, 0, 7)


def subject(
    hidden: Sequence[int] = (8, 8, 8),
    activation: str = "tanh",
    arms: int = 2,
    codimension: int = 1,
    dtype: torch.dtype = torch.float64,
    scale: float = 1.0,
) -> Subject:
    """A random network on a small spiral."""
    sizes = (codimension + 1, *hidden, arms)
    network = random_network(sizes, activation, dtype, scale)
    return subject_of(network, spiral(arms, codimension))


def diverged(hidden: Sequence[int] = (8,)) -> Subject:
    """A subject whose weights are no longer numbers."""
    measured = subject(hidden)
    measured.network.flat.fill_(float("nan"))
    return measured


def without_class(data: Dataset, label: int) -> Dataset:
    """The same data with no training point of one class."""
    kept: Tensor = data.y_train != label
    return replace(
        data,
        x_train=data.x_train[kept],
        y_train=data.y_train[kept],
    )


def embedded(data: Dataset, u: Sequence[float]) -> Tensor:
    """One point of the data plane in the ambient space, (1, n) float64."""
    return data.embed(torch.tensor([u], dtype=torch.float64))
