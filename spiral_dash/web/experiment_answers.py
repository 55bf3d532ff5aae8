"""Answers of experiments, drawn by a process of their own."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path

from spiral_dash.core.programs import module_command, module_environment
from spiral_dash.experiments.design import Experiment

ANSWER_BYTES_MAX = 64 * 2**20
DRAWING_SECONDS = 300.0
"""An answer that takes longer is given up, with its process."""


class Answers:
    """Draws one answer after the other, in a process that is begun when one is asked for."""

    def __init__(self) -> None:
        self._drawer: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def draw(self, folder: Path, experiment: Experiment) -> str | None:
        """Return an answer as HTML; None where its process ended, or took too long."""
        asked = json.dumps({"folder": str(folder), "design": experiment.model_dump_json()})
        async with self._turn:
            drawn = None
            # Cancelled where the server stops, and nobody waits for a picture.
            with suppress(TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(DRAWING_SECONDS):
                    drawn = await self._drawn(asked.encode() + b"\n")
            if drawn is None:
                self._end()
        return drawn

    async def _drawn(self, asked: bytes) -> str | None:
        try:
            drawer = await self._begun()
            assert drawer.stdin is not None and drawer.stdout is not None
            drawer.stdin.write(asked)
            await drawer.stdin.drain()
            line = await drawer.stdout.readline()
        except (OSError, ValueError):
            return None
        return str(json.loads(line)) if line else None

    async def _begun(self) -> asyncio.subprocess.Process:
        if self._drawer is None or self._drawer.returncode is not None:
            self._drawer = await asyncio.create_subprocess_exec(
                *module_command("spiral_dash.experiments.drawer"),
                env=module_environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=ANSWER_BYTES_MAX,
                start_new_session=True,
            )
        return self._drawer

    def _end(self) -> None:
        if self._drawer is not None:
            with suppress(ProcessLookupError):
                self._drawer.kill()
            self._drawer = None
