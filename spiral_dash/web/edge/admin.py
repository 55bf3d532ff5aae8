"""For whoever hosts it: every session with its memory and rates, to be ended; and the metrics."""

from __future__ import annotations

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
from spiral_dash.live.machine import own_bytes
from spiral_dash.web.edge.door import Door, Token
from spiral_dash.web.edge.pages import HEADERS, document, enter_page, form_of
from spiral_dash.web.edge.traffic import Traffic
from spiral_dash.web.markup import below
from spiral_dash.web.uploads import foreign_refusal, refusal

ADMIN, ENTER, END, METRICS = "/admin", "/admin/enter", "/admin/end", "/metrics"
SECONDS = 8 * 3600
BEARER = "bearer "
ENDED = "Whoever hosts this server has ended the session. Reload the page for a new one."
HEADS = ("Session", "State", "Epoch", "Viewers", "Frames/s", "kB/s", "Memory", "Restarts", "")


class Admin:
    """Serves the pages to who has the token."""

    def __init__(
        self,
        host: Host,
        traffic: Traffic,
        token: str,
        root: str,
        allowed_origins: Collection[str] = (),
    ) -> None:
        self._host, self._traffic, self._root = host, traffic, root
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
        pids = [handle.pid for handle in handles]
        sizes = await run_in_threadpool(lambda: [pid and own_bytes(pid) for pid in pids])
        rows = [self._row(handle, size) for handle, size in zip(handles, sizes, strict=True)]
        page = document(self._root, "Administration", self._content(rows))
        return HTMLResponse(page, headers=HEADERS)

    def _content(self, rows: Sequence[str]) -> str:
        facts = "".join(
            f"<li><b>{value}</b> {escape(name.replace('_', ' '))}</li>"
            for name, value in self._host.stats().items()
        )
        heads = "".join(
            f'<th scope="col">{head or "<span class=visually-hidden>End</span>"}</th>'
            for head in HEADS
        )
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        return (
            f'<h1>Administration</h1><ul class="facts">{facts}</ul>'
            f'<p><a href="{below(self._root, ADMIN)}">Look again</a> · '
            f'<a href="{self._root}">Laboratory</a></p>'
            + (
                f'<div class="rows card-like" tabindex="0" role="region" aria-label="Sessions">'
                f"{table}</div>"
                if rows
                else "<p>No session is open.</p>"
            )
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
        form = (
            f'<form method="post" action="{below(self._root, END)}">'
            f'<input type="hidden" name="session" value="{name}">'
            f'<button class="btn btn-quiet btn-small" type="submit" aria-label="End {name}">End'
            "</button></form>"
        )
        told = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
        return f"<tr>{told}<td>{form}</td></tr>"

    async def _end(self, request: Request) -> Response:
        foreign = foreign_refusal(request, self._allowed)
        if foreign is not None:
            return foreign
        if not self._door.opens(request):
            return self._door.ask(status=401)
        name = (await form_of(request)).get("session", "")
        for handle in self._host.handles():
            if identity(handle) == name:
                await handle.end(ENDED)
        return RedirectResponse(below(self._root, ADMIN), 303)

    async def _metrics(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        secret = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
        if not await self._door.is_right(request, secret):
            answer: JSONResponse = refusal(401, "Expected the token: Authorization: Bearer TOKEN.")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        told = generate_latest(self._traffic.registry)
        return Response(told, headers={"Content-Type": CONTENT_TYPE_LATEST})


def identity(handle: SessionHandle) -> str:
    """Return a session's name for people, which opens nothing."""
    return sha256(handle.folder.name.encode()).hexdigest()[:10]
