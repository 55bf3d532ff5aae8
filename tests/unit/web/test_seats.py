"""A full server over HTTP and sockets: refused with a place in the queue, and let in by it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from spiral_dash.live.host import HostSettings
from spiral_dash.live.waiting import AGAIN_SECONDS
from tests.unit.web.conftest import Answer, Served, serving

PATIENCE = 60.0


def asked(served: Served, **fields: object) -> Answer:
    return served.request("/session/open", json.dumps({"search": "", **fields}).encode())


def next_event(socket: Any, kind: str) -> dict[str, Any]:
    while True:
        message = socket.recv(PATIENCE)
        if isinstance(message, str) and (event := json.loads(message))["event"] == kind:
            return dict(event)


def test_a_full_server_refuses_with_a_place_and_lets_in_who_waits(tmp_path: Any) -> None:
    settings = HostSettings(
        in_process=True, max_sessions=1, idle_pause_seconds=0.1, state_dir=tmp_path
    )
    with serving(host_settings=settings) as served:
        first = asked(served, browser="one").json()["token"]
        with served.socket(first) as socket:
            socket.send(json.dumps({"type": "presence", "hidden": False}))
            next_event(socket, "welcome")
            for _ in range(2):
                full = asked(served, browser="two")
                assert full.status == 429
                assert full.headers["retry-after"] == str(AGAIN_SECONDS)
                said = full.json()
                assert "in use" in said["error"] and said["waiting"]["place"] == 1
            ticket = said["waiting"]["ticket"]
            beside = asked(served, browser="two", beside=first)
            assert beside.status == 429 and beside.json()["waiting"] is None
            assert asked(served, browser="three").json()["waiting"]["place"] == 2
            left = asked(served, browser="four").json()["waiting"]
            assert left["place"] == 3
            assert served.request("/session/leave", left["ticket"].encode()).status == 204
            assert asked(served, browser="five").json()["waiting"]["place"] == 3
        deadline = time.monotonic() + PATIENCE
        while (answer := asked(served, browser="two", ticket=ticket)).status == 429:
            assert answer.json()["waiting"]["place"] == 1
            assert time.monotonic() < deadline
            time.sleep(0.05)
        second = answer.json()["token"]
        with served.socket(second) as socket:
            next_event(socket, "welcome")
            # The first has given its seat away: it is not gone, but has to wait for one again.
            with served.socket(first) as sleeper:
                told = next_event(sleeper, "asleep")
                assert "in use" in told["text"] and told["wakes"]
            assert asked(served, token=first, browser="one").status == 429


@pytest.mark.parametrize(
    "fields",
    [{"ticket": "x" * 500}, {"ticket": 5}, {"browser": None}, {"browser": "x" * 500}],
)
def test_what_is_no_ticket_and_no_name_has_a_sentence(
    fields: dict[str, object], served: Served
) -> None:
    answer = asked(served, **fields)
    assert answer.status == 422 and "expected" in answer.json()["error"].lower()


def test_a_page_ends_its_session_itself(served: Served) -> None:
    token = served.open()["token"]
    with served.socket(token) as socket:
        socket.send(json.dumps({"type": "command", "id": 1, "command": {"do": "end"}}))
        assert next_event(socket, "ended")["text"] == "This session was ended."
    with served.socket(token) as socket:
        assert "no such session" in next_event(socket, "ended")["text"]


@pytest.mark.parametrize("command", ["suspend", "sleep"])
def test_what_is_the_server_s_a_page_cannot_ask(command: str, served: Served) -> None:
    token = served.open()["token"]
    assert served.command(token, {"do": command}).startswith("do: expected one of")
