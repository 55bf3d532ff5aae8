"""A checkpoint costs what is new, and is whole whenever its writer is killed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from spiral_dash import Run
from spiral_dash.core.evaluation import Metrics
from spiral_dash.core.history import History
from spiral_dash.live.checkpoint import Checkpoint, HistoryFile
from spiral_dash.live.states import State
from tests.unit.live.harness import SMALL, headless, remote

CLASSES = 2
ACTIONS = ("train", "branch", "save", "die", "restore")


def row(history: History, value: float = 0.0) -> None:
    each = np.full(CLASSES, value)
    metrics = Metrics(value, value, each, each)
    history.append(len(history), metrics, metrics)


class Saving:
    """A history that is saved as a session saves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.history = History(CLASSES)
        self.file = HistoryFile(folder, 1)
        row(self.history)

    def save(self, committed: bool = True) -> None:
        """Write a checkpoint, or be killed before the head is replaced."""
        rows, columns = self.file.extend(self.history)
        if committed:
            head(self.file, rows, columns).write(self.folder)
            self.file.count(rows)

    def saved(self) -> np.ndarray:
        checkpoint = Checkpoint.read(self.folder)
        assert checkpoint is not None
        return HistoryFile.read(self.folder, checkpoint)


def head(file: HistoryFile, rows: int, columns: int) -> Checkpoint:
    return Checkpoint(1, State.PAUSED, {}, None, "s", file.name, "{}", rows, columns, "", b"blob")


@pytest.mark.parametrize("seed", range(30))
def test_whatever_happened_the_folder_holds_the_history_last_counted(
    seed: int, tmp_path: Path
) -> None:
    rng = np.random.default_rng(seed)
    saving = Saving(tmp_path)
    saving.save()
    expected = saving.history.rows.copy()
    for _ in range(60):
        action = rng.choice(
            ["train", "branch", "save", "die", "restore"], p=[0.4, 0.2, 0.2, 0.1, 0.1]
        )
        if action == "train":
            row(saving.history, float(rng.random()))
        elif action == "branch":
            saving.history.truncate(int(rng.integers(len(saving.history))))
        elif action == "save":
            saving.save()
            expected = saving.history.rows.copy()
        elif action == "die":
            saving.save(committed=False)
        else:
            checkpoint = Checkpoint.read(tmp_path)
            assert checkpoint is not None
            saving.history.restore(HistoryFile.read(tmp_path, checkpoint))
            saving.file = HistoryFile.opened(tmp_path, checkpoint, saving.history)
        np.testing.assert_array_equal(saving.saved(), expected)


def test_a_save_writes_what_is_new_however_many_epochs_there_are(tmp_path: Path) -> None:
    saving = Saving(tmp_path)
    sizes = {}
    for epoch in range(1, 100_001):
        row(saving.history, epoch)
        if epoch in (1_000, 100_000):
            saving.save()
            before = saving.file.path.stat().st_size
            row(saving.history, epoch)
            saving.save()
            saving.history.truncate(epoch)
            sizes[epoch] = saving.file.path.stat().st_size - before
    assert sizes[100_000] == sizes[1_000] == 8 * saving.history.rows.shape[1]


def test_a_branch_gives_the_room_back(tmp_path: Path) -> None:
    saving = Saving(tmp_path)
    for _ in range(500):
        row(saving.history)
    saving.save()
    saving.history.truncate(10)
    saving.save()
    row(saving.history)
    saving.save()
    assert saving.file.path.stat().st_size == 8 * saving.history.rows.size


@pytest.mark.parametrize("spoil", ["shorter", "missing"])
def test_a_history_that_is_not_whole_is_a_fresh_start(spoil: str, tmp_path: Path) -> None:
    left = tmp_path / "left"
    with remote(tmp_path / "session") as session:
        session.step_to(4)
        shutil.copytree(tmp_path / "session", left)
    (file,) = left.glob("history-*")
    if spoil == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-9])
    with remote(left, restore=True) as session:
        assert session.statuses[0]["restored"] is False


def test_a_session_keeps_one_history_through_resets_branches_and_new_runs(tmp_path: Path) -> None:
    folder, left = tmp_path / "session", tmp_path / "left"
    with remote(folder) as session:
        session.step_to(6)
        session.obey(do="branch", epoch=2)
        session.step_to(4)
        assert len(list(folder.glob("history-*"))) == 1
        session.obey(do="reset")
        session.step_to(2)
        assert len(list(folder.glob("history-*"))) == 1
        session.obey(do="configure", config=SMALL.replace(seed=9).model_dump(mode="json"))
        session.step_to(3)
        shutil.copytree(folder, left)
        assert [path.name for path in folder.glob("history-*")] == ["history-3-0"]
    with remote(left, restore=True) as session:
        session.step_to(5)
        restored = session.saved()
    expected: Run = headless(5, SMALL.replace(seed=9))
    for name, values in expected.history.items():
        np.testing.assert_array_equal(restored.history[name], values)
