"""For whoever hosts it: sessions with memory and rates, and rooms, to be ended; and the metrics."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from hashlib import sha256
from html import escape

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.rooms.meeting import Meeting
from spiral_dash.rooms.rooms import Rooms
from spiral_dash.web.edge.door import Door, Token
from spiral_dash.web.edge.pages import HEADERS, document, enter_page, form_of
from spiral_dash.web.edge.traffic import Traffic
from spiral_dash.web.markup import below
from spiral_dash.web.uploads import foreign_refusal, refusal

ADMIN, ENTER, METRICS = "/admin", "/admin/enter", "/metrics"
END, CLOSE = "/admin/end", "/admin/close"
SECONDS = 8 * 3600
BEARER = "bearer "
ENDED = "Whoever hosts this server has ended the session. Reload the page for a new one."
CLOSED = "Whoever hosts this server has closed this room."
ROOM_HEADS = ("Room", "People", "Presenter", "Runs", "Made", "")
HEADS = ("Session", "State", "Epoch", "Viewers", "Frames/s", "kB/s", "Memory", "Restarts", "")
TIME = "%d %b %H:%M"


class Admin:
    """Serves the pages to who has the token."""

    def __init__(
        self,
        host: Host,
        rooms: Rooms,
        traffic: Traffic,
        token: str,
        root: str,
        allowed_origins: Collection[str] = (),
    ) -> None:
        self._host, self._traffic, self._root = host, traffic, root
        self._rooms = rooms
        self._allowed = frozenset(allowed_origins)
        self._door = Door(
            Token(token),
            cookie="spiral-dash-admin",
            seconds=SECONDS,
            page=self._page,
            path=below(root, ADMIN),
            home=below(root, ADMIN),
            allowed_origins=allowed_origins,
        )

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        return [
            Route(ADMIN, self._list),
            Route(ENTER, self._door.answer, methods=["POST"]),
            Route(END, self._end, methods=["POST"]),
            Route(CLOSE, self._close, methods=["POST"]),
            Route(METRICS, self._metrics),
        ]

    def _page(self, following: str, refusal: str) -> str:
        return enter_page(
            self._root,
            "Administration",
            "For whoever hosts this server. The token stands where the server was told it.",
            "Token",
            action=ENTER,
            following=following,
            refusal=refusal,
        )

    async def _list(self, request: Request) -> Response:
        if not self._door.opens(request):
            return self._door.ask()
        handles = self._host.handles()
        scales = [handle.weigh for handle in handles]
        sizes = await run_in_threadpool(lambda: [weigh and weigh() for weigh in scales])
        rows = [self._row(handle, size) for handle, size in zip(handles, sizes, strict=True)]
        rooms = [self._room(meeting) for meeting in self._rooms]
        page = document(self._root, "Administration", self._content(rows, rooms))
        return HTMLResponse(page, headers=HEADERS)

    def _content(self, rows: Sequence[str], rooms: Sequence[str]) -> str:
        facts = "".join(
            f"<li><b>{value}</b> {escape(name.replace('_', ' '))}</li>"
            for name, value in self._host.stats().items()
        )
        return (
            f'<h1>Administration</h1><ul class="facts">{facts}</ul>'
            f'<p><a href="{below(self._root, ADMIN)}">Look again</a> · '
            f'<a href="{self._root}">Laboratory</a></p>'
            + (_table("Sessions", HEADS, rows) if rows else "<p>No session is open.</p>")
            + (_table("Rooms", ROOM_HEADS, rooms) if rooms else "<p>No room is open.</p>")
        )

    def _row(self, handle: SessionHandle, size: int | None) -> str:
        name = identity(handle)
        frames, data = self._traffic.rates(handle.token)
        memory = "–" if not size else f"{size / 2**20:.0f} MiB"
        state = "asleep" if handle.asleep else handle.state.value
        cells = (
            name, state, handle.epoch, handle.viewers, f"{frames:.1f}", f"{data / 1000:.0f}",
            memory, handle.restarts,
        )  # fmt: skip
        return _row(cells, below(self._root, END), "session", name, "End")

    def _room(self, meeting: Meeting) -> str:
        room = meeting.room
        made = time.strftime(TIME, time.localtime(room.made_at))
        here = "here" if meeting.presenter else "away"
        cells = (room.name, meeting.count, here, len(room.runs), made)
        return _row(cells, below(self._root, CLOSE), "room", room.name, "Close")

    async def _end(self, request: Request) -> Response:
        refused = self._refusal(request)
        if refused is not None:
            return refused
        name = (await form_of(request)).get("session", "")
        for handle in self._host.handles():
            if identity(handle) == name:
                await handle.end(ENDED)
        return RedirectResponse(below(self._root, ADMIN), 303)

    async def _close(self, request: Request) -> Response:
        refused = self._refusal(request)
        if refused is not None:
            return refused
        meeting = self._rooms.find((await form_of(request)).get("room", ""))
        if meeting is not None:
            self._rooms.close(meeting, CLOSED)
        return RedirectResponse(below(self._root, ADMIN), 303)

    def _refusal(self, request: Request) -> Response | None:
        foreign = foreign_refusal(request, self._allowed)
        if foreign is not None or self._door.opens(request):
            return foreign
        return self._door.ask(status=401)

    async def _metrics(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        secret = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
        if not await self._door.is_right(request, secret):
            answer: JSONResponse = refusal(401, "Expected the token: Authorization: Bearer TOKEN.")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        told = generate_latest(self._traffic.registry)
        return Response(told, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _table(label: str, heads: Sequence[str], rows: Sequence[str]) -> str:
    told = "".join(
        f'<th scope="col">{head or "<span class=visually-hidden>End</span>"}</th>' for head in heads
    )
    return (
        f'<div class="rows card-like" tabindex="0" role="region" aria-label="{label}">'
        f"<table><thead><tr>{told}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _row(cells: Sequence[object], action: str, field: str, name: str, verb: str) -> str:
    """Return a row with a button that ends what is in it; `name` says which."""
    name = escape(name)
    form = (
        f'<form method="post" action="{action}">'
        f'<input type="hidden" name="{field}" value="{name}">'
        f'<button class="btn btn-quiet btn-small" type="submit" aria-label="{verb} {name}">{verb}'
        "</button></form>"
    )
    told = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
    return f"<tr>{told}<td>{form}</td></tr>"


def identity(handle: SessionHandle) -> str:
    """Return a session's name for people, which opens nothing."""
    return sha256(handle.folder.name.encode()).hexdigest()[:10]
