"""What can be said on the command line when the dashboard starts."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from spiral_dash.live.host import HostSettings
from spiral_dash.web.edge.options import VARIABLE, add_hosting_options, from_environment
from spiral_dash.web.edge.secrets import add_secrets, take_admin_token, take_password
from spiral_dash.web.experiment_settings import ExperimentSettings, usual_folder, usual_workers

LOG_LEVELS = ("debug", "info", "warning", "error")
PORT_MAX = 65_535
SECONDS_MAX = 30 * 86_400
SESSIONS_MAX = 1_000
MIB_MAX = 2**20
USUAL = HostSettings()


@dataclass(frozen=True)
class Options:
    """The options of `python app.py`; times in seconds."""

    host: str = "127.0.0.1"
    port: int = 8050
    browser: bool = True
    in_process: bool = False
    cluster: str | None = USUAL.cluster
    idle_pause: float = USUAL.idle_pause_seconds
    idle_sleep: float = USUAL.idle_sleep_seconds
    idle_end: float = USUAL.idle_end_seconds
    max_sessions: int | None = USUAL.max_sessions
    browser_sessions: int | None = USUAL.browser_sessions
    address_sessions: int | None = USUAL.address_sessions
    session_mib: int | None = USUAL.session_mib
    state_dir: Path | None = USUAL.state_dir
    log_level: str = "info"
    lessons: Path | None = None
    experiments: Path | None = None
    experiment_workers: int | None = None
    url_prefix: str = ""
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    password: str = field(default="", repr=False)
    admin_token: str = field(default="", repr=False)

    @property
    def host_settings(self) -> HostSettings:
        """What the sessions' host allows."""
        return HostSettings(
            idle_pause_seconds=self.idle_pause,
            idle_sleep_seconds=self.idle_sleep,
            idle_end_seconds=self.idle_end,
            max_sessions=self.max_sessions,
            browser_sessions=self.browser_sessions,
            address_sessions=self.address_sessions,
            session_mib=self.session_mib,
            in_process=self.in_process,
            cluster=self.cluster,
            state_dir=self.state_dir,
        )

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
    _add_seats(parser, usual)
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
    add_secrets(parser)
    given = sys.argv[1:] if argv is None else argv
    told = parser.parse_args([*from_environment(parser, os.environ), *given])
    # Taken in any case: processes started from here do not inherit them.
    password, admin_token = take_password(parser), take_admin_token(parser)
    options = replace(
        Options(**vars(told)),
        password=told.password or password,
        admin_token=told.admin_token or admin_token,
    )
    for name, value, other, least in (
        ("--idle-sleep", options.idle_sleep, "--idle-pause", options.idle_pause),
        ("--idle-end", options.idle_end, "--idle-sleep", options.idle_sleep),
    ):
        if value < least:
            parser.error(f"argument {name}: expected at least {other}, {least:g} s, got {value:g}")
    return options


def _add_seats(parser: argparse.ArgumentParser, usual: Options) -> None:
    """Add what says how many sessions there are, and for how long."""
    parser.add_argument(
        "--idle-pause",
        type=_seconds,
        metavar="SECONDS",
        default=usual.idle_pause,
        help="let training stand still once no page of it has been open for so long "
        f"({usual.idle_pause:g})",
    )
    parser.add_argument(
        "--idle-sleep",
        type=_seconds,
        metavar="SECONDS",
        default=usual.idle_sleep,
        help="put a session to sleep that has no page, or one that is hidden and untouched, for "
        f"so long ({usual.idle_sleep:g})",
    )
    parser.add_argument(
        "--idle-end",
        type=_seconds,
        metavar="SECONDS",
        default=usual.idle_end,
        help=f"forget a session that has slept for so long ({usual.idle_end:g})",
    )
    parser.add_argument(
        "--max-sessions",
        type=_whole_or("auto", SESSIONS_MAX),
        metavar="N",
        default=usual.max_sessions,
        help="how many sessions may be awake at once (auto: what memory, processes and cores of "
        "the machine or container allow)",
    )
    parser.add_argument(
        "--browser-sessions",
        type=_whole_or("all", SESSIONS_MAX),
        metavar="N",
        default=usual.browser_sessions,
        help=f"how many of them one browser may have ({usual.browser_sessions})",
    )
    parser.add_argument(
        "--address-sessions",
        type=_whole_or("all", SESSIONS_MAX),
        metavar="N",
        default=usual.address_sessions,
        help="how many of them one address may have; behind a proxy, or from a school, many people "
        "have the same (all)",
    )
    parser.add_argument(
        "--session-memory",
        dest="session_mib",
        type=_whole_or("auto", MIB_MAX),
        metavar="MIB",
        default=usual.session_mib,
        help="put a session to sleep that grows beyond so much memory (auto: 256, or an eighth of "
        "all there is)",
    )
    parser.add_argument(
        "--cluster",
        metavar="HOST:PORT",
        default=usual.cluster,
        help="run sessions on the nodes of the Ray cluster whose head this is (on this machine)",
    )
    parser.add_argument(
        "--state-dir",
        type=Path,
        metavar="DIR",
        default=usual.state_dir,
        help="a folder where sessions outlive the server, be it stopped, killed or renewed (none)",
    )


def _whole_or(word: str, high: int) -> Callable[[str], int | None]:
    whole = _whole(1, high)

    def parse(text: str) -> int | None:
        if text == word:
            return None
        try:
            return whole(text)
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentTypeError(f"{error} (or {word})") from error

    return parse


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
