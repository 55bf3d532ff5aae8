"""A dataset as a network meets it: with noise, split, in the order of its classes."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from spiral_dash.core.data.kind import Coordinate, DataConfig, Fact, Sample
from spiral_dash.core.data.rows import Rows

Array = npt.NDArray[Any]
SHOWN_TRAIN_MAX, SHOWN_TEST_MAX = 6000, 3000
"""Points that pictures and long measurements take; of more, a sample stands for all."""
COMPARED_MAX = 2**26
"""Numbers that a least distance compares: of more, it is that of a sample."""
MARGIN = 1.1
"""The side of the window over that of the square that holds every point."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Train and test points in R^n and what is known of them.

    `x_*` (N, n) float32, `y_*` (N,) int64, in the order of class, and within it of the coordinate
    where there is one. Where nothing is held out, `has_test` is False and the test set is the
    training set: what is measured on it is measured there.

    The plane of the pictures is `origin` (n,) + u `plane`^T, with orthonormal columns (n, 2),
    float64; `explained` is its share of the training points' variance, None where it holds all
    that the points were drawn from. The window is the square of half side `extent` about `centre`
    (2,) in the plane's coordinates u. See `Sample` for the rest.
    """

    config: DataConfig
    x_train: Tensor
    y_train: Tensor
    x_test: Tensor
    y_test: Tensor
    has_test: bool
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    origin: Tensor
    plane: Tensor
    explained: float | None
    centre: Array
    extent: float
    seed: int
    coordinate_train: Coordinate | None = None
    coordinate_test: Coordinate | None = None
    ideal_length: float | None = None
    image: tuple[int, int] | None = None

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def dimension(self) -> int:
        """The ambient dimension n."""
        return self.x_train.shape[1]

    def embed(self, points: Tensor) -> Tensor:
        """Return points of the data plane (N, 2) in the ambient space, (N, n)."""
        return self.origin.to(points.dtype) + points @ self.plane.to(points.dtype).T

    def project(self, x: Tensor) -> Tensor:
        """Return the plane coordinates (N, 2) of points (N, n)."""
        return (x - self.origin.to(x.dtype)) @ self.plane.to(x.dtype)

    @cached_property
    def rows(self) -> Rows:
        """Every point with its label, train before test, as a person's own points."""
        parts = [(self.x_train, self.y_train)]
        if self.has_test:
            parts.append((self.x_test, self.y_test))
        x, y = (torch.cat(each).numpy() for each in zip(*parts, strict=True))
        return Rows.of(
            x,
            y,
            class_names=self.class_names,
            feature_names=self.feature_names,
            image=self.image,
        )

    @cached_property
    def shown(self) -> Self:
        """The dataset thinned to what pictures and long measurements take, itself if it is small.

        The sample depends on the seed alone.
        """
        train = _thinned(len(self.y_train), SHOWN_TRAIN_MAX, self.seed)
        test = _thinned(len(self.y_test), SHOWN_TEST_MAX, self.seed)
        if train is None and test is None:
            return self
        changes: dict[str, Any] = {}
        for part, rows in (("train", train), ("test", test)):
            if rows is None:
                continue
            coordinate: Coordinate | None = getattr(self, f"coordinate_{part}")
            changes |= {
                f"x_{part}": getattr(self, f"x_{part}")[rows],
                f"y_{part}": getattr(self, f"y_{part}")[rows],
                f"coordinate_{part}": None
                if coordinate is None
                else dataclasses.replace(coordinate, values=coordinate.values[rows]),
            }
        return dataclasses.replace(self, **changes)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What the kind of data, and the points themselves, say of this dataset."""
        return (*self.config.facts(self), *_counted(self))


def make_dataset(config: DataConfig, seed: int, rows: Rows | None = None) -> Dataset:
    """Draw the dataset that `config` and `seed` name; the same give the same tensors.

    Train noise is Gaussian, test noise uniform in [-delta, delta], both on every ambient axis
    (thesis 4.3.1). The split draws as many points of each class as its share says, to the nearest
    whole number, but never all of a class, and never none. `rows` are a person's own points, where
    the configuration names them. Raises `ConfigError` where they are not there.
    """
    # One stream for each draw, so that changing one dial does not reshuffle the others.
    drawing, splitting, noise = np.random.default_rng(seed).spawn(3)
    sample = _in_order(config.sample(drawing, rows))
    train, test = _split(sample.labels, config.train_share, splitting)
    x = sample.points.astype(np.float64)
    gaussian = noise.standard_normal(x.shape)
    uniform = noise.uniform(-1.0, 1.0, x.shape)
    x[train] += config.train_noise * gaussian[train]
    x[test] += config.test_noise * uniform[test]
    x = x.astype(np.float32)
    labels = sample.labels.astype(np.int64)
    has_test = len(test) > 0
    tested = test if has_test else train
    origin, plane, explained = _plane(sample, x[train].astype(np.float64))
    places = (x - origin) @ plane
    low, high = places.min(axis=0), places.max(axis=0)
    centre = (low + high) / 2 if sample.centre is None else sample.centre
    reach = float(np.abs(places - centre).max())

    def coordinate(part: Array) -> Coordinate | None:
        known = sample.coordinate
        return None if known is None else dataclasses.replace(known, values=known.values[part])

    return Dataset(
        config=config,
        x_train=torch.from_numpy(x[train]),
        y_train=torch.from_numpy(labels[train]),
        x_test=torch.from_numpy(x[tested]),
        y_test=torch.from_numpy(labels[tested]),
        has_test=has_test,
        class_names=tuple(sample.class_names),
        feature_names=tuple(sample.feature_names)
        or tuple(f"x{axis + 1}" for axis in range(x.shape[1])),
        origin=torch.from_numpy(origin),
        plane=torch.from_numpy(plane),
        explained=explained,
        centre=centre,
        extent=MARGIN * (reach or 1.0),
        seed=seed,
        coordinate_train=coordinate(train),
        coordinate_test=coordinate(tested),
        ideal_length=sample.ideal_length,
        image=sample.image,
    )


def _in_order(sample: Sample) -> Sample:
    """Return the points in the order of class, and within it of the coordinate, if any."""
    along = None if sample.coordinate is None else sample.coordinate.values
    keys = (sample.labels,) if along is None else (along, sample.labels)
    order = np.lexsort(keys)
    coordinate = sample.coordinate
    if coordinate is not None:
        coordinate = dataclasses.replace(coordinate, values=coordinate.values[order])
    return dataclasses.replace(
        sample,
        points=sample.points[order],
        labels=sample.labels[order],
        coordinate=coordinate,
    )


def _split(labels: Array, share: float, generator: np.random.Generator) -> tuple[Array, Array]:
    """Return the rows to train and to test on, each ascending.

    Each class is cut at its share, rounded so that the shares add up; a class of two points or more
    has one on both sides unless all are to train.
    """
    present, sizes = np.unique(labels, return_counts=True)
    exact = share * sizes
    counts = np.floor(exact).astype(np.int64)
    left = round(share * len(labels)) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[: max(left, 0)]] += 1
    counts = np.clip(counts, 1, np.maximum(sizes if share == 1 else sizes - 1, 1))
    chosen = [
        generator.permutation(np.flatnonzero(labels == label))[:count]
        for label, count in zip(present, counts, strict=True)
    ]
    train = np.sort(np.concatenate(chosen))
    return train, np.setdiff1d(np.arange(len(labels)), train, assume_unique=True)


def _plane(sample: Sample, x: Array) -> tuple[Array, Array, float | None]:
    """Return origin, basis and explained share of the plane that the pictures look at.

    Unless the kind names one, it is the plane itself where n <= 2, and where n > 2 the plane of
    largest variance of the training points x (N, n) through their mean, each axis pointing to where
    its largest component is positive.
    """
    dimension = x.shape[1]
    if sample.plane is not None:
        return np.zeros(dimension), sample.plane, None
    if dimension <= 2:
        return np.zeros(dimension), np.eye(dimension, 2), None
    mean = x.mean(axis=0)
    centred = x - mean
    # The smaller of the two products has the same eigenvalues, and gives the same axes.
    wide = dimension > len(x)
    values, vectors = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    if wide:
        vectors = centred.T @ vectors
    axes, _ = np.linalg.qr(vectors[:, [-1, -2]])
    largest = np.abs(axes).argmax(axis=0)
    axes *= np.where(axes[largest, [0, 1]] < 0, -1.0, 1.0)
    total = float(np.square(centred).sum())
    return mean, axes, float(values[-2:].sum()) / total if total > 0 else 0.0


def _thinned(count: int, most: int, seed: int) -> Array | None:
    """Return the rows of a sample, ascending, None where there are few enough."""
    if count <= most:
        return None
    generator = np.random.default_rng([seed, count])
    return np.sort(generator.choice(count, most, replace=False))


def _counted(data: Dataset) -> list[Fact]:
    """What is counted of any dataset."""
    facts = []
    if not any(fact.name.startswith("distance") for fact in data.config.facts(data)):
        facts = _distances(data)
    contradictions = data.rows.contradictions
    if contradictions:
        facts.append(
            Fact(
                "contradictions",
                "Contradictory places",
                contradictions,
                about="Places that carry more than one label: no network can get all of their "
                "points right.",
            )
        )
    return facts


def _distances(data: Dataset) -> list[Fact]:
    """The least distance between points of different classes, or those of a sample of each."""
    shown = data.shown
    x = torch.cat([shown.x_train, shown.x_test]) if shown.has_test else shown.x_train
    y = torch.cat([shown.y_train, shown.y_test]) if shown.has_test else shown.y_train
    most = math.isqrt(COMPARED_MAX // data.dimension)
    if len(y) > most:
        # As many of each class, so that none is lost.
        classes = [torch.nonzero(y == label).ravel() for label in range(data.classes)]
        rows = [_thinned(len(each), max(1, most // data.classes), data.seed) for each in classes]
        kept = torch.cat(
            [each if row is None else each[row] for each, row in zip(classes, rows, strict=True)]
        )
        x, y = x[kept], y[kept]
    points = len(data.y_train) + len(data.y_test) * data.has_test
    of_sample = f", of a sample of {len(y)} points" if len(y) < points else ""
    return [
        Fact(
            name,
            label,
            class_distance(x, y, p),
            about=f"The least distance{norm} between two points of different classes{of_sample}.",
        )
        for name, label, p, norm in (
            ("distance_l2", "Distance L₂", 2.0, ""),
            ("distance_linf", "Distance L∞", float("inf"), " in the norm of the attacks"),
        )
    ]


def class_distance(x: Tensor, y: Tensor, p: float) -> float:
    """Return min ||x_i - x_j||_p over points of different classes, infinity where there is one.

    `x` (N, n), `y` (N,), `p` 2 or infinity.
    """
    places = x.double()
    least = float("inf")
    for label in torch.unique(y).tolist()[:-1]:
        own, others = places[y == label], places[y > label]
        for part in own.split(max(1, (1 << 22) // len(others))):
            distance = torch.cdist(part, others, p, "donot_use_mm_for_euclid_dist")
            least = min(least, float(distance.min()))
    return least
