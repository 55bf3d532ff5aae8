"""The lessons there are: those of the package, and those of a folder of one's own."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spiral_dash.lessons.model import Lesson, LessonError
from spiral_dash.lessons.reader import BYTES_MAX, read_lesson
from spiral_dash.lessons.vocabulary import Vocabulary

LOG = logging.getLogger("spiral_dash.lessons")
PACKAGED = Path(__file__).parent / "files"
FILES_MAX = 200
SUFFIX = ".md"


@dataclass(frozen=True)
class Listed:
    """A file that is listed: the lesson, or why it is none."""

    name: str
    lesson: Lesson | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Library:
    """Lessons in the order of their files' names, those of the package first."""

    listed: tuple[Listed, ...]

    def find(self, name: str) -> Listed | None:
        """Return what is listed under a name."""
        return next((one for one in self.listed if one.name == name), None)

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """Those that can be shown."""
        return tuple(one.lesson for one in self.listed if one.lesson is not None)


def read_library(known: Vocabulary, folder: Path | None = None) -> Library:
    """Read the package's lessons and those of `folder`; what is wrong is logged and listed.

    A lesson of the folder takes the place of one of the package that has the same name.
    """
    found = {one.name: one for one in _read(lesson_files(PACKAGED), known)}
    if folder is not None:
        files = lesson_files(folder)
        if not files:
            LOG.warning("%s holds no lessons: expected files *%s.", readable(str(folder)), SUFFIX)
        if len(files) > FILES_MAX:
            LOG.warning(
                "%s holds %d lessons; the first %d are read.",
                readable(str(folder)),
                len(files),
                FILES_MAX,
            )
        found |= {one.name: one for one in _read(files[:FILES_MAX], known)}
    return Library(tuple(found.values()))


def readable(text: str) -> str:
    """Return the text with a question mark for what a file's name has that is none."""
    return text.encode("utf-8", "replace").decode()


def lesson_files(folder: Path) -> list[Path]:
    """Return the files of a folder that may be lessons, in the order of their names."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())


def _read(files: Iterable[Path], known: Vocabulary) -> Iterable[Listed]:
    for path in files:
        try:
            with path.open("rb") as file:
                content = file.read(BYTES_MAX + 1)
            if len(content) > BYTES_MAX:
                size, most = path.stat().st_size // 1024, BYTES_MAX // 1024
                raise LessonError(
                    [f"{path.name}, line 1: expected a file of at most {most} KiB, got {size} KiB."]
                )
            yield Listed(path.stem, read_lesson(path.stem, content, known))
        except LessonError as error:
            problems = tuple(map(readable, error.problems))
            for sentence in problems:
                LOG.warning("%s", sentence)
            yield Listed(path.stem, None, problems)
        except OSError as error:
            sentence = readable(
                f"{path.name}: expected a file that can be read, got: {error.strerror}."
            )
            LOG.warning("%s", sentence)
            yield Listed(path.stem, None, (sentence,))
