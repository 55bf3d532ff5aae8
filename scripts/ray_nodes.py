"""Ray's nodes on this machine, in a network namespace of their own: for tests and measurements.

Ray listens to whoever can reach it, so it gets a network that nobody else is in, where each node
has an address of its own.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spiral_dash.core.programs import module_environment

NAMESPACE = ("unshare", "--map-root-user", "--net")
SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x41
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_period_ms": "500",
    "RAY_worker_niceness": "0",
}
"""A node that is gone is known to be in about 3 s, and not in 15."""
PORT = 6400
OBJECTS_BYTES = 100 * 2**20
START_SECONDS, TRIES = 120.0, 3
STARTED = "Ray runtime started"


def why_not() -> str:
    """Return why there can be no such nodes here, "" where there can."""
    if importlib.util.find_spec("ray") is None:
        return "Ray is not installed (the extra `cluster`)."
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return "There is no `unshare`, which gives the nodes a network of their own."
    tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True, check=False)
    return f"A network namespace cannot be had: {tried.stderr.strip()}" if tried.returncode else ""


def raise_loopback() -> None:
    """Bring up the loopback device of the network namespace that this process is in."""
    with socket.socket() as device:
        fcntl.ioctl(device, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", UP_AND_RUNNING))


class Nodes:
    """A number of nodes, the first of which is the head."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nodes: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        """Where the head is asked for."""
        return f"127.0.0.1:{PORT}"

    def add(self, count: int = 1) -> None:
        """Start more nodes, and wait until they are there."""
        first = len(self._nodes)
        numbers = range(first, first + count)
        self._nodes += [self._start(number) for number in numbers]
        for number in numbers:
            self._wait(number)

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        place = ["--head", "--port", str(PORT), "--temp-dir", str(self._folder / "ray")]
        place += ["--include-dashboard", "false", "--no-monitor"]
        command = [
            *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block"),
            *(place if number == 0 else ["--address", self.address]),
            *("--node-ip-address", f"127.0.0.{number + 1}", "--num-cpus", "1"),
            *("--object-store-memory", str(OBJECTS_BYTES), "--include-log-monitor", "false"),
            "--disable-usage-stats",
        ]
        with self._log(number).open("wb") as log:
            return subprocess.Popen(
                command,
                env=module_environment() | SETTINGS,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _log(self, number: int) -> Path:
        return self._folder / f"node-{number}.log"

    def _wait(self, number: int) -> None:
        """Wait for a node; on a machine that is too busy for Ray's patience, start it again."""
        until, tries = time.monotonic() + START_SECONDS, 1
        while STARTED not in (said := self._log(number).read_text()):
            if self._nodes[number].poll() is not None:
                assert tries < TRIES, f"node {number} does not start: {said[-2000:]}"
                self._nodes[number] = self._start(number)
                tries += 1
            assert time.monotonic() < until, f"node {number} is not there yet: {said[-2000:]}"
            time.sleep(0.1)

    def signal(self, number: int, sign: signal.Signals = signal.SIGKILL) -> None:
        """Send every process of a node a signal, as if its machine had died or was cut off."""
        for pid in _family(self._nodes[number].pid):
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
        if sign is signal.SIGKILL:
            self._nodes[number].wait()

    def close(self) -> None:
        """End every process of every node."""
        for number in range(len(self._nodes)):
            self.signal(number)


def _family(ancestor: int) -> list[int]:
    """Return a process and its descendants."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(status.parent.name))
    found = [ancestor]
    for pid in found:
        found += children.get(pid, [])
    return found


@contextmanager
def nodes(count: int = 3) -> Iterator[Nodes]:
    """Have so many nodes in the network namespace of this process, until the block ends."""
    raise_loopback()
    # Its sockets have paths of at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    made = Nodes(folder)
    try:
        made.add()
        made.add(count - 1)
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
