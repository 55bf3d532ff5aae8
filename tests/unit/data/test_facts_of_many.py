"""What is known of many points is known soon, and is said to be of a sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from spiral_dash.core.data.dataset import COMPARED_MAX, class_distance, make_dataset
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.rows import Rows


def blobs(count: int, columns: int, classes: int, rare: int = 0) -> Rows:
    generator = np.random.default_rng(count)
    labels = np.arange(count) % classes
    labels[labels == classes - 1] = 0 if rare else classes - 1
    labels[:rare] = classes - 1
    return Rows.of(generator.normal(labels[:, None], 1.0, (count, columns)), labels)


@pytest.mark.parametrize("p", [2.0, math.inf])
@pytest.mark.parametrize("classes", [1, 2, 3, 7])
@pytest.mark.parametrize("columns", [2, 5])
def test_the_distance_of_classes_is_that_of_all_pairs(p: float, classes: int, columns: int) -> None:
    generator = torch.Generator().manual_seed(classes)
    x = torch.rand(60, columns, generator=generator)
    y = torch.arange(60) % classes
    pairs = [
        float(torch.linalg.vector_norm(x[i].double() - x[j].double(), p))
        for i in range(60)
        for j in range(i)
        if y[i] != y[j]
    ]
    assert class_distance(x, y, p) == pytest.approx(min(pairs, default=math.inf), rel=1e-12)


@pytest.mark.parametrize(("count", "columns"), [(500, 2), (9000, 2), (3000, 60), (500, 900)])
def test_a_distance_says_whether_it_is_of_a_sample(count: int, columns: int) -> None:
    rows = blobs(count, columns, 3, rare=5)
    data = make_dataset(PointsData.of(rows), 1, rows)
    known = {fact.name: fact for fact in data.facts}
    whole = count * count * columns <= COMPARED_MAX
    for name in ("distance_l2", "distance_linf"):
        value = known[name].value
        assert value is not None and math.isfinite(value)
        assert ("of a sample of" in known[name].about) is not whole
    if whole:
        everything = class_distance(torch.tensor(rows.x), torch.tensor(rows.y), 2.0)
        assert known["distance_l2"].value == pytest.approx(everything, rel=1e-9)
