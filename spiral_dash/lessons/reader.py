"""A lesson's text, read and checked: every problem names the file and its line."""

from __future__ import annotations

import re
from dataclasses import replace

from spiral_dash.core.config import shown
from spiral_dash.lessons import order
from spiral_dash.lessons.blocks import Line, RawLesson, RawStep, fields, split
from spiral_dash.lessons.markdown import render
from spiral_dash.lessons.model import Lesson, Question, Setup, Step
from spiral_dash.lessons.problems import Problems
from spiral_dash.lessons.questions import Goal, read_question
from spiral_dash.lessons.setups import read_setup
from spiral_dash.lessons.vocabulary import Vocabulary

BYTES_MAX = 256 * 1024
STEPS_MAX = 60
TITLE_MAX = 100
SENTENCE_MAX = 300
MINUTES_MAX = 180
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
END = "end"


def read_lesson(name: str, content: bytes | str, known: Vocabulary) -> Lesson:
    """Return the lesson that a file holds; raise `LessonError` with sentences for its lines."""
    file = f"{name}.md"
    problems = Problems(file)
    text = _decoded(content, problems)
    if not NAME.fullmatch(name):
        problems.add(
            1, f"expected a file's name of small letters, digits and hyphens, got {shown(file)}."
        )
    problems.raise_if_any()
    raw = split(text, problems)
    minutes, sentence = _head(raw, problems)
    _check_titles(raw, problems)
    problems.raise_if_any()
    steps = _steps(raw, known, problems)
    problems.raise_if_any()
    assert raw.title is not None  # or it was a problem
    return Lesson(name, raw.title.text, sentence, minutes, steps)


def _decoded(content: bytes | str, problems: Problems) -> str:
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if len(data) > BYTES_MAX:
        problems.add(
            1, f"expected a file of at most {BYTES_MAX // 1024} KiB, got {len(data) // 1024} KiB."
        )
        return ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(line, f"expected UTF-8, got a byte that is none, {data[error.start]:#04x}.")
        return ""
    if not text.strip():
        problems.add(1, "expected a lesson, # and its title first, got an empty file.")
    elif "\0" in text:
        problems.add(text.count("\n", 0, text.index("\0")) + 1, "expected text, got a zero byte.")
    return text


def _head(raw: RawLesson, problems: Problems) -> tuple[int, str]:
    if raw.title is None or not raw.title.text:
        line = 1 if raw.title is None else raw.title.number
        problems.add(line, "expected # and the lesson's title, got none.")
    elif len(raw.title.text) > TITLE_MAX:
        problems.add(
            raw.title.number,
            f"expected a title of at most {TITLE_MAX} characters, got {len(raw.title.text)}.",
        )
    line = raw.title.number if raw.title else 1
    found, rest = fields(raw.head, ["minutes"])
    sentence = " ".join(each.text for each in rest)
    if not 0 < len(sentence) <= SENTENCE_MAX:
        first: Line | None = next(iter(rest), None)
        problems.add(
            first.number if first else line,
            "expected a sentence on what the lesson is about below its title, of 1 to "
            f"{SENTENCE_MAX} characters, got {len(sentence)}.",
        )
    entry = found.get("minutes")
    value = entry.value if entry else ""
    is_number = value.isascii() and value.isdecimal() and len(value) < 4
    if not (is_number and 1 <= int(value) <= MINUTES_MAX):
        problems.add(
            entry.line if entry else line,
            f"expected minutes: and a whole number from 1 to {MINUTES_MAX} in the head, got "
            f"{shown(value) if entry else 'none'}.",
        )
        return 1, sentence
    return int(value), sentence


def _check_titles(raw: RawLesson, problems: Problems) -> None:
    if not 1 <= len(raw.steps) <= STEPS_MAX:
        line = raw.steps[STEPS_MAX].line if raw.steps else raw.title.number if raw.title else 1
        problems.add(
            line, f"expected 1 to {STEPS_MAX} steps, ## before each title, got {len(raw.steps)}."
        )
    seen: dict[str, int] = {}
    for step in raw.steps:
        title = step.title.casefold()
        if not 0 < len(title) <= TITLE_MAX:
            problems.add(
                step.line,
                f"expected a step's title of 1 to {TITLE_MAX} characters, got {len(title)}.",
            )
        elif title == END:
            problems.add(step.line, f"expected a title other than {END}, which ends the lesson.")
        elif title in seen:
            problems.add(
                step.line,
                f"expected a title of its own, got {shown(step.title)} again (line {seen[title]}).",
            )
        seen.setdefault(title, step.line)


def _steps(raw: RawLesson, known: Vocabulary, problems: Problems) -> tuple[Step, ...]:
    places = {step.title.casefold(): place for place, step in enumerate(raw.steps)}
    steps = tuple(
        _step(raw.steps, place, places, known, problems) for place in range(len(raw.steps))
    )
    if len(problems) == 0:
        _check_order(raw, steps, problems)
    return steps


def _step(
    every: list[RawStep],
    place: int,
    places: dict[str, int],
    known: Vocabulary,
    problems: Problems,
) -> Step:
    raw = every[place]
    setup: Setup | None = None
    question: Question | None = None
    following: int | None = place + 1 if place + 1 < len(every) else None
    # The line after the title is the first of the text.
    body = render("\n".join(raw.text), raw.line + 1, problems)
    if "setup" in raw.blocks:
        block = raw.blocks["setup"]
        setup = read_setup(block, known, problems)
        for entry in block.entries:
            if entry.key == "next":
                goal = Goal(entry.value, entry.line)
                following = _place_of(goal, places, following, problems)
    if "question" in raw.blocks:
        question, goals = read_question(raw.blocks["question"], problems)
        if question is not None and any(goals):
            # An answer that leads nowhere of its own goes on as the step does.
            question = replace(
                question,
                choices=tuple(
                    replace(choice, next=_place_of(goal, places, None, problems))
                    if goal
                    else choice
                    for choice, goal in zip(question.choices, goals, strict=True)
                ),
            )
    if not body and question is None and len(problems) == 0:
        problems.add(raw.line, "expected text or a question in this step, got neither.")
    return Step(raw.title, body, setup, question, following)


def _place_of(
    goal: Goal, places: dict[str, int], usual: int | None, problems: Problems
) -> int | None:
    """Return the place of the step of this title, the number of steps for the end."""
    title = goal.title.casefold()
    if title == END:
        return len(places)
    if title not in places:
        problems.add(goal.line, f"expected the title of a step, or {END}, got {shown(goal.title)}.")
        return usual
    return places[title]


def _check_order(raw: RawLesson, steps: tuple[Step, ...], problems: Problems) -> None:
    followers = {place: _followers(step, len(steps)) for place, step in enumerate(steps)}
    circle = order.loop(followers)
    if circle:
        titles = " → ".join(shown(steps[place].title) for place in [*circle, circle[0]])
        problems.add(
            raw.steps[circle[-1]].line, f"expected steps that come to an end, got a loop: {titles}."
        )
        return
    for place in order.unreached(followers):
        problems.add(
            raw.steps[place].line,
            f"expected a way to the step {shown(steps[place].title)}, got none: the steps before "
            "lead elsewhere.",
        )


def _followers(step: Step, count: int) -> list[int]:
    """Return the places that a step may lead to, the end left out."""
    choices = step.question.choices if step.question else ()
    goals = {choice.next for choice in choices if choice.next is not None}
    if not choices or any(choice.next is None for choice in choices):
        goals |= {step.next} if step.next is not None else set()
    return sorted(goal for goal in goals if goal < count)
