"""The pages of lessons: what they hold, and what is said of whatever cannot be shown."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from starlette.applications import Starlette
from starlette.types import Message

from spiral_dash.lessons import Shelf, read_lesson
from spiral_dash.web.access import dial_paths
from spiral_dash.web.address import read_address
from spiral_dash.web.document import LESSON_BODY, LESSON_HEAD
from spiral_dash.web.lesson_data import lesson_data
from spiral_dash.web.lessons import LessonPages
from spiral_dash.web.options import parse_options
from spiral_dash.web.vocabulary import vocabulary
from tests.unit.web.conftest import Served

PAGE = (
    f"<html><head><title>Spiral Dash</title>{LESSON_HEAD}</head><body>{LESSON_BODY}</body></html>"
)
LESSON = """# {title}

What it is about.

minutes: 5

## One

Look at $x^2$.

```setup
run: network.hidden=4&vs.network.activation=relu
panels: boundary, metrics
metrics.scale: log
speed: 5
free: data.entanglement, training
```

```question
ask: Which?
[ ] this
[x] that
why: Because.
```

## Two

As before.
"""
GOOD = LESSON.format(title="Mine")


@dataclass(frozen=True)
class Answer:
    """What a request brought."""

    status: int
    text: str


class Pages:
    """The routes alone, without the laboratory."""

    def __init__(self, folder: Path | None = None) -> None:
        pages = LessonPages(Shelf(vocabulary(), folder), lambda request: PAGE, "/")
        self._app = Starlette(routes=pages.routes())

    def get(self, address: str) -> Answer:
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "query_string": query.encode(),
            "headers": [],
        }
        told: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        async def send(message: Message) -> None:
            told.append(message)

        asyncio.run(self._app(scope, receive, send))
        body = b"".join(message.get("body", b"") for message in told)
        return Answer(told[0]["status"], body.decode())


@pytest.fixture(scope="module")
def packaged() -> Pages:
    return Pages()


def data_in(text: str) -> dict[str, Any]:
    found = re.search(r'id="lesson-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_laboratory_holds_the_lesson_itself(served: Served) -> None:
    text = served.request("/lesson/entanglement?step=2").body.decode()
    assert "<title>What entanglement does · Spiral Dash</title>" in text
    assert text.index("lesson-data") < text.index("react-entry-point")
    data = data_in(text)
    assert (data["name"], data["place"], data["problem"]) == ("entanglement", 1, "")
    plain = served.request("/").body.decode()
    assert "lesson-data" not in plain and "lesson.css" not in plain


def test_a_step_says_what_the_page_shows_as_an_address_does() -> None:
    one, two = lesson_data(read_lesson("mine", GOOD, vocabulary()), "/").steps
    address = read_address(one.search)
    assert address.problems == []
    assert address.page.panels == ("boundary", "metrics")
    assert address.page.options == {"metrics": {"scale": "log"}}
    assert address.page.speed == "5"
    config = address.reading.config
    assert (config.network.hidden, config.network.activation) == ((4,), "tanh")
    assert address.page.vs is not None
    assert read_address(address.page.vs).reading.config.network.activation == "relu"
    assert (two.keeps, two.search, two.hide) == (True, one.search, one.hide)
    free = set(dial_paths()) - set(one.hide)
    assert len(free) == one.free
    assert {"data.entanglement", "training.momentum"} <= free
    assert not free & {"network.activation", "data.kind", "seed"}


def test_every_step_of_the_packages_lessons_is_an_address_without_problems() -> None:
    for lesson in Shelf(vocabulary()).library().lessons:
        for step in lesson_data(lesson, "/").steps:
            hidden = f"&hide={','.join(step.hide)}" if step.hide else ""
            assert read_address(step.search + hidden).problems == [], (lesson.name, step.title)


STEPS = {
    "0": "got '0'",
    "-1": "got '-1'",
    "4": "from 1 to 3, got '4'",
    "1.5": "got '1.5'",
    "two": "got 'two'",
    "": "got ''",
    "1e0": "got '1e0'",
    "９": "got '９'",
    " 2": "got ' 2'",
    "9" * 5000: "got '99999999999999999999…'",
    "</script><script>alert(1)</script>": "got '</script><script>ale…'",
}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[:12])
def test_a_step_that_is_not_there_is_the_first_with_a_sentence(packaged: Pages, step: str) -> None:
    answer = packaged.get(f"/lesson/codimension?step={quote(step)}")
    data = data_in(answer.text)
    assert (answer.status, data["place"]) == (200, 0)
    assert data["problem"].startswith("step: expected a whole number from 1 to 3, got")
    assert STEPS[step] in data["problem"] and data["problem"].endswith("Here is the first.")
    assert answer.text.count("</script>") == 1


NAMES = (
    "nothing",
    "entanglement.md",
    "Entanglement",
    "..%2f..%2f..%2fetc%2fpasswd",
    "..%2Ffiles%2Fentanglement",
    "%2e%2e/%2e%2e/README",
    "a/b/c",
    "",
    "%00",
    "%ff%fe",
    "x" * 5000,
    quote("<script>alert(1)</script>"),
    quote('"><img src=x onerror=alert(1)>'),
    quote("spiral ☃"),
)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:16] or "none")
def test_a_lesson_that_is_not_there_is_not_found(served: Served, name: str) -> None:
    answer = served.request(f"/lesson/{name}")
    text = answer.body.decode()
    assert answer.status == 404
    assert "There is no lesson" in text and "/lesson/entanglement" in text
    assert "<img" not in text and "<script>" not in text and len(text) < 10_000
    assert "root:" not in text


SETUP = "```setup\n{}\n```"
FILES: dict[str, tuple[str, bytes, str]] = {
    "an unknown panel": (
        "a.md",
        GOOD.replace("boundary, metrics\nmetrics.scale: log", "bondary").encode(),
        "a.md, line 13: expected panels out of",
    ),
    "a loop": (
        "a.md",
        (GOOD + SETUP.format("next: One")).encode(),
        "expected steps that come to an end, got a loop",
    ),
    "10 MB": ("a.md", b"x" * 10_000_000, "a.md, line 1: expected a file of at most 256 KiB, got"),
    "a script": (
        "a.md",
        GOOD.replace("Look", "<script>alert(1)</script> Look").encode(),
        "a.md, line 9: expected text without HTML, got &#x27;&lt;script&gt;",
    ),
    "a script as a link": (
        "a.md",
        GOOD.replace("Look", "[Look](javascript:alert(1))").encode(),
        "a.md, line 9: expected a link with http, https or no scheme",
    ),
    "a dial that is none": (
        "a.md",
        GOOD.replace("data.entanglement, training", "data.nothing").encode(),
        "a.md, line 16: expected dials such as data.entanglement",
    ),
    "no right answer": ("a.md", GOOD.replace("[x]", "[ ]").encode(), "expected a right choice"),
    "an unknown step": (
        "a.md",
        GOOD.replace("[x] that", "[x] that -> Nowhere").encode(),
        "expected the title of a step, or end, got &#x27;Nowhere&#x27;",
    ),
    "a run that is none": (
        "a.md",
        GOOD.replace("hidden=4", "hidden=-4").encode(),
        "a.md, line 12: network.hidden: expected",
    ),
    "an option's bad value": (
        "a.md",
        GOOD.replace("scale: log", "scale: bent").encode(),
        "a.md, line 14: metrics.scale: expected one of",
    ),
    "a speed in words": (
        "a.md",
        GOOD.replace("speed: 5", "speed: fast").encode(),
        "speed: expected",
    ),
    "not text": ("a.md", b"# A\n\xff\xfe", "a.md, line 2: expected UTF-8"),
    "nothing": ("a.md", b"", "got an empty file"),
    "a name with spaces": ("my lesson.md", GOOD.encode(), "small letters, digits and hyphens"),
    "a name of markup": ("<b>&quot;.md", GOOD.encode(), "&lt;b&gt;&amp;quot;.md"),
    "a name that is no text": (os.fsdecode(b"\xff.md"), GOOD.encode(), "?.md, line 1: expected"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_lesson_is_listed_with_its_line_and_harms_no_other(
    tmp_path: Path, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    name, content, said = FILES[case]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "mine.md").write_text(GOOD)
    with caplog.at_level(logging.WARNING, "spiral_dash.lessons"):
        pages = Pages(tmp_path)
    assert caplog.messages, "it is said at the start"
    listed = pages.get("/lessons")
    assert said in listed.text
    assert "<script>" not in listed.text and "<b>" not in listed.text
    assert ">Mine<" in listed.text
    assert pages.get("/lesson/mine").status == 200
    refused = pages.get(f"/lesson/{quote(os.fsencode(name).removesuffix(b'.md'))}")
    assert refused.status in {404, 422}
    assert (said in refused.text) == (refused.status == 422)


def test_a_title_of_markup_is_text_everywhere(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(LESSON.format(title="<!-- lesson --> </title><b> & \\"))
    pages = Pages(tmp_path)
    listed, page = pages.get("/lessons").text, pages.get("/lesson/a").text
    assert "&lt;b&gt; &amp; \\" in listed and "<b>" not in listed
    assert page.count("</title>") == 1 and page.count("</script>") == 1
    assert data_in(page)["title"] == "<!-- lesson --> </title><b> & \\"


def test_a_lesson_is_read_again_when_its_file_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text(GOOD)
    pages = Pages(tmp_path)
    assert data_in(pages.get("/lesson/mine").text)["title"] == "Mine"
    path.write_text(LESSON.format(title="Another"))
    assert data_in(pages.get("/lesson/mine").text)["title"] == "Another"
    path.unlink()
    assert pages.get("/lesson/mine").status == 404
    (tmp_path / "entanglement.md").write_text(LESSON.format(title="Instead"))
    assert ">Instead<" in pages.get("/lessons").text


def test_an_empty_folder_leaves_the_packages_lessons_and_is_mentioned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "spiral_dash.lessons"):
        text = Pages(tmp_path).get("/lessons").text
    assert text.count("<li>") == 6
    assert caplog.messages == [f"{tmp_path} holds no lessons: expected files *.md."]


def test_a_folder_of_lessons_is_one_that_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parse_options(["--lessons", str(tmp_path)]).lessons == tmp_path
    assert parse_options([]).lessons is None
    (tmp_path / "file").touch()
    for text, said in {
        str(tmp_path / "nowhere"): "expected a folder, got one that is not there",
        str(tmp_path / "file"): "expected a folder, got a file",
        "": "expected a folder, got nothing",
        "a\0b": "expected a folder",
    }.items():
        with pytest.raises(SystemExit) as ended:
            parse_options(["--lessons", text])
        assert ended.value.code == 2 and said in capsys.readouterr().err
