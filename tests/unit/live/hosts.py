"""A host with sessions, and the waiting for what becomes of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from tests.unit.live.harness import PATIENCE, SMALL


async def opened(host: Host) -> SessionHandle:
    """Return a new session of a small run."""
    handle = host.find(await host.open(SMALL))
    assert handle is not None
    return handle


async def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> float:
    """Wait for a condition; return how long it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, "it did not happen in time"
        await asyncio.sleep(0.005)
    return time.monotonic() - begun
