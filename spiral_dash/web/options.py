"""What can be said on the command line when the dashboard starts."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spiral_dash.live.host import HostSettings
from spiral_dash.web.edge.options import VARIABLE, add_hosting_options, from_environment
from spiral_dash.web.experiment_settings import ExperimentSettings, usual_folder, usual_workers

LOG_LEVELS = ("debug", "info", "warning", "error")
PORT_MAX = 65_535
SECONDS_MAX = 30 * 86_400
SESSIONS_MAX = 1_000
USUAL = HostSettings()


@dataclass(frozen=True)
class Options:
    """The options of `python app.py`; times in seconds."""

    host: str = "127.0.0.1"
    port: int = 8050
    browser: bool = True
    in_process: bool = False
    idle_pause: float = USUAL.idle_pause_seconds
    idle_end: float = USUAL.idle_end_seconds
    max_sessions: int = USUAL.max_sessions
    log_level: str = "info"
    lessons: Path | None = None
    experiments: Path | None = None
    experiment_workers: int | None = None
    url_prefix: str = ""
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()

    @property
    def experiment_settings(self) -> ExperimentSettings:
        """Where experiments lie and who may start them: unless told, only whoever is alone here."""
        workers = self.experiment_workers
        return ExperimentSettings(
            self.experiments or usual_folder(),
            usual_workers(self.host) if workers is None else workers,
        )


def parse_options(argv: Sequence[str] | None = None, program: str = "python app.py") -> Options:
    """Return the options of a command line; print what is wrong and exit with 2 where it is."""
    usual = Options()
    parser = argparse.ArgumentParser(
        prog=program,
        description="Spiral Dash: watch a neural network learn the double spiral, in the browser.",
        epilog="Stop it with Ctrl-C. Everything the page needs comes from here. Every option "
        f"can also be given in the environment: {VARIABLE}MAX_SESSIONS=40 is --max-sessions 40.",
    )
    parser.add_argument(
        "--host",
        default=usual.host,
        help=f"the address to listen on; 0.0.0.0 for every network ({usual.host})",
    )
    parser.add_argument(
        "--port",
        type=_whole(0, PORT_MAX),
        default=usual.port,
        help=f"the TCP port, 0 for a free one ({usual.port})",
    )
    parser.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        help="do not open the page in a browser",
    )
    parser.add_argument(
        "--in-process",
        action="store_true",
        help="train inside the server instead of one process a session; for debugging",
    )
    parser.add_argument(
        "--idle-pause",
        type=_seconds,
        metavar="SECONDS",
        default=usual.idle_pause,
        help=f"pause a run that nobody has watched for so long ({usual.idle_pause:g})",
    )
    parser.add_argument(
        "--idle-end",
        type=_seconds,
        metavar="SECONDS",
        default=usual.idle_end,
        help=f"end a session that nobody has watched for so long ({usual.idle_end:g})",
    )
    parser.add_argument(
        "--max-sessions",
        type=_whole(1, SESSIONS_MAX),
        metavar="N",
        default=usual.max_sessions,
        help=f"how many sessions may be open at once ({usual.max_sessions})",
    )
    parser.add_argument(
        "--experiments",
        type=Path,
        metavar="DIR",
        help=f"the folder of the experiments of the page ({usual_folder()})",
    )
    parser.add_argument(
        "--experiment-workers",
        type=_whole(0, 1024),
        metavar="N",
        help="processes that experiments of the page may use, 0: none can be started (one a core "
        "where only this machine is listened to, else 0)",
    )
    parser.add_argument(
        "--log-level",
        type=str.lower,
        choices=LOG_LEVELS,
        default=usual.log_level,
        help=f"how much the server says ({usual.log_level})",
    )
    parser.add_argument(
        "--lessons",
        type=_folder,
        metavar="FOLDER",
        default=usual.lessons,
        help="a folder with lessons of your own, one Markdown file each; see docs/lessons.md",
    )
    add_hosting_options(parser)
    given = sys.argv[1:] if argv is None else argv
    told = parser.parse_args([*from_environment(parser, os.environ), *given])
    options = Options(**vars(told))
    if options.idle_end < options.idle_pause:
        parser.error(
            f"argument --idle-end: expected at least --idle-pause, {options.idle_pause:g} s, "
            f"got {options.idle_end:g}"
        )
    return options


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"expected a whole number from {low} to {high}, got {text!r}"
            )
        return number

    return parse


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= SECONDS_MAX:
        raise argparse.ArgumentTypeError(
            f"expected a number of seconds above 0 and up to {SECONDS_MAX}, got {text!r}"
        )
    return seconds


def _folder(text: str) -> Path:
    path = Path(text)
    try:
        if not text or not path.is_dir():
            what = "a file" if path.is_file() else "one that is not there" if text else "nothing"
            raise argparse.ArgumentTypeError(f"expected a folder, got {what}: {text!r}")
        next(path.iterdir(), None)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise argparse.ArgumentTypeError(
            f"expected a folder that can be read, got {text!r}: {why}"
        ) from error
    return path
