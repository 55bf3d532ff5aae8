"""A run as a file, over HTTP: recorded, opened, and everything that is refused."""

from __future__ import annotations

import http.client
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiral_dash import Run, RunConfig
from spiral_dash.core.recording import BYTES_MAX
from spiral_dash.live.folders import PREFIX, SESSIONS
from spiral_dash.web.recordings import DOWNLOAD, OPEN
from spiral_dash.web.uploads import TOKEN_HEADER
from tests.unit.web.conftest import Answer, Served

QUERY = "?network.hidden=5,4&network.activation=relu&data.samples_per_arm=60&seed=2"


def post(
    served: Served,
    path: str,
    token: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request("POST", path, body, {TOKEN_HEADER: token, **(headers or {})})
    response = connection.getresponse()
    answer = Answer(response.status, dict(response.headers), response.read())
    connection.close()
    return answer


def opened(served: Served, query: str = QUERY) -> str:
    return str(served.open(query)["token"])


def act(served: Served, token: str, **action: Any) -> None:
    assert served.command(token, action) == ""


def left_files() -> list[Path]:
    """Recordings that lie in the folder of any session."""
    root = Path(tempfile.gettempdir())
    return [
        *root.glob(f"{PREFIX}*/{SESSIONS}/*/recorded-*"),
        *root.glob(f"{PREFIX}*/{SESSIONS}/*/opened-*"),
    ]


def trained(epochs: int) -> Run:
    run = Run(RunConfig.from_query(QUERY))
    run.train(epochs)
    return run


def test_a_run_goes_to_a_file_and_back_bit_for_bit(served: Served, tmp_path: Path) -> None:
    run = trained(5)
    token = opened(served, "?seed=9")
    answer = post(served, OPEN, token, run.pack())
    assert (answer.status, answer.json()) == (200, {"epoch": 5})
    assert served.open(token=token)["config"]["config"] == run.config.model_dump(mode="json")
    answer = post(served, DOWNLOAD, token)
    assert answer.status == 200
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert 'filename="spiral-relu-5.spiral.zip"' in headers["content-disposition"]
    (tmp_path / "run").write_bytes(answer.body)
    again = Run.load(tmp_path / "run")
    assert again.config == run.config
    assert list(again.epochs) == list(run.epochs)
    for epoch in range(6):
        np.testing.assert_array_equal(
            again.subject(epoch).network.flat.numpy(), run.subject(epoch).network.flat.numpy()
        )
    for name, values in run.history.items():
        np.testing.assert_array_equal(again.history[name], values)
    # Removed once it is sent, which may be after it has arrived.
    while left_files():
        pass


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "Expected a recorded run"),
        (b"no zip", "Expected a recorded run"),
        (b"PK\x03\x04" + bytes(5000), "Expected a recorded run"),
    ],
)
def test_what_is_no_recording_is_refused(served: Served, body: bytes, sentence: str) -> None:
    token = opened(served)
    answer = post(served, OPEN, token, body)
    assert answer.status == 422
    assert answer.json()["error"].startswith(sentence)
    assert "The present run goes on." in answer.json()["error"]
    assert served.open(token=token)["config"]["config"]["seed"] == 2
    assert not left_files()


@pytest.mark.parametrize("path", [DOWNLOAD, OPEN])
def test_only_a_known_session_is_served(served: Served, path: str) -> None:
    for token in ("", "x", "../../etc/passwd"):
        answer = post(served, path, token)
        assert answer.status == 404
        assert "has ended" in answer.json()["error"]
    assert served.request(path).status == 405


@pytest.mark.parametrize("path", [DOWNLOAD, OPEN])
def test_a_page_of_another_site_is_refused(served: Served, path: str) -> None:
    token = opened(served)
    answer = post(served, path, token, headers={"Origin": "https://elsewhere.example"})
    assert answer.status == 403
    own = {"Origin": f"http://127.0.0.1:{served.port}"}
    assert post(served, path, token, headers=own).status == (200 if path == DOWNLOAD else 422)


def test_a_file_beyond_measure_is_refused_before_it_is_read(served: Served) -> None:
    token = opened(served)
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.putrequest("POST", OPEN)
    connection.putheader(TOKEN_HEADER, token)
    connection.putheader("Content-Length", str(300 * 2**20))
    connection.endheaders(b"begun")
    response = connection.getresponse()
    assert response.status == 413
    assert "at most 256 MiB" in json.loads(response.read())["error"]
    connection.close()
    assert BYTES_MAX == 256 * 2**20
    assert not left_files()


def test_one_file_at_a_time(served: Served) -> None:
    token = opened(served)
    whole = trained(1).pack()
    first = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    first.putrequest("POST", OPEN)
    first.putheader(TOKEN_HEADER, token)
    first.putheader("Content-Length", str(len(whole)))
    first.endheaders(whole[:100])
    while not left_files():
        pass
    second = post(served, OPEN, token, whole)
    assert second.status == 409
    assert "Another file is being opened" in second.json()["error"]
    first.send(whole[100:])
    assert first.getresponse().status == 200
    first.close()
    assert post(served, OPEN, token, whole).status == 200


def test_an_upload_broken_off_leaves_nothing(served: Served) -> None:
    token = opened(served)
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.putrequest("POST", OPEN)
    connection.putheader(TOKEN_HEADER, token)
    connection.putheader("Content-Length", "100000")
    connection.endheaders(b"PK")
    while not left_files():
        pass
    connection.close()
    while left_files():
        pass
    assert post(served, OPEN, token, trained(2).pack()).json() == {"epoch": 2}


def test_no_command_of_a_page_names_a_file(served: Served) -> None:
    token = opened(served)
    before = left_files()
    assert "got 'pack'" in served.command(token, {"do": "pack", "file": "recorded-x"})
    assert "got 'open'" in served.command(token, {"do": "open", "file": "snapshots-1"})
    assert left_files() == before
    assert served.open(token=token)["config"]["config"]["seed"] == 2
