"""Secrets of whoever hosts it: from a file or the environment, never from the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from spiral_dash.web.edge.options import VARIABLE

TOKEN_LENGTH_MIN, PASSWORD_LENGTH_MIN, SECRET_MAX = 16, 4, 500
"""Characters of either secret at least, and of any at most."""
HASHED = "$argon2"
Kept = Callable[[str], str]
"""What is kept of a secret."""


def add_secrets(parser: argparse.ArgumentParser) -> None:
    """Add the options that name files."""
    group = parser.add_argument_group("doors", "See docs/hosting.md.")
    group.add_argument(
        "--password-file",
        dest="password",
        type=read_secret(PASSWORD_LENGTH_MIN, hashed),
        metavar="FILE",
        help="a file with the password that opens the page, or its argon2 hash; or the password "
        f"itself in {VARIABLE}PASSWORD (none)",
    )
    group.add_argument(
        "--admin-token-file",
        dest="admin_token",
        type=read_secret(TOKEN_LENGTH_MIN, str),
        metavar="FILE",
        help=f"a file with the token for /admin and /metrics; or the token itself in {VARIABLE}"
        "ADMIN_TOKEN (none: neither page is there)",
    )


def read_secret(least: int, kept: Kept) -> Callable[[str], str]:
    """Return what reads a file whose first line is a secret of so many characters at least."""

    def read(text: str) -> str:
        try:
            content = Path(text).read_text("utf-8")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise argparse.ArgumentTypeError(
                f"expected a file with a secret, got {text!r}: {why}"
            ) from error
        return _checked(content.strip().partition("\n")[0].strip(), f"{text!r}", least, kept)

    return read


def take_secret(parser: argparse.ArgumentParser, name: str, least: int, kept: Kept) -> str:
    """Return a secret of the environment, which processes started from here do not inherit."""
    variable = VARIABLE + name
    secret = os.environ.pop(variable, "").strip()
    if not secret:
        return ""
    try:
        return _checked(secret, variable, least, kept)
    except argparse.ArgumentTypeError as error:
        parser.error(f"environment: {error}")


def take_password(parser: argparse.ArgumentParser) -> str:
    """Return the hash of the environment's password, "" without one."""
    return take_secret(parser, "PASSWORD", PASSWORD_LENGTH_MIN, hashed)


def take_admin_token(parser: argparse.ArgumentParser) -> str:
    """Return the environment's token, "" without one."""
    return take_secret(parser, "ADMIN_TOKEN", TOKEN_LENGTH_MIN, str)


def _checked(secret: str, where: str, least: int, kept: Kept) -> str:
    """Return what is kept of a secret of fitting length; nothing of what it holds is shown."""
    if not least <= len(secret) <= SECRET_MAX:
        raise argparse.ArgumentTypeError(
            f"expected {least} to {SECRET_MAX} characters in {where}, got {len(secret)}"
        )
    try:
        return kept(secret)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error} in {where}") from error


def hashed(password: str) -> str:
    """Return the hash of a password, or the one that was given in its place.

    Raises `ValueError` where that one is broken, with which nobody would get in.
    """
    if not password.startswith(HASHED):
        return PasswordHasher().hash(password)
    try:
        PasswordHasher().verify(password, "")
    except VerifyMismatchError:
        pass
    except (VerificationError, InvalidHashError) as error:
        raise ValueError("expected a password or a whole argon2 hash, got half of one") from error
    return password
