"""Points of one's own over HTTP: read, looked at, used, in the address; all that is refused."""

from __future__ import annotations

import http.client
import io
import json
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from spiral_dash import Run, RunConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.data.table import read_table
from spiral_dash.core.frame import decode
from spiral_dash.live.folders import PREFIX, SESSIONS
from spiral_dash.web.datafiles import LOOK, READ, USE, config_on, shown_name
from spiral_dash.web.recordings import DOWNLOAD, OPEN
from tests.unit.web.conftest import Answer, Served
from tests.unit.web.test_recordings import act, opened, post
from tests.unit.web.test_server import turn

QUERY = "?network.hidden=5&data.samples_per_arm=60&data.train_share=0.5&seed=3"
HEAD = b"x,y,label\n"


def table(count: int = 40, classes: int = 2, columns: int = 2, seed: int = 1) -> bytes:
    """A CSV file of blobs, one a class."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    numbers = generator.normal(labels[:, None], 0.3, (count, columns))
    names = [f"f{column}" for column in range(columns)]
    lines = [",".join([*names, "label"])]
    lines += [
        ",".join([*(f"{value:.6g}" for value in row), f"class {label}"])
        for row, label in zip(numbers, labels, strict=True)
    ]
    return "\n".join(lines).encode()


def brought(served: Served, token: str, body: bytes, name: str = "points.csv") -> Any:
    answer = post(served, f"{READ}?name={quote(name, safe='')}", token, body)
    assert answer.status == 200, answer.body
    return answer.json()


def asked(served: Served, path: str, token: str, **values: object) -> Answer:
    return post(served, path, token, json.dumps(values).encode())


def used(served: Served, token: str, body: bytes, **values: object) -> Any:
    answer = asked(served, USE, token, table=brought(served, token, body)["table"], **values)
    assert answer.status == 200, answer.body
    return answer.json()


def config_of(served: Served, token: str) -> Any:
    return served.open(token=token)["config"]


def epoch_of(served: Served, token: str) -> float:
    with served.socket(token) as socket:
        socket.send('{"type": "credit", "have": 0}')
        while isinstance(message := socket.recv(30), str):
            pass
    texts = decode(message)[1]
    return float(texts["epoch"]) + float(texts["progress"])


def test_a_table_is_read_looked_at_and_trained_on(served: Served) -> None:
    token = opened(served, QUERY)
    read = brought(served, token, table(columns=3), "three.csv")
    assert read["found"]["rows"] == 40
    assert read["found"]["label"] == "label"
    assert read["seen"]["classes"] == [["class 0", 20], ["class 1", 20]]
    assert read["seen"]["columns"] == 3
    fewer = {"label": "label", "columns": ["f0", "f2"]}
    looked = asked(served, LOOK, token, table=read["table"], choice=fewer).json()
    assert looked["columns"] == 2
    assert config_of(served, token)["config"]["data"]["kind"] == "spiral"
    answer = asked(served, USE, token, table=read["table"], choice=fewer, standard=False)
    assert answer.json() == looked
    rows = read_table(table(columns=3)).rows("label", ["f0", "f2"])
    assert answer.json()["digest"] == rows.digest
    config = RunConfig.parse(config_of(served, token)["config"])
    present = RunConfig.from_query(QUERY)
    assert config == config_on(present, rows.digest, 2, False)
    assert config.data.train_share == 0.5
    assert (config.seed, config.network.hidden) == (3, (5,))


def test_what_is_trained_is_what_python_trains(served: Served, tmp_path: Path) -> None:
    token = opened(served, QUERY)
    used(served, token, table(60, 3))
    for epoch in range(2):
        act(served, token, do="step")
        while epoch_of(served, token) < epoch + 1:
            pass
    (tmp_path / "run").write_bytes(post(served, DOWNLOAD, token).body)
    kept = Run.load(tmp_path / "run")
    rows = read_table(table(60, 3)).rows()
    alone = Run(kept.config, rows=rows)
    alone.train(2)
    np.testing.assert_array_equal(kept.network.flat.numpy(), alone.network.flat.numpy())
    # And back into another session, with the points.
    other = opened(served, "?seed=9")
    assert post(served, OPEN, other, (tmp_path / "run").read_bytes()).status == 200
    config = config_of(served, other)
    assert config["config"]["data"]["digest"] == rows.digest
    assert config["needs_file"] is False


def test_noise_of_the_data_before_is_not_taken_over(served: Served) -> None:
    token = opened(served, "?data.test_noise=0.5&data.train_noise=0.2&data.seed=5")
    used(served, token, table())
    data = config_of(served, token)["config"]["data"]
    assert (data["train_noise"], data["test_noise"], data["seed"]) == (0.0, 0.0, 5)


def test_a_dial_turned_keeps_the_points(served: Served) -> None:
    token = opened(served, QUERY)
    digest = used(served, token, table())["digest"]
    config = RunConfig.parse(config_of(served, token)["config"])
    shared = {f"data.{name}": "0.8" for name in ("train_share",)}
    changes: dict[str, object] = {"data.kind": "points", "training.l1": "0.25", **shared}
    turn(served, token, changes)
    after = RunConfig.parse(config_of(served, token)["config"])
    assert isinstance(after.data, PointsData)
    assert after.data.digest == digest
    assert (after.training.l1, after.data.train_share) == (0.25, 0.8)
    assert config.data.kind == "points"


def test_the_same_choice_again_and_another_file_of_the_same_session(served: Served) -> None:
    token = opened(served, QUERY)
    first = brought(served, token, table())
    again = [asked(served, USE, token, table=first["table"]).json() for _ in range(2)]
    assert again[0] == again[1]
    brought(served, token, table(30, 3))
    answer = asked(served, USE, token, table=first["table"])
    assert answer.status == 422
    assert "open it first" in answer.json()["error"]


def test_missing_values_are_refused_or_left_out_as_asked(served: Served) -> None:
    token = opened(served, QUERY)
    body = HEAD + b"1,2,a\n3,,b\n4,5,a\n6,7,b\n"
    read = brought(served, token, body)
    assert "row 3, column y" in read["seen"]["error"]
    assert read["found"]["missing_rows"] == 1
    refused = asked(served, USE, token, table=read["table"])
    assert refused.status == 422
    assert "row 3, column y" in refused.json()["error"]
    choice = {"missing": "leave out"}
    seen = asked(served, USE, token, table=read["table"], choice=choice).json()
    assert (seen["rows"], seen["left_out"]) == (3, 1)


def test_images_and_contradictions_are_said(served: Served) -> None:
    token = opened(served, QUERY)
    lines = [",".join([*(["0.5"] * 16), str(row % 2)]) for row in range(6)]
    body = (",".join([*(f"p{i}" for i in range(16)), "label"]) + "\n" + "\n".join(lines)).encode()
    read = brought(served, token, body)
    assert read["seen"]["contradictions"] == 1
    assert read["seen"]["image"] is None
    choice = {"image": True}
    seen = asked(served, LOOK, token, table=read["table"], choice=choice).json()
    assert seen["image"] == [4, 4]
    assert seen["digest"] != read["seen"]["digest"]
    fewer: dict[str, object] = {"image": True, "columns": ["p0", "p1", "p2"]}
    answer = asked(served, LOOK, token, table=read["table"], choice=fewer)
    assert "expected a square number of columns" in answer.json()["error"]


def test_a_numpy_archive_is_read_with_its_images(served: Served) -> None:
    token = opened(served, QUERY)
    buffer = io.BytesIO()
    x = np.random.default_rng(1).random((20, 3, 5))
    np.savez(buffer, x=x, y=np.arange(20) % 2)
    read = brought(served, token, buffer.getvalue(), "images.npz")
    assert read["image"] == read["seen"]["image"] == [3, 5]
    choice = {"image": False}
    seen = asked(served, LOOK, token, table=read["table"], choice=choice).json()
    assert seen["image"] is None


@pytest.mark.parametrize(
    ("scale", "shift", "far"),
    [(1.0, 0.0, False), (3.0, 2.0, False), (40.0, 0.0, True), (0.01, 0.0, True), (1.0, 50.0, True)],
)
def test_scaling_is_suggested_where_columns_are_far_from_1(
    served: Served, scale: float, shift: float, far: bool
) -> None:
    generator = np.random.default_rng(4)
    x = generator.normal(shift, scale, (50, 2))
    lines = [f"{a},{b},{row % 2}" for row, (a, b) in enumerate(x)]
    read = brought(served, opened(served, QUERY), HEAD + "\n".join(lines).encode())
    assert read["seen"]["far"] is far


@pytest.mark.parametrize(
    ("before", "standard", "after"),
    [
        ("none", True, "standard"),
        ("none", False, "none"),
        ("standard", False, "none"),
        ("minmax", False, "minmax"),
        ("minmax", True, "standard"),
    ],
)
def test_scaling_and_features_suit_the_points(before: str, standard: bool, after: str) -> None:
    present = RunConfig.parse({"network": {"scaling": before, "features": ["x1", "x2", "x1x2"]}})
    plane, space = (config_on(present, "0" * 64, columns, standard).network for columns in (2, 3))
    assert plane.scaling == space.scaling == after
    assert plane.features == ("x1", "x2", "x1x2")
    assert space.features == ("x1", "x2")


# What is refused: a sentence each time, and the session trains on.


def _zip(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return buffer.getvalue()


def _npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _labelled(count: int) -> bytes:
    return HEAD + "\n".join(f"{i},{i % 7},n{i}" for i in range(count)).encode()


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty file"),
    "blank": (b"\n \n\t\n", "empty file"),
    "binary": (bytes(range(256)) * 40, "binary file"),
    "zeros": (bytes(5000), "binary file"),
    "a png called csv": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG image"),
    "a pdf": (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    "a zip called csv": (_zip(readme_txt=b"hello"), "a zip archive"),
    "a workbook": (_zip(**{"xl/workbook_xml": b"<x/>"}), "an Excel workbook"),
    "a recording": (_zip(run_safetensors=b"x"), "Open it as a recording"),
    "a zip cut off": (_zip(readme_txt=b"hello" * 100)[:80], "cut off or damaged"),
    "an npz cut off": (_npz(x=np.zeros((9, 2)), y=np.arange(9))[:-60], "cut off or damaged"),
    "an npz without y": (_npz(x=np.zeros((9, 2))), "x and y"),
    "an npz of objects": (
        _npz(x=np.array([[1, "a"], [2, "b"]], object), y=np.arange(2)),
        "got Python objects",
    ),
    "an npz of one class": (_npz(x=np.ones((9, 2)), y=np.zeros(9, int)), "at least 2 classes"),
    "an npz with NaN": (
        _npz(x=np.array([[1.0, np.nan], [2.0, 3.0]]), y=np.arange(2)),
        "row 1",
    ),
    "a web page": (b"<!doctype html><html><body>1,2</body></html>", "a web page"),
    "json": (b'{"x": [1, 2]}', "JSON"),
    "gzip": (b"\x1f\x8b" + bytes(40), "gzip"),
    "one row": (HEAD + b"1,2,a\n", "at least 2 classes"),
    "a header only": (HEAD, ""),
    "one class": (HEAD + b"1,2,a\n3,4,a\n", "at least 2 classes"),
    "one column": (b"label\na\nb\na\nb\n", "got one column"),
    "no numbers": (b"a,b\nx,y\nz,w\nx,w\nz,y\n", ""),
    "a text in a number": (HEAD + b"1,2,a\n3,two,b\n4,5,a\n", "Row 3, column y"),
    "NaN": (HEAD + b"1,NaN,a\n3,4,b\n", "row 2, column y"),
    "an infinity": (HEAD + b"1,inf,a\n3,4,b\n", "row 2, column y"),
    "1e308": (HEAD + b"1,1e308,a\n3,4,b\n", "Row 2, column y"),
    "5,000 labels": (_labelled(5000), "at most 26 classes"),
    "a row too long": (HEAD + b"1,2,a\n1,2,3,4,5,b\n3,4,a\n", "Row 3"),
    "an open quote": (HEAD + b'1,2,"a\n3,4,b\n5,6,a\n' * 3, ""),
    "a million columns": (b"1," * 1_000_000 + b"1\n", "columns"),
    "too many columns": (table(20, 2, 1100), "1,024 columns"),
    "too many rows": (HEAD + b"1,2,a\n3,4,b\n" * 25_001, "50,000 rows"),
    "a huge header": (b"x" * 3_000_000 + b",y,label\n1,2,a\n", "first row"),
}


@pytest.fixture(scope="module")
def playing(served: Served) -> str:
    """A session that trains as long as these tests."""
    token = opened(served, QUERY)
    act(served, token, do="play")
    return token


def expect_training(served: Served, token: str) -> None:
    """The session is there, on the data it had, and its epochs go on."""
    config = RunConfig.parse(config_of(served, token)["config"])
    assert config == RunConfig.from_query(QUERY)
    before, deadline = epoch_of(served, token), time.monotonic() + 20
    while epoch_of(served, token) <= before:
        assert time.monotonic() < deadline


def expect_refused(answer: Answer, words: str) -> None:
    sentence = answer.json()["error"]
    assert answer.status == 422, sentence
    assert words.lower() in sentence.lower()
    assert 20 < len(sentence) < 500
    assert "\n" not in sentence and "Traceback" not in sentence and "/tmp" not in sentence
    assert sentence.endswith("The present run goes on.")


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_answered_with_a_sentence(served: Served, playing: str, name: str) -> None:
    body, words = BAD_FILES[name]
    answer = post(served, f"{READ}?name=bad.csv", playing, body)
    if answer.status == 200:
        # It is a table; it is its points that cannot be had.
        read = answer.json()
        assert words.lower() in read["seen"]["error"].lower()
        answer = asked(served, USE, playing, table=read["table"])
    expect_refused(answer, words)
    expect_training(served, playing)


BAD_CHOICES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown label": ({"choice": {"label": "colour"}}, "expected one of the columns"),
    "an unknown column": ({"choice": {"columns": ["f0", "z"]}}, "expected one of the columns"),
    "no columns": ({"choice": {"columns": []}}, "columns of numbers, got 0"),
    "a column twice": ({"choice": {"columns": ["f0", "f0"]}}, "once"),
    "the label as a number": ({"choice": {"label": "f0", "columns": ["f0", "f1"]}}, "as both"),
    "numbers as classes": ({"choice": {"label": "f0"}}, "at most 26 classes"),
    "texts as numbers": ({"choice": {"label": "f0", "columns": ["label", "f1"]}}, ""),
    "another way with gaps": ({"choice": {"missing": "guess"}}, "missing"),
    "a text as columns": ({"choice": {"columns": "f0"}}, "columns"),
    "too many columns": ({"choice": {"columns": ["f0"] * 2000}}, "1024"),
    "a long name": ({"choice": {"label": "x" * 5000}}, "5000 characters"),
    "an image that is none": ({"choice": {"image": True}}, "square number of columns"),
    "an unknown field": ({"choice": {"colour": 1}}, "no such setting"),
    "an unknown setting": ({"shape": 1}, "no such setting"),
    "scaling as a text": ({"standard": "yes"}, "standard"),
    "another table": ({"table": "0123456789abcdef"}, "open it first"),
    "a path": ({"table": "../../etc/passwd"}, "open it first"),
    "no table": ({"table": None}, "table"),
    "a number": ({"table": 7}, "table"),
}


@pytest.mark.parametrize("name", BAD_CHOICES)
def test_a_bad_choice_is_answered_with_a_sentence(served: Served, playing: str, name: str) -> None:
    values, words = BAD_CHOICES[name]
    read = brought(served, playing, table(columns=3))
    expect_refused(asked(served, USE, playing, **{"table": read["table"], **values}), words)
    expect_training(served, playing)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b'{"table": NaN}', b"\xff"])
def test_what_is_no_choice_is_answered_with_a_sentence(
    served: Served, playing: str, body: bytes
) -> None:
    for path in (LOOK, USE):
        expect_refused(post(served, path, playing, body), "")


def test_nothing_is_used_before_it_is_read(served: Served) -> None:
    token = opened(served, QUERY)
    expect_refused(asked(served, USE, token, table=""), "open it first")
    assert "open it first" in asked(served, LOOK, token, table="").json()["error"]


@pytest.mark.parametrize("path", [READ, LOOK, USE])
def test_only_this_page_and_a_known_session_are_served(served: Served, path: str) -> None:
    for token in ("", "x", "../../etc/passwd"):
        answer = post(served, path, token, table())
        assert answer.status == 404
        assert "has ended" in answer.json()["error"]
    token = opened(served, QUERY)
    foreign = post(served, path, token, table(), {"Origin": "https://elsewhere.example"})
    assert foreign.status == 403
    assert "another site" in foreign.json()["error"]
    assert served.request(path).status == 405


def test_a_file_beyond_measure_is_refused_before_it_is_read(served: Served) -> None:
    token = opened(served, QUERY)
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.putrequest("POST", READ)
    connection.putheader("x-spiral-session", token)
    connection.putheader("Content-Length", str(65 * 2**20))
    connection.endheaders(b"x,y")
    response = connection.getresponse()
    assert response.status == 413
    assert "at most 64 MiB" in json.loads(response.read())["error"]
    connection.close()


def test_a_choice_is_no_place_for_a_file(served: Served) -> None:
    token = opened(served, QUERY)
    assert post(served, USE, token, b" " * 2_000_000).status == 413


def left_files() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{SESSIONS}/*/brought-*"))


def test_nothing_that_was_sent_is_left_lying(served: Served) -> None:
    token = opened(served, QUERY)
    brought(served, token, table())
    post(served, READ, token, b"\x89PNG\r\n\x1a\n")
    assert not left_files()


NAMES = {
    "points.csv": "points.csv",
    "../../etc/passwd": "passwd",
    "C:\\Users\\anna\\points.csv": "points.csv",
    "a\nb\x00c\u202e.csv": "abc.csv",
    "x" * 500: "x" * 79 + "…",
    "": "",
    "/": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_said(served: Served, playing: str, name: str) -> None:
    assert shown_name(name) == NAMES[name]
    answer = post(served, f"{READ}?name={quote(name, safe='')}", playing, b"\x89PNG\r\n\x1a\n")
    expect_refused(answer, "a PNG image")
    assert answer.json()["error"].startswith(NAMES[name] or "The file")


# In the address.


def rows_of(count: int, columns: int = 2) -> Rows:
    generator = np.random.default_rng(count)
    return Rows.of(generator.normal(size=(count, columns)), np.arange(count) % 3)


@pytest.mark.parametrize("count", [3, 100, 400])
def test_up_to_400_points_travel_in_the_address(served: Served, count: int) -> None:
    token = opened(served, QUERY)
    rows = read_table(table(count, 3)).rows()
    digest = used(served, token, table(count, 3))["digest"]
    payload = config_of(served, token)
    assert payload["needs_file"] is False
    query = payload["query"]
    assert "data.kind=points" in query and "data.rows=" in query
    elsewhere = served.open("?" + query)
    assert elsewhere["notices"] == []
    assert elsewhere["config"]["config"] == payload["config"]
    assert elsewhere["config"]["query"] == query
    assert elsewhere["token"] != token
    assert digest == rows.digest
    # A reload in between, and the same address in a session that goes on.
    assert served.open("?" + query, token)["token"] == token
    turned = opened(served, QUERY)
    assert served.open("?" + query, turned)["config"]["config"] == payload["config"]


def test_the_server_takes_an_address_of_32_000_characters(served: Served) -> None:
    rows = rows_of(400, 15)
    text = rows.to_text()
    assert 25_000 < len(text) <= 32_000
    filler = "&x=" + "y" * (32_000 - len(text))
    query = f"data.kind=points&data.digest={rows.digest}&data.rows={text}"
    answer = served.request(f"/?{query}{filler}")
    assert answer.status == 200
    assert b"<title>Spiral Dash</title>" in answer.body
    assert served.open(f"?{query}")["config"]["config"]["data"]["digest"] == rows.digest


def test_more_points_need_their_file_and_the_page_knows(served: Served) -> None:
    token = opened(served, QUERY)
    used(served, token, table(401, 3))
    payload = config_of(served, token)
    assert payload["needs_file"] is True
    assert "data.rows" not in payload["query"]
    # The session has them, whoever else has not.
    again = served.open("?" + payload["query"], token)
    assert again["notices"] == [] and again["config"] == payload
    elsewhere = served.open("?" + payload["query"])
    [notice] = elsewhere["notices"]
    assert "points that are not here" in notice["text"]
    assert "usual spiral instead" in notice["text"]
    config = elsewhere["config"]["config"]
    assert config["data"]["kind"] == "spiral"
    assert config["network"]["hidden"] == [5]
    other = opened(served, QUERY)
    gone = served.open("?" + payload["query"], other)
    assert gone["token"] == other
    assert "The present session goes on." in gone["notices"][0]["text"]
    assert gone["config"]["config"] == RunConfig.from_query(QUERY).model_dump(mode="json")


def _torn(text: str) -> str:
    return text[: len(text) // 2]


BAD_ROWS: dict[str, Callable[[Rows], str]] = {
    "nothing": lambda rows: "data.kind=points&data.rows=",
    "no text of ours": lambda rows: "data.kind=points&data.rows=hello",
    "cut off": lambda rows: f"data.kind=points&data.rows={_torn(rows.to_text())}",
    "odd letters": lambda rows: "data.rows=%3Cscript%3E%00",
    "too long": lambda rows: "data.rows=" + "A" * 40_000,
    "others than the digest says": lambda rows: (
        f"data.kind=points&data.digest={'0' * 64}&data.rows={rows.to_text()}"
    ),
    "a digest that is none": lambda rows: f"data.digest=5&data.rows={rows.to_text()}",
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_points_in_an_address_are_a_sentence_and_the_spiral(served: Served, name: str) -> None:
    answer = served.open(f"?{BAD_ROWS[name](rows_of(30))}&seed=8&network.hidden=6")
    [notice] = answer["notices"]
    assert notice["level"] == "warning" and notice["text"].startswith("data.rows: ")
    assert len(notice["text"]) < 400
    expected = RunConfig.from_query("seed=8&network.hidden=6").model_dump(mode="json")
    assert answer["config"]["config"] == expected


def test_an_address_that_names_no_points_says_so(served: Served) -> None:
    answer = served.open("?data.kind=points&seed=4")
    [notice] = answer["notices"]
    assert "open a file with them" in notice["text"]
    assert answer["config"]["config"] == RunConfig(seed=4).model_dump(mode="json")


def test_other_settings_of_the_data_travel_with_the_points(served: Served) -> None:
    rows = rows_of(30)
    answer = served.open(
        f"?data.kind=points&data.rows={rows.to_text()}&data.train_share=0.5&data.arms=3"
    )
    [notice] = answer["notices"]
    assert notice["text"].startswith("data.arms: ")
    data: Mapping[str, Any] = answer["config"]["config"]["data"]
    assert (data["digest"], data["train_share"]) == (rows.digest, 0.5)
