"""Modules of this package as programs of their own, wherever the caller was started from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])


def module_command(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a module; to be started in `module_environment`.

    The folder that the caller was started in is no place to look for modules.
    """
    return [sys.executable, "-P", "-m", name, *arguments]


def module_environment() -> dict[str, str]:
    """Return the environment of the caller, in which this package is found."""
    path = os.pathsep.join(filter(None, [PACKAGE_ROOT, os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path}


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
