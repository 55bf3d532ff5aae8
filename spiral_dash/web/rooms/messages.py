"""What the pages of a room say over its socket and its routes, and what shows them a scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from spiral_dash.core.config import ConfigError, parse_json, shown, validated
from spiral_dash.rooms import events
from spiral_dash.rooms.keys import KEY_MAX
from spiral_dash.rooms.names import NAME_MAX, PERSON_MAX
from spiral_dash.rooms.room import PANEL_MAX, STEP_MAX, Scene
from spiral_dash.rooms.votes import STEPS_MAX
from spiral_dash.web.address import PageState
from spiral_dash.web.edge.secrets import SECRET_MAX
from spiral_dash.web.messages import ConfigEvent

MESSAGE_BYTES_MAX = 32 * 1024
TOKEN_MAX = 200
TEXT_MAX = 2_000

Token = Annotated[str, Field(max_length=TOKEN_MAX)]
KeyText = Annotated[str, Field(max_length=KEY_MAX)]
Secret = Annotated[str, Field(max_length=2 * SECRET_MAX)]


Step = Annotated[int, Field(ge=0, le=STEP_MAX, strict=True)]
Answered = Annotated[str, Field(max_length=TEXT_MAX, strict=True)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class MakeRequest(_Message):
    """Makes a room; `ends_at` is in seconds since 1970, None for no end."""

    name: str = Field(max_length=4 * NAME_MAX + 1)
    password: Secret = ""
    ends_at: float | None = None


class Made(BaseModel):
    """The room, by the name that its address has, and the key to present in it."""

    name: str
    key: str
    ends_at: float | None


class EnterRequest(_Message):
    """Comes into a room with its password, or with a key of before."""

    room: str = Field(max_length=4 * NAME_MAX + 1)
    password: Secret = ""
    key: KeyText = ""


class Entered(BaseModel):
    """A viewer's keys to the run on show, and to the one that it is compared with, and what the run
    is: None while there is none to show. `whose` is the name of the member whose run it is, "" for
    what everyone sees.
    """

    key: str
    second: str
    whose: str
    config: ConfigEvent | None


class TakeRequest(_Message):
    """Goes on from what a viewer's key shows, in a session of one's own.

    `browser` and `ticket` are as when a page opens a session.
    """

    key: KeyText
    browser: str = Field("", max_length=TOKEN_MAX)
    ticket: str | None = Field(None, max_length=TOKEN_MAX)


class SceneMessage(_Message):
    """The presenter's page shows this, of these sessions of its own."""

    type: Literal["scene"]
    scene: Scene
    runs: list[Token] = Field(max_length=2)


class CloseMessage(_Message):
    """The presenter ends the room."""

    type: Literal["close"]


class HandMessage(_Message):
    """The presenter hands the room on to a member."""

    type: Literal["hand"]
    to: str = Field(max_length=KEY_MAX)


class PointMessage(_Message):
    """The presenter points at a place of a panel, "" for none; both from 0 to 1."""

    type: Literal["point"]
    panel: str = Field(max_length=PANEL_MAX)
    x: float = Field(ge=0.0, le=1.0)
    y: float = Field(ge=0.0, le=1.0)


class MeMessage(_Message):
    """A member's page says who they are: a name, and whether their run may be on the board."""

    type: Literal["me"]
    name: str = Field(max_length=4 * PERSON_MAX + 1)
    on_board: bool


class BoardMessage(_Message):
    """The presenter looks at the board, or no longer."""

    type: Literal["board"]
    open: bool


class SpotlightMessage(_Message):
    """The presenter shows everyone the run of a member, "" for their own again."""

    type: Literal["spotlight"]
    member: str = Field(max_length=KEY_MAX)


class RevealMessage(_Message):
    """The presenter shows what the answer to the question of a step is, and what was answered."""

    type: Literal["reveal"]
    step: int = Field(ge=0, le=STEP_MAX)


class RunMessage(_Message):
    """A member has a run of their own in a session, "" for none any more."""

    type: Literal["run"]
    session: Token


class AnswersMessage(_Message):
    """What a member has answered to the questions of the lesson: the step, and the answer."""

    # JSON has no tuples, which strictness would ask for.
    model_config = ConfigDict(strict=False)

    type: Literal["answers"]
    answers: list[tuple[Step, Answered]] = Field(max_length=STEPS_MAX)


Message = (
    SceneMessage
    | CloseMessage
    | HandMessage
    | BoardMessage
    | SpotlightMessage
    | RevealMessage
    | PointMessage
    | MeMessage
    | RunMessage
    | AnswersMessage
)
OF_PRESENTER: dict[str, type[Message]] = {
    "scene": SceneMessage,
    "close": CloseMessage,
    "hand": HandMessage,
    "board": BoardMessage,
    "spotlight": SpotlightMessage,
    "reveal": RevealMessage,
    "point": PointMessage,
}
OF_MEMBER: dict[str, type[Message]] = {
    "me": MeMessage,
    "run": RunMessage,
    "answers": AnswersMessage,
}
MESSAGES: dict[str, type[Message]] = {**OF_PRESENTER, **OF_MEMBER}


class SceneEvent(BaseModel):
    """What the presenter's page shows: panels and options, also as an address says them, the step
    of a lesson, from 0, the panel that fills the page, "" for none, and whether there are two runs.
    """

    model_config = ConfigDict(frozen=True)

    event: Literal["scene"] = "scene"
    page: PageState
    search: str
    lesson: str
    step: int
    enlarged: str
    compared: bool


EVENTS: tuple[type[BaseModel], ...] = (
    SceneEvent,
    events.MeEvent,
    events.PeopleEvent,
    events.VotesEvent,
    events.PointEvent,
    events.LedEvent,
    events.HandedEvent,
    events.ClosedEvent,
    events.WaitEvent,
    events.RefusedEvent,
)


def parse_room_message(text: str | bytes | None, *, presents: bool) -> Message:
    """Validate a message of a page of a room; raise `ConfigError` with a sentence."""
    if not isinstance(text, str):
        raise ConfigError({"message": "Expected JSON text, got binary data."})
    size = len(text.encode())
    if size > MESSAGE_BYTES_MAX:
        raise ConfigError(
            {"message": f"Expected a message of at most {MESSAGE_BYTES_MAX} bytes, got {size}."}
        )
    values = parse_json(text)
    if not isinstance(values, Mapping):
        raise ConfigError({"message": f"Expected a JSON object, got {shown(values)}."})
    kind = values.get("type")
    allowed = OF_PRESENTER if presents else OF_MEMBER
    if not isinstance(kind, str) or kind not in MESSAGES:
        expected = ", ".join(allowed)
        raise ConfigError({"type": f"type: expected one of {expected}, got {shown(kind)}."})
    if kind not in allowed:
        who = "a member of the room" if presents else "the presenter of this room"
        raise ConfigError({"type": f"Only {who} may ask for {kind}."})
    return validated(MESSAGES[kind], values)
