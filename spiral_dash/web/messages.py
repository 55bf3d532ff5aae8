"""What a browser and the server say to each other over a session's websocket, beside the frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from spiral_dash.core.config import ConfigError, RunConfig, parse_json, shown, validated
from spiral_dash.core.training import TrainingConfig
from spiral_dash.live.commands import COMMANDS, SERIAL_MAX, Command, parse_command
from spiral_dash.live.events import EVENTS as SESSION_EVENTS
from spiral_dash.web.address import PageState

MESSAGE_BYTES_MAX = 96 * 1024
"""An address that is asked for may hold points."""
FIELDS_MAX = 200
TEXT_MAX = 2_000

NOT_FOR_PAGES = ("pack", "copy", "open", "watch", "frame", "suspend", "sleep")
"""Commands that name files of the server, that have a message of their own, or are the server's."""
PAGE_COMMANDS = tuple(name for name in COMMANDS if name not in NOT_FOR_PAGES)

Text = Annotated[str, Field(max_length=TEXT_MAX)]
Serial = Annotated[int, Field(ge=0, le=SERIAL_MAX)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class WatchMessage(_Message):
    """Replaces what this browser watches; the parts are checked by the session's own rules."""

    type: Literal["watch"]
    parts: list[object]


class CreditMessage(_Message):
    """Allows one frame; `have` is the run whose points the browser holds, 0 for none.

    `hold` is the epoch at which the run waits from now on, as the command of that name says it;
    without it, nothing changes of that.
    """

    type: Literal["credit"]
    have: Serial
    hold: Serial | None = None


class PresenceMessage(_Message):
    """Says that a person did something, or that the page has come in sight or gone out of it."""

    type: Literal["presence"]
    hidden: bool


class CommandMessage(_Message):
    """Asks something of the session, checked by its own rules, and answered under `id`."""

    type: Literal["command"]
    id: Serial
    command: dict[str, object]


class FormMessage(_Message):
    """What the dials hold: `fields` are group, name and value of each.

    `kind` is the kind of data whose own dials are there, `told` what the fields of the training
    showed when the page was last told the configuration.
    """

    # JSON has no tuples, which strictness would ask for.
    model_config = ConfigDict(strict=False)

    type: Literal["form"]
    id: Serial
    fields: list[tuple[Text, Text, Text | list[Text]]] = Field(max_length=FIELDS_MAX)
    layers: Text
    units: list[Text] = Field(max_length=FIELDS_MAX)
    kind: Text
    told: dict[Text, Text] = Field(max_length=FIELDS_MAX)


class VisitMessage(_Message):
    """Brings the session to what an address says."""

    type: Literal["visit"]
    id: Serial
    search: str = Field(max_length=MESSAGE_BYTES_MAX)


Message = (
    WatchMessage | CreditMessage | PresenceMessage | CommandMessage | FormMessage | VisitMessage
)
MESSAGES: dict[str, type[Message]] = {
    "watch": WatchMessage,
    "credit": CreditMessage,
    "presence": PresenceMessage,
    "command": CommandMessage,
    "form": FormMessage,
    "visit": VisitMessage,
}


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class ConfigEvent(_Event):
    """What the session's run is: told to who comes, and whenever it changes.

    `run` is its number, `config` its configuration, `training` what that has come to, `query` the
    configuration's part of an address, `fields` every setting as an address writes it, `texts` what
    each dial shows; the address cannot hold all points where `needs_file`. `reasons` says by field
    why it has no effect now. `answered` is the id of the last message of this browser that it comes
    after.
    """

    event: Literal["config"] = "config"
    run: int
    config: RunConfig
    training: TrainingConfig
    query: str
    fields: dict[str, str | None]
    texts: dict[str, str]
    needs_file: bool
    reasons: dict[str, str]
    answered: int


class ReplyEvent(_Event):
    """How a message went: `error` is why not, "" where it was carried out."""

    event: Literal["reply"] = "reply"
    id: int
    error: str


class FormEvent(_Event):
    """The answer to the dials: a sentence for each field that cannot be used, by its path."""

    event: Literal["form"] = "form"
    id: int
    problems: dict[str, str]


class VisitEvent(_Event):
    """The answer to an address: what it says of the page, and sentences for what is wrong in it."""

    event: Literal["visit"] = "visit"
    id: int
    page: PageState
    problems: list[str]


PageEvent = ConfigEvent | ReplyEvent | FormEvent | VisitEvent
EVENTS: tuple[type[BaseModel], ...] = (
    *SESSION_EVENTS,
    ConfigEvent,
    ReplyEvent,
    FormEvent,
    VisitEvent,
)


def parse_message(text: str | bytes | None) -> Message:
    """Validate one message of a browser; raise `ConfigError` with a sentence."""
    if not isinstance(text, str):
        raise ConfigError({"message": "Expected JSON text, got binary data."})
    if len(text.encode()) > MESSAGE_BYTES_MAX:
        raise ConfigError(
            {
                "message": f"Expected a message of at most {MESSAGE_BYTES_MAX} bytes, "
                f"got {len(text.encode())}."
            }
        )
    values = parse_json(text)
    if not isinstance(values, Mapping):
        raise ConfigError({"message": f"Expected a JSON object, got {shown(values)}."})
    kind = values.get("type")
    if not isinstance(kind, str) or kind not in MESSAGES:
        expected = ", ".join(MESSAGES)
        raise ConfigError({"type": f"type: expected one of {expected}, got {shown(kind)}."})
    return validated(MESSAGES[kind], values)


def parse_page_command(values: Mapping[str, object]) -> Command:
    """Validate a command that a page may give; raise `ConfigError` with a sentence."""
    name = values.get("do")
    if name not in PAGE_COMMANDS:
        expected = ", ".join(PAGE_COMMANDS)
        raise ConfigError({"do": f"do: expected one of {expected}, got {shown(name)}."})
    return parse_command(values)
