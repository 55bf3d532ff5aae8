"""What the server answers, allows and refuses."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import time
from typing import Any
from urllib.parse import quote

import pytest

from scripts.server import ROOT
from spiral_dash.core.config import RunConfig
from spiral_dash.core.frame import decode
from spiral_dash.web.address import read_address
from spiral_dash.web.controls import LAYERS_MAX
from spiral_dash.web.form import path_of, texts_of
from spiral_dash.web.guard import BODY_BYTES_MAX
from spiral_dash.web.panel_options import panel_options
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
    assert opened["token"]
    assert [notice["level"] for notice in opened["notices"]] == ["warning"] * problems
    assert opened["config"]["query"] == ""


def test_an_address_is_opened_as_it_says(served: Served) -> None:
    query = "data.arms=3&data.samples_per_arm=60&network.hidden=4"
    opened = served.open("?" + query)
    assert opened["notices"] == []
    assert opened["config"]["query"] == query
    assert opened["config"]["texts"]["network.hidden"] == "4"


def test_a_reload_finds_its_session_and_another_address_turns_it(served: Served) -> None:
    first = served.open("?data.samples_per_arm=60")
    token = first["token"]
    again = served.open("?data.samples_per_arm=60", token)
    assert again["token"] == token and again["notices"] == []
    assert served.open("", token)["config"]["query"] == "data.samples_per_arm=60"
    turned = served.open("?data.samples_per_arm=70", token)
    assert turned["token"] == token
    assert turned["config"]["query"] == "data.samples_per_arm=70"


def test_an_address_with_an_epoch_is_trained_to_there(served: Served) -> None:
    token = str(served.open("?data.samples_per_arm=60&epoch=7&speed=2batches")["token"])
    with served.socket(token) as stream:
        stream.send('{"type": "watch", "parts": []}')
        texts = wait_for_epoch(stream, 7)
        assert (texts["speed"], texts["epoch"]) == ("2batches", "7")
        # The same address again shows that epoch of a run that has gone on.
        assert served.command(token, {"do": "reach", "epoch": 9}) == ""
        wait_for_epoch(stream, 9)
        served.open("?data.samples_per_arm=60&epoch=7", token)
        texts = wait_for_epoch(stream, 9)
        assert texts["seeking"] == "7"


def wait_for_epoch(stream: Any, epoch: int) -> dict[str, str]:
    """The texts of a frame at rest at this epoch."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        stream.send('{"type": "credit", "have": 0}')
        message = stream.recv(timeout=30)
        while isinstance(message, str):
            message = stream.recv(timeout=30)
        texts = decode(message)[1]
        if texts["state"] == "paused" and texts["epoch"] == str(epoch):
            return texts
    raise AssertionError(f"epoch {epoch} was not reached")


def test_an_unknown_token_is_followed_by_a_new_session(served: Served) -> None:
    opened = served.open("?data.arms=3", "gone")
    assert opened["token"] not in {None, "gone"}
    assert opened["notices"][0]["level"] == "info"
    assert opened["config"]["query"] == "data.arms=3"


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b'{"search": 5}', b'{"token": [1]}', b'{"more": 1}']
)
def test_a_made_up_opening_is_refused_with_a_sentence(served: Served, body: bytes) -> None:
    answer = served.request("/session/open", body)
    assert answer.status == 422
    assert "xpected" in answer.json()["error"] or "no such setting" in answer.json()["error"]


def turn(
    served: Served, token: str, changes: dict[str, object], kind: str = "spiral"
) -> tuple[dict[str, str], str | None]:
    """Turn dials of a session, as the page does; the problems, and the address it leads to."""
    texts: dict[str, object] = {**texts_of(RunConfig())}
    hidden = str(texts.pop("network.hidden")).split(",")
    texts |= changes
    fields = [
        (dial.group, dial.name, texts[path_of(dial.group, dial.name)])
        for dial in DIALS
        if dial.path != "network.hidden"
    ]
    form = {
        "type": "form",
        "fields": fields,
        "layers": str(len(hidden)),
        "units": [*hidden, *["8"] * (LAYERS_MAX - len(hidden))],
        "kind": kind,
        "told": {},
    }
    _, _, *events = served.ask(token, form)
    queries = [event["query"] for event in events if event["event"] == "config"]
    return events[-1]["problems"], queries[-1] if queries else None


def test_turning_a_dial_starts_the_new_run_at_once(served: Served) -> None:
    token = served.open()["token"]
    query = "network.activation=relu"
    assert turn(served, token, {"network.activation": "relu"}) == ({}, query)
    assert turn(served, token, {"network.activation": "relu"}) == ({}, None), "nothing has changed"
    assert served.open("", token)["config"]["query"] == query


def test_choosing_a_kind_starts_with_its_defaults_whatever_dials_are_there(served: Served) -> None:
    token = served.open()["token"]
    for dials in ("spiral", "xor"):
        turn(served, token, {"data.kind": "xor"}, dials)
        assert served.open("", token)["config"]["query"] == "data.kind=xor"
    turn(served, token, {"data.kind": "points"})
    assert served.open("", token)["config"]["query"] == "data.kind=xor"


def test_a_bad_dial_has_its_sentence_and_the_others_count(served: Served) -> None:
    token = served.open()["token"]
    problems, query = turn(served, token, {"data.entanglement": "99", "training.l1": "0.5"})
    assert problems == {"data.entanglement": "Expected a number from 0.5 to 20, got 99."}
    assert query == "training.l1=0.5"


PAGE_PROBLEMS = {
    "panels=nothing": "panels: expected some of",
    "panels=boundary,a,b,c,d": "and 1 more",
    "speed=fast": "speed: expected epochs a second",
    "speed=0": "epochs_per_second",
    "speed=1e300": "speed: expected",
    "speed=0batches": "steps_per_second",
    "epoch=-1": "epoch: expected a whole number from 0",
    "epoch=2.5": "epoch: expected a whole number",
    "panel.network.first=0,x": "panel.network.first: expected numbers with commas",
    "epoch=9999999": "epoch: expected a whole number from 0 to 1000000",
    "epoch=" + "9" * 999: "epoch: expected a whole number",
    "panel.nothing.show=x": "panel.nothing.show: expected a panel",
    "panel.boundary.nothing=x": "panel.boundary.nothing: expected one of its options",
    "panel.gradients.quantity=nothing": "panel.gradients.quantity: expected one of",
    "panel.robustness.reach=" + "9" * 99: "expected at most",
    "panel.robustness.reach=far": "expected a number, got 'far'",
}


@pytest.mark.parametrize("query", PAGE_PROBLEMS)
def test_what_an_address_says_wrong_of_the_page_is_a_sentence(served: Served, query: str) -> None:
    opened = served.open(f"?data.arms=3&{query}")
    assert opened["config"]["query"] == "data.arms=3"
    [notice] = opened["notices"]
    assert notice["level"] == "warning" and PAGE_PROBLEMS[query] in notice["text"]


def test_an_address_says_what_the_page_shows(served: Served) -> None:
    query = "panels=metrics,boundary&speed=5&panel.gradients.quantity=dead_units"
    page = served.open(f"?{query}")["page"]
    assert (page["panels"], page["speed"]) == (["metrics", "boundary"], "5")
    assert page["options"] == {"gradients": {"quantity": "dead_units"}}


def test_every_option_that_a_panel_has_can_be_written_and_read_back() -> None:
    for panel, options in panel_options().items():
        for name, option in options.items():
            usual = option.usual
            text = (
                ("on" if usual else "off")
                if isinstance(usual, bool)
                else ",".join(usual)
                if isinstance(usual, list)
                else usual
            )
            address = read_address(f"panel.{panel}.{name}={quote(text)}")
            assert address.problems == []
            assert address.page.options == {panel: {name: usual}}


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
        (["--idle-pause", "100", "--idle-sleep", "50"], "at least --idle-pause"),
        (["--idle-sleep", "100", "--idle-end", "50"], "at least --idle-sleep"),
        (["--max-sessions", "many"], "(or auto)"),
        (["--browser-sessions", "0"], "(or all)"),
        (["--session-memory", "-1"], "(or auto)"),
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
    for option in ("--idle-sleep", "--idle-end", "--max-sessions", "--state-dir", "--log-level"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("localhost", "localhost")],
)
def test_the_printed_address_can_be_opened(host: str, shown: str) -> None:
    with listen(host, 0) as listener:
        assert address_of(host, listener) == f"http://{shown}:{listener.getsockname()[1]}"
