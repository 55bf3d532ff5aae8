"""The command line: `python -m spiral_dash COMMAND`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from spiral_dash.cli import robustness, train


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    root = argparse.ArgumentParser(
        prog="python -m spiral_dash", description="See how a neural network learns a spiral."
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    train.add_parser(commands)
    robustness.add_parser(commands)
    commands.add_parser("serve", help="start the dashboard; takes app.py's options", add_help=False)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    root = parser()
    arguments, rest = root.parse_known_args(argv)
    if arguments.command == "serve":
        from spiral_dash.web.serve import main as serve  # only this command needs the web

        return serve(rest)
    if rest:
        root.error(f"unrecognised arguments: {' '.join(rest)}")
    code: int = arguments.run(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
