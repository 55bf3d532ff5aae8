"""Turning one set of points onto another, so that pictures can be compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def procrustes(scores: Array, target: Array) -> Array:
    """Return the orthogonal R (d, d) that minimises ||scores R - target||_F, both (N, d).

    R = U V^T from the singular value decomposition U S V^T of scores^T target (Schönemann
    1966). It may reflect: the sign of a principal axis means nothing.
    """
    u, _, vt = np.linalg.svd(scores.astype(np.float64).T @ target.astype(np.float64))
    return np.asarray(u @ vt)
