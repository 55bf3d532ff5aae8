"""A dataset as a network meets it: embedded, with noise, split into train and test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from spiral_dash.core.config import DataConfig
from spiral_dash.core.data.registry import DATASETS

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Train and test points in R^n and what is known of them.

    `x_*` (N, n) float32, `y_*` (N,) int64, `phi_*` (N,) float32 radians. `plane` (n, 2) has
    orthonormal columns Q: plane coordinates u embed as x = Q u, and x projects to Q^T x.
    Points are kept in the order of class, then phi.
    """

    config: DataConfig
    x_train: Tensor
    y_train: Tensor
    phi_train: Tensor
    x_test: Tensor
    y_test: Tensor
    phi_test: Tensor
    plane: Tensor

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.config.arms

    @property
    def dimension(self) -> int:
        """The ambient dimension n."""
        return self.x_train.shape[1]

    def embed(self, points: Tensor) -> Tensor:
        """Return points of the data plane (N, 2) in the ambient space, (N, n)."""
        return points @ self.plane.to(points.dtype).T

    def project(self, x: Tensor) -> Tensor:
        """Return the plane coordinates (N, 2) of points (N, n)."""
        return x @ self.plane.to(x.dtype)

    @property
    def extent(self) -> float:
        """Half the side of the square about the origin that holds every point, with a margin."""
        points = self.project(torch.cat([self.x_train, self.x_test]))
        return 1.1 * float(points.abs().max())


def make_dataset(config: DataConfig, seed: int) -> Dataset:
    """Draw the dataset that `config` and `seed` name; the same pair gives the same tensors.

    The plane is embedded by a random orthonormal matrix where n > 2 (thesis 2.3.2, 6.4); train
    noise is Gaussian, test noise uniform in [-delta, delta], both on every ambient axis (4.3.1).
    """
    # One stream for each draw, so that changing one dial does not reshuffle the others.
    sampling, embedding, splitting, noise = np.random.default_rng(seed).spawn(4)
    sample = DATASETS[config.kind](config, sampling)
    plane = _orthonormal_plane(config.dimension, embedding)
    x = sample.points @ plane.T
    count = len(sample.labels)
    train_count = min(max(round(config.train_share * count), 1), count - 1)
    order = splitting.permutation(count)
    train, test = np.sort(order[:train_count]), np.sort(order[train_count:])
    gaussian = noise.standard_normal(x.shape)
    uniform = noise.uniform(-1.0, 1.0, x.shape)
    x[train] += config.train_noise * gaussian[train]
    x[test] += config.test_noise * uniform[test]

    def part(rows: Array) -> tuple[Tensor, Tensor, Tensor]:
        return (
            torch.from_numpy(x[rows].astype(np.float32)),
            torch.from_numpy(sample.labels[rows].astype(np.int64)),
            torch.from_numpy(sample.phi[rows].astype(np.float32)),
        )

    return Dataset(config, *part(train), *part(test), torch.from_numpy(plane))


def _orthonormal_plane(dimension: int, generator: np.random.Generator) -> Array:
    if dimension == 2:
        return np.eye(2)
    q, r = np.linalg.qr(generator.standard_normal((dimension, 2)))
    return np.asarray(q * np.sign(np.diag(r)))
