"""The route by which a page gets a session: its own again, or a new one as its address says."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from spiral_dash.core.config import ConfigError, RunConfig
from spiral_dash.core.validation import parse_json, validated
from spiral_dash.live.guest import Guest
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host, HostFull
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.pace import USUAL_SPEED, read_speed
from spiral_dash.live.pool import PoolError
from spiral_dash.live.waiting import AGAIN_SECONDS
from spiral_dash.web.address import PageState, read_address
from spiral_dash.web.conversation import bring, config_event, described, with_rows
from spiral_dash.web.edge.limits import TOO_MANY, client_of
from spiral_dash.web.form import Reading
from spiral_dash.web.messages import ConfigEvent
from spiral_dash.web.uploads import foreign_refusal, refusal

OPEN, LEAVE = "/session/open", "/session/leave"
TICKET_MAX = 200
FOLLOWED = "The former session is gone. This is a new one with the settings of the address."
NOTICES_MAX = 5


class OpenRequest(BaseModel):
    """A page's address, and the session that it had; `ended` where it has just lost one.

    A second run of the page names the session `beside` it, whose points it may have. `browser` is a
    name that the browser has given itself, `ticket` its place in the queue for a seat.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    search: str = ""
    token: str | None = Field(None, max_length=200)
    ended: bool = False
    beside: str | None = Field(None, max_length=200)
    browser: str = Field("", max_length=200)
    ticket: str | None = Field(None, max_length=TICKET_MAX)


class Opened(BaseModel):
    """The session, None where none could be opened; what it is; and what to say of that."""

    model_config = ConfigDict(frozen=True)

    token: str | None
    config: ConfigEvent
    page: PageState
    notices: list[dict[str, str]]


class Openings:
    """Serves the route."""

    def __init__(self, host: Host, allowed_origins: Collection[str] = ()) -> None:
        self._host = host
        self._allowed = frozenset(allowed_origins)

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        return [
            Route(OPEN, self._open, methods=["POST"]),
            Route(LEAVE, self._leave, methods=["POST"]),
        ]

    async def _open(self, request: Request) -> JSONResponse:
        foreign = foreign_refusal(request, self._allowed)
        if foreign is not None:
            return foreign
        try:
            asked = validated(OpenRequest, parse_json(await request.body()))
        except ConfigError as error:
            return refusal(422, str(error))
        # A second run would wait for a seat while the first keeps one.
        waits = asked.beside is None
        guest = Guest(asked.browser, client_of(request.scope), asked.ticket, waits)
        try:
            opened = await self._opened(asked, guest)
        except HostFull as full:
            return full_answer(full)
        return JSONResponse(opened.model_dump(mode="json"))

    async def _leave(self, request: Request) -> Response:
        """Give up the place in the queue: the page that waited is gone."""
        if foreign_refusal(request, self._allowed) is None:
            ticket = (await request.body())[:TICKET_MAX]
            self._host.waiting.leave(ticket.decode(errors="replace"))
        return Response(status_code=204)

    async def _opened(self, asked: OpenRequest, guest: Guest) -> Opened:
        address = read_address(asked.search)
        notices = _warnings(address.problems)
        handle = self._host.find(asked.token or "")
        reading = _with_those_of(self._host.find(asked.beside or ""), address.reading)
        reading, missing = with_rows(reading, handle)
        if missing:
            notices.append(_notice("warning", missing))
        try:
            if handle is None:
                if asked.token or asked.ended:
                    notices.append(_notice("info", FOLLOWED))
                handle = await self._new(reading, address.page, guest)
            else:
                await handle.wake(guest)
                await self._bring(handle, reading, asked, address.page.epoch)
        except HostFull:
            raise
        except (PoolError, CommandRefused, ConfigError) as error:
            notices.append(_notice("danger", str(error)))
            handle = None
        if handle is None:
            told = described(reading.config, reading.config, None)
            return Opened(token=None, config=told, page=address.page, notices=notices)
        return Opened(
            token=handle.token, config=config_event(handle), page=address.page, notices=notices
        )

    @staticmethod
    async def _bring(
        handle: SessionHandle, reading: Reading, asked: OpenRequest, epoch: int | None
    ) -> None:
        if asked.beside or reading.config != RunConfig() or epoch is not None:
            await bring(handle, reading, epoch)

    async def _new(self, reading: Reading, page: PageState, guest: Guest) -> SessionHandle | None:
        speed = USUAL_SPEED if page.speed is None else read_speed(page.speed)
        token = await self._host.open(
            reading.config, reading.rows, speed=speed, reach=page.epoch or None, guest=guest
        )
        return self._host.find(token)


def _with_those_of(other: SessionHandle | None, reading: Reading) -> Reading:
    """Return a reading with the points that it names, where the other session has them."""
    if other is None or reading.rows is not None:
        return reading
    return dataclasses.replace(reading, rows=other.rows.get(reading.config))


def full_answer(full: HostFull) -> JSONResponse:
    """Answer programs with a standard refusal, and pages with their place in the queue."""
    waiting = full.waiting
    content = {"error": str(full), "waiting": waiting and dataclasses.asdict(waiting)}
    again = AGAIN_SECONDS if waiting is None else waiting.again
    return JSONResponse(content, TOO_MANY, {"Retry-After": str(again)})


def _warnings(problems: list[str]) -> list[dict[str, Any]]:
    notices = [_notice("warning", sentence) for sentence in problems[:NOTICES_MAX]]
    more = len(problems) - NOTICES_MAX
    if more > 0:
        notices.append(_notice("warning", f"{more} more settings of the address are not valid."))
    return notices


def _notice(level: str, text: str) -> dict[str, str]:
    return {"level": level, "text": text}
