"""What a lesson is, once it has been read; texts are HTML that holds no scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

PROBLEMS_MAX = 10

QuestionKind = Literal["choice", "number", "text"]


class LessonError(ValueError):
    """A file that is no lesson; `problems` are sentences, each with the file and its line."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Choice:
    """One answer to choose; `next` is the place of the step it leads to, None the usual one."""

    text: str
    right: bool
    next: int | None = None


@dataclass(frozen=True)
class Question:
    """What is asked; `why` says what the answer is and why.

    `right` and `tolerance` belong to a number, `model` to a text. A question to `predict` is
    answered before the run is played.
    """

    kind: QuestionKind
    ask: str
    why: str
    choices: tuple[Choice, ...] = ()
    right: float | None = None
    tolerance: float = 0.0
    model: str = ""
    predict: bool = False


@dataclass(frozen=True)
class Setup:
    """What the page shows: `query` as the address writes a run and the one it is compared with.

    `options` are those of the panels, by `panel.option`. `free` names the dials that may be
    turned, `("all",)` every one of them.
    """

    query: str = ""
    panels: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    speed: str = ""
    epoch: int | None = None
    free: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A step; `next` is the place of the one that follows, None after the last.

    Without a setup the page stays as the step before it left it.
    """

    title: str
    body: str
    setup: Setup | None
    question: Question | None
    next: int | None


@dataclass(frozen=True)
class Lesson:
    """A lesson: its name in the address, title, a sentence, the minutes it takes, and its steps."""

    name: str
    title: str
    sentence: str
    minutes: int
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        return asdict(self)
