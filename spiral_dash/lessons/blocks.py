"""The outer form of a lesson's file: a head, steps, and the fenced blocks in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from spiral_dash.core.config import shown
from spiral_dash.lessons.problems import Problems

FENCE = re.compile(r"(`{3,}|~{3,})\s*(\S*)\s*$")
FIELD = re.compile(r"([A-Za-z][\w.-]*(?: [a-z]+)?)\s*:\s*(.*)$")
CHOICE = re.compile(r"(?:-\s+)?\[([ xX])\]\s*(.*)$")
BLOCKS = ("setup", "question")


@dataclass
class Line:
    """A text and its line in the file, counted from 1."""

    number: int
    text: str


@dataclass
class Entry:
    """A `key: value` of a block, or a choice, whose key is "[x]" or "[ ]"."""

    key: str
    value: str
    line: int


@dataclass
class Block:
    """A fenced block and its entries."""

    line: int
    entries: list[Entry] = field(default_factory=list)


@dataclass
class RawStep:
    """A step as it is written: `text` has an empty line where a block stood."""

    title: str
    line: int
    text: list[str] = field(default_factory=list)
    blocks: dict[str, Block] = field(default_factory=dict)


@dataclass
class RawLesson:
    """A file as it is written."""

    title: Line | None
    head: list[Line]
    steps: list[RawStep]


def split(text: str, problems: Problems) -> RawLesson:
    """Return the parts of a file; note blocks that are not closed or stand twice."""
    lesson = RawLesson(None, [], [])
    lines = (Line(number, line) for number, line in enumerate(text.splitlines(), start=1))
    for line in lines:
        step = lesson.steps[-1] if lesson.steps else None
        fence = FENCE.match(line.text)
        if fence:
            inside = _inside(lines, fence[1], line.number, problems)
            _place_block(step, fence[2], line, inside, problems)
        elif line.text.startswith("## "):
            lesson.steps.append(RawStep(line.text[3:].strip().rstrip("#").strip(), line.number))
        elif step is not None:
            step.text.append(line.text)
        elif line.text.startswith("# ") and lesson.title is None:
            lesson.title = Line(line.number, line.text[2:].strip())
        elif line.text.strip():
            lesson.head.append(Line(line.number, line.text.strip()))
    return lesson


def _inside(lines: Iterator[Line], mark: str, opened: int, problems: Problems) -> list[Line]:
    """Take the lines up to the end of a fenced block."""
    found: list[Line] = []
    for line in lines:
        stripped = line.text.strip()
        if len(stripped) >= len(mark) and set(stripped) == {mark[0]}:
            return found
        found.append(line)
    problems.add(opened, f"expected the end of this block, {mark}, got the end of the file.")
    return found


def _place_block(
    step: RawStep | None, name: str, line: Line, inside: list[Line], problems: Problems
) -> None:
    if step is None:
        problems.add(line.number, "expected a step, ## and its title, before the first block.")
        return
    if name not in BLOCKS:
        if name:
            problems.add(
                line.number,
                f"expected a block of {' or '.join(BLOCKS)}, or of plain text "
                f"without a name, got {shown(name)}.",
            )
        # What is left is shown as it stands.
        step.text += [line.text, *(each.text for each in inside), line.text]
        return
    if name in step.blocks:
        problems.add(line.number, f"expected one {name} a step, got a second one.")
        return
    block = step.blocks[name] = Block(line.number, list(_entries(inside, problems)))
    step.text += [""] * (len(inside) + 2)
    if not block.entries:
        problems.add(line.number, f"expected lines such as key: value in this {name}, got none.")


def _entries(lines: Iterable[Line], problems: Problems) -> Iterator[Entry]:
    """Read a block's lines; one that is indented goes on with the one before."""
    entry: Entry | None = None
    for line in lines:
        if not line.text.strip():
            continue
        if line.text[:1].isspace() and entry is not None:
            entry.value = f"{entry.value} {line.text.strip()}".strip()
            continue
        if entry is not None:
            yield entry
            entry = None
        choice = CHOICE.match(line.text.strip())
        found = FIELD.match(line.text.strip())
        if choice:
            entry = Entry("[x]" if choice[1] in "xX" else "[ ]", choice[2], line.number)
        elif found:
            entry = Entry(found[1], found[2].strip(), line.number)
        else:
            problems.add(
                line.number, f"expected key: value, or [ ] before a choice, got {shown(line.text)}."
            )
    if entry is not None:
        yield entry


def fields(lines: Iterable[Line], keys: Iterable[str]) -> tuple[dict[str, Entry], list[Line]]:
    """Return the head's `key: value` lines of these keys, and the rest."""
    known = dict.fromkeys(keys)
    found: dict[str, Entry] = {}
    rest: list[Line] = []
    for line in lines:
        match = FIELD.match(line.text)
        if match and match[1].lower() in known and match[1].lower() not in found:
            found[match[1].lower()] = Entry(match[1].lower(), match[2].strip(), line.number)
        else:
            rest.append(line)
    return found, rest
