"""`python -m spiral_dash export`: a run as a file that other tools read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from spiral_dash.cli.answers import DIVERGED, OK, refuse
from spiral_dash.cli.train import add_source, epochs, read_run, train_with_bar
from spiral_dash.core.config import ConfigError
from spiral_dash.core.export import FORMATS
from spiral_dash.core.frame import decode
from spiral_dash.core.probes import ProbeError
from spiral_dash.core.recording import BYTES_MAX
from spiral_dash.core.run import Run
from spiral_dash.core.validation import read_number

EPOCHS = 100
ZIP = b"PK"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command's arguments."""
    parser = commands.add_parser(
        "export",
        help="write a run as a file that other tools read",
        description="Write a recorded run, or one that is trained for it, as a file that other "
        "tools read.",
        epilog="\n".join(f"{name:14}{form.about}" for name, form in FORMATS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "recording",
        type=Path,
        nargs="?",
        help="a recorded run (.spiral.zip), or a checkpoint; without it one is trained",
    )
    add_source(parser)
    parser.add_argument(
        "--epochs", type=epochs, help=f"epochs to train, where there is no recording ({EPOCHS})"
    )
    parser.add_argument("--format", required=True, help=", ".join(FORMATS))
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--epoch", default="-1", help="which epoch; -1 is the last (-1)")
    parser.add_argument(
        "--points",
        default="10",
        help="for vnnlib: how many test points, or their numbers from 0, such as 3,17 or 3, (10)",
    )
    parser.add_argument(
        "--epsilon", default="0.5", help="for vnnlib: one or more, such as 0.5,1 (0.5)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file already there")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(run=export)


def export(arguments: argparse.Namespace) -> int:
    """Export as the arguments say; return the exit code."""
    try:
        check(arguments)
        run = run_of(arguments)
        run.export(
            arguments.format,
            arguments.out,
            epoch=numbers(arguments.epoch),
            points=numbers(arguments.points),
            epsilon=numbers(arguments.epsilon),
            overwrite=arguments.overwrite,
        )
    except (ConfigError, ProbeError) as error:
        return refuse(error)
    size = arguments.out.stat().st_size
    print(f"{FORMATS[arguments.format].title}: {size:,} bytes in {arguments.out}")
    if run.diverged:
        print(run.diverged, file=sys.stderr)
        return DIVERGED
    return OK


def check(arguments: argparse.Namespace) -> None:
    """Raise `ConfigError` for what can be seen to be wrong before anything is trained."""
    if arguments.format not in FORMATS:
        expected = ", ".join(FORMATS)
        raise ConfigError(
            {"format": f"--format: expected one of {expected}, got {arguments.format!r}."}
        )
    if arguments.out.exists() and not arguments.overwrite:
        raise ConfigError(
            {
                "out": f"--out: expected a file that is not there yet, {arguments.out} is. Choose "
                "another or add --overwrite."
            }
        )
    if not arguments.out.absolute().parent.is_dir():
        raise ConfigError(
            {"out": f"--out: expected a folder that is there, got {arguments.out.parent}."}
        )
    if arguments.recording is None:
        return
    given = [
        f"--{name}"
        for name in ("config", "set", "data", "label", "columns", "epochs")
        if getattr(arguments, name) not in (None, [])
    ]
    if given:
        raise ConfigError(
            {
                "recording": "expected a recorded run or settings of one to train, got "
                f"{arguments.recording} and {', '.join(given)}."
            }
        )


def run_of(arguments: argparse.Namespace) -> Run:
    """Return the run to export: a recorded one, or one trained here; raise `ConfigError`."""
    if arguments.recording is None:
        run = read_run(arguments)
        number = EPOCHS if arguments.epochs is None else arguments.epochs
        train_with_bar(run, number, arguments.quiet)
        return run
    try:
        with arguments.recording.open("rb") as file:
            is_checkpoint = _is_checkpoint(file.read(BYTES_MAX))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            {"recording": f"{arguments.recording}: expected a file that can be read: {reason}."}
        ) from error
    if is_checkpoint:
        return Run.restore(arguments.recording.read_bytes())
    return Run.load(arguments.recording)


def _is_checkpoint(content: bytes) -> bool:
    if content.startswith(ZIP):
        return False
    try:
        decode(content)
    except ValueError:
        return False
    return True


def numbers(text: str) -> Any:
    """Return a number, or a list of those between commas; what is none stays a text.

    What takes them checks them.
    """
    if "," not in text:
        return read_number(text.strip())
    return [read_number(part.strip()) for part in text.split(",") if part.strip()]
