"""The pages of lessons: the list of them, and the laboratory opened with one."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Callable, Iterable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from spiral_dash.lessons import Lesson, Library, Listed, Shelf
from spiral_dash.web.document import LESSON_BODY, LESSON_HEAD, imported
from spiral_dash.web.lesson_data import lesson_data
from spiral_dash.web.markup import below
from spiral_dash.web.pages import ASSETS_PATH, document

LIST = "/lessons"
LESSON_AT = "/lesson/"
LESSON = LESSON_AT + "{name:path}"
STEP = "step"
STYLE = "lesson/lesson.css"
SCRIPT = "lesson/lesson.mjs"
"""Draws the lesson; all that it needs is asked for with the page."""
NAME_SHOWN_MAX = 80

ABOUT = (
    "Each lesson is the laboratory with a text beside it: predict, play, and see. Answers stay in "
    "this browser, and become a report that you can hand in."
)


class LessonPages:
    """Serves the routes; `page` returns the laboratory, with the two places in it."""

    def __init__(self, shelf: Shelf, page: Callable[[Request], str], root: str) -> None:
        self._shelf = shelf
        self._page = page
        self._root = root

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        return [Route(LIST, self._list), Route(LESSON, self._lesson)]

    async def _list(self, request: Request) -> HTMLResponse:
        library = await asyncio.to_thread(self._shelf.library)
        about = f"<p>{html.escape(ABOUT)}</p>"
        return self._document(
            "Lessons", [about, _listed(library, self._root), _refused(library.listed)]
        )

    async def _lesson(self, request: Request) -> HTMLResponse:
        name = request.path_params["name"]
        library = await asyncio.to_thread(self._shelf.library)
        listed = library.find(name)
        if listed is None:
            cut = name if len(name) <= NAME_SHOWN_MAX else f"{name[:NAME_SHOWN_MAX]}…"
            said = f"<p>There is no lesson {_text(repr(cut))}. These are there:</p>"
            return self._document(
                "No such lesson", [said, _listed(library, self._root)], status=404
            )
        if listed.lesson is None:
            said = "<p>This file cannot be used as a lesson until it is mended:</p>"
            return self._document("Not a lesson yet", [said, _problems(listed)], status=422)
        step = request.query_params.get(STEP)
        return HTMLResponse(with_lesson(self._page(request), listed.lesson, step, self._root))

    def _document(self, title: str, content: Iterable[str], status: int = 200) -> HTMLResponse:
        way = f'<p class="lessons-way"><a href="{self._root}">Laboratory</a></p>'
        parts = "\n".join([way, f"<h1>{html.escape(title)}</h1>", *content])
        text = document(self._root, title, parts, kind="lessons", style=STYLE)
        return HTMLResponse(text, status_code=status)


def with_lesson(page: str, lesson: Lesson, step: str | None, root: str) -> str:
    """Return the laboratory with a lesson in it, so that nothing more is asked for it."""
    data = lesson_data(lesson, root, step).model_dump(mode="json")
    head = (
        f'<link rel="stylesheet" href="{below(root, ASSETS_PATH + STYLE)}">'
        f'<script type="application/json" id="lesson-data">{as_script(data)}</script>'
        f"{''.join(_preload(root, module) for module in (SCRIPT, *imported(SCRIPT)))}"
    )
    body = '<aside id="lesson" class="lesson" aria-label="Lesson"></aside>'
    named = page.replace("<title>", f"<title>{_text(lesson.title)} · ", 1)
    return named.replace(LESSON_HEAD, head, 1).replace(LESSON_BODY, body, 1)


def as_script(data: object) -> str:
    """Return data as JSON that no text in it can end the element of."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _preload(root: str, module: str) -> str:
    return f'<link rel="modulepreload" href="{below(root, ASSETS_PATH + module)}">'


def _listed(library: Library, root: str) -> str:
    items = [
        f'<li><a href="{below(root, LESSON_AT + quote(one.name))}">{_text(one.title)}</a>'
        f"<p>{_text(one.sentence)}</p>"
        f'<p class="lessons-size">{_counted(one.minutes, "minute")}, '
        f"{_counted(len(one.steps), 'step')}</p></li>"
        for one in library.lessons
    ]
    return f'<ol class="lessons-list">{"".join(items)}</ol>'


def _refused(listed: Iterable[Listed]) -> str:
    refused = "".join(_problems(one) for one in listed if one.lesson is None)
    return f"<h2>Files that cannot be used yet</h2>{refused}" if refused else ""


def _problems(one: Listed) -> str:
    sentences = "".join(f"<li>{_text(sentence)}</li>" for sentence in one.problems)
    return f'<ul class="lessons-problems">{sentences}</ul>'


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _text(text: str) -> str:
    """Escape a text; a file's name may hold bytes that are no text."""
    return html.escape(text.encode("utf-8", "replace").decode())
