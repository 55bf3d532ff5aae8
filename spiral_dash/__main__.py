"""The command line: `spiral-dash COMMAND`, or `python -m spiral_dash COMMAND`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from spiral_dash.cli import experiment, export, robustness, serve, sweep, train

SCRIPT = "spiral-dash"


def program() -> str:
    """Return what a person typed to start this process."""
    return SCRIPT if Path(sys.argv[0]).stem == SCRIPT else "python -m spiral_dash"


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    root = argparse.ArgumentParser(
        prog=program(), description="See how a neural network learns a spiral."
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    train.add_parser(commands)
    robustness.add_parser(commands)
    experiment.add_parsers(commands)
    sweep.add_parser(commands)
    export.add_parser(commands)
    serve.add_parser(commands)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    root = parser()
    arguments, rest = root.parse_known_args(argv)
    if arguments.command == "serve":
        return serve.serve(rest, f"{root.prog} serve")
    if rest:
        root.error(f"unrecognised arguments: {' '.join(rest)}")
    arguments.typed = [*root.prog.split(), *(sys.argv[1:] if argv is None else argv)]
    code: int = arguments.run(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
