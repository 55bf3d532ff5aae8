"""Where the experiments of the page lie, and who may start them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from spiral_dash.core.programs import cores
from spiral_dash.web.edge.names import LOOPBACK

PATH = "/experiments"
"""Of the page that lists them; each is below it."""


@dataclass(frozen=True)
class ExperimentSettings:
    """Where the results lie, and how many processes may work; with 0 nothing can be started."""

    folder: Path | None = None
    workers: int = 0


def usual_folder() -> Path:
    """Return where the experiments of the page lie unless another folder is named."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "spiral-dash" / "experiments"


def usual_workers(host: str) -> int:
    """Return how many processes may work: one a core where only this machine is listened to."""
    return cores() if host in LOOPBACK else 0
