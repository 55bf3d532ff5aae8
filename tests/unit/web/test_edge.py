"""What comes in: its size, its rate, its patience, and messages without any sense."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.routing import APIWebSocketRoute
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from spiral_dash.web import guard
from spiral_dash.web.app import WebSettings
from spiral_dash.web.edge.health import Health
from spiral_dash.web.edge.limits import CLIENTS_MAX, Buckets, Limits, Rates, client_of
from spiral_dash.web.edge.sense import Sense
from spiral_dash.web.edge.traffic import FORGET_SECONDS, Traffic
from spiral_dash.web.guard import Guard
from spiral_dash.web.options import LOG_LEVELS
from spiral_dash.web.serve import level_of_uvicorn
from tests.unit.web.asgi import Told, call
from tests.unit.web.conftest import Served, ask, serving


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


SECRET = "a secret of every door"
APP = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])


def test_too_many_requests_are_refused_with_the_time_to_wait() -> None:
    limited = Limits(APP, Rates(gets=(1.0, 5.0), posts=(0.1, 2.0)), lambda: 0.0)

    async def flood() -> list[Told]:
        gets = [await call(limited, "/") for _ in range(8)]
        posts = [await call(limited, "/", b"x") for _ in range(4)]
        return [*gets, *posts, await call(limited, "/", client="192.0.2.9")]

    told = asyncio.run(flood())
    assert [each.status for each in told] == [200] * 5 + [429] * 3 + [200] * 2 + [429] * 2 + [200]
    assert json.loads(told[7].text)["error"].startswith("Expected at most 1 requests a second")
    assert told[11].headers["retry-after"] == "10"


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
    buckets = Buckets(1.0, 1.0, lambda: 0.0)
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

    def __init__(self, root: Path) -> None:
        self.folders = SimpleNamespace(root=root)

    def stats(self) -> dict[str, int]:
        return {"sessions": 3, "max_sessions": 3, "restarts": 2}


def test_ready_is_who_has_room_for_a_session(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def asked(path: str, folder: Path = tmp_path) -> Told:
        host: Any = Full(folder)
        app = Starlette(routes=Health(host).routes())
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


def test_rates_are_those_of_late() -> None:
    now = 0.0
    traffic = Traffic(lambda: {"sessions": 1, "restarts": 2}, lambda: now)
    for step in range(1_000):
        now = step / 10
        traffic.sent("one", 1_000)
    assert traffic.rates("one") == pytest.approx((10.0, 10_000.0), rel=0.02)
    assert traffic.rates("one") == traffic.rates("one"), "to look changes nothing"
    now += 60.0
    assert traffic.rates("one") == pytest.approx((0.0, 0.0), abs=50.0)
    assert traffic.rates("none") == (0.0, 0.0)
    told = traffic.registry.get_sample_value
    assert told("spiral_dash_frames_total") == 1_000
    assert (told("spiral_dash_sessions"), told("spiral_dash_restarts")) == (1, 2)


def test_sessions_that_end_leave_nothing_behind() -> None:
    now = 0.0
    traffic = Traffic(dict, lambda: now)
    for number in range(1_000):
        now = float(number)
        traffic.sent("lasts", 1)
        traffic.sent(f"ends {number}", 1)
        assert len(traffic._flows) <= FORGET_SECONDS + 2
    assert traffic.rates("lasts") == pytest.approx((1.0, 1.0), rel=0.1)


def test_why_a_request_to_dash_made_no_sense_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise KeyError("inputs")

    with caplog.at_level(logging.INFO):
        told = asyncio.run(call(Sense(fails), "/_dash-update-component", b"{}"))
    assert told.status == 400
    assert "KeyError: 'inputs'" in caplog.text


def test_no_address_and_no_header_is_written_at_any_level(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    assert [level_of_uvicorn(level) for level in LOG_LEVELS] == ["warning"] * 3 + ["error"]
    token = served.open("?data.samples_per_arm=40")["token"]
    private = {"X-Private": "a pass of somebody"}
    with caplog.at_level(logging.DEBUG):
        assert ask(served.port, "/lessons", headers=private).status == 200
        with served.socket(token, additional_headers=private) as stream:
            stream.recv(60)
    # What this end of the wire says is no part of the server's log.
    said = [each.getMessage() for each in caplog.records if each.name != "websockets.client"]
    assert not [each for each in said if "127.0.0.1" in each or "a pass of" in each]


WORDS = (
    "", "null", "[]", "{}", '"x"', "1e999", "NaN", "{", "\x00", "\ud800", "é", "../../etc/passwd",
    "<script>", "%00", "a" * 5_000, "[" * 3_000, '{"search": 1}', '{"search": "?seed=x"}',
    "a=1&" * 9, '{"link": 3}', '{"format": "onnx"}', '{"name": "H1", "seeds": 1e300}', "0" * 400,
    "__class__", '{"table": "x", "choice": {}}',
    '{"output": "a.b", "inputs": [], "changedPropIds": []}',
)  # fmt: skip


def hostile(chance: random.Random) -> bytes:
    """A body that makes no sense, or half of one that does."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(200))
    text = "".join(chance.choice(WORDS) for _ in range(chance.randrange(1, 4)))
    whole = text.encode("utf-8", "surrogatepass")
    return whole[: chance.randrange(len(whole) + 1)] if chance.random() < 0.3 else whole


@pytest.fixture(params=["open", "guarded"])
def hosted(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A server that anyone may use, or one with every door, asked with the passes of both."""
    if request.param == "open":
        yield request.getfixturevalue("served")
        return
    with serving(WebSettings(password=SECRET, admin_token=SECRET)) as guarded:
        passes = [
            ask(guarded.port, path, urlencode({"secret": secret}).encode()).headers["set-cookie"]
            for path, secret in (("/login", SECRET), ("/admin/enter", SECRET))
        ]
        cookie = "; ".join(each.partition(";")[0] for each in passes)
        yield replace(guarded, headers={"Cookie": cookie})


def test_hundreds_of_senseless_requests_to_every_route_harm_nothing(
    hosted: Served, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(20)
    opened = hosted.open("?data.samples_per_arm=40")["token"]
    routes = [
        (method, route.path)
        for route in hosted.app.server.routes
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
                answer = ask_raw(hosted, address, body, headers)
                assert answer < 500, (method, place, body)
    wrong = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert [each.getMessage() for each in wrong] == []
    assert hosted.command(opened, {"do": "step"}) == ""


def ask_raw(served: Served, address: str, body: bytes | None, headers: dict[str, str]) -> int:
    quoted = "".join(each if "!" <= each <= "~" else f"%{ord(each):02X}" for each in address)
    return ask(served.port, quoted, body, {**served.headers, **headers}).status


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
