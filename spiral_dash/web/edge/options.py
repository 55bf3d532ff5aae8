"""What whoever hosts the laboratory can say, on the command line or in the environment."""

from __future__ import annotations

import argparse
import ipaddress
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from spiral_dash.web.edge.names import ANY, is_address

VARIABLE = "SPIRAL_DASH_"
SWITCHES = {
    "1": True,
    "true": True,
    "yes": True,
    "0": False,
    "false": False,
    "no": False,
    "": False,
}
PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")
NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def add_hosting_options(parser: argparse.ArgumentParser) -> None:
    """Add the options; lists are written with commas."""
    group = parser.add_argument_group("hosting it for others", "See docs/hosting.md.")
    group.add_argument(
        "--url-prefix",
        type=read_prefix,
        metavar="PATH",
        default="",
        help="the path below which a proxy shows the page, such as /spiral/; it may keep the path "
        "or take it off",
    )
    group.add_argument(
        "--allowed-hosts",
        type=_listed(_name),
        metavar="NAMES",
        default=(),
        help="further names the server answers to, such as lab.example.org or *.example.org "
        "(this machine's own and what --host says)",
    )
    group.add_argument(
        "--allowed-origins",
        type=_listed(_origin),
        metavar="ORIGINS",
        default=(),
        help="further sites that count as the page itself, such as https://lab.example.org; needed "
        "where a proxy does not pass on the Host",
    )
    group.add_argument(
        "--trusted-proxies",
        type=_listed(_network),
        metavar="ADDRESSES",
        default=(),
        help="proxies whose X-Forwarded-For, -Proto and -Host are believed, such as 127.0.0.1 or "
        "10.0.0.0/8 (none)",
    )


def read_prefix(text: str) -> str:
    """Return a path without a slash at its end; "" for the root."""
    path = "/" + text.strip("/") if text.strip("/") else ""
    if not PREFIX.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise argparse.ArgumentTypeError(
            f"expected a path of letters, digits, '-', '.', '_' and '~', such as /spiral/, got "
            f"{text!r}"
        )
    return path


def _listed(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    return lambda text: tuple(read(part.strip()) for part in text.split(",") if part.strip())


def _name(text: str) -> str:
    bare = text.lower().removeprefix("*.").strip("[]")
    if text != ANY and not is_address(bare) and not NAME.fullmatch(bare):
        raise argparse.ArgumentTypeError(
            f"expected names without scheme and port, such as lab.example.org, got {text!r}"
        )
    return bare if is_address(bare) else text.lower()


def _origin(text: str) -> str:
    try:
        parts = urlsplit(text.lower())
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or text.lower() != f"{parts.scheme}://{parts.netloc}" or "@" in text:
        raise argparse.ArgumentTypeError(
            f"expected a site as browsers name it, such as https://lab.example.org, got {text!r}"
        )
    return text.lower()


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text)) if "/" in text else str(ipaddress.ip_address(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"expected IP addresses or networks, such as 127.0.0.1 or 10.0.0.0/8, got {text!r}"
        ) from error


def from_environment(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> list[str]:
    """Return the options that the environment holds, as a command line would.

    `SPIRAL_DASH_MAX_SESSIONS=40` is `--max-sessions 40`; a switch is 1 or 0.
    """
    given: list[str] = []
    for action in parser._actions:
        option = next((name for name in action.option_strings if name.startswith("--")), "--help")
        name = VARIABLE + option.removeprefix("--").upper().replace("-", "_")
        text = environment.get(name)
        if option == "--help" or text is None:
            continue
        if action.nargs != 0:
            given.append(f"{option}={text}")
        elif text.lower() not in SWITCHES:
            parser.error(f"environment: expected 1 or 0 in {name}, got {text!r}")
        elif SWITCHES[text.lower()]:
            given.append(option)
    return given
