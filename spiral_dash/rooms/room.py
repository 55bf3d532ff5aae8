"""A room as a value: what is kept of it, and nothing of the people in it."""

from __future__ import annotations

import secrets
import time

from pydantic import BaseModel, ConfigDict, Field

from spiral_dash.core.validation import ConfigError, validated
from spiral_dash.rooms import keys
from spiral_dash.rooms.names import tag_of

SEARCH_MAX = 8_000
LESSON_MAX = 200
STEP_MAX = 1_000
PANEL_MAX = 80
"""Letters of a panel's name."""
DAYS_MAX = 366
DAY_SECONDS = 86_400.0
ABANDONED_SECONDS = DAY_SECONDS
"""A room without an end ends when its presenter has been away for so long."""
UNUSED_SECONDS = 3600.0
"""So does one that shows no run, whatever its end."""


class Scene(BaseModel):
    """What the presenter's page shows beside the run: the page's part of an address, the step of a
    lesson, from 0, and the panel that fills the page, "" for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    search: str = Field("", max_length=SEARCH_MAX)
    lesson: str = Field("", max_length=LESSON_MAX)
    step: int = Field(0, ge=0, le=STEP_MAX)
    enlarged: str = Field("", max_length=PANEL_MAX)


class Room(BaseModel):
    """`runs` are the folders of the sessions shown, the presenter's first; `presenter` is the hash
    of their key, `password` that of the room's or "". Times are seconds since 1970; without
    `ends_at`, the room ends `ABANDONED_SECONDS` after `led_at`, when its presenter was last there,
    and where there are no `runs`, `UNUSED_SECONDS` after it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    secret: str
    presenter: str
    password: str = ""
    made_at: float
    led_at: float
    ends_at: float | None = None
    runs: tuple[str, ...] = ()
    scene: Scene = Scene()

    @classmethod
    def made(cls, name: str, password: str = "", ends_at: float | None = None) -> tuple[Room, str]:
        """Return a new room, and its presenter's key."""
        key = keys.presenter_key(tag_of(name))
        now = time.time()
        secret = secrets.token_urlsafe(keys.SECRET_BYTES)
        room = cls(
            name=name,
            secret=secret,
            presenter=keys.digest_of(key),
            password=password,
            made_at=now,
            led_at=now,
            ends_at=ends_at,
        )
        return room, key

    @property
    def tag(self) -> str:
        """What stands for it in keys and files."""
        return tag_of(self.name)

    def replace(self, **changes: object) -> Room:
        """Return the room with other values."""
        return validated(Room, {**dict(self), **changes})

    def is_over(self, now: float) -> bool:
        """Whether its time has come."""
        if not self.runs and now >= self.led_at + UNUSED_SECONDS:
            return True
        until = self.led_at + ABANDONED_SECONDS if self.ends_at is None else self.ends_at
        return now >= until

    def handed_on(self) -> tuple[Room, str]:
        """Return the room with another presenter, and their key."""
        key = keys.presenter_key(self.tag)
        return self.replace(presenter=keys.digest_of(key)), key

    def viewer_key(self, member: str, shows: str = keys.FIRST) -> str:
        """Return the key with which a member sees a run."""
        return keys.viewer_key(self._secret_of(member), self.tag, member, shows)

    def _secret_of(self, member: str) -> str:
        """What the presenter looks at on the board, they look at as long as they present."""
        return f"{self.secret} {self.presenter}" if member == keys.LOOKING else self.secret

    def is_viewers(self, key: keys.Key) -> bool:
        """Whether a key is one that lets see a run of this room."""
        return keys.is_signed(key, self._secret_of(key.member))

    def admits(self, key: keys.Key) -> bool:
        """Whether a key is one of this room."""
        return self.is_viewers(key) or self.is_led_with(key)

    def is_led_with(self, key: keys.Key) -> bool:
        """Whether a key is the presenter's."""
        return keys.is_presenters(key, self.presenter)


def read_end(ends_at: float | None) -> float | None:
    """Return when a room ends; raise `ConfigError` for a time that is past, or too far away."""
    if ends_at is None:
        return None
    if not time.time() < ends_at <= time.time() + DAYS_MAX * DAY_SECONDS:
        raise ConfigError(
            {"ends_at": f"The end: expected a time to come, within {DAYS_MAX} days, got another."}
        )
    return ends_at
