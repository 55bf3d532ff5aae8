"""How many sessions there is room for, by what those that are open are seen to need."""

from __future__ import annotations

import math
from collections.abc import Sequence

from spiral_dash.live.machine import MIB, Machine

SESSIONS_A_CORE = 16
"""So many that play at once still have five frames a second each."""
SESSIONS_MAX = 1_000
SESSION_BYTES = 45 * MIB
"""What a session needs, as long as none was measured."""
SESSION_BYTES_LEAST = 24 * MIB
RESERVE_BYTES = 64 * MIB
RESERVE_SHARE = 0.05
"""Of the memory, left to all that is no session."""
BOUND_BYTES = 256 * MIB
BOUND_SHARE = 0.125
"""Of the memory, that one session may grow to."""
THREADS_A_SESSION = 4
PROCESSES_RESERVED = 16


class Capacity:
    """Without a fixed number of `seats`, there are as many as the machine has room for."""

    def __init__(
        self,
        seats: int | None = None,
        session_bytes: int | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._fixed = seats
        self._machine = machine or Machine()
        self._mean = float(SESSION_BYTES)
        self._bound = session_bytes

    def seats(self, occupied: int) -> int:
        """Return how many sessions may be awake, `occupied` of which are."""
        if self._fixed is not None:
            return self._fixed
        bounds = [SESSIONS_MAX, math.floor(SESSIONS_A_CORE * self._machine.cores)]
        room = self._memory_to_spare()
        if room is not None:
            bounds.append(occupied + math.floor(room / self._mean))
        processes = self._machine.processes_left
        if processes is not None:
            bounds.append(occupied + (processes - PROCESSES_RESERVED) // THREADS_A_SESSION)
        return max(1, min(bounds))

    def is_short(self, more: int = 0) -> bool:
        """Whether memory is missing for what runs, and for so many `more` sessions."""
        room = self._memory_to_spare()
        return room is not None and room < more * self._mean

    def _memory_to_spare(self) -> float | None:
        left, memory = self._machine.memory_left, self._machine.memory
        if left is None:
            return None
        return left - max(RESERVE_BYTES, RESERVE_SHARE * (memory or 0))

    @property
    def bound(self) -> int:
        """Bytes of its own that a session may have."""
        if self._bound is not None:
            return self._bound
        return max(BOUND_BYTES, math.floor(BOUND_SHARE * (self._machine.memory or 0)))

    def learn(self, sizes: Sequence[int]) -> None:
        """Take note of the bytes that each session has of its own now."""
        if sizes:
            self._mean = max(SESSION_BYTES_LEAST, sum(sizes) / len(sizes))
