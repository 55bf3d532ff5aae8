"""Copies files that are mostly holes, as those with room for snapshots are."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

CHUNK_BYTES = 2**20


def copy_file(source: Path, target: Path) -> None:
    """Copy a file with its holes; raise `OSError`."""
    if not hasattr(os, "SEEK_DATA"):
        shutil.copyfile(source, target)
        return
    with source.open("rb", buffering=0) as read, target.open("xb", buffering=0) as written:
        size = os.fstat(read.fileno()).st_size
        written.truncate(size)
        end = 0
        while (start := _seek(read.fileno(), end, os.SEEK_DATA)) is not None:
            end = _seek(read.fileno(), start, os.SEEK_HOLE) or size
            for place in range(start, end, CHUNK_BYTES):
                count = min(CHUNK_BYTES, end - place)
                os.pwrite(written.fileno(), os.pread(read.fileno(), count, place), place)


def _seek(file: int, place: int, what: int) -> int | None:
    """Return where data, or a hole, follows; None where no data does."""
    try:
        return os.lseek(file, place, what)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return None
        raise
