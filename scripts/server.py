"""The dashboard as a process of its own, as a person starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 180.0
STOP_SECONDS = 20.0
APP = (sys.executable, "app.py")
ADDRESS = re.compile(r"Spiral Dash is at (http://\S+)")


@dataclass(frozen=True)
class Server:
    """A running dashboard: its address without a final slash, its process, its output."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def log_text(self) -> str:
        """All that the server has printed so far."""
        return _text(self.log)


@contextmanager
def running_server(
    log: Path, *options: str, program: Sequence[str] = APP, folder: Path = ROOT
) -> Iterator[Server]:
    """`PROGRAM --port 0 --no-browser OPTIONS` in `folder`, ready, its output written to `log`.

    Raises `RuntimeError` when the server ends or stays silent instead of starting, and when it has
    not ended within `STOP_SECONDS` of SIGTERM; one that has ended already is left as it is.
    """
    command = [*program, "--port", "0", "--no-browser", *options]
    with log.open("wb") as output:
        # A session of its own: Ctrl-C in the terminal must reach the caller only, who stops it.
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield _started(process, log)
        finally:
            stopped = _stop(process)
    if not stopped:
        raise RuntimeError(
            f"The server should end within {STOP_SECONDS:g} s of SIGTERM and did not."
            f" Its output:\n{_text(log)[-4000:]}"
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


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _started(process: subprocess.Popen[bytes], log: Path) -> Server:
    """The server once it has said where it is, and answers there."""
    deadline = time.monotonic() + START_SECONDS
    while not ((said := ADDRESS.search(_text(log))) and healthy(said[1])):
        ended = process.poll() is not None
        if ended or time.monotonic() > deadline:
            what = (
                f"ended with exit code {process.returncode}"
                if ended
                else f"gave no sign of health in {START_SECONDS:g} s"
            )
            raise RuntimeError(f"The server {what}. Its output:\n{_text(log)[-4000:]}")
        time.sleep(0.05)
    return Server(said[1], process, log)


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
