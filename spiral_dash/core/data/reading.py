"""A file's bytes, told by their content, as a table."""

from __future__ import annotations

import stat
from pathlib import Path

from spiral_dash.core.data.delimited import read_delimited
from spiral_dash.core.data.filetype import ZIP, foreign, zip_contents
from spiral_dash.core.data.npz import holds_points, read_npz
from spiral_dash.core.data.table import Table
from spiral_dash.core.validation import ConfigError

BYTES_MAX = 64 * 2**20


def read(source: bytes | Path, name: str) -> Table:
    """Read a CSV or npz file; raise `ConfigError` for anything else."""
    title = name or (source.name if isinstance(source, Path) else "The file")
    try:
        data = _bytes(source) if isinstance(source, Path) else source
        _check_size(len(data))
        if data.startswith(ZIP):
            if holds_points(data):
                return read_npz(data)
            _refuse(*zip_contents(data))
        strange = foreign(data)
        if strange:
            _refuse(*strange)
        return read_delimited(data)
    except ConfigError as error:
        problems = {field: f"{title}: {text}" for field, text in error.problems.items()}
        raise ConfigError(problems) from error


def _bytes(path: Path) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise ConfigError({"file": "expected a file, got a folder or a device."})
        _check_size(about.st_size)
        with path.open("rb") as file:
            return file.read(BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError({"file": f"expected a file that can be read: {reason}."}) from error


def _check_size(size: int) -> None:
    if size > BYTES_MAX:
        raise ConfigError(
            {
                "file": f"expected at most {BYTES_MAX // 2**20} MiB, "
                f"got {size / 2**20:.1f} MiB. Keep fewer rows or columns."
            }
        )


def _refuse(what: str, advice: str) -> None:
    ending = f" {advice}." if advice else ""
    raise ConfigError(
        {"file": f"expected a table as CSV, or an npz archive of x and y, got {what}.{ending}"}
    )
