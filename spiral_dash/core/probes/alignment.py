"""Turning one set of points onto another, so that pictures can be compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.probes.registry import Arrays

Array = npt.NDArray[Any]


def procrustes(scores: Array, target: Array) -> Array:
    """Return the orthogonal R (d, d) that minimises ||scores R - target||_F, both (N, d).

    R = U V^T from the singular value decomposition U S V^T of scores^T target (Schönemann
    1966). It may reflect: the sign of a principal axis means nothing.
    """
    u, _, vt = np.linalg.svd(scores.astype(np.float64).T @ target.astype(np.float64))
    return np.asarray(u @ vt)


class BasisAligner:
    """Turns each result of the `mapping` probe, within its plane, towards the one before.

    Principal axes carry no sign, and trade places where two variances cross; drawn as they come,
    a picture flips or spins from one epoch to the next. The turned axes span the same plane, so
    distances stay; they are no longer ordered by variance. One aligner a picture.
    """

    def __init__(self) -> None:
        self._shown: Array | None = None

    def align(self, mapping: Arrays) -> Arrays:
        """Return the arrays with `train`, `test`, `grid`, `basis` and `explained` turned.

        A result of raw units, or the first of its shape, is returned as it is.
        """
        train = mapping["train"]
        if mapping["raw"]:
            self._shown = None
            return mapping
        if self._shown is None or self._shown.shape != train.shape:
            self._shown = train
            return mapping
        turn = procrustes(train, self._shown)
        turned: Arrays = {
            name: (mapping[name] @ turn).astype(mapping[name].dtype)
            for name in ("train", "test", "grid", "basis")
            if name in mapping
        }
        # The scores along principal axes are uncorrelated, so their variances mix as squares.
        turned["explained"] = np.square(turn).T @ mapping["explained"]
        self._shown = turned["train"]
        return {**mapping, **turned}
