"""Passwords of rooms: kept as hashes that are slow to work out, one at a time, few tries each."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from spiral_dash.core.config import ConfigError
from spiral_dash.web.edge.door import TRIES_A_SECOND, TRIES_AT_ONCE, WAITING_MAX
from spiral_dash.web.edge.limits import Buckets
from spiral_dash.web.edge.secrets import SECRET_MAX

PASSWORD_MIN = 4
WRONG = "That is not the room's password. Try again."
SPENT = "Too many attempts from your address."
BUSY = "Many are at the door just now. Try again in a second."


class TooMany(ConfigError):  # noqa: N818 - the name says what happened
    """A client asks too often, and why; `seconds` says when it may try again."""

    def __init__(self, sentence: str, seconds: float) -> None:
        super().__init__({"client": sentence})
        self.sentence, self.seconds = sentence, seconds


class Busy(ConfigError):  # noqa: N818 - the name says what is the case
    """Too many passwords wait to be looked at."""

    def __init__(self) -> None:
        super().__init__({"password": BUSY})


class Passwords:
    """Makes and checks hashes: each takes tens of milliseconds and 64 MiB, so one at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._one = asyncio.Lock()
        self._waiting = 0
        self._tries = Buckets(TRIES_A_SECOND, TRIES_AT_ONCE)

    async def hashed(self, text: str) -> str:
        """Return the hash of a password, "" for none; raise `ConfigError` for one that is none."""
        if not text:
            return ""
        if not PASSWORD_MIN <= len(text) <= SECRET_MAX:
            raise ConfigError(
                {
                    "password": f"The password: expected {PASSWORD_MIN} to {SECRET_MAX} "
                    f"characters, or none at all, got {len(text)}."
                }
            )
        async with self._one:
            return await asyncio.to_thread(self._hasher.hash, text)

    async def check(self, hashed: str, text: str, client: str) -> None:
        """Raise `ConfigError` where a client of a room has not given its password.

        Wrong ones are counted for each room.
        """
        if not hashed:
            return
        tries = self._tries.of(f"{client} {hashed}")
        if tries.wait() > 0:
            raise TooMany(SPENT, tries.wait())
        if self._waiting >= WAITING_MAX:
            raise Busy
        self._waiting += 1
        try:
            async with self._one:
                # Those before this one may have been wrong, too.
                if tries.wait() > 0:
                    raise TooMany(SPENT, tries.wait())
                right = await asyncio.to_thread(self._matches, hashed, text)
                if not right:
                    tries.take()
        finally:
            self._waiting -= 1
        if not right:
            raise ConfigError({"password": WRONG})

    def _matches(self, hashed: str, text: str) -> bool:
        try:
            return 0 < len(text) <= SECRET_MAX and self._hasher.verify(hashed, text)
        except (VerificationError, InvalidHashError):
            return False
