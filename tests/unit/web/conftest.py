"""A running server in this process, and what it takes to talk to it without a browser."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from dash import Dash
from websockets.sync.client import ClientConnection, connect

from spiral_dash.live.host import HostSettings
from spiral_dash.web.app import WebSettings, create_app, server_config
from spiral_dash.web.serve import listen, running_host

START_SECONDS = 60.0
OPENING = json.dumps({"search": "?data.samples_per_arm=40", "token": None}).encode()
"""What a page sends to open a small session."""


@dataclass(frozen=True)
class Answer:
    """What an HTTP request brought."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    port: int, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Ask a server of this machine, with headers of one's own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    told = {"Connection": "close", **(headers or {})}
    connection.request("GET" if body is None else "POST", path, body, told)
    response = connection.getresponse()
    answer = Answer(response.status, dict(response.headers), response.read())
    connection.close()
    return answer


@dataclass(frozen=True)
class Served:
    """A server at `port` of this machine, what it is, and the headers that it is asked with."""

    port: int
    app: Dash
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> Answer:
        request = urllib.request.Request(
            self.url + path, body, {"Content-Type": kind, **self.headers}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=30) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def open(self, search: str = "", token: str | None = None) -> dict[str, Any]:
        """Open the page; what the server answers."""
        asked = {"search": search, "token": token}
        answer = self.request("/session/open", json.dumps(asked).encode())
        assert answer.status == 200, answer.body
        opened: dict[str, Any] = answer.json()
        return opened

    def ask(self, token: str, message: Mapping[str, object]) -> list[dict[str, Any]]:
        """Send a message of a page; the events up to the answer to it."""
        with self.socket(token) as socket:
            socket.send(json.dumps({"id": 7, **message}))
            events: list[dict[str, Any]] = []
            while not events or events[-1].get("id") != 7:
                told = socket.recv(30)
                if isinstance(told, str):
                    events.append(json.loads(told))
                    if events[-1]["event"] in {"error", "ended"}:
                        break
            return events

    def command(self, token: str, command: Mapping[str, object]) -> str:
        """Ask something of a session; why it was not done, "" where it was."""
        answer = self.ask(token, {"type": "command", "command": command})[-1]
        return str(answer.get("error", answer.get("text")))

    def socket(self, token: str, **options: Any) -> ClientConnection:
        address = f"ws://127.0.0.1:{self.port}/stream?session={token}"
        socket: ClientConnection = connect(
            address,
            proxy=None,
            compression=None,
            max_size=None,
            **{"additional_headers": self.headers, **options},
        )
        return socket


@contextmanager
def serving(
    settings: WebSettings | None = None, host_settings: HostSettings | None = None
) -> Iterator[Served]:
    """A server whose sessions train in this process, until the end of the block."""
    host_settings = host_settings or HostSettings(in_process=True, max_sessions=200)
    listener = listen("127.0.0.1", 0)
    servers: list[uvicorn.Server] = []
    apps: list[Dash] = []

    async def serve() -> None:
        async with running_host(host_settings) as host:
            apps.append(create_app(host, settings))
            servers.append(uvicorn.Server(server_config(apps[0])))
            await servers[0].serve([listener])

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not (servers and servers[0].started):
        assert thread.is_alive() and time.monotonic() < deadline
        time.sleep(0.02)
    try:
        yield Served(listener.getsockname()[1], apps[0])
    finally:
        servers[0].should_exit = True
        thread.join(20)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """One server for these tests."""
    with serving() as served:
        yield served
