"""Try the image as it is hosted: under the limits of compose.yaml, in a browser, and killed.

`python -m scripts.image ENGINE [OPTION...]`: docker or podman, and options for its `run` in place
of the port, such as `--network=host`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import yaml
from playwright.sync_api import Page

from scripts.browser import chromium, find_browser, wait_until
from scripts.server import ROOT, healthy

IMAGE = "spiral-dash"
NAME = "spiral-dash-tried"
ADDRESS = "http://127.0.0.1:8050"
START_SECONDS = 90.0
PYTHON = "/opt/lab/bin/python"
KILL = """
import os, pathlib, signal
names = {p: p.joinpath("cmdline").read_bytes() for p in pathlib.Path("/proc").glob("[0-9]*")}
forks = [int(p.name) for p, name in names.items() if b"forkserver" in name]
def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
made = [pid for pid in forks if parent(pid) in forks]
[session] = [pid for pid in made if parent(pid) not in made]
os.kill(session, signal.SIGKILL)
"""
"""Kills the one session: what the process that forks has made, and not what that has."""


class ImageError(Exception):
    """What the image does not do, as a sentence."""


def limits(service: dict[str, Any]) -> list[str]:
    """What compose.yaml says of a service, as options of `run`."""
    single = {"mem_limit": "memory", "pids_limit": "pids-limit", "cpus": "cpus"}
    several = {"tmpfs": "tmpfs", "cap_drop": "cap-drop", "security_opt": "security-opt"}
    options = [f"--{option}={service[name]}" for name, option in single.items()]
    for name, option in several.items():
        options += [f"--{option}={value}" for value in service[name]]
    switches = {"init": "--init", "read_only": "--read-only"}
    return options + [switch for name, switch in switches.items() if service[name]]


def done(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever that is."""
    return subprocess.run(command, check=False, capture_output=True, text=True)


def asked(*command: str) -> str:
    """Run a command; return what it printed."""
    answer = done(*command)
    if answer.returncode:
        raise ImageError(f"{' '.join(command[:4])} …: {answer.stderr.strip()[-2000:]}")
    return answer.stdout.strip()


def patiently(what: str, condition: Callable[[], bool], seconds: float = START_SECONDS) -> float:
    """Wait for a condition; return how long it took."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise ImageError(f"{what}: not within {seconds:g} s.")
        time.sleep(0.1)
    return time.monotonic() - started


@contextmanager
def container(name: str, service: dict[str, Any], more: Sequence[str]) -> Iterator[None]:
    """A container of the image, which is removed with what it kept."""
    done(name, "rm", "--force", "--volumes", NAME)
    given = list(more) or [f"--publish={port}" for port in service["ports"]]
    asked(name, "run", "--detach", f"--name={NAME}", *limits(service), *given, IMAGE)
    try:
        yield
    except ImageError as failure:
        log = done(name, "logs", NAME)
        raise ImageError(f"{failure}\n{log.stdout[-3000:]}{log.stderr[-3000:]}") from failure
    finally:
        done(name, "rm", "--force", "--volumes", NAME)


def own_check(name: str) -> bool:
    """Whether the image's own check of health says that all is well."""
    if name == "podman":
        return not done(name, "healthcheck", "run", NAME).returncode
    return asked(name, "inspect", "--format={{.State.Health.Status}}", NAME) == "healthy"


def trains(page: Page) -> int:
    """Play until some epochs more are there; return the last."""
    epoch = int(page.evaluate("window.spiralDash.epoch"))
    if page.evaluate("window.spiralDash.state") != "playing":
        page.locator("#play").click()
    wait_until(page, f"window.spiralDash.epoch > {epoch + 5}", 60.0)
    return int(page.evaluate("window.spiralDash.epoch"))


def tried(name: str, service: dict[str, Any], more: Sequence[str]) -> Iterator[str]:
    """Do everything; yield a sentence for each thing that went well."""
    with container(name, service, more):
        took = patiently("healthy", lambda: healthy(ADDRESS))
        yield f"healthy {took:.1f} s after the start"
        patiently("the image's own check of health", lambda: own_check(name))
        yield "its own check of health agrees"
        with chromium(find_browser()) as browser:
            page = browser.new_page()
            page.goto(ADDRESS)
            wait_until(page, "window.spiralDash?.framesPainted > 0", 60.0)
            yield f"the page trains: epoch {trains(page)}"
            reached = int(page.evaluate("window.spiralDash.epoch"))
            asked(name, "exec", NAME, PYTHON, "-c", KILL)
            wait_until(page, f"window.spiralDash.epoch > {reached + 5}", 60.0)
            yield f"a session killed at about epoch {reached} goes on"
        grace = float(service["stop_grace_period"].removesuffix("s"))
        started = time.monotonic()
        asked(name, "stop", f"--time={grace:g}", NAME)
        took = time.monotonic() - started
        code = asked(name, "inspect", "--format={{.State.ExitCode}}", NAME)
        if code != "0" or took >= grace:
            raise ImageError(
                f"It stopped in {took:.1f} s with exit code {code}: expected 0 in {grace:g}."
            )
        yield f"stops in {took:.1f} s, exit code 0"


def main(engine: str, *options: str) -> int:
    """Say what went well, and what did not."""
    service = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["lab"]
    try:
        for sentence in tried(engine, service, options):
            print(sentence, flush=True)
    except ImageError as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
