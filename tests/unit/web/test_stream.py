"""The websocket: who may open it, what it takes, and that nothing sent to it harms a session."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.types import Message
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from spiral_dash.core.config import ConfigError, RunConfig
from spiral_dash.core.frame import decode
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.pool import InProcess
from spiral_dash.rooms.rooms import Rooms
from spiral_dash.web.edge.limits import TokenBucket
from spiral_dash.web.messages import (
    MESSAGE_BYTES_MAX,
    CommandMessage,
    CreditMessage,
    WatchMessage,
    parse_message,
)
from spiral_dash.web.stream import MESSAGES_AT_ONCE, Stream, same_origin
from tests.unit.web.conftest import Served

PART = {"key": "b", "probe": "boundary", "options": {"resolution": 10}, "over_time": False}


def watch(**changes: object) -> str:
    return json.dumps({"type": "watch", "parts": [PART | changes]})


REFUSED: dict[str, str | bytes] = {
    "no JSON": "{",
    "nothing": "",
    "a word": "play",
    "a list": "[]",
    "a number": "7",
    "null": "null",
    "NaN": '{"type": "credit", "have": NaN}',
    "no type": "{}",
    "an unknown type": '{"type": "train"}',
    "a type that is no text": '{"type": ["credit"]}',
    "a command": '{"do": "play"}',
    "credit without have": '{"type": "credit"}',
    "credit below 0": '{"type": "credit", "have": -1}',
    "credit of a fraction": '{"type": "credit", "have": 1.5}',
    "credit as a text": '{"type": "credit", "have": "1"}',
    "credit beyond every run": '{"type": "credit", "have": 1e300}',
    "credit with more": '{"type": "credit", "have": 0, "run": 1}',
    "a command without a number": '{"type": "command", "command": {"do": "play"}}',
    "a command that is none": '{"type": "command", "id": 1, "command": "play"}',
    "dials without values": '{"type": "form", "id": 1}',
    "an address that is none": '{"type": "visit", "id": 1, "search": 5}',
    "a number below 0": '{"type": "visit", "id": -1, "search": ""}',
    "watch without parts": '{"type": "watch"}',
    "watch a text": '{"type": "watch", "parts": "boundary"}',
    "watch numbers": '{"type": "watch", "parts": [1, 2]}',
    "watch an unknown probe": watch(probe="shell"),
    "watch without a key": watch(key=""),
    "watch with odd options": watch(options=[1]),
    "watch the same key twice": json.dumps({"type": "watch", "parts": [PART, PART]}),
    "watch too much": json.dumps(
        {"type": "watch", "parts": [PART | {"key": f"k{i}"} for i in range(100)]}
    ),
    "deep nesting": '{"type": "watch", "parts": ' + "[" * 4000 + "]" * 4000 + "}",
    "a long number": '{"type": "credit", "have": ' + "9" * 5000 + "}",
    "too long": '{"type": "credit", "have": 0' + " " * MESSAGE_BYTES_MAX + "}",
    "binary": b"\x00\x01",
}


def test_good_messages_are_understood() -> None:
    assert parse_message('{"type": "credit", "have": 3}') == CreditMessage(type="credit", have=3)
    play = parse_message('{"type": "command", "id": 4, "command": {"do": "play"}}')
    assert play == CommandMessage(type="command", id=4, command={"do": "play"})
    assert isinstance(parse_message(watch()), WatchMessage)


@pytest.mark.parametrize(
    ("origin", "host", "allowed", "expected"),
    [
        ("http://127.0.0.1:8050", "127.0.0.1:8050", (), True),
        ("https://Lab.example", "lab.example", (), True),
        (None, "127.0.0.1:8050", (), True),
        ("http://evil.example", "127.0.0.1:8050", (), False),
        ("http://127.0.0.1:8051", "127.0.0.1:8050", (), False),
        ("http://127.0.0.1:8050.evil.example", "127.0.0.1:8050", (), False),
        ("http://127.0.0.1:8050@evil.example", "127.0.0.1:8050", (), False),
        ("null", "127.0.0.1:8050", (), False),
        ("", "127.0.0.1:8050", (), False),
        ("", None, (), False),
        ("http://127.0.0.1:8050", None, (), False),
        ("https://course.example", "lab.example", ("https://course.example",), True),
        ("https://course.example:1", "lab.example", ("https://course.example",), False),
    ],
)
def test_origins(
    origin: str | None, host: str | None, allowed: tuple[str, ...], expected: bool
) -> None:
    assert same_origin(origin, host, allowed) is expected


def test_the_bucket_allows_a_burst_and_then_a_rate() -> None:
    now = 0.0
    bucket = TokenBucket(10.0, 5.0, lambda: now)
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    now = 0.25
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now = 100.0
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]


@pytest.fixture(scope="module")
def token(served: Served) -> str:
    """A session that every test of this module sends its messages to."""
    return str(served.open("?data.samples_per_arm=50")["token"])


def event(socket: ClientConnection) -> dict[str, Any]:
    """The next message that is no frame, and not what the run is."""
    while True:
        message = socket.recv(30)
        if isinstance(message, bytes):
            continue
        answer: dict[str, Any] = json.loads(message)
        if answer["event"] != "config":
            return answer


def frame(socket: ClientConnection) -> tuple[dict[str, Any], dict[str, str]]:
    """The arrays and texts of the next frame."""
    while isinstance(message := socket.recv(30), str):
        pass
    return decode(message)


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_message_is_answered_and_harms_nothing(served: Served, token: str, name: str) -> None:
    with served.socket(token) as socket:
        assert event(socket)["event"] == "welcome"
        socket.send(REFUSED[name])
        answer = event(socket)
        assert answer["event"] == "error"
        assert 10 < len(answer["text"]) < 700
        socket.send('{"type": "credit", "have": 0}')
        arrays, texts = frame(socket)
        assert texts["state"] == "ready"
        assert arrays["points/train"].shape == (67, 2)


def test_frames_come_by_credit_alone(served: Served, token: str) -> None:
    with served.socket(token) as socket:
        event(socket)
        socket.send(watch())
        assert json.loads(socket.recv(5))["event"] == "config"
        with pytest.raises(TimeoutError):
            socket.recv(0.5)
        socket.send('{"type": "credit", "have": 0}')
        arrays, texts = frame(socket)
        assert json.loads(texts["parts"])["b"]["probe"] == "boundary"
        assert arrays["b/probability"].shape == (10, 10)


def test_a_browser_that_does_not_read_holds_nobody_up(served: Served, token: str) -> None:
    wide = json.dumps(
        {"type": "watch", "parts": [PART | {"key": "wide", "options": {"resolution": 200}}]}
    )
    with served.socket(token, max_queue=1) as slow, served.socket(token) as quick:
        slow.send(wide)
        assert served.command(token, {"do": "play"}) == ""
        for _ in range(50):
            slow.send('{"type": "credit", "have": 0}')
        event(quick)
        quick.send(watch())
        epochs = []
        for _ in range(20):
            quick.send('{"type": "credit", "have": 0}')
            _, texts = frame(quick)
            epochs.append(int(texts["epoch"]))
        assert epochs == sorted(epochs)
        for do in ("pause", "reset"):
            assert served.command(token, {"do": do}) == ""


def test_a_page_of_another_origin_is_turned_away(served: Served, token: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        served.socket(token, origin="http://evil.example")
    assert refusal.value.response.status_code == 403
    with served.socket(token, origin=served.url) as socket:
        assert event(socket)["event"] == "welcome"


@pytest.mark.parametrize("stranger", ["", "x", "a" * 43, "../../etc/passwd", "%00"])
def test_who_knows_no_token_learns_nothing(served: Served, stranger: str) -> None:
    with served.socket(stranger) as socket:
        assert event(socket)["event"] == "ended"
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


def test_a_flood_is_answered_once_and_thrown_away(served: Served, token: str) -> None:
    with served.socket(token) as socket:
        event(socket)
        for _ in range(3 * MESSAGES_AT_ONCE):
            socket.send('{"type": "credit", "have": 0}')
        answer = event(socket)
        assert answer["event"] == "error" and "messages a second" in answer["text"]
    with served.socket(token) as socket:
        assert event(socket)["event"] == "welcome"


def test_a_message_beyond_measure_closes_its_own_socket(served: Served, token: str) -> None:
    with served.socket(token) as socket:
        event(socket)
        assert json.loads(socket.recv(30))["event"] == "config"
        socket.send("x" * 1_000_000)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
    with served.socket(token) as socket:
        assert event(socket)["event"] == "welcome"


def test_a_bad_part_names_itself(served: Served, token: str) -> None:
    with pytest.raises(ConfigError, match=r"one of watch, .*, visit, got 'train'"):
        parse_message('{"type": "train"}')
    with served.socket(token) as socket:
        event(socket)
        socket.send(watch(probe="shell"))
        assert "boundary" in event(socket)["text"]


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"do": "dance"},
        {"do": "sleep"},
        {"do": "pack", "file": "x"},
        {"do": "open", "file": "../x"},
        {"do": "watch", "parts": []},
        {"do": ["play"]},
        {"do": "branch", "epoch": 10**9},
        {"do": "branch", "epoch": "x"},
        {"do": "seek", "epoch": -5},
        {"do": "seek", "epoch": True},
        {"do": "speed", "epochs_per_second": -1},
        {"do": "speed", "epochs_per_second": "fast"},
        {"do": "configure", "config": {"data": {"arms": 99}}},
        {"do": "configure"},
        {"do": "play", "more": 1},
    ],
)
def test_a_command_that_is_refused_says_why_and_harms_nothing(
    served: Served, token: str, command: dict[str, object]
) -> None:
    assert 10 < len(served.command(token, command)) < 700
    assert served.open("", token)["token"] == token


def test_every_browser_is_told_what_the_run_is(served: Served) -> None:
    token = served.open()["token"]
    with served.socket(token) as one, served.socket(token) as other:
        for socket in (one, other):
            assert json.loads(socket.recv(30))["event"] == "welcome"
            assert json.loads(socket.recv(30))["query"] == ""
        one.send(json.dumps({"type": "visit", "id": 3, "search": "?data.arms=3&panels=metrics"}))
        told = json.loads(one.recv(30))
        assert (told["event"], told["query"], told["answered"]) == ("config", "data.arms=3", 3)
        assert told["texts"]["data.arms"] == "3"
        answer = json.loads(one.recv(30))
        assert (answer["id"], answer["page"]["panels"]) == (3, ["metrics"])
        told = json.loads(other.recv(30))
        assert (told["query"], told["answered"]) == ("data.arms=3", 0)


@pytest.mark.parametrize("code", [1000, 1001, 1006])
def test_who_leaves_while_something_is_sent_is_expected_back_without_a_goodbye(
    code: int, tmp_path: Path
) -> None:
    async def story() -> None:
        handle = SessionHandle("token", RunConfig(), tmp_path, InProcess())
        served = SimpleNamespace(find=lambda _: handle, stats=dict, tend_also=lambda _: None)
        host = cast(Host, served)
        scope = {"type": "websocket", "headers": [], "query_string": b"session=token"}
        gone = asyncio.Event()
        messages = iter([{"type": "websocket.connect"}])

        async def receive() -> Message:
            if (message := next(messages, None)) is not None:
                return message
            await gone.wait()
            await asyncio.sleep(0.01)
            return {"type": "websocket.disconnect", "code": code}

        async def send(message: Message) -> None:
            if message["type"] != "websocket.accept":
                gone.set()
                raise OSError("The browser has left.")

        await Stream(host, Rooms(host))(WebSocket(scope, receive, send))
        assert handle.viewers == 0
        assert handle.presence.expected() == (code == 1006)

    asyncio.run(story())
