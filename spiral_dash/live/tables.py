"""The file that a person has opened in a session: read elsewhere, looked at, then made points."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from spiral_dash.live.errands import Errands
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.pool import WorkerPool
from spiral_dash.live.reading import MEMORY_BYTES_MAX, SECONDS_MAX, Choice, ReadingTask
from spiral_dash.live.rows import RowsFolder

TABLE, CHOSEN = "table-", "chosen-"
NOT_OPEN = "Expected a file that was opened here before, got none: open it first."
OVERTAKEN = "Another file was opened meanwhile."
_IDENTITY = re.compile("[0-9a-f]{16}")


class Tables:
    """Keeps the table read last, and the points seen of it last, in the session's folder.

    Each step is a short-lived process of its own. A new one ends the one before.
    """

    def __init__(self, folder: Path, rows: RowsFolder, pool: WorkerPool) -> None:
        self._folder = folder
        self._rows = rows
        self._errands = Errands(pool, OVERTAKEN)
        self._table = ""
        self._seen: tuple[Choice, dict[str, Any]] | None = None

    async def read(self, source: Path, name: str) -> dict[str, Any]:
        """Read a file: `table` (its identity here), `found`, `image` and `seen`.

        `seen` has an `error` where the suggested choice makes no points. Raises `CommandRefused`
        with a sentence where the file is no table.
        """
        identity = secrets.token_hex(8)
        task = ReadingTask(
            source=source,
            name=name,
            table=self._folder / f"{TABLE}{identity}",
            rows=self._folder / f"{CHOSEN}{identity}",
        )
        try:
            answer = await self._carry_out(task)
        except BaseException:
            _remove(task.table, task.table.with_suffix(".new"), task.rows)
            raise
        if self._table:
            _remove(self._folder / f"{TABLE}{self._table}", self._folder / f"{CHOSEN}{self._table}")
        self._table = identity
        self._seen = None if "error" in answer["seen"] else (Choice(), answer["seen"])
        return {"table": identity, **answer}

    async def look(self, table: str, choice: Choice) -> dict[str, Any]:
        """Return what the points of a choice are; raise `CommandRefused` where it makes none."""
        if not _IDENTITY.fullmatch(table) or table != self._table:
            raise CommandRefused(NOT_OPEN)
        if self._seen is None or self._seen[0] != choice:
            self._seen = None
            task = ReadingTask(
                table=self._folder / f"{TABLE}{table}",
                rows=self._folder / f"{CHOSEN}{table}",
                choice=choice,
            )
            self._seen = choice, (await self._carry_out(task))["seen"]
        return self._seen[1]

    async def take(self, table: str, choice: Choice) -> dict[str, Any]:
        """Keep the points of a choice among the session's own; what they are, as `look` says."""
        seen = await self.look(table, choice)
        self._rows.adopt(self._folder / f"{CHOSEN}{table}", seen["digest"])
        self._seen = None
        return seen

    def close(self) -> None:
        """End what is being read."""
        self._errands.close()

    async def _carry_out(self, task: ReadingTask) -> dict[str, Any]:
        return await self._errands.do(
            "reading",
            task.model_dump(mode="json"),
            SECONDS_MAX,
            slow=f"Expected a table that can be read within {SECONDS_MAX} s, got one that takes "
            "longer. Keep fewer rows or columns.",
            ended="The file could not be read: the process that read it ended. It may use "
            f"{MEMORY_BYTES_MAX // 2**30} GiB of memory. Keep fewer rows or columns.",
        )


def _remove(*paths: Path) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()
