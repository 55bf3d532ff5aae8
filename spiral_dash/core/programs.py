"""Modules of this package as programs of their own, wherever the caller was started from."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

from spiral_dash.core.container import core_share

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
    """Return how many programs this process may keep busy at once: whole cores, at least one."""
    return max(1, math.floor(core_share()))
