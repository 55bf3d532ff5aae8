"""Machines of a cluster without a cluster: agents, each with a group of processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress

from spiral_dash.core.programs import module_command, module_environment
from spiral_dash.live.cluster import Node
from spiral_dash.live.remote import Dial


class Machines:
    """Starts agents on this machine, each of which stands for a machine of its own."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._agents: list[subprocess.Popen[bytes]] = []

    async def join(self) -> str:
        """Return the address by which they find the server."""
        return "127.0.0.1"

    async def start(self, invite: Callable[[], Dial]) -> None:
        """Start them."""
        self.invite = invite
        for _ in range(self._count):
            self.add()

    def add(self) -> None:
        """Start one more."""
        command = module_command("spiral_dash.live.agent")
        agent = subprocess.Popen(
            command, env=module_environment(), stdin=subprocess.PIPE, start_new_session=True
        )
        assert agent.stdin is not None
        agent.stdin.write(self.invite().model_dump_json().encode() + b"\n")
        agent.stdin.flush()
        self._agents.append(agent)

    def signal(self, node: Node, sign: signal.Signals) -> None:
        """Have a machine die, or fall silent, or be back."""
        os.killpg(int(node.name.rpartition(":")[2]), sign)

    async def close(self) -> None:
        """End every process of theirs."""
        for agent in self._agents:
            with suppress(ProcessLookupError):
                os.killpg(agent.pid, signal.SIGKILL)
            assert agent.stdin is not None
            agent.stdin.close()
            agent.wait()
