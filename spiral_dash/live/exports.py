"""The files of other tools that a session's run is made into, while it trains on."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from spiral_dash.live.errands import Errands
from spiral_dash.live.exporting import ExportingTask
from spiral_dash.live.pool import WorkerPool

SECONDS_MAX = 60.0
OVERTAKEN = "Another file of this run was asked for meanwhile."


class Exports:
    """Makes one file at a time, in a short-lived process; a new one ends the one before."""

    def __init__(self, pool: WorkerPool) -> None:
        self._errands = Errands(pool, OVERTAKEN)

    async def make(self, task: ExportingTask) -> dict[str, Any]:
        """Write a file: its `name` and `epoch`; raise `CommandRefused` with a sentence."""
        try:
            return await self._errands.do(
                "exporting",
                task.model_dump(mode="json"),
                SECONDS_MAX,
                slow=f"Expected a file that can be made within {SECONDS_MAX:g} s, got one that "
                "takes longer. Choose fewer test points, or a smaller ε.",
                ended="The file could not be made: the process that made it ended.",
            )
        except BaseException:
            with suppress(OSError):
                task.out.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        """End what is being made."""
        self._errands.close()
