"""Copies of the training state over a run, within a fixed budget of memory."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
EMPTY = -1
SLOTS_MIN, SLOTS_MAX = 16, 4096


class Snapshots:
    """Every `stride`-th epoch's state; when the budget is full the stride doubles.

    A row never moves: a slot is stamped with its epoch after it is written, and freed by taking
    the stamp away. Rows on a file therefore stay whole when their writer is killed.
    """

    def __init__(self, width: int, budget: int, path: Path | None = None) -> None:
        slots = int(np.clip(budget // (4 * width), SLOTS_MIN, SLOTS_MAX))
        self.budget = budget
        self.stride = 1
        self._rows: Array
        self._stamps: Array
        if path is None:
            self._rows = np.empty((slots, width), np.float32)
            self._stamps = np.full(slots, EMPTY, np.int64)
            return
        stamp_bytes = 8 * slots
        size = stamp_bytes + 4 * slots * width
        known = path.exists() and path.stat().st_size == size
        self._stamps = np.memmap(path, np.int64, "r+" if known else "w+", 0, (slots,))
        if not known:
            self._stamps[:] = EMPTY
            with path.open("r+b") as file:
                file.truncate(size)
        self._rows = np.memmap(path, np.float32, "r+", stamp_bytes, (slots, width))

    @property
    def epochs(self) -> Array:
        """The epochs that are kept, ascending, (K,) int64."""
        return np.sort(self._stamps[self._stamps != EMPTY])

    def keep(self, epoch: int, state: Array) -> None:
        """Copy `state` (width,) if `epoch` is one to keep; thin the others if there is no room."""
        if epoch % self.stride:
            return
        free = np.flatnonzero(self._stamps == EMPTY)
        while not len(free):
            self.stride *= 2
            self._stamps[self._stamps % self.stride != 0] = EMPTY
            free = np.flatnonzero(self._stamps == EMPTY)
            if epoch % self.stride:
                return
        self._rows[free[0]] = state
        self._stamps[free[0]] = epoch
        self._unload()

    def _unload(self) -> None:
        """Leave rows on a file to the system's cache: they are seldom read again."""
        mapping: Any = self._rows.base
        if isinstance(mapping, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            # Pages of a shared mapping that are let go are kept by the file.
            mapping.madvise(mmap.MADV_DONTNEED)

    def state(self, epoch: int) -> Array:
        """Return the state (width,) at a kept epoch, a view; raise `KeyError` for another."""
        slots = np.flatnonzero(self._stamps == epoch)
        if not len(slots) or epoch == EMPTY:
            raise KeyError(epoch)
        return np.asarray(self._rows[slots[0]])

    def drop(self, epoch: int) -> None:
        """Forget one epoch."""
        self._stamps[self._stamps == epoch] = EMPTY

    def drop_after(self, epoch: int) -> None:
        """Forget every epoch after `epoch`, and take up the stride of those that remain."""
        self._stamps[self._stamps > epoch] = EMPTY
        self.stride = _stride(self.epochs)

    def restore(self, epochs: Array, states: Array) -> None:
        """Keep the states (K, width) of ascending epochs (K,) alone, and take up their stride."""
        self.clear()
        self.stride = _stride(epochs)
        for epoch, state in zip(epochs, states, strict=True):
            self.keep(int(epoch), state)

    def clear(self) -> None:
        """Forget everything."""
        self._stamps[:] = EMPTY
        self.stride = 1


def _stride(kept: Array) -> int:
    """Return the stride of the epochs that are kept: every multiple of it up to the last."""
    later = kept[kept > 0]
    return int(np.gcd.reduce(later)) if len(later) else 1
