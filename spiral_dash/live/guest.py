"""Who wants a seat, and how room is made for whoever has one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Guest:
    """Who wants a seat: the browser, by a name that it keeps, the address, a place in the queue.

    Who does not `wait` is told that there is none, and takes no place.
    """

    browser: str = ""
    address: str = ""
    ticket: str | None = None
    waits: bool = False

    @property
    def seated(self) -> Guest:
        """The same guest with a seat, whose ticket is spent."""
        return replace(self, ticket=None, waits=False)


Gate = Callable[[Guest], AbstractAsyncContextManager[None]]
"""Has room made for one process, which is there when the block ends; may raise `CommandRefused`."""


def open_gate(_: Guest) -> AbstractAsyncContextManager[None]:
    """Make no room: there is enough."""
    return nullcontext()
