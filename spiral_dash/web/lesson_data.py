"""A lesson as the page's script reads it, its configurations as addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from spiral_dash.lessons import Lesson, Question, Setup
from spiral_dash.lessons.vocabulary import ALL
from spiral_dash.web.access import all_but, dial_paths
from spiral_dash.web.address import PANEL
from spiral_dash.web.panel_options import written

OWN_LINK = re.compile('href="/(?!/)')


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class LessonChoice(_Data):
    """An answer to choose, as HTML; `next` is the place of the step it leads to, null as usual."""

    text: str
    right: bool
    next: int | None


class LessonQuestion(_Data):
    """What is asked; `ask`, `why` and `model` are HTML. `right` is that of a number."""

    kind: Literal["choice", "number", "text"]
    ask: str
    why: str
    choices: list[LessonChoice]
    right: float | None
    tolerance: float
    model: str
    predict: bool


class LessonStep(_Data):
    """A step: its text as HTML, the address of the page with it, and what may be turned.

    All dials but those of `hide` are `free`, a number of them. A step that `keeps` what is there
    has nothing of its own: its address is that of the one before. `next` is the place of the one
    that follows, the number of steps at the end.
    """

    title: str
    body: str
    search: str
    keeps: bool
    free: int
    hide: list[str]
    question: LessonQuestion | None
    next: int


class LessonData(_Data):
    """A lesson, the place of the step that it opens with, and what was wrong with the address."""

    name: str
    title: str
    minutes: int
    place: int
    problem: str
    steps: list[LessonStep]


def lesson_data(lesson: Lesson, root: str, step: str | None = None) -> LessonData:
    """Return a lesson that opens with a step, whose number from 1 an address gives as text.

    Links to places on this server lead below `root`.
    """
    place, problem = _place(step, len(lesson.steps))
    return LessonData(
        name=lesson.name,
        title=lesson.title,
        minutes=lesson.minutes,
        place=place,
        problem=problem,
        steps=list(_steps(lesson, root)),
    )


def _place(step: str | None, count: int) -> tuple[int, str]:
    if step is None:
        return 0, ""
    if step.isascii() and step.isdecimal() and len(step) <= 4 and 1 <= int(step) <= count:
        return int(step) - 1, ""
    got = step if len(step) <= 20 else f"{step[:20]}…"
    return 0, f"step: expected a whole number from 1 to {count}, got {got!r}. Here is the first."


def _steps(lesson: Lesson, root: str) -> Iterable[LessonStep]:
    setup = Setup()
    for step in lesson.steps:
        setup = step.setup or setup
        hidden = [] if ALL in setup.free else list(all_but(setup.free))
        yield LessonStep(
            title=step.title,
            body=OWN_LINK.sub(f'href="{root}', step.body),
            search=_search(setup),
            keeps=step.setup is None,
            free=len(dial_paths()) - len(hidden),
            hide=hidden,
            question=_question(step.question),
            next=len(lesson.steps) if step.next is None else step.next,
        )


def _search(setup: Setup) -> str:
    parts = [setup.query] if setup.query else []
    if setup.panels:
        parts.append(f"panels={','.join(setup.panels)}")
    for name, text in setup.options.items():
        panel, _, option = name.partition(".")
        parts.append(f"{PANEL}{name}={quote(written(panel, option, text))}")
    if setup.speed:
        parts.append(f"speed={setup.speed}")
    if setup.epoch is not None:
        parts.append(f"epoch={setup.epoch}")
    return "&".join(parts)


def _question(question: Question | None) -> LessonQuestion | None:
    if question is None:
        return None
    return LessonQuestion(
        kind=question.kind,
        ask=question.ask,
        why=question.why,
        choices=[
            LessonChoice(text=each.text, right=each.right, next=each.next)
            for each in question.choices
        ],
        right=question.right,
        tolerance=question.tolerance,
        model=question.model,
        predict=question.predict,
    )
