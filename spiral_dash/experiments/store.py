"""What has been measured, in one folder: a SQLite file, and large arrays beside it.

One process writes, in transactions, so that whatever ends it loses at most what was under way.
Any number may read meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from spiral_dash.core.frame import decode
from spiral_dash.core.probes import Arrays
from spiral_dash.core.validation import ConfigError, parse_json, validated
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.work import Found, Outcome

FILE, LOCK, ARRAYS = "results.sqlite", "writer.lock", "arrays"
LOCK_TRIES, LOCK_PAUSE = 10, 0.02
"""How often the lock is tried for, and the seconds between."""
VERSION = "1"
INLINE_MAX = 16_384
"""Bytes of arrays that lie in a row; more lie in a file of their own."""
SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE experiments (id TEXT PRIMARY KEY, design TEXT NOT NULL, command TEXT NOT NULL);
CREATE TABLE runs (
    run TEXT PRIMARY KEY, config TEXT NOT NULL, epoch INTEGER NOT NULL, diverged TEXT,
    seconds REAL NOT NULL, finished REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE results (
    key TEXT PRIMARY KEY, run TEXT NOT NULL, probe TEXT NOT NULL, options TEXT NOT NULL,
    epoch INTEGER NOT NULL, arrays BLOB, file TEXT, error TEXT
);
CREATE INDEX results_of_runs ON results (run);
"""
PROGRESS = "progress"


class StoreError(ConfigError):
    """A folder of results that cannot be used; the message says why and what would do."""

    def __init__(self, message: str) -> None:
        super().__init__({"out": message})


class UnreadableError(StoreError):
    """An experiment that cannot be read; the message says how it comes back."""


class NoResultsError(StoreError):
    """A folder without results, or none at all."""


class Store:
    """The results in a folder; with `write`, the one process that adds to them."""

    def __init__(self, folder: Path, *, write: bool = False) -> None:
        self.folder = folder
        self._lock: IO[str] | None = None
        path = folder / FILE
        try:
            if write:
                folder.mkdir(parents=True, exist_ok=True)
                self._lock = _locked(folder)
            elif not path.is_file():
                raise NoResultsError(
                    f"{folder}: expected a folder with results ({FILE}), and there are none."
                )
            self._base = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
            self._open(write)
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreError(_refusal(path, error)) from error
        except OSError as error:
            self.close()
            reason = error.strerror or str(error)
            raise StoreError(f"{folder}: expected a folder to write to: {reason}.") from error
        except StoreError:
            self.close()
            raise

    def _open(self, write: bool) -> None:
        base = self._base
        known = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if write:
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA synchronous = NORMAL")
            if not known:
                with base:
                    noted = f"INSERT INTO meta VALUES ('version', '{VERSION}');"
                    base.executescript(f"BEGIN; {SCHEMA} {noted} COMMIT;")
                return
        elif not known:  # it is being made
            raise NoResultsError(f"{self.folder}: there are no results yet.")
        version = self.meta("version") if ("meta",) in known else None
        if version != VERSION:
            raise StoreError(
                f"{self.folder}: expected results of version {VERSION}, got "
                f"{version or 'none'}. Choose another folder; these stay as they are."
            )

    def meta(self, name: str) -> str | None:
        """Return what is noted under a name."""
        rows = self._read("SELECT value FROM meta WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def _set(self, name: str, value: str) -> None:
        self._base.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def ask(self, experiment: Experiment, command: str = "") -> None:
        """Note an experiment whose results lie here, and the command that asked for it.

        Raises `ConfigError` where its name stands for another question here.
        """
        self.refuse_other(experiment)
        with self._writing():
            self._base.execute(
                "INSERT INTO experiments VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
                "SET design = excluded.design, command = excluded.command",
                (experiment.id, experiment.model_dump_json(), command),
            )

    def refuse_other(self, experiment: Experiment) -> None:
        """Raise `ConfigError` where an experiment's name stands for another question here.

        One that cannot be read gives way.
        """
        known = self._read("SELECT design FROM experiments WHERE id = ?", (experiment.id,))
        for row in known:
            with contextlib.suppress(UnreadableError):
                refuse_other(self._design(experiment.id, row[0]), experiment)

    def experiments(self) -> list[Experiment]:
        """Return the experiments that were asked for, in the order in which they first were.

        Those that cannot be read are left out: `unreadable` says why.
        """
        return self._designs()[0]

    @property
    def unreadable(self) -> list[str]:
        """A sentence on each experiment that is damaged, or that another version wrote."""
        return self._designs()[1]

    def _designs(self) -> tuple[list[Experiment], list[str]]:
        found: list[Experiment] = []
        wrong: list[str] = []
        for row in self._read("SELECT id, design FROM experiments ORDER BY rowid"):
            try:
                found.append(self._design(*row))
            except UnreadableError as error:
                wrong.append(str(error))
        return found, wrong

    def _design(self, identifier: str, text: str) -> Experiment:
        try:
            return validated(Experiment, parse_json(text))
        except ConfigError as error:
            raise UnreadableError(
                f"{self.folder}: the experiment {identifier} is damaged, or another version wrote "
                f"it ({str(error).rstrip('.')}). Ask for it again, as it was, or choose another "
                "folder; what was measured is kept."
            ) from error

    def command(self, identifier: str) -> str:
        """Return the command that asked for an experiment."""
        rows = self._read("SELECT command FROM experiments WHERE id = ?", (identifier,))
        return str(rows[0][0]) if rows else ""

    def add(self, outcome: Outcome, progress: Mapping[str, Any] | None = None) -> None:
        """Keep what a run gave, whole or not at all; raise `StoreError` where there is no room.

        Of the run itself the job that went farthest is what is known.
        """
        with self._writing():
            self._base.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (run) DO UPDATE "
                "SET epoch = excluded.epoch, diverged = excluded.diverged, "
                "seconds = excluded.seconds, finished = excluded.finished "
                "WHERE excluded.epoch >= runs.epoch",
                (
                    outcome.run,
                    outcome.config,
                    outcome.epoch,
                    outcome.diverged,
                    outcome.seconds,
                    time.time(),
                ),
            )
            for found in outcome.found:
                self._keep(outcome.run, found)
            if progress is not None:
                self._set(PROGRESS, json.dumps(progress))

    def note(self, progress: Mapping[str, Any]) -> None:
        """Note how far a run of experiments is."""
        with self._writing():
            self._set(PROGRESS, json.dumps(progress))

    @property
    def progress(self) -> dict[str, Any]:
        """How far the last run of experiments came, by its own account."""
        text = self.meta(PROGRESS)
        if text is None:
            return {}
        with contextlib.suppress(ConfigError):
            noted = parse_json(text)
            if isinstance(noted, dict):
                return noted
        raise StoreError(
            f"{self.folder}: the note of how far the runs are is damaged. It is written anew when "
            "the same command is given again; results are kept."
        )

    def _keep(self, run: str, found: Found) -> None:
        blob, file = found.arrays, None
        if blob is not None and len(blob) > INLINE_MAX:
            file = f"{found.key[:2]}/{found.key}.safetensors"
            path = self.folder / ARRAYS / file
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(blob)
            part.replace(path)
            blob = None
        self._base.execute(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (found.key, run, found.probe, found.options, found.epoch, blob, file, found.error),
        )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._base:
                yield
        except sqlite3.DatabaseError as error:
            raise StoreError(_refusal(self.folder / FILE, error)) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError(f"{self.folder}: cannot write: {reason}.") from error

    def keys(self) -> set[str]:
        """Return the keys of every result there is."""
        return {row[0] for row in self._read("SELECT key FROM results")}

    @property
    def newest(self) -> int:
        """A number that grows with every result that is added."""
        [[newest]] = self._read("SELECT coalesce(max(rowid), 0) FROM results")
        return int(newest)

    def results(self, keys: Iterable[str]) -> dict[str, Arrays | str]:
        """Return key -> the arrays measured, or why there are none; keys not there are left out.

        What cannot be read back, such as a file that was taken away, says so.
        """
        found: dict[str, Arrays | str] = {}
        wanted = list(keys)
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._read(
                f"SELECT key, arrays, file, error FROM results WHERE key IN ({marks})", part
            )
            for key, blob, file, error in rows:
                found[key] = error if error is not None else self._arrays(blob, file)
        return found

    def _arrays(self, blob: bytes | None, file: str | None) -> Arrays | str:
        try:
            content = blob if file is None else (self.folder / ARRAYS / file).read_bytes()
            return decode(content or b"")[0]
        except (OSError, ValueError) as error:
            return f"The arrays cannot be read back: {error}"

    def known_runs(self) -> set[str]:
        """Return the digests of every run there is."""
        return {row[0] for row in self._read("SELECT run FROM runs")}

    def runs(self, digests: Iterable[str]) -> dict[str, tuple[int, str | None]]:
        """Return digest -> epochs done at most, and why it diverged at the last of them or None."""
        found: dict[str, tuple[int, str | None]] = {}
        wanted = list(digests)
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._read(f"SELECT run, epoch, diverged FROM runs WHERE run IN ({marks})", part)
            found |= {row[0]: (row[1], row[2]) for row in rows}
        return found

    def _read(self, query: str, values: Iterable[object] = ()) -> list[Any]:
        try:
            return self._base.execute(query, tuple(values)).fetchall()
        except sqlite3.DatabaseError as error:
            raise StoreError(_refusal(self.folder / FILE, error)) from error

    def close(self) -> None:
        """Let go of the folder."""
        base = getattr(self, "_base", None)
        if base is not None:
            base.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def refuse_other(known: Experiment, asked: Experiment) -> None:
    """Refuse a question of one's own under the name of another; raise `ConfigError`.

    One with a section of the thesis has its name for itself, and stands for what was asked before.
    """
    if known.id == asked.id and not asked.section and not known.asks_like(asked):
        raise ConfigError(
            {
                "name": f"name: {asked.id} stands for a question with other settings here already. "
                "Choose another name, or another folder; the same settings go on, with any seeds."
            }
        )


def _locked(folder: Path) -> IO[str]:
    """Hold the folder for this process; raise `StoreError` where another does."""
    file = (folder / LOCK).open("a+", encoding="utf-8")
    try:
        import fcntl
    except ImportError:  # no such thing on this system, where SQLite's own lock has to do
        return file
    for left in reversed(range(LOCK_TRIES)):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            if left:  # whoever only looks holds it for an instant
                time.sleep(LOCK_PAUSE)
                continue
            file.close()
            raise StoreError(
                f"{folder}: another process (number {writer(folder)}) is adding results here. "
                "Wait for it, end it, or choose another folder."
            ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def is_written(folder: Path) -> bool:
    """Whether a process is adding results to the folder."""
    try:
        import fcntl

        file = (folder / LOCK).open("r", encoding="utf-8")
    except (ImportError, OSError):
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def writer(folder: Path) -> str:
    """Return the number of the process that adds results to the folder, or last did."""
    try:
        return (folder / LOCK).read_text("utf-8").strip() or "unknown"
    except OSError:
        return "unknown"


def _refusal(path: Path, error: sqlite3.DatabaseError) -> str:
    text = str(error)
    if "full" in text:
        return f"{path}: the disk is full. What was done is kept; make room and start again."
    if "locked" in text:
        return f"{path}: another process holds it. Wait for it, or choose another folder."
    if "readonly" in text or "unable to open" in text:
        return f"{path}: expected a file that can be written: {text}."
    return (
        f"{path}: expected a file of results, and it is damaged or something else ({text}). "
        "Choose another folder, or restore it from a copy."
    )
