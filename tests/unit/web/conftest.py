"""A running server in this process, and what it takes to talk to it without a browser."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from websockets.sync.client import ClientConnection, connect

from spiral_dash.live.host import HostSettings
from spiral_dash.web.app import create_app, server_config
from spiral_dash.web.serve import listen, running_host

START_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What an HTTP request brought."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """A server at `port` of this machine."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> Answer:
        request = urllib.request.Request(self.url + path, body, {"Content-Type": kind})
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=30) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def call(self, fragment: str, values: Mapping[str, object], changed: str) -> Any:
        """Run the callback one of whose inputs or outputs is `fragment`, as the page does.

        `values` gives the plain inputs and states by `id.property`; a group of controls is given
        by its type, as a list of pairs of an id and a value.
        """
        specs = self.request("/_dash-dependencies").json()
        spec = next(
            one
            for one in specs
            if one["clientside_function"] is None
            and (fragment in one["output"] or any(i["id"] == fragment for i in one["inputs"]))
        )

        def filled(dependency: Mapping[str, str]) -> object:
            name, prop = dependency["id"], dependency["property"]
            if name.startswith("{"):
                pairs = values[f"{json.loads(name)['type']}.{prop}"]
                assert isinstance(pairs, list)
                return [{"id": i, "property": prop, "value": value} for i, value in pairs]
            return {"id": name, "property": prop, "value": values.get(f"{name}.{prop}")}

        body = {
            "output": spec["output"],
            "outputs": _outputs(spec["output"], values),
            "inputs": [filled(one) for one in spec["inputs"]],
            "changedPropIds": [changed],
            "state": [filled(one) for one in spec["state"]],
        }
        answer = self.request("/_dash-update-component", json.dumps(body).encode())
        assert answer.status in {200, 204}, answer.body
        return answer.json() if answer.body else {}

    def open(self, search: str = "", token: str | None = None) -> dict[str, Any]:
        """Open the page; what the callback gave back, by output."""
        opening = {"search": search, "token": token, "ended": False, "at": 0}
        answer = self.call("session.data", {"opening.data": opening}, "opening.data")
        return {name: prop["data"] for name, prop in answer["response"].items()}

    def socket(self, token: str, **options: Any) -> ClientConnection:
        address = f"ws://127.0.0.1:{self.port}/stream?session={token}"
        socket: ClientConnection = connect(
            address, proxy=None, compression=None, max_size=None, **options
        )
        return socket


def _outputs(output: str, values: Mapping[str, object]) -> object:
    """The outputs as the page lists them; a group has those that it has on the page."""
    if not output.startswith(".."):
        return []
    listed: list[object] = []
    for part in output.strip(".").split("..."):
        name, prop = part.rsplit(".", 1)
        if '["ALL"]' in name:
            pairs = values[f"{json.loads(name)['type']}.id"]
            assert isinstance(pairs, list)
            listed.append([{"id": identity, "property": prop} for identity, _ in pairs])
        else:
            identity = json.loads(name) if name.startswith("{") else name
            listed.append({"id": identity, "property": prop})
    return listed


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """One server for these tests, whose sessions train in this process."""
    listener = listen("127.0.0.1", 0)
    servers: list[uvicorn.Server] = []

    async def serve() -> None:
        async with running_host(HostSettings(in_process=True, max_sessions=200)) as host:
            servers.append(uvicorn.Server(server_config(create_app(host))))
            await servers[0].serve([listener])

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not (servers and servers[0].started):
        assert thread.is_alive() and time.monotonic() < deadline
        time.sleep(0.02)
    yield Served(listener.getsockname()[1])
    servers[0].should_exit = True
    thread.join(20)
    assert not thread.is_alive()
