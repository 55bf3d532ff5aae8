"""Looks at secrets that people type: one at a time, and few wrong ones of each client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum

from spiral_dash.web.edge.limits import Buckets, TokenBucket
from spiral_dash.web.edge.secrets import SECRET_MAX

TRIES_A_SECOND, TRIES_AT_ONCE = 0.1, 10
"""Wrong secrets of one client."""
WAITING_MAX = 100
"""Secrets that wait to be looked at, one at a time: a class comes at once, and one password takes
tens of milliseconds and 64 MiB."""


class Verdict(Enum):
    """What comes of a secret; one of a client that was wrong too often is not looked at."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_OFTEN = "too often"
    BUSY = "busy"


class Judge:
    """A queue of secrets."""

    def __init__(self, tries: Buckets | None = None) -> None:
        self._tries = tries or Buckets(TRIES_A_SECOND, TRIES_AT_ONCE)
        self._one, self._waiting = asyncio.Lock(), 0

    def wait(self, client: str) -> float:
        """How many seconds until a client may try again."""
        return self._tries.of(client).wait()

    async def verdict(self, client: str, text: str, matches: Callable[[str], bool]) -> Verdict:
        """Say what comes of a client's secret; `matches` may be slow, and runs on a thread."""
        tries = self._tries.of(client)
        if tries.wait() > 0:
            return Verdict.TOO_OFTEN
        if not text or len(text) > SECRET_MAX:
            return Verdict.WRONG
        if self._waiting >= WAITING_MAX:
            return Verdict.BUSY
        self._waiting += 1
        try:
            async with self._one:
                return await self._looked_at(text, tries, matches)
        finally:
            self._waiting -= 1

    async def _looked_at(
        self, text: str, tries: TokenBucket, matches: Callable[[str], bool]
    ) -> Verdict:
        if tries.wait() > 0:  # those before it in the queue were wrong
            return Verdict.TOO_OFTEN
        if await asyncio.to_thread(matches, text):
            return Verdict.RIGHT
        tries.take()
        return Verdict.WRONG

    async def hashed(self, text: str, hash_it: Callable[[str], str]) -> str:
        """Return what a slow function makes of a secret, when nothing else is looked at."""
        async with self._one:
            return await asyncio.to_thread(hash_it, text)
