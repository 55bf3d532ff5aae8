"""What a session leaves on disk so that another process can go on where it was.

A small head, which is replaced whole, names the files beside it that only grow.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.history import History
from spiral_dash.live.states import State

FILE = "checkpoint"
ASIDE = f"{FILE}.damaged"

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Checkpoint:
    """A run's own checkpoint without its history, and what the session around it was doing.

    `run` is the run's number within the session, `config` its configuration as JSON, which names
    the rows that a person brought; `diverged` is the sentence of a run that diverged or
    "". `snapshots` and `history` are the names of the files beside this one that keep the run's
    snapshots and the `columns` of its history, of which the first `rows` count; `course` is how
    training goes on, see `Drive.course`.
    """

    run: int
    state: State
    course: dict[str, Any]
    seeking: int | None
    snapshots: str
    history: str
    config: str
    rows: int
    columns: int
    diverged: str
    blob: bytes

    def write(self, folder: Path) -> None:
        """Replace the checkpoint in `folder`: whoever reads finds the old one or the new one."""
        values = asdict(self)
        del values["blob"]
        unfinished = folder / f"{FILE}.new"
        unfinished.write_bytes(json.dumps(values).encode() + b"\n" + self.blob)
        os.replace(unfinished, folder / FILE)

    @classmethod
    def read(cls, folder: Path) -> Checkpoint | None:
        """Return the checkpoint in `folder`, None without one; raise `ValueError` for another."""
        try:
            header, _, blob = (folder / FILE).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        try:
            values = json.loads(header)
            if not all(isinstance(values[name], int) for name in ("run", "rows", "columns")):
                raise ValueError("numbers that are none")
            if not isinstance(values["course"], dict):
                raise ValueError("a course that is none")
            return cls(**{**values, "state": State(values["state"])}, blob=blob)
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"Expected a session's checkpoint, got: {error}") from error

    @staticmethod
    def set_aside(folder: Path) -> Path:
        """Give a checkpoint that cannot be read another name, and return that."""
        aside = folder / ASIDE
        with suppress(OSError):
            os.replace(folder / FILE, aside)
        return aside


class HistoryFile:
    """The rows of one run's history on disk, to which a save adds those that are new.

    A file is float64 rows and nothing else. Rows that the checkpoint in the folder counts on are
    never written over, so that it stays whole whenever the writer is killed: where a branch made
    them obsolete before the next checkpoint was written, a new file is begun.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._number = number
        self._version = 0
        self._written = 0
        self._counted = 0
        self._replaced: list[Path] = []

    @property
    def name(self) -> str:
        """The file's name in the folder."""
        return f"history-{self._number}-{self._version}"

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._folder / self.name

    @classmethod
    def opened(cls, folder: Path, saved: Checkpoint, history: History) -> HistoryFile:
        """Go on with the file that `saved` names, which `history` was read from."""
        _, number, version = saved.history.split("-")
        file = cls(folder, int(number))
        file._version = int(version)
        file._written = file._counted = saved.rows
        history.mark()
        return file

    @staticmethod
    def read(folder: Path, saved: Checkpoint) -> Array:
        """Return the rows (R, columns) that `saved` counts; raise `ValueError` where they lack."""
        count = saved.rows * saved.columns
        try:
            values = np.fromfile(folder / saved.history, np.float64, count)
        except FileNotFoundError as error:
            raise ValueError(f"Expected a file of the history: {error}.") from error
        if not 0 < count == len(values):
            raise ValueError(f"Expected {count} numbers of history, got {len(values)}.")
        return values.reshape(saved.rows, saved.columns)

    def extend(self, history: History) -> tuple[int, int]:
        """Write the rows that are new; return the numbers of rows and columns in all."""
        rows = history.rows
        self._written = min(self._written, history.mark())
        if self._written < min(self._counted, len(rows)):
            self._replaced.append(self.path)
            self._version += 1
            self._written = self._counted = 0
        with self.path.open("r+b" if self._written else "wb") as file:
            file.seek(self._written * rows.itemsize * rows.shape[1])
            file.write(rows[self._written :].tobytes())
            file.truncate(max(file.tell(), self._counted * rows.itemsize * rows.shape[1]))
        self._written = len(rows)
        return rows.shape

    def count(self, rows: int) -> None:
        """Take note that the checkpoint in the folder counts on so many rows from now on."""
        self._counted = rows
        while self._replaced:
            self._replaced.pop().unlink(missing_ok=True)
