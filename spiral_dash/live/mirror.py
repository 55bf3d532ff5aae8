"""A session's folder on two machines: what changes on one goes to the other as messages.

A checkpoint goes whole and takes the other's place at once, after the files that it counts on; of a
history the rows that are new go. Snapshots, which change all the time, go when a session is put to
sleep; until they have, their old state is of no use and is kept nowhere else.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from spiral_dash.live.checkpoint import FILE as CHECKPOINT
from spiral_dash.live.rows import PREFIX as ROWS
from spiral_dash.live.wire import FileMessage, WireError, pack_file, pack_json

HISTORY, SNAPSHOTS, UNFINISHED = "history-", "snapshots-", ".new"
PIECE_BYTES, BLOCK_BYTES = 2**22, 2**18
_NAME = re.compile(r"[\w.-]{1,200}(/[\w.-]{1,200})?", re.ASCII)
Seen = tuple[int, int]


class Mirror:
    """One side of a folder: remembers which state of each file the other side has."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, Seen] = {}
        self._histories: dict[str, bytes] = {}
        self._kept: list[str] = []

    def take(self, piece: FileMessage) -> None:
        """Write what the other side has sent; raise `OSError`, or `WireError` for another name."""
        if not _NAME.fullmatch(piece.name) or ".." in piece.name.split("/"):
            raise WireError(f"Expected the name of a file, got {piece.name!r}.")
        path = self._folder / piece.name
        if piece.place:
            with path.open("r+b") as file:
                short = os.fstat(file.fileno()).st_size < piece.place
                if short and not path.name.startswith(SNAPSHOTS):
                    raise WireError(f"Expected more of {piece.name!r} before what follows.")
                file.seek(piece.place)
                file.write(piece.blob)
                file.truncate(piece.place + len(piece.blob))
        else:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            unfinished = path.with_name(path.name + UNFINISHED)
            unfinished.write_bytes(piece.blob)
            os.replace(unfinished, path)
        self._seen[piece.name] = _state(path)

    def keep(self, names: Iterable[str]) -> None:
        """Remove the histories and snapshots that the other side has no more."""
        for path in self._folder.glob("*-*"):
            if path.name.startswith((HISTORY, SNAPSHOTS)) and path.name not in set(names):
                path.unlink(missing_ok=True)

    def whole(self) -> Iterator[bytes]:
        """Yield all that a session needs to go on, as packed messages.

        The other side's snapshots are the true ones from then on, and those here go.
        """
        names = [path.name for path in _files(self._folder)]
        snapshots = [name for name in names if name.startswith(SNAPSHOTS)]
        wanted = [name for name in names if name.startswith((ROWS, HISTORY))]
        for name in [*wanted, *snapshots, *(one for one in names if one == CHECKPOINT)]:
            yield from self.changed(name)
        for name in snapshots:
            self._seen.pop(name, None)
            (self._folder / name).unlink(missing_ok=True)

    def needed(self, command: Mapping[str, Any]) -> Iterator[bytes]:
        """Yield the rows that the session has not, and the file that a command has it open."""
        if command.get("do") == "open":
            yield from self.changed(command["file"])
        for path in _files(self._folder):
            if path.name.startswith(ROWS) and not path.name.endswith(UNFINISHED):
                yield from self.changed(path.name)

    def left(self, snapshots: bool) -> Iterator[bytes]:
        """Yield what the session has left since; what only the server needs goes from here."""
        files = [path for path in _files(self._folder) if not path.name.endswith(UNFINISHED)]
        names = [path.name for path in files]
        kept = [name for name in names if name.startswith((HISTORY, SNAPSHOTS))]
        for name in names:
            if name != CHECKPOINT and (snapshots or not name.startswith(SNAPSHOTS)):
                yield from self.changed(name)
                if not name.startswith((ROWS, HISTORY, SNAPSHOTS)):
                    (self._folder / name).unlink(missing_ok=True)
        for folder in [path for path in self._folder.iterdir() if path.is_dir()]:
            for path in _files(folder):
                yield from self.changed(f"{folder.name}/{path.name}")
            shutil.rmtree(folder, ignore_errors=True)
        if CHECKPOINT in names:
            yield from self.changed(CHECKPOINT)
        if kept != self._kept:
            self._kept = kept
            self._histories = {name: self._histories.get(name, b"") for name in kept}
            yield pack_json({"event": "kept", "files": kept})

    def changed(self, name: str) -> Iterator[bytes]:
        """Yield the pieces of a file, if the other side has another state of it."""
        path = self._folder / name
        with suppress(FileNotFoundError):
            if name.rpartition("/")[2].startswith(SNAPSHOTS):
                # Written through memory, of which a file's times say nothing.
                yield from _sparse(name, path)
                return
            state = _state(path)
            if self._seen.get(name) == state:
                return
            self._seen[name] = state
            if name.startswith(HISTORY):
                yield from self._history(name, path.read_bytes())
            else:
                yield from _pieces(name, path.read_bytes())

    def _history(self, name: str, content: bytes) -> Iterator[bytes]:
        before = self._histories.get(name, b"")
        self._histories[name] = content
        place = len(before) if before and content.startswith(before) else 0
        yield from _pieces(name, content, place)


def _files(folder: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return sorted(path for path in folder.iterdir() if path.is_file())
    return []


def _state(path: Path) -> Seen:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _pieces(name: str, content: bytes, place: int = 0) -> Iterator[bytes]:
    for begin in range(place, max(len(content), place + 1), PIECE_BYTES):
        yield pack_file(FileMessage(name, begin, content[begin : begin + PIECE_BYTES]))


def _sparse(name: str, path: Path) -> Iterator[bytes]:
    """Yield the parts of a file that are not all zeros."""
    yield pack_file(FileMessage(name, 0, b""))
    with path.open("rb") as file:
        place = 0
        while blob := file.read(BLOCK_BYTES):
            if blob.count(0) < len(blob):
                yield pack_file(FileMessage(name, place, blob))
            place += len(blob)
    if place:
        yield pack_file(FileMessage(name, place, b""))
