"""The lessons of a server, read again where a file has changed."""

from __future__ import annotations

import threading
from pathlib import Path

from spiral_dash.lessons.library import PACKAGED, Library, lesson_files, read_library
from spiral_dash.lessons.vocabulary import Vocabulary

Signature = tuple[tuple[str, int, int], ...]


class Shelf:
    """Those of the package and of a folder; whoever writes one sees it with the next page.

    What is wrong with a file is logged whenever it is read. Safe to use from several threads.
    """

    def __init__(self, known: Vocabulary, folder: Path | None = None) -> None:
        self._known = known
        self._folder = folder
        self._lock = threading.Lock()
        self._signature = self._look()
        self._library = read_library(known, folder)

    def library(self) -> Library:
        """Return the lessons as the files are now."""
        with self._lock:
            signature = self._look()
            if signature != self._signature:
                self._library = read_library(self._known, self._folder)
                self._signature = signature
            return self._library

    def _look(self) -> Signature:
        folders = [PACKAGED, *([self._folder] if self._folder else [])]
        return tuple(_stamp(path) for folder in folders for path in lesson_files(folder))


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:  # it has gone since the folder was looked at
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size
