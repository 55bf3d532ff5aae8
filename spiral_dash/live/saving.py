"""When and how a session writes itself down, so that another process can go on where it was."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from spiral_dash.core.config import RunConfig
from spiral_dash.core.run import Run
from spiral_dash.live.checkpoint import FILE, Checkpoint, HistoryFile
from spiral_dash.live.copying import copy_file
from spiral_dash.live.drive import Drive
from spiral_dash.live.log import LOG
from spiral_dash.live.rows import RowsFolder
from spiral_dash.live.states import State

SAVE_SECONDS = 1.0
SAVE_COST_FACTOR = 20.0


@dataclass(frozen=True)
class Saved:
    """What a session was when it was last saved."""

    run: Run
    drive: Drive
    number: int
    state: State
    seeking: int | None
    diverged: str


class Saving:
    """The checkpoint in a session's folder and the files beside it.

    `changed` says that it is out of date, and `due` when it is time to write it again: never so
    often that it takes a twentieth of the time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._snapshots: Path | None = None
        self._history: HistoryFile | None = None
        self._unsaved = False
        self._save_at = 0.0

    def snapshots(self, number: int) -> Path:
        """Return where run `number` keeps its snapshots."""
        return self._folder / f"snapshots-{number}"

    def begin(self, number: int, snapshots: Path | None = None) -> list[Path]:
        """Save run `number` from now on, with other `snapshots` if they are others.

        Returns the files of the former run: to be removed once the new one is saved.
        """
        former = [] if self._history is None else [self._history.path]
        self._history = HistoryFile(self._folder, number)
        if snapshots is not None:
            former += [] if self._snapshots is None else [self._snapshots]
            self._snapshots = snapshots
        return former

    def changed(self) -> None:
        """Count a change that is not saved yet."""
        self._unsaved = True

    def due(self) -> float | None:
        """When to save, None while nothing has changed."""
        return self._save_at if self._unsaved else None

    def restore(self, rows: RowsFolder) -> Saved | None:
        """Return what was saved; None where nothing was, or it is damaged.

        Raises `OSError` and `MemoryError` where that cannot be told now.
        """
        try:
            saved = Checkpoint.read(self._folder)
            if saved is None:
                return None
            snapshots = self._folder / saved.snapshots
            run = Run.restore(
                saved.blob,
                history=HistoryFile.read(self._folder, saved),
                rows=rows.get(RunConfig.from_json(saved.config)),
                snapshot_path=snapshots,
            )
            drive = Drive.restored(saved.course)
            history = HistoryFile.opened(self._folder, saved, run.trainer.history)
        except (MemoryError, OSError):
            # A shortage passes, and then what was saved is as good as before.
            raise
        except Exception as error:
            # A file from another day must not end the session, whatever is wrong with it.
            aside = Checkpoint.set_aside(self._folder)
            LOG.warning("a session starts anew, and what was saved is kept as %s: %s", aside, error)
            return None
        self._snapshots, self._history = snapshots, history
        seeking = None if saved.seeking is None else run.nearest_epoch(saved.seeking)
        return Saved(run, drive, saved.run, saved.state, seeking, saved.diverged)

    def copy(self, folder: Path, rows: Path | None) -> None:
        """Copy what was saved into a new folder, with the file of the rows that it names.

        Raises `OSError` where there is no room.
        """
        assert self._history is not None and self._snapshots is not None
        folder.mkdir(mode=0o700)
        for path in (self._folder / FILE, self._history.path, self._snapshots, rows):
            if path is not None and path.exists():
                copy_file(path, folder / path.name)

    def save(self, session: Saved) -> str:
        """Replace the checkpoint; where that cannot be, return why, which the log says too."""
        assert self._history is not None and self._snapshots is not None
        started = time.monotonic()
        problem = ""
        try:
            rows, columns = self._history.extend(session.run.trainer.history)
            Checkpoint(
                run=session.number,
                state=session.state,
                course=session.drive.course,
                seeking=session.seeking,
                snapshots=self._snapshots.name,
                history=self._history.name,
                rows=rows,
                columns=columns,
                diverged=session.diverged,
                config=session.run.config.compact,
                blob=session.run.checkpoint(history=False, rows=False),
            ).write(self._folder)
            self._history.count(rows)
        except OSError as error:
            problem = str(error)
            LOG.warning("a session could not be saved: %s", problem)
        finished = time.monotonic()
        self._unsaved = False
        self._save_at = finished + max(SAVE_SECONDS, SAVE_COST_FACTOR * (finished - started))
        return problem
