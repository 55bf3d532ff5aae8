"""The one process of a server that does the runs of experiments."""

from __future__ import annotations

import signal
import subprocess
import threading
from pathlib import Path

from spiral_dash.core.programs import module_command, module_environment
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.store import is_written, writer

LOG = "last.log"
SAID_MAX = 500
CANCELLED = frozenset({130, -signal.SIGTERM})


class RefusedError(RuntimeError):
    """What could not be done about the runs, in a sentence, and the status to answer with."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class RunsProcess:
    """Starts the process that adds results to a folder, one at a time, and ends its own alone.

    It goes on when the server ends; `asked` is the experiment that it was last started for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self.asked: Experiment | None = None

    @property
    def is_running(self) -> bool:
        """Whether runs are under way in the folder, whoever started them."""
        return self.is_ours or is_written(self.folder)

    @property
    def is_ours(self) -> bool:
        """Whether the runs under way, if any, were started here."""
        return self._process is not None and self._process.poll() is None

    def start(self, experiment: Experiment, command: list[str]) -> None:
        """Start what `python -m spiral_dash COMMAND` does; raise `RefusedError`."""
        with self._turn:
            if self.is_running:
                raise RefusedError(
                    409, "Runs are under way already: wait for them, or cancel them."
                )
            try:
                self._process = self._started(command)
            except OSError as error:
                reason = error.strerror or str(error)
                raise RefusedError(
                    503,
                    f"The runs could not be started: {reason}. Results go to {self.folder}, and "
                    "the machine needs room for one more process.",
                ) from error
            self.asked = experiment

    def _started(self, command: list[str]) -> subprocess.Popen[bytes]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOG).open("wb") as log:
            return subprocess.Popen(
                module_command("spiral_dash", *command, "--out", str(self.folder)),
                env=module_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def cancel(self) -> None:
        """End the runs that were started here; raise `RefusedError` for those of another."""
        with self._turn:
            if self._process is not None and self.is_ours:
                self._process.send_signal(signal.SIGTERM)
            elif is_written(self.folder):
                number = writer(self.folder)
                raise RefusedError(
                    409,
                    f"These runs were started elsewhere (by process {number}), in a shell or "
                    f"before this server. End them there: kill {number}",
                )

    @property
    def said(self) -> str:
        """What the last command had to say where it failed, else ""."""
        code = None if self._process is None else self._process.poll()
        if not code or code in CANCELLED:
            return ""
        try:
            said = (self.folder / LOG).read_text("utf-8", "replace").strip()
        except OSError:
            said = ""
        return said[-SAID_MAX:] or f"The runs ended before they were done (exit code {code})."
