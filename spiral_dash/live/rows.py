"""The points that people brought to a session: a file each in its folder, named by its digest."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.rows import TEXT_BYTES_MAX, Rows
from spiral_dash.core.validation import ConfigError

PREFIX = "rows-"
FILES_MAX, BYTES_MAX = 256, 512 * 2**20
"""Of more, those that were used longest ago are forgotten."""


class RowsFolder:
    """Keeps rows for as long as the session, so that a configuration needs to name them only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: Rows | None = None
        self._texts: dict[str, str | None] = {}

    def put(self, rows: Rows) -> None:
        """Keep `rows`; raise `ConfigError` where there is no room for them."""
        path = self._path(rows.digest)
        try:
            if not path.exists():
                unfinished = path.with_suffix(".new")
                unfinished.write_bytes(rows.pack())
                os.replace(unfinished, path)
            path.touch()
            self._last = rows
            self._forget_old()
        except OSError as error:
            raise ConfigError({"data": _unkept(error)}) from error

    def get(self, config: RunConfig) -> Rows | None:
        """Return the rows that a configuration names, None where it names none or they are gone."""
        data = config.data
        if not isinstance(data, PointsData) or not data.digest:
            return None
        if self._last is None or self._last.digest != data.digest:
            try:
                self._last = Rows.unpack(self._path(data.digest).read_bytes())
            except FileNotFoundError:
                return None
        return self._last

    def file_of(self, config: RunConfig) -> Path | None:
        """Return the file with the rows that a configuration names, None where it names none."""
        data = config.data
        named = isinstance(data, PointsData) and self.has(data.digest)
        return self._path(data.digest) if named and isinstance(data, PointsData) else None

    def adopt(self, path: Path, digest: str) -> None:
        """Keep the packed rows of a file, which goes; raise `ConfigError` where it cannot be."""
        try:
            os.replace(path, self._path(digest))
            self._path(digest).touch()
            self._forget_old()
        except OSError as error:
            raise ConfigError({"data": _unkept(error)}) from error

    def has(self, digest: str) -> bool:
        """Return whether the rows of a digest are here."""
        return bool(digest) and self._path(digest).exists()

    def text(self, config: RunConfig) -> str | None:
        """Return the rows that a configuration names as text for an address.

        None where it names none, they are gone, or they are too many.
        """
        data = config.data
        if not isinstance(data, PointsData) or not data.digest:
            return None
        if data.digest not in self._texts:
            with suppress(FileNotFoundError):
                small = self._path(data.digest).stat().st_size <= TEXT_BYTES_MAX
                rows = self.get(config) if small else None
                self._texts = {data.digest: None if rows is None else rows.text_or_none()}
        return self._texts.get(data.digest)

    def _path(self, digest: str) -> Path:
        return self._folder / f"{PREFIX}{digest}"

    def _forget_old(self) -> None:
        files = [(path, path.stat()) for path in self._folder.glob(f"{PREFIX}*")]
        files.sort(key=lambda each: each[1].st_mtime_ns, reverse=True)
        size = 0
        for number, (path, status) in enumerate(files):
            size += status.st_size
            if number and (number >= FILES_MAX or size > BYTES_MAX):
                with suppress(FileNotFoundError):
                    path.unlink()


def _unkept(error: OSError) -> str:
    return f"The points cannot be kept here: {error.strerror or error}."
