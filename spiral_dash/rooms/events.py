"""What the pages of a room are told: small JSON messages, of each kind the newest."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class Person(_Event):
    """Somebody in the room, by the name that they chose.

    `key` shows their run, "" where there is none on the board; `answers` are those to the questions
    of the lesson, by the step, for a page that has the board open.
    """

    id: str
    name: str
    key: str
    answers: dict[int, str]


class VotesEvent(_Event):
    """How often each answer to the question of a step was given; `given` is how many there are, for
    there may be rarer ones, too. Everyone is told when the presenter shows what the answer is.
    """

    event: Literal["votes"] = "votes"
    step: int
    counts: dict[str, int]
    given: int


class PeopleEvent(_Event):
    """How many are in the room beside the presenter, who alone is told who they are.

    `led` says whether the presenter is there; `shown` is the id of the member whose run everyone
    sees, and `whose` the name, "" for the presenter's. `votes` are those on the step that the
    presenter shows, for them alone.
    """

    event: Literal["people"] = "people"
    count: int
    led: bool
    shown: str
    whose: str
    people: list[Person]
    votes: VotesEvent | None


class PointEvent(_Event):
    """The presenter points at a place of a panel, "" for none; both from 0 to 1."""

    event: Literal["point"] = "point"
    panel: str
    x: float
    y: float


class MeEvent(_Event):
    """Who this page is to the others: its name, whether its run may be on the board, and whether
    everyone in the room sees it now.
    """

    event: Literal["me"] = "me"
    name: str
    on_board: bool
    shown: bool


class LedEvent(_Event):
    """The room was handed on to this page: its key to present, and the session to present."""

    event: Literal["led"] = "led"
    key: str
    session: str
    ends_at: float | None


class HandedEvent(_Event):
    """The room was handed on from this page to a person, and what it can see there from now on."""

    event: Literal["handed"] = "handed"
    to: str
    key: str


class ClosedEvent(_Event):
    """The room is over, and why; nothing follows."""

    event: Literal["closed"] = "closed"
    text: str


class WaitEvent(_Event):
    """There is no place for this page now, and why; its key holds, and it tries again later."""

    event: Literal["wait"] = "wait"
    text: str


class RefusedEvent(_Event):
    """Something that this page asked of the room was not done, and why."""

    event: Literal["refused"] = "refused"
    text: str


Event = (
    PeopleEvent
    | VotesEvent
    | PointEvent
    | MeEvent
    | LedEvent
    | HandedEvent
    | ClosedEvent
    | WaitEvent
    | RefusedEvent
)
