"""Snapshots are copies, stay within their budget, and survive their writer on a file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from spiral_dash.core.snapshots import SLOTS_MIN, STRETCH, Snapshots

WIDTH = 10


def state(epoch: int) -> np.ndarray:
    return np.full(WIDTH, epoch, np.float32)


def filled(last: int, path: Path | None = None) -> Snapshots:
    snapshots = Snapshots(WIDTH, budget=0, path=path)
    for epoch in range(last + 1):
        snapshots.keep(epoch, state(epoch))
    return snapshots


@pytest.mark.parametrize("last", [0, 5, 15, 16, 17, 100, 1000])
def test_the_budget_holds_and_epochs_stay_evenly_spaced(last: int) -> None:
    snapshots = filled(last)
    epochs = snapshots.epochs
    assert len(epochs) <= SLOTS_MIN
    assert epochs[0] == 0
    assert list(epochs) == list(range(0, last + 1, snapshots.stride))
    assert last < SLOTS_MIN or len(epochs) > SLOTS_MIN // 2
    for epoch in epochs:
        np.testing.assert_array_equal(snapshots.state(int(epoch)), state(int(epoch)))


def test_what_is_kept_is_a_copy() -> None:
    snapshots = Snapshots(WIDTH, budget=0)
    live = state(1)
    snapshots.keep(0, live)
    live[:] = 77
    np.testing.assert_array_equal(snapshots.state(0), state(1))


def test_an_epoch_that_is_not_kept_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        filled(3).state(9)


def test_an_empty_slot_is_no_epoch() -> None:
    with pytest.raises(KeyError):
        filled(3).state(-1)


def test_epochs_after_a_branch_are_forgotten() -> None:
    snapshots = filled(100)
    snapshots.drop_after(40)
    assert snapshots.epochs.max() <= 40
    for epoch in range(41, 60):
        snapshots.keep(epoch, -state(epoch))
    assert (snapshots.state(int(snapshots.epochs[-1])) < 0).all()


def test_a_file_gives_its_snapshots_to_the_next_that_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "snapshots"
    first = filled(40, path)
    again = Snapshots(WIDTH, budget=0, path=path)
    np.testing.assert_array_equal(again.epochs, first.epochs)
    np.testing.assert_array_equal(again.state(8), state(8))
    again.drop_after(8)
    assert again.epochs[-1] == 8


def test_a_file_of_another_size_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "snapshots"
    filled(40, path)
    other = Snapshots(WIDTH + 1, budget=0, path=path)
    assert len(other.epochs) == 0


@pytest.mark.parametrize("rows", [0, 1, 2, 5])
def test_a_full_disk_means_fewer_snapshots_and_no_other_ones(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = rows

    def fallocate(descriptor: int, start: int, count: int) -> None:
        nonlocal left
        if start:
            left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", fallocate)
    snapshots = filled(300, tmp_path / "snapshots")
    assert snapshots.is_short
    kept = snapshots.epochs
    assert len(kept) <= rows and list(kept) == [snapshots.stride * i for i in range(len(kept))]
    assert len(kept) >= (rows + 1) // 2
    for epoch in kept:
        assert np.array_equal(snapshots.state(epoch), state(epoch))
    left = 10**6
    snapshots.clear()
    snapshots.keep(0, state(0))
    assert list(snapshots.epochs) == [0]


def test_without_room_for_a_file_there_are_the_fewest_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fallocate(descriptor: int, start: int, count: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", fallocate)
    snapshots = filled(100, tmp_path / "snapshots")
    assert snapshots.is_short and SLOTS_MIN // 2 < len(snapshots.epochs) <= SLOTS_MIN
    assert not (tmp_path / "snapshots").exists()


def test_room_on_the_disk_is_taken_in_stretches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "posix_fallocate", lambda _, start, count: taken.append((start, count)))
    slots, width = STRETCH * SLOTS_MIN, 5
    snapshots = Snapshots(width, 4 * width * slots, tmp_path / "snapshots")
    for epoch in range(STRETCH + 1):
        snapshots.keep(epoch, np.full(width, epoch, np.float32))
    stretch = STRETCH * 4 * width
    assert taken == [(0, 8 * slots), (8 * slots, stretch), (8 * slots + stretch, stretch)]
    few = Snapshots(width, 0, tmp_path / "few")
    few.keep(0, np.zeros(width, np.float32))
    assert taken[-1] == (8 * SLOTS_MIN, 4 * width)
