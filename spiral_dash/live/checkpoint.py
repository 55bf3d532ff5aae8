"""What a session leaves on disk so that another process can go on where it was."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from spiral_dash.live.states import State

FILE = "checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """A run's own checkpoint, and what the session around it was doing.

    `run` is the run's number within the session, `snapshots` the name of the file beside this
    one that keeps the run's snapshots, `diverged` the sentence of a run that diverged or "".
    """

    run: int
    state: State
    speed: float | None
    seeking: int | None
    snapshots: str
    diverged: str
    blob: bytes

    def write(self, folder: Path) -> None:
        """Replace the checkpoint in `folder`: whoever reads finds the old one or the new one."""
        values = asdict(self)
        del values["blob"]
        unfinished = folder / f"{FILE}.new"
        unfinished.write_bytes(json.dumps(values).encode() + b"\n" + self.blob)
        os.replace(unfinished, folder / FILE)

    @classmethod
    def read(cls, folder: Path) -> Checkpoint | None:
        """Return the checkpoint in `folder`, None without one; raise `ValueError` for another."""
        try:
            header, _, blob = (folder / FILE).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        try:
            values = json.loads(header)
            return cls(**{**values, "state": State(values["state"])}, blob=blob)
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"Expected a session's checkpoint, got: {error}") from error
