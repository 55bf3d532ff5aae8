"""What is wrong with a file, collected with its lines."""

from __future__ import annotations

from spiral_dash.lessons.model import PROBLEMS_MAX, LessonError


class Problems:
    """Sentences about one file, in the order of its lines when they are raised."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, sentence: str) -> None:
        """Note what is wrong in a line, counted from 1."""
        self._found.append((line, sentence))

    def __len__(self) -> int:
        return len(self._found)

    def raise_if_any(self) -> None:
        """Raise `LessonError` with the first of them."""
        if not self._found:
            return
        lines = [f"{self._file}, line {line}: {said}" for line, said in sorted(self._found)]
        if len(lines) > PROBLEMS_MAX:
            lines[PROBLEMS_MAX:] = [f"These are the first of {len(lines)} problems."]
        raise LessonError(lines)
