"""How far each layer draws a class together, against how far it keeps the classes apart."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.probes.images import class_rows, columns, layer_images
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe

Array = npt.NDArray[Any]
ROUNDING = 4 * float(np.finfo(np.float32).eps)
"""Spreads below this share of the image's size are the rounding of float32."""


class CollapseOptions(Options):
    """None."""


@probe(
    "collapse",
    options=CollapseOptions,
    source="4.2.1, Hypothesis 3; CDNV: Galanti et al. 2022; effective rank: Roy and Vetterli 2007",
    returns={
        "gyration_ratio": "(L, m): sqrt(tr Sigma_c) over the distance from the mean of class c to "
        "the nearest mean of another class; NaN where that distance is 0",
        "effective_rank": "(L, m): exp(-sum p ln p), p the eigenvalues of Sigma_c over their sum; "
        "from 1 to the units, 0 for a class at a single point",
        "cdnv": "(L,): (tr Sigma_c + tr Sigma_d) / (2 ||mu_c - mu_d||^2), mean over the pairs of "
        "classes; NaN where two means coincide",
        "zero_share": "(L, m): share of the class whose units are all exactly 0",
    },
    summary=("gyration_ratio", "effective_rank", "cdnv", "zero_share"),
)
def collapse(subject: Subject, _: CollapseOptions) -> Arrays:
    """Measure the collapse of every class in every layer, 1 to L (thesis 4.2.1, Hypothesis 3).

    mu_c and Sigma_c are mean and covariance of the layer's outputs over the training points of
    class c. A spread or distance within the rounding of float32 counts as 0. A class without
    training points has NaN throughout. Raises `ProbeError` where outputs are not finite.
    """
    network, data = subject.network, subject.data
    layers = range(1, network.depth + 1)
    images = layer_images(network, columns(data.x_train.numpy(), network), layers)
    rows = class_rows(data)
    measured = [_layer(image, rows) for image in images]
    names = ("gyration_ratio", "effective_rank", "cdnv", "zero_share")
    return {
        name: np.array(values)
        for name, values in zip(names, zip(*measured, strict=True), strict=True)
    }


def _layer(image: Array, rows: list[slice]) -> tuple[Array, Array, float, Array]:
    classes = len(rows)
    present = [label for label, chosen in enumerate(rows) if chosen.stop > chosen.start]
    mean = np.empty((classes, len(image)))
    variance, rank, zeros, ratio = (np.full(classes, np.nan) for _ in range(4))
    rounding = ROUNDING * float(np.abs(image).max())
    is_zero = np.logical_not(image.any(axis=0))
    for label in present:
        points = image[:, rows[label]].astype(np.float64)
        count = points.shape[1]
        zeros[label] = is_zero[rows[label]].mean()
        mean[label] = points @ np.full(count, 1 / count)
        points -= mean[label][:, None]
        covariance = points @ points.T / count
        trace = float(covariance.trace())
        is_point = np.sqrt(trace) <= rounding
        variance[label] = 0.0 if is_point else trace
        rank[label] = 0.0 if is_point else effective_rank(covariance)
    apart = np.linalg.norm(mean[present][:, None] - mean[present], axis=2)
    apart[apart <= rounding] = np.nan
    for place, label in enumerate(present):
        others = np.delete(apart[place], place)
        ratio[label] = np.sqrt(variance[label]) / others.min() if len(others) else np.nan
    pairs = [
        (variance[present[c]] + variance[present[d]]) / (2 * apart[c, d] ** 2)
        for c, d in combinations(range(len(present)), 2)
    ]
    return ratio, rank, float(np.mean(pairs)) if pairs else np.nan, zeros


def effective_rank(covariance: Array) -> float:
    """Return exp(-sum p ln p) of the eigenvalues' shares p (Roy and Vetterli 2007)."""
    values = np.maximum(np.linalg.eigvalsh(covariance), 0.0)
    shares = values[values > 0] / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))
