"""What the server answers, allows and refuses."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import sys
from typing import Any

import pytest

from scripts.server import ROOT
from spiral_dash.core.config import RunConfig
from spiral_dash.web import ids
from spiral_dash.web.controls import LAYERS_MAX, momentum_reason
from spiral_dash.web.form import path_of, texts_of
from spiral_dash.web.guard import BODY_BYTES_MAX
from spiral_dash.web.serve import address_of, listen, main
from tests.unit.web.conftest import Served
from tests.unit.web.test_controls import DIALS
from tests.unit.web.test_form import BAD_QUERIES

PATHS = ["/", "/healthz", "/bootstrap.min.css", "/assets/theme.css", "/_dash-layout", "/nothing"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_policy(served: Served, path: str) -> None:
    headers = served.request(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_the_page_asks_for_nothing_from_elsewhere(served: Served) -> None:
    page = served.request("/").body.decode()
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert addresses
    assert all(address.startswith("/") for address in addresses)
    for address in addresses:
        assert served.request(address).status == 200, address
    assert "<title>Spiral Dash</title>" in page


def test_health(served: Served) -> None:
    before = served.request("/healthz").json()
    assert before["status"] == "ok"
    served.open()
    assert served.request("/healthz").json()["sessions"] == before["sessions"] + 1


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/_dash-ws-callback", "/a/b", "/assets/none.css"]
)
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    assert served.request(path).status == 404


def send_raw(port: int, head: str, pieces: list[bytes]) -> bytes:
    """The first bytes of the answer to a request, however much of it the server has read."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as raw:
        raw.sendall(f"POST /_dash-update-component HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                raw.sendall(piece)
        return raw.recv(100)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_beyond_measure_is_refused(served: Served, chunked: bool) -> None:
    size, count = 50_000, BODY_BYTES_MAX // 50_000 + 2
    if chunked:
        head = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        pieces = [f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"] * count + [b"0\r\n\r\n"]
    else:
        head = f"Content-Type: application/json\r\nContent-Length: {size * count}\r\n"
        pieces = [b"x" * size] * count
    assert send_raw(served.port, head, pieces).startswith(b"HTTP/1.1 413")
    assert served.request("/healthz").status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"{}", b'{"output": "x.y"}', b"\xff\xfe"]
)
def test_a_request_that_makes_no_sense_harms_nothing(served: Served, body: bytes) -> None:
    assert served.request("/_dash-update-component", body).status >= 400
    assert served.request("/healthz").json()["status"] == "ok"


@pytest.mark.parametrize(("query", "problems"), BAD_QUERIES)
def test_a_bad_address_opens_a_session_and_says_what_is_wrong(
    served: Served, query: str, problems: int
) -> None:
    opened = served.open("?" + query)
    assert opened["session"]
    assert opened["opened"] == {"token": opened["session"]}
    assert [notice["level"] for notice in opened["notice"]] == ["warning"] * problems
    assert opened["config"]["query"] == ""


def test_an_address_is_opened_as_it_says(served: Served) -> None:
    query = "data.arms=3&data.samples_per_arm=60&network.hidden=4"
    opened = served.open("?" + query)
    assert opened["notice"] == []
    assert opened["config"]["query"] == query
    assert opened["config"]["texts"]["network.hidden"] == "4"


def test_a_reload_finds_its_session_and_another_address_turns_it(served: Served) -> None:
    first = served.open("?data.samples_per_arm=60")
    token = first["session"]
    again = served.open("?data.samples_per_arm=60", token)
    assert again["session"] == token and again["notice"] == []
    assert served.open("", token)["config"]["query"] == "data.samples_per_arm=60"
    turned = served.open("?data.samples_per_arm=70", token)
    assert turned["session"] == token
    assert turned["config"]["query"] == "data.samples_per_arm=70"


def test_an_unknown_token_is_followed_by_a_new_session(served: Served) -> None:
    opened = served.open("?data.arms=3", "gone")
    assert opened["session"] not in {None, "gone"}
    assert opened["notice"][0]["level"] == "info"
    assert opened["config"]["query"] == "data.arms=3"


@pytest.mark.parametrize("opening", [None, [], "x", {"search": 5, "token": [1]}, {"token": {}}])
def test_a_made_up_opening_is_a_plain_one(served: Served, opening: object) -> None:
    answer = served.call("session.data", {"opening.data": opening}, "opening.data")
    assert answer["response"]["session"]["data"]


def turn(served: Served, token: object, changes: dict[str, object], **more: object) -> Any:
    """Turn dials of a session, as the page does: all values are sent."""
    texts: dict[str, object] = {**texts_of(RunConfig())}
    hidden = str(texts.pop("network.hidden")).split(",")
    texts |= changes
    places = [(ids.problem(dial.group, dial.name), None) for dial in DIALS]
    fields = [
        (ids.field(dial.group, dial.name), texts[path_of(dial.group, dial.name)])
        for dial in DIALS
        if dial.path != "network.hidden"
    ]
    units = [*hidden, *["8"] * (LAYERS_MAX - len(hidden))]
    values: dict[str, object] = {
        "field.value": fields,
        "units.value": [(ids.units(i + 1), value) for i, value in enumerate(units)],
        "layers.value": str(len(hidden)),
        "problem.id": [(place, place) for place, _ in places],
        "problem.children": places,
        f"{ids.KIND_DIALS}.data-kind": "spiral",
        "session.data": token,
        "restart-dialog.hidden": True,
        "momentum-reason.children": momentum_reason(RunConfig().training),
        **more,
    }
    changed = json.dumps(ids.field("data", "arms"), sort_keys=True, separators=(",", ":"))
    return served.call("restart-dialog", values, f"{changed}.value")


def sentences(answer: Any) -> dict[str, str]:
    places = {
        tuple(json.loads(name)[key] for key in ("group", "name")): prop["children"]
        for name, prop in answer["response"].items()
        if name.startswith("{") and "children" in prop
    }
    return {path_of(*place): text for place, text in places.items() if text}


def test_turning_a_dial_at_epoch_0_starts_the_new_run_at_once(served: Served) -> None:
    token = served.open()["session"]
    answer = turn(served, token, {"data.arms": "3"})
    assert answer.get("response", {}) == {}, "what has not changed is not written again"
    assert served.open("", token)["config"]["query"] == "data.arms=3"


def test_choosing_a_kind_starts_with_its_defaults_whatever_dials_are_there(served: Served) -> None:
    token = served.open()["session"]
    for dials in ("spiral", "xor"):
        turn(served, token, {"data.kind": "xor"}, **{"kind-dials.data-kind": dials})
        assert served.open("", token)["config"]["query"] == "data.kind=xor"
    turn(served, token, {"data.kind": "points"}, **{"kind-dials.data-kind": "spiral"})
    assert served.open("", token)["config"]["query"] == "data.kind=xor"


def test_a_bad_dial_has_its_sentence_and_the_others_count(served: Served) -> None:
    token = served.open()["session"]
    changes: dict[str, object] = {"data.entanglement": "99", "training.l1": "0.5"}
    answer = turn(served, token, changes)
    assert sentences(answer) == {"data.entanglement": "Expected a number from 0.5 to 20, got 99."}
    assert served.open("", token)["config"]["query"] == "training.l1=0.5"


@pytest.mark.parametrize("token", [None, "gone", 5, ["x"]])
def test_dials_without_a_session_are_checked_all_the_same(served: Served, token: object) -> None:
    answer = turn(served, token, {"data.arms": "99"})
    assert sentences(answer) == {"data.arms": "Expected a whole number from 2 to 6, got 99."}


@pytest.mark.parametrize(
    "action",
    [
        None,
        "play",
        [],
        {},
        {"do": "dance"},
        {"do": "end"},
        {"do": ["play"]},
        {"do": "branch", "epoch": 10**9},
        {"do": "branch", "epoch": "x"},
        {"do": "speed", "epochs_per_second": -1},
        {"do": "speed", "epochs_per_second": "fast"},
        {"do": "configure", "config": {}},
    ],
)
def test_a_made_up_action_harms_nothing(served: Served, action: object) -> None:
    token = served.open()["session"]
    served.call("action", {"action.data": action, "session.data": token}, "action.data")
    assert served.open("", token)["session"] == token


def test_an_action_that_is_refused_says_why(served: Served) -> None:
    token = served.open()["session"]
    action = {"do": "branch", "epoch": 12}
    answer = served.call("action", {"action.data": action, "session.data": token}, "action.data")
    [notice] = answer["sideUpdate"]["notice"]["data"]
    assert notice["level"] == "warning" and "12" in notice["text"]
    answer = served.call("action", {"action.data": action, "session.data": "x"}, "action.data")
    assert "ended" in answer["sideUpdate"]["notice"]["data"][0]["text"]


# The command line.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "abc"], "expected a whole number from 0 to 65535, got 'abc'"),
        (["--port", "70000"], "got '70000'"),
        (["--port", "-1"], "got '-1'"),
        (["--max-sessions", "0"], "from 1 to 1000"),
        (["--idle-pause", "nan"], "a number of seconds above 0"),
        (["--idle-end", "-5"], "a number of seconds above 0"),
        (["--idle-pause", "100", "--idle-end", "50"], "at least --idle-pause"),
        (["--log-level", "loud"], "debug"),
        (["--frobnicate"], "--frobnicate"),
        (["--host", "no such host"], "Cannot listen on no such host"),
    ],
)
def test_a_bad_option_is_a_sentence_and_exit_code_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main([*arguments, "--no-browser"])
    except SystemExit as ending:
        code = int(str(ending.code))
    assert code == 2
    assert words in capsys.readouterr().err


def test_a_port_in_use_is_a_sentence_and_exit_code_2() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "app.py", "--no-browser", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == (
        f"Cannot listen on 127.0.0.1, port {port}: another program does. "
        "Choose another with --port.\n"
    )


def test_help_explains_every_option() -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for option in ("--host", "--port", "--no-browser", "--in-process", "--idle-pause"):
        assert option in done.stdout
    for option in ("--idle-end", "--max-sessions", "--log-level"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("localhost", "localhost")],
)
def test_the_printed_address_can_be_opened(host: str, shown: str) -> None:
    with listen(host, 0) as listener:
        assert address_of(host, listener) == f"http://{shown}:{listener.getsockname()[1]}"
