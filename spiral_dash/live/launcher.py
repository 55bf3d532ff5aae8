"""Agents on the nodes of a Ray cluster; Ray starts them, and is asked for nothing else.

`python -m spiral_dash.live.launcher ADDRESS` joins the cluster in a process of its own, prints the
address of this node, and, for each node on which no agent runs, a line; the line that it is given
in return goes to the agent there. It ends when its input does, and the agents with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from asyncio.subprocess import Process
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from spiral_dash.core.cluster import QUIET, Unfit, brief, check, join, refusal, silence
from spiral_dash.core.programs import module_command, module_environment
from spiral_dash.live.log import LOG
from spiral_dash.live.remote import Dial

JOIN_SECONDS = 120.0
LOOK_SECONDS, AGAIN_SECONDS = 0.5, 2.0


class RayLauncher:
    """The server's side of the process that has joined the cluster."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._process: Process | None = None
        self._serving: asyncio.Task[None] | None = None

    async def join(self) -> str:
        """Return the address by which the nodes find this one; raise `ConfigError`."""
        await asyncio.to_thread(check, self._address)
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *module_command("spiral_dash.live.launcher", self._address),
            env=module_environment() | QUIET,
            stdin=pipe,
            stdout=pipe,
        )
        said = None
        with suppress(TimeoutError):
            async with asyncio.timeout(JOIN_SECONDS):
                said = await self._heard()
        if said is None or "error" in said:
            await self.close()
            raise refusal((said or {}).get("error", f"the cluster at {self._address} is silent"))
        return str(said["joined"])

    async def _heard(self) -> dict[str, Any] | None:
        assert self._process is not None and self._process.stdout is not None
        line = await self._process.stdout.readline()
        return json.loads(line) if line else None

    async def start(self, invite: Callable[[], Dial]) -> None:
        """Have an agent on each node, for as long as this is not closed."""
        self._serving = asyncio.create_task(self._serve(invite))

    async def _serve(self, invite: Callable[[], Dial]) -> None:
        assert self._process is not None and self._process.stdin is not None
        while (said := await self._heard()) is not None:
            if "error" in said:
                LOG.warning("an agent has ended: %s", said["error"])
            else:
                self._process.stdin.write(invite().model_dump_json().encode() + b"\n")
        LOG.error("the Ray cluster at %s is gone: no machine that comes is seen", self._address)

    async def close(self) -> None:
        """Leave the cluster."""
        if self._serving is not None:
            self._serving.cancel()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


def be_agent(dial: str) -> None:
    """Run an agent until it ends; it ends with this process."""
    command = module_command("spiral_dash.live.agent")
    with subprocess.Popen(command, env=module_environment(), stdin=subprocess.PIPE) as agent:
        assert agent.stdin is not None
        agent.stdin.write(dial.encode() + b"\n")
        agent.stdin.flush()
        agent.wait()


def launch(ray: Any, say: Callable[[dict[str, str]], None], hear: Callable[[], str]) -> None:
    """Have an agent on each node, and again where one has ended, for ever."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    running: dict[str, Any] = {}
    again: dict[str, float] = {}
    while True:
        for node in ray.nodes():
            name = node["NodeID"]
            if node["Alive"] and name not in running and time.monotonic() > again.get(name, 0.0):
                say({"node": name})
                place = NodeAffinitySchedulingStrategy(name, soft=False)
                agent = ray.remote(num_cpus=0, max_retries=0, scheduling_strategy=place)(be_agent)
                running[name] = agent.remote(hear())
        done, _ = ray.wait([*running.values()], timeout=LOOK_SECONDS)
        for name in [name for name, agent in running.items() if agent in done]:
            again[name] = time.monotonic() + AGAIN_SECONDS
            try:
                ray.get(running.pop(name))
            except Exception as error:
                say({"error": brief(error)})


def main() -> None:
    """Join, and launch."""
    ours = os.fdopen(os.dup(1), "w", buffering=1)
    lines: list[str] = []
    came = threading.Semaphore(0)

    def say(message: dict[str, str]) -> None:
        print(json.dumps(message), file=ours)

    def listen() -> None:
        for line in sys.stdin:
            lines.append(line)
            came.release()
        os._exit(0)

    def hear() -> str:
        came.acquire()
        return lines.pop(0)

    silence()
    threading.Thread(target=listen, daemon=True).start()
    try:
        ray = join(sys.argv[1])
        say({"joined": ray.util.get_node_ip_address()})
        launch(ray, say, hear)
    except Unfit as error:
        say({"error": str(error)})


if __name__ == "__main__":
    main()
