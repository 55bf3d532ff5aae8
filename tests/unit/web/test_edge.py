"""What comes in: its size, its rate, its patience, and messages without any sense."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIWebSocketRoute
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from spiral_dash.web import guard
from spiral_dash.web.edge.health import ROOM_BYTES_MIN, Health
from spiral_dash.web.edge.limits import CLIENTS_MAX, Buckets, Limits, Rates, client_of
from spiral_dash.web.edge.traffic import Traffic
from spiral_dash.web.guard import Guard
from tests.unit.web.asgi import Told, call
from tests.unit.web.conftest import Served
from tests.unit.web.test_proxies import ask


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


APP = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])


def test_too_many_requests_are_refused_with_the_time_to_wait() -> None:
    limited = Limits(APP, Rates(gets=(1.0, 5.0), posts=(0.1, 2.0)))

    async def flood() -> list[Told]:
        gets = [await call(limited, "/") for _ in range(8)]
        posts = [await call(limited, "/", b"x") for _ in range(4)]
        return [*gets, *posts, await call(limited, "/", client="192.0.2.9")]

    told = asyncio.run(flood())
    assert [each.status for each in told] == [200] * 5 + [429] * 3 + [200] * 2 + [429] * 2 + [200]
    assert json.loads(told[7].text)["error"].startswith("Expected at most 1 requests a second")
    assert 8 <= int(told[11].headers["retry-after"]) <= 10


def test_one_client_holds_so_many_sockets() -> None:
    async def hold(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await receive()

    limited = Limits(hold, Rates(sockets=3))
    leave = asyncio.Event()

    async def socket(client: str) -> list[Message]:
        told: list[Message] = []

        async def receive() -> Message:
            await leave.wait()
            return {"type": "websocket.disconnect"}

        async def send(message: Message) -> None:
            told.append(message)

        await limited({"type": "websocket", "client": (client, 1)}, receive, send)
        return told

    async def many() -> tuple[list[list[Message]], list[Message]]:
        clients = ["192.0.2.1"] * 5 + ["192.0.2.2"]
        opening = [asyncio.create_task(socket(client)) for client in clients]
        await asyncio.sleep(0)
        leave.set()
        return [await each for each in opening], await socket("192.0.2.1")

    told, later = asyncio.run(many())
    kinds = [each[0]["type"].partition(".")[2] for each in told]
    assert kinds == ["accept"] * 3 + ["close"] * 2 + ["accept"]
    assert later[0]["type"] == "websocket.accept", "a place that was left is free"


def test_clients_are_told_apart_and_not_remembered_for_ever() -> None:
    def named(address: str) -> str:
        return client_of({"client": (address, 1)})

    assert named("192.0.2.1") == named("::ffff:192.0.2.1") == "192.0.2.1"
    assert named("2001:db8::1") == named("2001:db8::ffff:2") != named("2001:db8:0:1::1")
    assert client_of({"client": None}) == ""
    buckets = Buckets(1.0, 1.0)
    assert buckets.of("first").take() and not buckets.of("first").take()
    for number in range(CLIENTS_MAX):
        buckets.of(str(number))
    assert buckets.of("first").take()


@pytest.mark.parametrize("bound_themselves", [[], ["/"]])
def test_half_a_message_is_not_waited_for(
    bound_themselves: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "PART_SECONDS", 0.05)
    guarded = Guard(APP, {"X-Seen": "yes"}, "/assets/", bound_themselves)
    told = asyncio.run(call(guarded, "/", b"half", ends=False))
    assert (told.status, told.headers["x-seen"]) == (408, "yes")
    assert "Expected the next part of the request within" in told.text


class Full:
    """A host as far as health asks it."""

    def stats(self) -> dict[str, int]:
        return {"sessions": 3, "max_sessions": 3, "restarts": 2}


def test_ready_is_who_has_room_for_a_session(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def asked(path: str, folder: Path = tmp_path) -> Told:
        host: Any = Full()
        app = Starlette(routes=Health(host, lambda: str(folder)).routes())
        return asyncio.run(call(app, path))

    lives = json.loads(asked("/healthz").text)
    assert (lives["service"], lives["status"], lives["sessions"]) == ("spiral-dash", "ok", 3)
    ready = asked("/readyz")
    assert (ready.status, json.loads(ready.text)["status"]) == (200, "ready")
    gone = asked("/readyz", tmp_path / "gone")
    assert gone.status == 503 and "gone" in json.loads(gone.text)["why"]
    monkeypatch.setattr("spiral_dash.web.edge.health.ROOM_BYTES_MIN", 2**80)
    full = asked("/readyz")
    assert full.status == 503 and "MiB of room" in json.loads(full.text)["why"]
    assert ROOM_BYTES_MIN >= 32 * 2**20


def test_frames_are_counted_by_session_and_forgotten_with_it() -> None:
    now = 0.0
    traffic = Traffic(lambda: {"sessions": 1}, lambda: now)
    for step in range(100):
        now = step / 10
        traffic.sent("one", 1_000)
    assert traffic.rates("one") == (10.0, 10_000.0)
    now = 30.0
    assert traffic.rates("one") == (0.0, 0.0)
    assert traffic.registry.get_sample_value("spiral_dash_frames_total") == 100
    assert traffic.registry.get_sample_value("spiral_dash_sessions") == 1
    traffic.keep([])
    assert traffic.rates("one") == (0.0, 0.0)


WORDS = (
    "", "null", "[]", "{}", '"x"', "1e999", "NaN", "{", "\x00", "\ud800", "é", "../../etc/passwd",
    "<script>", "%00", "a" * 5_000, "[" * 3_000, '{"search": 1}', '{"search": "?seed=x"}',
    '{"link": 3}', '{"format": "onnx"}', '{"name": "H1", "seeds": 1e300}', "0" * 400, "__class__",
    '{"table": "x", "choice": {}}', '{"output": "a.b", "inputs": [], "changedPropIds": []}',
)  # fmt: skip


def hostile(chance: random.Random) -> bytes:
    """A body that makes no sense, or half of one that does."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(200))
    text = "".join(chance.choice(WORDS) for _ in range(chance.randrange(1, 4)))
    whole = text.encode("utf-8", "surrogatepass")
    return whole[: chance.randrange(len(whole) + 1)] if chance.random() < 0.3 else whole


def test_hundreds_of_senseless_requests_to_every_route_harm_nothing(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(20)
    opened = served.open("?data.samples_per_arm=40")["token"]
    routes = [
        (method, route.path)
        for route in served.app.server.routes
        if not isinstance(route, APIWebSocketRoute)
        for method in sorted((getattr(route, "methods", None) or {"GET"}) - {"HEAD"})
    ]
    assert {"/session/open", "/data/use", "/link/qr", "/export"} <= {path for _, path in routes}
    kinds = ("application/json", "text/plain", "multipart/form-data", "nonsense", "")
    with caplog.at_level(logging.ERROR):
        for method, path in routes:
            for _ in range(8):
                names = "".join(chance.choice("ab./%é<") for _ in range(6))
                place = path.split("{")[0] + ("" if "{" not in path else names)
                headers = {
                    "Content-Type": chance.choice(kinds),
                    "X-Spiral-Session": chance.choice(["", "x", opened]),
                }
                query = "?" + "".join(chance.choice("a=&%,;é.") for _ in range(20))
                address = (place + query).encode("utf-8").decode("latin-1")
                body = None if method == "GET" else hostile(chance)
                answer = ask_raw(served, address, body, headers)
                assert answer < 500, (method, place, body)
    wrong = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert [each.getMessage() for each in wrong] == []
    assert served.command(opened, {"do": "step"}) == ""


def ask_raw(served: Served, address: str, body: bytes | None, headers: dict[str, str]) -> int:
    quoted = "".join(each if "!" <= each <= "~" else f"%{ord(each):02X}" for each in address)
    return ask(served.port, quoted, body, headers).status


def test_hundreds_of_senseless_messages_leave_a_session_as_it_was(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(21)
    opened = served.open("?data.samples_per_arm=40")["token"]
    with caplog.at_level(logging.ERROR), served.socket(opened) as stream:
        for _ in range(300):
            sent = hostile(chance)
            stream.send(sent if chance.random() < 0.3 else sent.decode("utf-8", "replace"))
        stream.send(json.dumps({"id": 9, "type": "command", "command": {"do": "step"}}))
        while True:
            told = stream.recv(60)
            if isinstance(told, str) and json.loads(told).get("id") == 9:
                break
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []
