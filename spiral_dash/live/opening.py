"""What both sides of a session say when it begins, and when it does not do what it was asked."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from spiral_dash.core.config import RunConfig
from spiral_dash.live.commands import Speed
from spiral_dash.live.pace import USUAL_SPEED


class CommandRefused(ValueError):  # noqa: N818 - the name says what happened
    """A command that this session does not carry out; the message says why."""


class Opening(BaseModel):
    """How a session begins: its configuration, a folder of its own, the number of its run.

    With `restore`, it goes on from the checkpoint in the folder if there is one; else with
    `speed`, and by training to the epoch `reach` if there is one. With `keep`, the folder outlives
    the server. With `beside`, what its frames show may be measured by a process of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    config: RunConfig
    folder: Path
    run: int = 1
    restore: bool = False
    speed: Speed = USUAL_SPEED
    reach: int | None = None
    keep: bool = False
    beside: bool = False
