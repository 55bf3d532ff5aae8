"""Secrets of whoever hosts it: from a file or the environment, never from the command line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from spiral_dash.web.edge.options import VARIABLE

TOKEN_LENGTH_MIN, PASSWORD_LENGTH_MIN = 16, 4
LENGTH_MAX = 500


def add_secrets(parser: argparse.ArgumentParser) -> None:
    """Add the options that name files."""
    group = parser.add_argument_group("doors", "See docs/hosting.md.")
    group.add_argument(
        "--password-file",
        dest="password",
        type=read_secret(PASSWORD_LENGTH_MIN),
        metavar="FILE",
        help="a file with the password that opens the page, or its argon2 hash; or the password "
        f"itself in {VARIABLE}PASSWORD (none)",
    )
    group.add_argument(
        "--admin-token-file",
        dest="admin_token",
        type=read_secret(TOKEN_LENGTH_MIN),
        metavar="FILE",
        help=f"a file with the token for /admin and /metrics; or the token itself in {VARIABLE}"
        "ADMIN_TOKEN (none: neither page is there)",
    )


class read_secret:  # noqa: N801 - a type of an option is named like a function
    """Reads a file whose first line is a secret of so many characters at least."""

    def __init__(self, least: int) -> None:
        self._least = least

    def __call__(self, text: str) -> str:
        """Return the secret of a file; nothing of what it holds is shown."""
        try:
            content = Path(text).read_text("utf-8")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise argparse.ArgumentTypeError(
                f"expected a file with a secret, got {text!r}: {why}"
            ) from error
        return self.checked(content.strip().partition("\n")[0].strip(), f"{text!r}")

    def checked(self, secret: str, where: str) -> str:
        """Return a secret of fitting length; raise `ArgumentTypeError`."""
        if not self._least <= len(secret) <= LENGTH_MAX:
            raise argparse.ArgumentTypeError(
                f"expected {self._least} to {LENGTH_MAX} characters in {where}, got {len(secret)}"
            )
        return secret


def take_secret(parser: argparse.ArgumentParser, name: str, least: int) -> str:
    """Return a secret of the environment, which processes started from here do not inherit."""
    variable = VARIABLE + name
    secret = os.environ.pop(variable, "").strip()
    if not secret:
        return ""
    try:
        return read_secret(least).checked(secret, variable)
    except argparse.ArgumentTypeError as error:
        parser.error(f"environment: {error}")
