"""Procrustes against scipy's, and the aligner on pictures that flip, spin and cross."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.linalg import orthogonal_procrustes

from spiral_dash.core.probes import PROBES, Arrays
from spiral_dash.core.probes.alignment import BasisAligner, procrustes
from spiral_dash.core.probes.principal import principal_view
from tests.unit.probes.subjects import subject

Array = npt.NDArray[Any]


def rotation(angle: float) -> Array:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def picture(image: Array) -> Arrays:
    """What the mapping probe returns of an image (units, N)."""
    view = principal_view(image, 2)
    scores = view.scores(image)
    return {
        "train": scores,
        "test": scores[::2].copy(),
        "grid": scores[:10].reshape(2, 5, 2),
        "explained": view.explained,
        "basis": view.basis,
        "raw": np.asarray(view.raw, np.uint8),
    }


@pytest.mark.parametrize("dimension", [2, 3])
def test_procrustes_is_scipys(dimension: int) -> None:
    generator = np.random.default_rng(1)
    scores, target = generator.standard_normal((2, 40, dimension))
    np.testing.assert_allclose(
        procrustes(scores, target), orthogonal_procrustes(scores, target)[0], atol=1e-12
    )


@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_a_turned_or_mirrored_picture_is_turned_back(mirror: float) -> None:
    image = np.random.default_rng(2).standard_normal((6, 200)) * np.arange(6, 0, -1)[:, None]
    first = picture(image)
    turn = rotation(2.5) * np.array([1.0, mirror])
    second = {**first, **{n: first[n] @ turn for n in ("train", "test", "grid", "basis")}}
    aligner = BasisAligner()
    aligner.align(first)
    restored = aligner.align(second)
    for name in ("train", "test", "grid", "basis"):
        np.testing.assert_allclose(restored[name], first[name], atol=1e-5)


def test_variances_that_cross_make_no_jump() -> None:
    # The spreads of two units trade places over the frames: the principal axes swap, suddenly.
    base = np.random.default_rng(3).standard_normal((5, 300))
    aligner, shown, principal = BasisAligner(), [], []
    for share in np.linspace(0.0, 1.0, 41):
        spread = np.array([2 + share, 3 - share, 0.1, 0.1, 0.1])
        arrays = picture(base * spread[:, None])
        principal.append(arrays["train"])
        shown.append(aligner.align(arrays)["train"])

    def greatest_jump(frames: list[Array]) -> float:
        return max(float(np.linalg.norm(b - a) / np.linalg.norm(a)) for a, b in pairwise(frames))

    assert greatest_jump(principal) > 0.5
    assert greatest_jump(shown) < 0.05


def test_what_is_shown_stays_consistent() -> None:
    generator = np.random.default_rng(4)
    image = generator.standard_normal((6, 200)) * np.arange(6, 0, -1)[:, None]
    aligner = BasisAligner()
    aligner.align(picture(image))
    changed = image + 2 * generator.standard_normal(image.shape)
    plain, arrays = picture(changed), aligner.align(picture(changed))
    assert np.abs(arrays["train"] - plain["train"]).max() > 0.1
    centred = (changed - changed.mean(axis=1)[:, None]).T
    np.testing.assert_allclose(arrays["train"], centred @ arrays["basis"], atol=1e-4)
    np.testing.assert_allclose(arrays["basis"].T @ arrays["basis"], np.eye(2), atol=1e-12)
    share = arrays["train"].var(axis=0) / centred.var(axis=0).sum()
    np.testing.assert_allclose(arrays["explained"], share, rtol=1e-4)
    assert arrays["explained"].sum() == pytest.approx(plain["explained"].sum())
    assert arrays["train"].dtype == np.float32


def test_raw_units_and_another_shape_are_left_alone() -> None:
    aligner = BasisAligner()
    wide, raw = subject((6,)), subject((2,))
    mapping = PROBES["mapping"]
    aligner.align(mapping(wide))
    arrays = mapping(raw)
    assert aligner.align(arrays) is arrays
    arrays = mapping(wide)
    assert aligner.align(arrays) is arrays
    arrays = mapping(wide, dimension=3)
    assert aligner.align(arrays) is arrays
