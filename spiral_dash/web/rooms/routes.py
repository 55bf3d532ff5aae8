"""The routes of rooms: the page of one, and how to make it and come into it."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable, Collection

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route, WebSocketRoute

from spiral_dash.core.config import ConfigError
from spiral_dash.core.validation import parse_json, validated
from spiral_dash.lessons import Shelf
from spiral_dash.live.guest import Guest
from spiral_dash.live.host import Host, HostFull
from spiral_dash.live.opening import CommandRefused
from spiral_dash.rooms import keys
from spiral_dash.rooms.meeting import Meeting
from spiral_dash.rooms.names import read_room_name
from spiral_dash.rooms.room import read_end
from spiral_dash.rooms.rooms import Rooms
from spiral_dash.web.address import read_address
from spiral_dash.web.conversation import config_event
from spiral_dash.web.document import LESSON_HEAD
from spiral_dash.web.edge.door import BUSY
from spiral_dash.web.edge.limits import Buckets, client_of, too_many
from spiral_dash.web.edge.pages import HEADERS, document
from spiral_dash.web.lessons import as_script, with_lesson
from spiral_dash.web.opening import Opened, full_answer
from spiral_dash.web.rooms.messages import Entered, EnterRequest, Made, MakeRequest, TakeRequest
from spiral_dash.web.rooms.passwords import Busy, Passwords, TooMany
from spiral_dash.web.rooms.socket import RoomSocket
from spiral_dash.web.uploads import foreign_refusal, refusal

ROOM = "/room/{name:path}"
MAKE, ENTER, TAKE, LIVE = "/rooms/make", "/rooms/enter", "/rooms/take", "/rooms/live"
MADE_A_SECOND, MADE_AT_ONCE = 0.1, 20
ENTERED_A_SECOND, ENTERED_AT_ONCE = 0.2, 150
"""New members of rooms from one address, which a school may share."""
TAKEN_A_SECOND, TAKEN_AT_ONCE = 0.1, 5
"""Copies that one member is given."""
UNPROCESSABLE, NOT_FOUND, FORBIDDEN = 422, 404, 403
OWN_VIEWS = ("", keys.FIRST, keys.SECOND)
"""What the keys of those who come in show; another key is to the run of one of them."""
STATUS_OF = {"password": FORBIDDEN, "key": NOT_FOUND}
NOT_ON_BOARD = (
    "The run of this link is not on the board any more. Open the room itself, or the board again."
)
CROWD = "Many have come into rooms from this address just now."
NO_RUN = "There is no run on show now that could be taken over."
NO_SUCH = (
    "There is no room of this name now: it may be over, or its name may be written otherwise. Ask "
    "whoever presents for the link."
)


class RoomRoutes:
    """Serves them; `page` returns the laboratory, with a place for what a room adds."""

    def __init__(
        self,
        host: Host,
        rooms: Rooms,
        shelf: Shelf,
        page: Callable[[Request], str],
        root: str = "/",
        allowed_origins: Collection[str] = (),
    ) -> None:
        self._host, self._rooms = host, rooms
        self._shelf, self._page, self._root = shelf, page, root
        self._allowed = frozenset(allowed_origins)
        self._passwords = Passwords()
        self._made = Buckets(MADE_A_SECOND, MADE_AT_ONCE)
        self._entered = Buckets(ENTERED_A_SECOND, ENTERED_AT_ONCE)
        self._taken = Buckets(TAKEN_A_SECOND, TAKEN_AT_ONCE)

    def routes(self) -> list[Route | WebSocketRoute]:
        """Return the routes to add to the server."""
        socket = RoomSocket(self._host, self._rooms, self._allowed)
        return [
            Route(ROOM, self._room),
            Route(MAKE, self._make, methods=["POST"]),
            Route(ENTER, self._enter, methods=["POST"]),
            Route(TAKE, self._take, methods=["POST"]),
            WebSocketRoute(LIVE, socket.__call__),
        ]

    async def _room(self, request: Request) -> HTMLResponse:
        try:
            name = read_room_name(request.path_params["name"])
        except ConfigError as error:
            return self._no_room(str(error))
        meeting = self._rooms.find(name)
        if meeting is None:
            return self._no_room(NO_SUCH)
        return HTMLResponse(await self._laboratory(request, meeting))

    async def _laboratory(self, request: Request, meeting: Meeting) -> str:
        scene = meeting.room.scene
        data = {
            "name": meeting.room.name,
            "locked": bool(meeting.room.password),
            "lesson": scene.lesson,
        }
        head = f'<script type="application/json" id="room-data">{as_script(data)}</script>'
        page = self._page(request).replace(LESSON_HEAD, head + LESSON_HEAD, 1)
        if scene.lesson:
            library = await asyncio.to_thread(self._shelf.library)
            listed = library.find(scene.lesson)
            if listed is not None and listed.lesson is not None:
                page = with_lesson(page, listed.lesson, str(scene.step + 1), self._root)
        title = f"<title>Room {html.escape(meeting.room.name)} · "
        return page.replace("<title>", title, 1)

    def _no_room(self, sentence: str) -> HTMLResponse:
        content = (
            f'<div class="card-like"><h1>No such room</h1><p>{html.escape(sentence)}</p>'
            f'<p><a href="{self._root}">To the laboratory</a></p></div>'
        )
        page = document(self._root, "No such room", content)
        return HTMLResponse(page, NOT_FOUND, HEADERS)

    async def _make(self, request: Request) -> JSONResponse:
        foreign = foreign_refusal(request, self._allowed)
        if foreign is not None:
            return foreign
        client = client_of(request.scope)
        bucket = self._made.of(client)
        try:
            asked = validated(MakeRequest, parse_json(await request.body()))
            name, ends_at = read_room_name(asked.name), read_end(asked.ends_at)
            self._rooms.check(name, client)
            if not bucket.take():
                return too_many("Many rooms were made from this address just now.", bucket.wait())
            password = await self._passwords.hashed(asked.password)
            meeting, key = self._rooms.make(name, password, ends_at, client)
        except ConfigError as error:
            return refusal(UNPROCESSABLE, str(error))
        made = Made(name=meeting.room.name, key=key, ends_at=ends_at)
        return JSONResponse(made.model_dump(mode="json"))

    async def _enter(self, request: Request) -> JSONResponse:
        foreign = foreign_refusal(request, self._allowed)
        if foreign is not None:
            return foreign
        try:
            asked = validated(EnterRequest, parse_json(await request.body()))
            meeting = self._rooms.find(read_room_name(asked.room))
            if meeting is None:
                return refusal(NOT_FOUND, NO_SUCH)
            member, shows = await self._member(meeting, asked, client_of(request.scope))
        except TooMany as spent:
            return too_many(spent.sentence, spent.seconds)
        except Busy as busy:
            answer = refusal(BUSY, str(busy))
            answer.headers["Retry-After"] = "1"
            return answer
        except ConfigError as error:
            named = [code for name, code in STATUS_OF.items() if name in error.problems]
            return refusal(next(iter(named), UNPROCESSABLE), str(error))
        handle = self._rooms.shown(meeting, shows)
        looked_at = meeting.members.get(shows)
        entered = Entered(
            key=meeting.room.viewer_key(member, shows),
            second=meeting.room.viewer_key(member, keys.SECOND),
            whose="" if looked_at is None else looked_at.name,
            config=None if handle is None else config_event(handle),
        )
        return JSONResponse(entered.model_dump(mode="json"))

    async def _take(self, request: Request) -> JSONResponse:
        """Answer as to a page that opens a session: here a copy of the one on show."""
        foreign = foreign_refusal(request, self._allowed)
        if foreign is not None:
            return foreign
        try:
            asked = validated(TakeRequest, parse_json(await request.body()))
            opened = self._rooms.of_key(asked.key)
            handle = None if opened is None else self._rooms.shown(opened[0], opened[1].shows)
            if opened is None or handle is None:
                return refusal(NOT_FOUND, NO_RUN)
            bucket = self._taken.of(f"{opened[1].room} {opened[1].member}")
            if bucket.wait() > 0:
                return too_many("You took this run over many times just now.", bucket.wait())
            guest = Guest(asked.browser, client_of(request.scope), asked.ticket, waits=True)
            token = await self._host.copy(handle, guest)
            bucket.take()
        except HostFull as full:
            return full_answer(full)
        except (ConfigError, CommandRefused) as error:
            return refusal(UNPROCESSABLE, str(error))
        copied = self._host.find(token)
        assert copied is not None, "it was opened just now"
        page = read_address("").page
        told = Opened(token=token, config=config_event(copied), page=page, notices=[])
        return JSONResponse(told.model_dump(mode="json"))

    async def _member(self, meeting: Meeting, asked: EnterRequest, client: str) -> tuple[str, str]:
        """Return who comes in, and which run they see; raise `ConfigError` where they may not."""
        key = keys.read_key(asked.key)
        looks = key is not None and key.shows not in OWN_VIEWS
        if asked.key and (key is None or (looks and not meeting.has_on_board(key.shows))):
            raise ConfigError({"key": NOT_ON_BOARD})
        if key is not None and meeting.room.is_viewers(key):
            return key.member, key.shows
        await self._passwords.check(meeting.room.password, asked.password, client)
        bucket = self._entered.of(client)
        if not bucket.take():
            raise TooMany(CROWD, bucket.wait())
        return keys.new_member(), keys.FIRST
