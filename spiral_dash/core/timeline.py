"""A probe followed over the epochs: its summary at the snapshots of a run, remembered."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from spiral_dash.core.probes import Arrays

POINTS_MAX = 300


class Timeline:
    """The summary arrays of one probe with fixed options, epoch by epoch."""

    def __init__(self, summary: tuple[str, ...]) -> None:
        self._summary = summary
        self._known: dict[int, Arrays] = {}

    def forget_after(self, epoch: int) -> None:
        """Drop what was measured after `epoch`: those epochs no longer exist."""
        self._known = {e: arrays for e, arrays in self._known.items() if e <= epoch}

    def read(
        self, epochs: list[int], measure: Callable[[int], Arrays], budget: float | None
    ) -> Arrays:
        """Return `epochs` (E,) and each summary array stacked to (E, ...).

        Measures what is missing, coarse to fine, until `budget` seconds are used (None: all);
        `missing` () counts what is left. Long runs are read at most `POINTS_MAX` epochs.
        """
        wanted = _spread(epochs)
        deadline = None if budget is None else time.perf_counter() + budget
        missing = sorted((e for e in wanted if e not in self._known), key=_coarse_first)
        done = 0
        for epoch in missing:
            arrays = measure(epoch)
            self._known[epoch] = {name: np.array(arrays[name]) for name in self._summary}
            done += 1
            if deadline is not None and time.perf_counter() >= deadline:
                break
        read = [e for e in wanted if e in self._known]
        result: Arrays = {
            "epochs": np.array(read, np.int64),
            "missing": np.array(len(missing) - done, np.int64),
        }
        for name in self._summary:
            if read:
                result[name] = np.stack([self._known[e][name] for e in read])
        return result


def _coarse_first(epoch: int) -> tuple[bool, int, int]:
    """Order epochs by how coarse a power-of-two grid they lie on; epoch 0 lies on all."""
    return (epoch != 0, -(epoch & -epoch), epoch)


def _spread(epochs: list[int]) -> list[int]:
    """Thin ascending epochs to a coarser power-of-two grid, always with the first and last."""
    if len(epochs) <= POINTS_MAX:
        return epochs
    step = 1
    chosen = epochs
    while len(chosen) > POINTS_MAX:
        step *= 2
        chosen = [e for e in epochs if e % step == 0]
    return chosen if chosen[-1] == epochs[-1] else [*chosen, epochs[-1]]
