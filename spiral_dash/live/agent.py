"""What runs on each machine of a cluster: it calls the server, and forks sessions when told to.

`python -m spiral_dash.live.agent` reads from its standard input, as one line of JSON, whom to call
(`Dial`); it ends when that input does, or the server. It says several times a second that it is
there, and how the machine is. A session that it forks calls the server itself.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from spiral_dash.live.folders import Folders
from spiral_dash.live.log import LOG
from spiral_dash.live.machine import Machine
from spiral_dash.live.pool import ForkPool, PoolError, Worker
from spiral_dash.live.remote import Dial, trusting, watchful
from spiral_dash.live.wire import pack_json, receive

BEAT_SECONDS = 0.25
WEIGH_SECONDS = 2.0


class Agent:
    """One machine's: forks, watches over what it has forked, and clears up behind it."""

    def __init__(self, dial: Dial, folders: Folders) -> None:
        self._dial = dial
        self._folders = folders
        self._pool = ForkPool()
        self._machine = Machine()
        self._workers: dict[str, Worker] = {}
        self._watching: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Call the server once sessions can be had at once; do what it says until it is gone."""
        (await self._pool.hire()).dismiss()
        reader, writer = await asyncio.open_connection(
            self._dial.host, self._dial.port, ssl=trusting(self._dial.certificate)
        )
        watchful(writer.get_extra_info("socket"))
        writer.write(pack_json({"secret": self._dial.secret}))
        telling = [asyncio.create_task(tell(writer)) for tell in (self._beat, self._weigh)]
        try:
            while isinstance(message := await receive(reader), dict):
                if "fork" in message:
                    self._begin(self._fork(str(message["fork"]), writer))
                elif (worker := self._workers.get(str(message.get("kill")))) is not None:
                    worker.kill()
        finally:
            for task in telling:
                task.cancel()
            writer.close()
            for worker in self._workers.values():
                worker.kill()
            await self._pool.close()

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def _beat(self, writer: asyncio.StreamWriter) -> None:
        while True:
            machine = self._machine
            state = {
                "name": f"{socket.gethostname()}:{os.getpid()}",
                "cores": machine.cores,
                "memory": machine.memory,
                "memory_left": machine.memory_left,
                "load": os.getloadavg()[0],
            }
            writer.write(pack_json({"machine": state}))
            await asyncio.sleep(BEAT_SECONDS)

    async def _weigh(self, writer: asyncio.StreamWriter) -> None:
        """Tell what memory each session has of its own."""
        while True:
            sizes = await asyncio.to_thread(_sizes, dict(self._workers))
            writer.write(pack_json({"sizes": sizes}))
            await asyncio.sleep(WEIGH_SECONDS)

    async def _fork(self, secret: str, writer: asyncio.StreamWriter) -> None:
        """Have a session forked that calls the server, and wait for its end."""
        folder = self._folders.new(secret)
        try:
            worker = await self._pool.hire()
        except (PoolError, OSError) as error:
            writer.write(pack_json({"failed": secret, "error": str(error)}))
            return
        self._workers[secret] = worker
        dial = self._dial.model_copy(update={"secret": secret, "folder": folder})
        try:
            worker.writer.write(pack_json({"dial": dial.model_dump(mode="json")}))
            with suppress(OSError):
                await worker.reader.read()
        finally:
            worker.dismiss()
            del self._workers[secret]
            shutil.rmtree(folder, ignore_errors=True)


def _sizes(workers: Mapping[str, Worker]) -> dict[str, int | None]:
    return {secret: worker.weigh() for secret, worker in workers.items()}


async def _until_input_ends() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while await reader.read(1024):
        pass


async def run(dial: Dial) -> None:
    """Be an agent until the server is gone, or whoever started this."""
    folders = Folders(None)
    serving = asyncio.create_task(Agent(dial, folders).serve())
    waiting = asyncio.create_task(_until_input_ends())
    try:
        await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (serving, waiting):
            task.cancel()
        results = await asyncio.gather(serving, waiting, return_exceptions=True)
        if isinstance(results[0], OSError):
            LOG.error("the server cannot be reached: %s", results[0])
        folders.close()


def main() -> None:
    """Read whom to call, and call."""
    logging.basicConfig(format="%(levelname)s %(message)s")
    asyncio.run(run(Dial.model_validate_json(sys.stdin.buffer.readline())))


if __name__ == "__main__":
    main()
