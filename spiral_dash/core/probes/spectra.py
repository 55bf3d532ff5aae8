"""Spectra of the weight matrices, those of one shape computed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def eigenvalues(squares: Sequence[Array]) -> list[Array]:
    """Return each matrix' eigenvalues (n,) complex128, largest modulus first.

    Of a conjugate pair, the one above the real axis comes first.
    """
    return [_ordered(values) for values in _by_shape(np.linalg.eigvals, squares)]


def singular_values(weights: Sequence[Array]) -> list[Array]:
    """Return each matrix' singular values (min(out, in),), largest first."""
    return _by_shape(lambda stack: np.linalg.svd(stack, compute_uv=False), weights)


def padded(rows: Sequence[Array]) -> Array:
    """Return rows of any lengths as one array, NaN behind the shorter ones; (0, 0) of none."""
    result = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
    for row, values in zip(result, rows, strict=True):
        row[: len(values)] = values
    return result


def _ordered(values: Array) -> Array:
    order = np.lexsort((-values.imag, -np.abs(values)))
    return np.asarray(values[order], np.complex128)


def _by_shape(spectrum: Callable[[Array], Array], weights: Sequence[Array]) -> list[Array]:
    """Apply `spectrum` to the matrices of each shape in one call; it costs less than one each."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, weight in enumerate(weights):
        groups.setdefault(weight.shape, []).append(index)
    found: dict[int, Array] = {}
    for indices in groups.values():
        found |= zip(indices, spectrum(np.stack([weights[i] for i in indices])), strict=True)
    return [found[index] for index in range(len(weights))]
