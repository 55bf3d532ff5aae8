"""Copies of the training state over a run, within a fixed budget of memory."""

from __future__ import annotations

import errno
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
EMPTY = -1
SLOTS_MIN, SLOTS_MAX = 16, 4096
STRETCH = 16
"""Room on the disk is taken for so many rows at once, at most a sixteenth of the budget."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Snapshots:
    """Every `stride`-th epoch's state; when the budget is full the stride doubles.

    A row never moves: a slot is stamped with its epoch after it is written, and freed by taking
    the stamp away. Rows on a file therefore stay whole when their writer is killed.

    A file has holes for the rows to come. Where the disk has no room for one more, `is_short` is
    true, and there are fewer snapshots, as if the budget were what is there; where it has none for
    the file at all, the fewest that there can be are held in memory.
    """

    def __init__(self, width: int, budget: int, path: Path | None = None) -> None:
        slots = int(np.clip(budget // (4 * width), SLOTS_MIN, SLOTS_MAX))
        self.budget = budget
        self.stride = 1
        self.is_short = False
        self._path: Path | None = None
        self._rows: Array = np.empty((0, width), np.float32)
        self._stamps: Array = np.empty(0, np.int64)
        if path is None:
            self._hold_in_memory(slots, width)
        else:
            self._open(path, slots, width)

    def _hold_in_memory(self, slots: int, width: int) -> None:
        self._rows = np.empty((slots, width), np.float32)
        self._stamps = np.full(slots, EMPTY, np.int64)
        self._has_room = np.ones(slots, np.bool_)

    def _open(self, path: Path, slots: int, width: int) -> None:
        stamp_bytes = 8 * slots
        size = stamp_bytes + 4 * slots * width
        known = path.exists() and path.stat().st_size == size
        if not known:
            path.write_bytes(b"")
            if not _take_room(path, 0, stamp_bytes):
                path.unlink()
                self.is_short = True
                self._hold_in_memory(SLOTS_MIN, width)
                return
            os.truncate(path, size)
        self._stamps = np.memmap(path, np.int64, "r+", 0, (slots,))
        if not known:
            self._stamps[:] = EMPTY
        self._rows = np.memmap(path, np.float32, "r+", stamp_bytes, (slots, width))
        self._has_room = self._stamps != EMPTY
        self._path = path

    @property
    def epochs(self) -> Array:
        """The epochs that are kept, ascending, (K,) int64."""
        return np.sort(self._stamps[self._stamps != EMPTY])

    def keep(self, epoch: int, state: Array) -> None:
        """Copy `state` (width,) if `epoch` is one to keep; thin the others if there is no room."""
        if epoch % self.stride:
            return
        while (slot := self._free_slot()) is None:
            if not self._has_room.any():
                return
            self.stride *= 2
            self._stamps[self._stamps % self.stride != 0] = EMPTY
            if epoch % self.stride:
                return
        self._rows[slot] = state
        self._stamps[slot] = epoch
        self._unload()

    def _free_slot(self) -> int | None:
        """Return a slot that can be written, None where there is none."""
        free = np.flatnonzero(self._stamps == EMPTY)
        ready = free[self._has_room[free]]
        if len(ready):
            return int(ready[0])
        if not len(free) or self._path is None:
            return None
        slot = int(free[0])
        self.is_short = not (
            self._make_room(self._path, slot, self._stretch) or self._make_room(self._path, slot, 1)
        )
        return None if self.is_short else slot

    @property
    def _stretch(self) -> int:
        return min(STRETCH, len(self._stamps) // SLOTS_MIN)

    def _make_room(self, path: Path, slot: int, count: int) -> bool:
        """Have room for `count` rows from `slot` on, or as many as there are; whether it is there.

        Writing to a hole for which there is no room would end the process.
        """
        count = min(count, len(self._stamps) - slot)
        row = self._rows.strides[0]
        has_room = _take_room(path, 8 * len(self._stamps) + slot * row, count * row)
        if has_room:
            self._has_room[slot : slot + count] = True
        return has_room

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


def _take_room(path: Path, start: int, count: int) -> bool:
    """Have `count` bytes of a file from `start` on; whether the disk has them."""
    if not hasattr(os, "posix_fallocate"):
        return True
    with path.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), start, count)
        except OSError as error:
            return error.errno not in FULL
    return True
