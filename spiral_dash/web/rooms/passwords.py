"""Passwords of rooms: kept as hashes that are slow to work out, one at a time, few tries each."""

from __future__ import annotations

from functools import partial

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from spiral_dash.core.config import ConfigError
from spiral_dash.web.edge.judge import Judge, Verdict
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
        self._judge = Judge()

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
        return await self._judge.hashed(text, self._hasher.hash)

    async def check(self, hashed: str, text: str, client: str) -> None:
        """Raise `ConfigError` where a client of a room has not given its password.

        Wrong ones are counted for each room.
        """
        if not hashed:
            return
        who = f"{client} {hashed}"
        match await self._judge.verdict(who, text, partial(self._matches, hashed)):
            case Verdict.TOO_OFTEN:
                raise TooMany(SPENT, self._judge.wait(who))
            case Verdict.BUSY:
                raise Busy
            case Verdict.WRONG:
                raise ConfigError({"password": WRONG})

    def _matches(self, hashed: str, text: str) -> bool:
        try:
            return self._hasher.verify(hashed, text)
        except (VerificationError, InvalidHashError):
            return False
