"""Where the sessions of a server are kept: a folder of their own each, in one that is locked."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from spiral_dash.live.checkpoint import ASIDE, FILE, Checkpoint
from spiral_dash.live.log import LOG
from spiral_dash.live.rows import PREFIX as ROWS_PREFIX

if sys.platform != "win32":  # which has no such locks, so that nothing is cleared away there
    import fcntl

PREFIX = "spiral-dash-temporary-"
"""Of the folders that are cleared away: no name that a person gives one to be kept."""
LOCK, KEY, SESSIONS, DAMAGED = "lock", "key", "sessions", "damaged"
KEY_BYTES = 32
NAME_CHARACTERS = 32
UNLOCKED_SECONDS = 86_400.0
"""A temporary folder without a lock is taken for stale after so long."""


class FolderTaken(RuntimeError):  # noqa: N818 - the name says what happened
    """Sessions cannot be kept in this folder, or another server keeps its own there."""


def name_of(token: str) -> str:
    """Return what the folder of a session is called: whoever reads it does not learn the token."""
    return hashlib.sha256(token.encode()).hexdigest()[:NAME_CHARACTERS]


class Folders:
    """The folder of one server, locked for as long as it runs.

    With a `state` folder, what is in it outlives the server; without one, a temporary folder is
    made, and those that servers which were killed have left behind are cleared away.
    """

    def __init__(self, state: Path | None) -> None:
        """Take the folder; raise `FolderTaken` where it cannot be used, or is."""
        self.keep = state is not None
        if state is None:
            _clear_stale()
            state = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.root = state.resolve()
        self._sessions = self.root / SESSIONS
        try:
            self._sessions.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _locked(self.root)
        except OSError as error:
            raise FolderTaken(f"Sessions cannot be kept in {state}: {error}.") from error
        if self._lock is None:
            raise FolderTaken(f"Another server keeps its sessions in {state}.")

    def new(self, token: str) -> Path:
        """Make the folder of a new session."""
        folder = self._sessions / name_of(token)
        folder.mkdir(mode=0o700)
        return folder

    def adopt(self, token: str, folder: Path) -> Path:
        """Make the folder of a new session of one that is there; raise `OSError`."""
        own = self._sessions / name_of(token)
        os.replace(folder, own)
        return own

    def left(self) -> Iterator[tuple[Path, Checkpoint, float]]:
        """Yield the folders that earlier servers left, what is saved there, and its age in seconds.

        What cannot be read is set aside, and the log says where; what is of no use goes.
        """
        for folder in sorted(self._sessions.iterdir()):
            try:
                saved = Checkpoint.read(folder)
            except (OSError, ValueError) as error:
                self.set_aside(folder, str(error))
                continue
            if saved is None:
                shutil.rmtree(folder, ignore_errors=True)
                continue
            _tidy(folder, saved)
            yield folder, saved, max(0.0, time.time() - _written_at(folder))

    def set_aside(self, folder: Path, why: str) -> None:
        """Put a session that cannot be opened where it is in nobody's way."""
        aside = self.root / DAMAGED / f"{folder.name}-{time.time_ns()}"
        with suppress(OSError):
            aside.parent.mkdir(mode=0o700, exist_ok=True)
            os.replace(folder, aside)
        LOG.warning("a session cannot be opened and is kept as %s: %s", aside, why)

    def key(self) -> bytes:
        """Return the secret that stays the same for as long as the folder does."""
        path = self.root / KEY
        with suppress(FileNotFoundError):
            key = path.read_bytes()
            if len(key) == KEY_BYTES:
                return key
        key = secrets.token_bytes(KEY_BYTES)
        path.touch(mode=0o600)
        path.write_bytes(key)
        return key

    def close(self) -> None:
        """Let go of the folder, and remove it where it is a temporary one."""
        if not self.keep:
            shutil.rmtree(self.root, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()


def _locked(folder: Path) -> BinaryIO | None:
    """Return the lock of a folder as an open file, None where another process has it.

    Raises `OSError` where it cannot be had at all.
    """
    file = (folder / LOCK).open("ab")
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except OSError:
            file.close()
            raise
    return file


def _clear_stale() -> None:
    """Remove the temporary folders of servers that are gone."""
    if sys.platform == "win32":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if not folder.is_dir() or folder.stat().st_uid != os.getuid():
                continue
            if not (folder / LOCK).exists():
                if time.time() - folder.stat().st_mtime > UNLOCKED_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
                continue
            lock = _locked(folder)
            if lock is not None:
                with lock:
                    shutil.rmtree(folder, ignore_errors=True)


def _tidy(folder: Path, saved: Checkpoint) -> None:
    """Remove what a session that was cut short left beside what it had saved.

    A checkpoint that was set aside keeps the files that it names, which nobody can read there.
    """
    if (folder / ASIDE).exists():
        return
    kept = {FILE, saved.snapshots, saved.history}
    for path in folder.iterdir():
        if path.name not in kept and not path.name.startswith(ROWS_PREFIX):
            with suppress(OSError):
                path.unlink()


def _written_at(folder: Path) -> float:
    return (folder / FILE).stat().st_mtime
