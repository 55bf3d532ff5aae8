"""The websocket of a room: what its presenter shows, and who is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from starlette.websockets import WebSocket

from spiral_dash.core.config import ConfigError
from spiral_dash.live.guest import Guest
from spiral_dash.live.host import Host
from spiral_dash.live.opening import CommandRefused
from spiral_dash.rooms import keys
from spiral_dash.rooms.events import ClosedEvent, PointEvent, RefusedEvent, WaitEvent
from spiral_dash.rooms.mailbox import Mailbox
from spiral_dash.rooms.meeting import Meeting, Member
from spiral_dash.rooms.names import read_person
from spiral_dash.rooms.rooms import Rooms
from spiral_dash.web.address import read_address
from spiral_dash.web.edge.limits import client_of
from spiral_dash.web.edge.names import POLICY_VIOLATION
from spiral_dash.web.rooms.messages import (
    AnswersMessage,
    BoardMessage,
    CloseMessage,
    HandMessage,
    MeMessage,
    PointMessage,
    RevealMessage,
    RunMessage,
    SceneEvent,
    SceneMessage,
    SpotlightMessage,
    parse_room_message,
)
from spiral_dash.web.stream import both, follow, is_foreign, send_all

OF_MEMBERS = ("", keys.FIRST)
"""What the keys show with which a page takes part; the presenter's shows nothing."""
NO_ROOM = "There is no such room any more, or this page has no key to it."
CLOSED = "The presenter has closed this room."
NOT_YOURS = "A session that is shown in a room has to be one of this page: reload it."
NOT_HERE = "Whom the room was to be handed on to is not here any more."
NOT_HANDED = "The room was not handed on: whoever takes it needs a session of their own."
NO_RUN = "There is no run to hand on: open one first."
NO_LONGER = "Another person presents in this room now."


class RoomSocket:
    """The route `/rooms/live?session=KEY`."""

    def __init__(self, host: Host, rooms: Rooms, allowed_origins: Collection[str] = ()) -> None:
        self._host = host
        self._rooms = rooms
        self._allowed = frozenset(allowed_origins)
        self._addresses: dict[Mailbox, str] = {}

    async def __call__(self, socket: WebSocket) -> None:
        """Serve one page until it, or the room, is gone."""
        if await is_foreign(socket, self._allowed):
            return
        await socket.accept()
        opened = self._rooms.of_key(socket.query_params.get("session", ""))
        if opened is None or opened[1].shows not in OF_MEMBERS:
            await _send_away(socket, ClosedEvent(text=NO_ROOM))
            return
        meeting, key = opened
        if refusal := meeting.refusal(key):
            await _send_away(socket, WaitEvent(text=refusal))
            return
        if meeting.room.runs and not meeting.has_scene:  # the room was left by an earlier server
            meeting.show(scene_event(meeting).model_dump_json())
        mailbox = meeting.come(key)
        self._rooms.keep(meeting)  # another may present now
        self._addresses[mailbox] = client_of(socket.scope)
        page = _Page(self._host, self._rooms, meeting, key, mailbox, self._addresses)
        try:
            await both(socket, follow(socket, page.obey, page.refuse), send_all(socket, mailbox))
        finally:
            page.leave()
            del self._addresses[mailbox]
            meeting.leave(key, mailbox)


async def _send_away(socket: WebSocket, why: ClosedEvent | WaitEvent) -> None:
    await socket.send_text(why.model_dump_json())
    await socket.close(POLICY_VIOLATION)


class _Page:
    """One page of the room, and what it may ask."""

    def __init__(
        self,
        host: Host,
        rooms: Rooms,
        meeting: Meeting,
        key: keys.Key,
        mailbox: Mailbox,
        addresses: Mapping[Mailbox, str],
    ) -> None:
        """`addresses` are those of the pages that are open."""
        self._host, self._rooms, self._meeting = host, rooms, meeting
        self._addresses = addresses
        self._key, self._mailbox = key, mailbox
        self._board = rooms.board(meeting)

    def leave(self) -> None:
        """Look at nothing any more."""
        self._board.close(self._mailbox)

    def refuse(self, text: str) -> None:
        """Tell the page why not."""
        self._meeting.tell(RefusedEvent(text=text), self._mailbox)

    async def obey(self, text: str | bytes | None) -> None:
        """Do what a message asks; raise `ConfigError`."""
        presents = self._key.kind == keys.PRESENTER
        message = parse_room_message(text, presents=presents)
        if presents and not self._meeting.room.is_led_with(self._key):
            raise ConfigError({"key": NO_LONGER})
        match message:
            case SceneMessage():
                self._show(message)
            case CloseMessage():
                self._rooms.close(self._meeting, CLOSED)
            case HandMessage():
                await self._hand_on(message)
            case BoardMessage():
                (self._board.open if message.open else self._board.close)(self._mailbox)
                self._meeting.read_answers(self._mailbox, message.open)
            case SpotlightMessage():
                self._meeting.show_run_of(message.member)
            case RevealMessage():
                self._meeting.reveal(message.step)
            case PointMessage():
                place = PointEvent(panel=message.panel, x=message.x, y=message.y)
                self._meeting.tell_members(place)
            case MeMessage():
                self._introduce(message)
            case RunMessage():
                self._take_note_of(message)
            case AnswersMessage():
                self._meeting.answer(self._member, dict(message.answers))

    def _show(self, message: SceneMessage) -> None:
        handles = [self._host.find(token) for token in message.runs]
        if None in handles:
            raise ConfigError({"runs": NOT_YOURS})
        meeting = self._meeting
        meeting.turn_to(message.scene)
        meeting.show_runs(tuple(handle.folder.name for handle in handles if handle is not None))
        meeting.show(scene_event(meeting).model_dump_json())

    async def _hand_on(self, message: HandMessage) -> None:
        meeting = self._meeting
        member = meeting.members.get(message.to)
        handle = self._rooms.shown(meeting, keys.FIRST)
        if member is None or not member.pages:
            raise ConfigError({"to": NOT_HERE})
        if handle is None:
            raise ConfigError({"to": NO_RUN})
        try:
            token = await self._host.copy(handle, self._guest_of(member))
        except CommandRefused as error:
            raise ConfigError({"to": f"{NOT_HANDED} {error}"}) from error
        copied = self._host.find(token)
        if copied is None or not member.pages or not self._may_hand_on():
            if copied is not None:
                await copied.end(NOT_HERE)
            raise ConfigError({"to": NOT_HERE})
        meeting.hand_on(member, token, copied.folder.name)

    def _may_hand_on(self) -> bool:
        opened = self._rooms.of_key(self._key.text)
        here = opened is not None and opened[0] is self._meeting
        return here and self._meeting.room.is_led_with(self._key)

    def _guest_of(self, member: Member) -> Guest:
        """Return for whom a copy that a member is handed counts: that of their own run, else of
        their address.
        """
        own = self._host.named(member.run)
        if own is not None:
            return own.guest
        return Guest(address=self._addresses.get(member.pages[-1], ""))

    def _introduce(self, message: MeMessage) -> None:
        member = self._member
        self._meeting.call(member, read_person(message.name))
        self._meeting.update(member, on_board=message.on_board)
        self._meeting.tell(member.me, *member.pages)

    def _take_note_of(self, message: RunMessage) -> None:
        handle = self._host.find(message.session)
        if handle is None and message.session:
            raise ConfigError({"session": NOT_YOURS})
        self._meeting.update(self._member, run="" if handle is None else handle.folder.name)

    @property
    def _member(self) -> Member:
        return self._meeting.member(self._key.member)


def scene_event(meeting: Meeting) -> SceneEvent:
    """Return what the members' pages are to show."""
    scene = meeting.room.scene
    return SceneEvent(
        page=read_address(scene.search).page,
        search=scene.search,
        lesson=scene.lesson,
        step=scene.step,
        enlarged=scene.enlarged,
        compared=len(meeting.room.runs) > 1,
    )
