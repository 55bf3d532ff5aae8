"""A request put to an application without a server or a network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message


@dataclass(frozen=True)
class Told:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str


async def call(
    app: ASGIApp,
    path: str,
    body: bytes | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    client: str = "192.0.2.1",
    ends: bool = True,
) -> Told:
    """Ask; a `body` makes it a POST, and where it does not end the rest never comes."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": "GET" if body is None else "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "client": (client, 1),
        "server": ("127.0.0.1", 80),
        "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
    }
    told: list[Message] = []
    waiting = [{"type": "http.request", "body": body or b"", "more_body": not ends}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        told.append(message)

    await app(scope, receive, send)
    start = {k.decode().lower(): v.decode() for k, v in told[0]["headers"]}
    text = b"".join(each.get("body", b"") for each in told[1:]).decode()
    return Told(int(told[0]["status"]), start, text)
