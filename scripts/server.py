"""The dashboard as a process of its own, as a person starts it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Server:
    """A running dashboard: its address without a final slash, its process, its output."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def log_text(self) -> str:
        """All that the server has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def running_server(log: Path, *options: str) -> Iterator[Server]:
    """`python app.py --port FREE --no-browser OPTIONS`, ready, its output written to `log`.

    Raises `RuntimeError` when the server ends or stays silent instead of starting, and when it has
    not ended within 5 s of SIGTERM; a process the caller has ended already is left as it is.
    """
    port = free_port()
    command = [sys.executable, "app.py", "--port", str(port), "--no-browser", *options]
    with log.open("wb") as output:
        # A session of its own: Ctrl-C in the terminal must reach the caller only, who stops it.
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        server = Server(f"http://127.0.0.1:{port}", process, log)
        try:
            _await_health(server)
            yield server
        finally:
            stopped = _stop(process)
    if not stopped:
        raise RuntimeError(
            f"The server should end within {STOP_SECONDS:g} s of SIGTERM and did not."
            f" Its output:\n{server.log_text()[-4000:]}"
        )


def healthy(url: str) -> bool:
    """Whether `GET url/healthz` answers a JSON object whose `status` is `ok`.

    The status code alone says nothing: Dash answers an unknown path with 200 and its page.
    """
    # A proxy named in the environment has no business between this machine and itself.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/healthz", timeout=5) as response:
            answer = json.load(response)
    except (OSError, ValueError):
        return False
    return isinstance(answer, dict) and answer.get("status") == "ok"


def _await_health(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not healthy(server.url):
        ended = server.process.poll() is not None
        if ended or time.monotonic() > deadline:
            what = (
                f"ended with exit code {server.process.returncode}"
                if ended
                else f"gave no sign of health in {START_SECONDS:g} s"
            )
            raise RuntimeError(f"The server {what}. Its output:\n{server.log_text()[-4000:]}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> bool:
    """End the process; whether it did so by itself in time. Nothing is left running either way."""
    if process.poll() is not None:
        return True
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    return True
