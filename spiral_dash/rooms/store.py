"""Where rooms are kept, so that they outlive the server: a file each, and nothing of the people."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from spiral_dash.core.config import ConfigError
from spiral_dash.core.validation import parse_json, validated
from spiral_dash.live.log import LOG
from spiral_dash.rooms.names import read_room_name
from spiral_dash.rooms.room import Room

ROOMS = "rooms"
SUFFIX, UNFINISHED = ".json", ".new"
BYTES_MAX = 2**16


class Store:
    """The rooms in a folder; without one, none is kept."""

    def __init__(self, root: Path | None) -> None:
        self._folder = None if root is None else root / ROOMS

    def read(self) -> Iterator[Room]:
        """Yield the rooms that an earlier server has left; what cannot be read is set aside."""
        if self._folder is None or not self._folder.is_dir():
            return
        for path in self._folder.glob(f"*{UNFINISHED}"):
            with suppress(OSError):
                path.unlink()
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            try:
                if path.stat().st_size > BYTES_MAX:
                    raise ConfigError({"room": f"Expected at most {BYTES_MAX} bytes."})
                room = validated(Room, parse_json(path.read_bytes()))
                if read_room_name(room.name) != room.name or path.stem != room.tag:
                    raise ConfigError({"room": "Expected a room under its own name."})
            except (OSError, ConfigError) as error:
                self._set_aside(path, str(error))
            else:
                yield room

    def write(self, room: Room) -> bool:
        """Keep a room as it is now; where that cannot be, the log says so. Whether that is done."""
        if self._folder is None:
            return True
        path = self._path(self._folder, room)
        unfinished = path.with_suffix(UNFINISHED)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            unfinished.touch(mode=0o600)
            unfinished.write_text(room.model_dump_json(), encoding="utf-8")
            os.replace(unfinished, path)
        except OSError as error:
            LOG.warning("a room could not be saved: %s", error)
            return False
        return True

    def remove(self, room: Room) -> None:
        """Keep nothing of a room any more."""
        if self._folder is not None:
            with suppress(OSError):
                self._path(self._folder, room).unlink(missing_ok=True)

    @staticmethod
    def _path(folder: Path, room: Room) -> Path:
        return folder / f"{room.tag}{SUFFIX}"

    def _set_aside(self, path: Path, why: str) -> None:
        aside = path.with_suffix(".damaged")
        with suppress(OSError):
            os.replace(path, aside)
        LOG.warning("a room cannot be opened and is kept as %s: %s", aside, why)
