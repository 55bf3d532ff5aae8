"""A step's question: what is asked, what is right, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spiral_dash.core.config import shown
from spiral_dash.lessons.blocks import Block, Entry
from spiral_dash.lessons.markdown import render
from spiral_dash.lessons.model import Choice, Question, QuestionKind
from spiral_dash.lessons.problems import Problems

KINDS: tuple[QuestionKind, ...] = ("choice", "number", "text")
KEYS = ("kind", "ask", "right", "tolerance", "why", "predict")
CHOICES_MAX = 8
ARROW = " -> "
SWITCH = {"yes": True, "no": False}


@dataclass(frozen=True)
class Goal:
    """The title of the step that a line leads to."""

    title: str
    line: int


def read_question(
    block: Block, problems: Problems
) -> tuple[Question | None, tuple[Goal | None, ...]]:
    """Return a question, None where it is wrong, and where each of its choices leads."""
    found: dict[str, Entry] = {}
    choices: list[Entry] = []
    for entry in block.entries:
        if entry.key in {"[x]", "[ ]"}:
            choices.append(entry)
        elif entry.key in found:
            problems.add(entry.line, f"expected {entry.key} once, got it again.")
        elif entry.key in KEYS:
            found[entry.key] = entry
        else:
            problems.add(
                entry.line,
                f"expected one of {', '.join(KEYS)}, or [ ] before a choice, got "
                f"{shown(entry.key)}.",
            )
    before = len(problems)
    kind = found["kind"].value if "kind" in found else ("choice" if choices else "")
    if kind not in KINDS:
        line = found["kind"].line if "kind" in found else block.line
        got = shown(kind) if kind else "none"
        problems.add(line, f"expected a kind of question, one of {', '.join(KINDS)}, got {got}.")
    for key in ("ask", "why"):
        if not (key in found and found[key].value):
            line = found[key].line if key in found else block.line
            problems.add(line, f"expected {key}: and a text in this question, got none.")
    goals = _check_choices(kind, choices, block, problems)
    right = found.get("right")
    number = _check_right(kind, right, block, problems)
    tolerance = _tolerance(kind, found.get("tolerance"), problems)
    predict = _predict(found.get("predict"), problems)
    if len(problems) > before:
        return None, goals
    question = Question(
        kind=next(each for each in KINDS if each == kind),
        ask=_text(found["ask"], problems),
        why=_text(found["why"], problems),
        choices=tuple(
            Choice(_inline(_without_goal(entry), entry.line, problems), entry.key == "[x]")
            for entry in choices
        ),
        right=number,
        tolerance=tolerance,
        model=_text(right, problems) if right and kind == "text" else "",
        predict=predict,
    )
    return question, goals


def _check_choices(
    kind: str, choices: list[Entry], block: Block, problems: Problems
) -> tuple[Goal | None, ...]:
    if kind != "choice":
        for entry in choices[:1]:
            problems.add(entry.line, f"expected no choices in a question of kind {kind}, got one.")
        return ()
    if not 2 <= len(choices) <= CHOICES_MAX:
        problems.add(
            block.line, f"expected 2 to {CHOICES_MAX} choices, [ ] before each, got {len(choices)}."
        )
    elif not any(entry.key == "[x]" for entry in choices):
        problems.add(block.line, "expected a right choice, [x] before it, got none.")
    elif all(entry.key == "[x]" for entry in choices):
        problems.add(block.line, "expected a choice that is not right, [ ] before it, got none.")
    texts = [_without_goal(entry) for entry in choices]
    for entry, text in zip(choices, texts, strict=True):
        if not text:
            problems.add(entry.line, "expected a text after the choice's box, got none.")
        elif texts.count(text) > 1:
            problems.add(entry.line, f"expected choices that differ, got {shown(text)} twice.")
    return tuple(_goal(entry) for entry in choices)


def _without_goal(entry: Entry) -> str:
    return entry.value.rpartition(ARROW)[0].strip() if ARROW in entry.value else entry.value


def _goal(entry: Entry) -> Goal | None:
    if ARROW not in entry.value:
        return None
    return Goal(entry.value.rpartition(ARROW)[2].strip(), entry.line)


def _check_right(kind: str, entry: Entry | None, block: Block, problems: Problems) -> float | None:
    if kind == "choice":
        if entry is not None:
            problems.add(entry.line, "expected [x] before the right choice, got a line right.")
        return None
    if kind in KINDS and (entry is None or not entry.value):
        problems.add(block.line, "expected right: and the right answer in this question, got none.")
        return None
    return _number(entry, "the right number", problems) if entry and kind == "number" else None


def _tolerance(kind: str, entry: Entry | None, problems: Problems) -> float:
    if entry is None:
        return 0.0
    if kind != "number":
        problems.add(entry.line, f"expected a tolerance with a number only, got one with a {kind}.")
        return 0.0
    number = _number(entry, "a tolerance", problems)
    if number is not None and number < 0:
        problems.add(entry.line, f"expected a tolerance from 0, got {shown(entry.value)}.")
    return number or 0.0


def _number(entry: Entry, what: str, problems: Problems) -> float | None:
    try:
        number = float(entry.value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        problems.add(entry.line, f"expected {what}, such as 0.95, got {shown(entry.value)}.")
        return None
    return number


def _predict(entry: Entry | None, problems: Problems) -> bool:
    if entry is None:
        return False
    if entry.value not in SWITCH:
        problems.add(entry.line, f"expected predict: yes or no, got {shown(entry.value)}.")
    return SWITCH.get(entry.value, False)


def _text(entry: Entry, problems: Problems) -> str:
    return _inline(entry.value, entry.line, problems)


def _inline(text: str, line: int, problems: Problems) -> str:
    return render(text, line, problems, inline=True)
