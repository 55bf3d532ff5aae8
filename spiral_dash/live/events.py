"""What a browser is told beside the frames: small JSON messages, each named by its `event`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Level = Literal["info", "warning", "danger"]


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class WelcomeEvent(_Event):
    """The first message: the session, and whether somebody has watched it before."""

    event: Literal["welcome"] = "welcome"
    session: str
    restored: bool


class NoticeEvent(_Event):
    """Something happened that a person should know."""

    event: Literal["notice"] = "notice"
    level: Level
    text: str


class ErrorEvent(_Event):
    """A message of this browser was refused, and why."""

    event: Literal["error"] = "error"
    text: str


class AsleepEvent(_Event):
    """The session sleeps, and why; nothing follows until a page opens it again.

    With `wakes`, a page may do so by itself once it is looked at.
    """

    event: Literal["asleep"] = "asleep"
    text: str
    wakes: bool


class EndedEvent(_Event):
    """The session is gone, or cannot be joined, and why; nothing follows."""

    event: Literal["ended"] = "ended"
    text: str


Event = WelcomeEvent | NoticeEvent | ErrorEvent | AsleepEvent | EndedEvent
EVENTS: tuple[type[Event], ...] = (
    WelcomeEvent, NoticeEvent, ErrorEvent, AsleepEvent, EndedEvent,
)  # fmt: skip
