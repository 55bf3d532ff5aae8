"""A Ray cluster: joined by a process of its own, and said in a sentence where it cannot be.

Ray says a lot, takes signals for itself, and may wait for ever: it is loaded in processes that do
nothing else.
"""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from typing import Any

from spiral_dash.core.validation import ConfigError

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
KNOCK_SECONDS = 3.0
WORDS_MAX = 200


class Unfit(Exception):  # noqa: N818 - the name says what is wrong
    """The cluster is not one that can be used; the message says why."""


def refusal(text: str) -> ConfigError:
    """Return what is said of a cluster that cannot be used."""
    return ConfigError({"cluster": f"--cluster: {text}."})


def check(address: str) -> None:
    """Raise `ConfigError` where Ray is not installed, or nothing listens at an address."""
    if find_spec("ray") is None:
        raise refusal("expected Ray, which is not installed: pip install 'spiral-dash[cluster]'")
    knock(address)


def knock(address: str) -> None:
    """Raise `ConfigError` where nothing listens."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16 or "/" in host:
        raise refusal(f"expected the HOST:PORT of a Ray cluster's head, got {address!r}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_SECONDS).close()
    except OSError as error:
        raise refusal(
            f"no Ray cluster answers at {address} ({error}). `ray start --head` starts one"
        ) from error


def join(address: str) -> Any:
    """Return Ray, connected, in a process that prints nowhere; raise `Unfit`."""
    os.environ |= QUIET
    import ray

    try:
        ray.init(address=address, log_to_driver=False)
    except Exception as error:
        raise Unfit(
            f"the Ray cluster at {address} cannot be joined ({brief(error)}). This machine has to "
            f"be one of its nodes, by `ray start --address={address}`, with the same versions of "
            "Ray and Python"
        ) from error
    return ray


def brief(error: BaseException) -> str:
    """Return the first line of what is behind an error, or its beginning."""
    while cause := getattr(error, "cause", None) or error.__cause__:
        error = cause
    return str(error).strip().partition("\n")[0][:WORDS_MAX].rstrip(".")


def silence() -> None:
    """Have whatever this process prints go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
