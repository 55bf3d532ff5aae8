"""Anything at all is sent to every socket and route: it is answered, and no session is harmed."""

from __future__ import annotations

import http.client
import json
import logging
import random
import time
from collections.abc import Iterator
from functools import partial

import pytest
from starlette.routing import Route
from websockets.exceptions import ConnectionClosed

from spiral_dash.core.config import ConfigError, RunConfig
from spiral_dash.core.frame import decode
from spiral_dash.core.run import Run
from spiral_dash.live.commands import COMMANDS
from spiral_dash.web.messages import MESSAGES, parse_message
from spiral_dash.web.rooms.messages import MESSAGES as ROOM_MESSAGES
from spiral_dash.web.rooms.messages import parse_room_message
from tests.unit.web.conftest import Served, serving

MESSAGES_SENT, REQUESTS_SENT, PARSED = 10_000, 2_000, 10_000
SEARCH = "data.samples_per_arm=50&seed=5"
TYPES = [*MESSAGES, *ROOM_MESSAGES]
NAMES = [
    *("type", "id", "parts", "have", "hold", "command", "do", "epoch", "text", "fields", "search"),
    *("key", "probe", "options", "over_time", "hidden", "config", "training", "edit", "layer"),
    *("token", "name", "password", "one", "other", "known", "steps_per_second", "learning_rate"),
]
WORDS = [*TYPES, *COMMANDS, "boundary", "history", "NaN", "../x", "<script>", "\x00", "\ud83c", "é"]
NUMBERS = [0, 1, -1, 7, 2**31, 2**53, 2**64, -(2**70), 1e308, 0.5, True, False, None]


def anything(chance: random.Random, depth: int = 3) -> object:
    """A value as JSON has them, of words that the server knows."""
    kind = chance.random()
    if depth == 0 or kind < 0.4:
        return chance.choice(
            [chance.choice(NUMBERS), chance.choice(WORDS), "x" * chance.choice([0, 9, 999])]
        )
    if kind < 0.55:
        return [anything(chance, depth - 1) for _ in range(chance.randrange(4))]
    return {chance.choice(NAMES): anything(chance, depth - 1) for _ in range(chance.randrange(5))}


def message(chance: random.Random) -> str | bytes:
    """What a page might say that somebody else has written."""
    told = anything(chance)
    if isinstance(told, dict) and chance.random() < 0.8:
        told["type"] = chance.choice(TYPES)
        if chance.random() < 0.5:
            told |= {"id": chance.randrange(9), "command": {"do": chance.choice(list(COMMANDS))}}
    text = json.dumps(told)
    cut = chance.random()
    if cut < 0.1:
        return text[: chance.randrange(len(text) + 1)]
    return text.encode() if cut < 0.15 else text


@pytest.fixture(scope="module")
def open_to_all() -> Iterator[Served]:
    """A server that counts no requests: all that comes is looked at."""
    with serving() as served:
        yield served


def loss_at(served: Served, token: str, epoch: int) -> float:
    """What a session tells of an epoch that it is trained to."""
    assert served.command(token, {"do": "reach", "epoch": epoch}) == ""
    with served.socket(token) as socket:
        while True:
            socket.send(json.dumps({"type": "credit", "have": 0}))
            while isinstance(frame := socket.recv(30), str):
                pass
            texts = decode(frame)[1]
            if texts["epoch"] == str(epoch):
                return float(json.loads(texts["metrics"])["train_loss"])


def test_every_message_is_read_or_refused_with_a_sentence() -> None:
    chance, refused = random.Random(1), []
    for _ in range(PARSED):
        told = message(chance)
        for parse in (parse_message, partial(parse_room_message, presents=True)):
            try:
                parse(told)
            except ConfigError as refusal:
                refused.append(str(refusal).strip())
    assert 0 < len(refused) < 2 * PARSED
    assert all(sentence.endswith(".") for sentence in refused)


def test_messages_at_random_harm_no_session(
    open_to_all: Served, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(2)
    spared = str(open_to_all.open(SEARCH)["token"])
    sent = 0
    while sent < MESSAGES_SENT:
        token = str(open_to_all.open(SEARCH)["token"])
        try:
            with open_to_all.socket(token, max_queue=None) as socket:
                for _ in range(100):
                    socket.send(message(chance))
                    sent += 1
        except ConnectionClosed:
            continue
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    alone = Run(RunConfig.from_query(SEARCH))
    alone.train(3)
    assert loss_at(open_to_all, spared, 3) == pytest.approx(alone.metrics["train_loss"])


def test_requests_at_random_are_answered(
    open_to_all: Served, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(3)
    routes = [one.path for one in open_to_all.app.server.routes if isinstance(one, Route)]
    for _ in range(REQUESTS_SENT):
        path = chance.choice(routes)
        for name in ("{name:path}", "{name}"):
            path = path.replace(
                name, chance.choice(["x", "%00", "%2e%2e%2fx", "a" * 300, "%f0%9f"])
            )
        query = "&".join(
            f"{chance.choice(NAMES)}={chance.choice(['', '1', '%00', 'é'.encode().hex()])}"
            for _ in range(3)
        )
        body = message(chance)
        connection = http.client.HTTPConnection("127.0.0.1", open_to_all.port, timeout=60)
        kind = chance.choice(
            ["application/json", "text/plain", "multipart/form-data; boundary=x", ""]
        )
        method = chance.choice(["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS"])
        headers = {"Content-Type": kind, "Connection": "close"}
        content = body.encode(errors="replace") if isinstance(body, str) else body
        connection.request(method, f"{path}?{query}", None if method == "GET" else content, headers)
        status = connection.getresponse().status
        connection.close()
        assert status < 500 or status == 503, (method, path, query, body, status)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_clock_set_back_stops_nothing(
    open_to_all: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = str(open_to_all.open(SEARCH)["token"])
    before = loss_at(open_to_all, token, 1)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - 3600)
    assert loss_at(open_to_all, token, 3) < before
    assert open_to_all.open(SEARCH)["token"] != token
    assert open_to_all.open(SEARCH, token)["token"] == token
