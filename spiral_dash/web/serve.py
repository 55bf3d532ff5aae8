"""Runs the dashboard: an address to listen on, the sessions' host, the page, in that order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Iterator, Sequence

import uvicorn

from spiral_dash.core.validation import ConfigError
from spiral_dash.live.folders import FolderTaken
from spiral_dash.live.host import Host, HostSettings
from spiral_dash.web.edge.limits import Rates
from spiral_dash.web.edge.names import names_of
from spiral_dash.web.options import Options, parse_options

USAGE = 2
BACKLOG = 2048


class _Server(uvicorn.Server):
    """Says where the page is once it can be opened, and opens it."""

    def __init__(self, config: uvicorn.Config, address: str, browser: bool) -> None:
        super().__init__(config)
        self._address = address
        self._browser = browser

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take a signal as the wish to stop in good order, and not, once more, as its end."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"Spiral Dash is at {self._address} (Ctrl-C stops it)", flush=True)
        if self._browser:
            threading.Thread(target=webbrowser.open, args=[self._address], daemon=True).start()


def serve(options: Options) -> int:
    """Run the dashboard until it is stopped; return the exit code."""
    logging.basicConfig(
        level=options.log_level.upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        print(_why_not(options, error), file=sys.stderr)
        return USAGE
    try:
        with listener, contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(options, listener))
    except FolderTaken as error:
        print(f"{error} Choose another with --state-dir.", file=sys.stderr)
        return USAGE
    except ConfigError as error:
        print(error, file=sys.stderr)
        return USAGE
    return 0


async def _serve(options: Options, listener: socket.socket) -> None:
    async with running_host(options.host_settings) as host:
        # The process that sessions are made from gets ready while the page does.
        config = await asyncio.to_thread(_config, host, options)
        address = address_of(options.host, listener) + options.url_prefix
        await _Server(config, address, options.browser).serve([listener])


@contextlib.asynccontextmanager
async def running_host(settings: HostSettings) -> AsyncIterator[Host]:
    """A host that is started, and closed at the end."""
    host = Host(settings)
    try:
        await host.start()
        yield host
    finally:
        await host.close()


def _config(host: Host, options: Options) -> uvicorn.Config:
    # Loading Dash takes a while.
    from spiral_dash.web.app import WebSettings, create_app, server_config

    settings = WebSettings(
        allowed_origins=frozenset(options.allowed_origins),
        lessons=options.lessons,
        experiments=options.experiment_settings,
        prefix=options.url_prefix,
        names=names_of(options.host, options.allowed_hosts, options.allowed_origins),
        trusted_proxies=options.trusted_proxies,
        password=options.password,
        admin_token=options.admin_token,
        rates=Rates(),
    )
    return server_config(create_app(host, settings), level_of_uvicorn(options.log_level))


def level_of_uvicorn(level: str) -> str:
    """Return how much uvicorn says: below warnings it writes addresses, and headers with passes."""
    return level if level == "error" else "warning"


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raise `OSError` where there cannot be one."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def address_of(host: str, listener: socket.socket) -> str:
    """Return the address to open in a browser on this machine."""
    port = listener.getsockname()[1]
    shown_host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    if ":" in shown_host and not shown_host.startswith("["):
        shown_host = f"[{shown_host}]"
    return f"http://{shown_host}:{port}"


def _why_not(options: Options, error: OSError) -> str:
    place = f"{options.host}, port {options.port}"
    if error.errno == errno.EADDRINUSE:
        return f"Cannot listen on {place}: another program does. Choose another with --port."
    if error.errno == errno.EACCES:
        return f"Cannot listen on {place}: not allowed. Choose a port above 1023 with --port."
    return f"Cannot listen on {place}: {error.strerror or error}. Choose another --host."


def main(argv: Sequence[str] | None = None, program: str = "python app.py") -> int:
    """Run the command line of the dashboard, started as `program`; return the exit code."""
    return serve(parse_options(argv, program))
