"""`python -m spiral_dash serve`: the dashboard, for those who have installed what it needs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from spiral_dash.cli.answers import USAGE

NEEDED = (
    "argon2",
    "dash",
    "dash_bootstrap_components",
    "fastapi",
    "flask_bootstrap",
    "itsdangerous",
    "latex2mathml",
    "markdown_it",
    "segno",
    "plotly",
    "prometheus_client",
    "uvicorn",
    "websockets",
)
"""What the extra `web` brings, by the names that are imported."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Name the command; its options are the dashboard's, which reads them itself."""
    commands.add_parser("serve", help="start the dashboard in the browser", add_help=False)


def serve(argv: Sequence[str], program: str) -> int:
    """Run the dashboard with its options `argv`, started as `program`; return the exit code."""
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        print(
            f"The dashboard needs {', '.join(lacking)}: install what belongs to it with"
            ' pip install "spiral-dash[web]".',
            file=sys.stderr,
        )
        return USAGE
    from spiral_dash.web.serve import main  # only this command needs the web

    return main(argv, program)
