"""A probe followed over the epochs: its summary at the snapshots of a run, remembered."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from spiral_dash.core.probes import Arrays, ProbeError

POINTS_MAX = 300


class Timeline:
    """The summary arrays of one probe with fixed options, epoch by epoch."""

    def __init__(self, summary: tuple[str, ...]) -> None:
        self._summary = summary
        self._known: dict[int, Arrays] = {}
        self._refused: dict[int, ProbeError] = {}

    def forget_after(self, epoch: int) -> None:
        """Drop what was measured after `epoch`: those epochs no longer exist."""
        self._known = {e: arrays for e, arrays in self._known.items() if e <= epoch}
        self._refused = {e: error for e, error in self._refused.items() if e <= epoch}

    def read(
        self,
        epochs: list[int],
        measure: Callable[[int], Arrays],
        budget: float | None,
        points: int = POINTS_MAX,
    ) -> Arrays:
        """Return `epochs` (E,) and each summary array stacked to (E, ...).

        Measures what is missing of `points` epochs, coarse to fine, until `budget` seconds are
        used (None: all); `missing` () counts what is then left of `POINTS_MAX`, which is as many
        as are read of a long run. An epoch that cannot be measured, as the last one of a run that
        diverged, is left out; where none can be, the first `ProbeError` is raised.
        """
        deadline = None if budget is None else time.perf_counter() + budget
        for epoch in sorted(self._missing(_spread(epochs, points)), key=_coarse_first):
            try:
                arrays = measure(epoch)
            except ProbeError as error:
                self._refused[epoch] = error
                if not self._known:
                    continue  # it takes one to know that there is a curve
            else:
                self._known[epoch] = {name: np.array(arrays[name]) for name in self._summary}
            if deadline is not None and time.perf_counter() >= deadline:
                break
        wanted = _spread(epochs, POINTS_MAX)
        read = [e for e in wanted if e in self._known]
        refused = [e for e in wanted if e in self._refused]
        if refused and not read:
            raise self._refused[refused[0]]
        result: Arrays = {
            "epochs": np.array(read, np.int64),
            "missing": np.array(len(wanted) - len(read) - len(refused), np.int64),
        }
        for name in self._summary:
            if read:
                result[name] = np.stack([self._known[e][name] for e in read])
        return result

    def _missing(self, epochs: list[int]) -> list[int]:
        return [e for e in epochs if e not in self._known and e not in self._refused]


def _coarse_first(epoch: int) -> tuple[bool, int, int]:
    """Order epochs by how coarse a power-of-two grid they lie on; epoch 0 lies on all."""
    return (epoch != 0, -(epoch & -epoch), epoch)


def _spread(epochs: list[int], points: int) -> list[int]:
    """Thin ascending epochs to a coarser power-of-two grid, always with the first and last."""
    step = 1
    chosen = epochs
    while len(chosen) > points:
        step *= 2
        chosen = [e for e in epochs if e % step == 0]
        if step > epochs[-1]:
            break
    return sorted({*chosen, *epochs[:1], *epochs[-1:]})
