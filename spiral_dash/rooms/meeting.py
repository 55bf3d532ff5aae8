"""Those who are in a room now, and what each of them is told. Kept in memory alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from spiral_dash.live.audience import Viewer
from spiral_dash.rooms import keys, votes
from spiral_dash.rooms.events import (
    ClosedEvent,
    Event,
    HandedEvent,
    LedEvent,
    MeEvent,
    PeopleEvent,
    Person,
    VotesEvent,
    WaitEvent,
)
from spiral_dash.rooms.mailbox import Mailbox
from spiral_dash.rooms.names import free_name, pseudonym
from spiral_dash.rooms.room import Room, Scene

MEMBERS_MAX = 200
PAGES_MAX = 4
"""Pages that one member may have open."""
SCENE = "scene"
SOON_SECONDS = 0.2
"""What changes within so long is told at once: a class comes together."""
CROWDED = (
    f"This room has {MEMBERS_MAX} people in it, and no more can come in. This page tries again by "
    "itself."
)
TOO_OFTEN = (
    f"You have this room open more than {PAGES_MAX} times: this page waits, and tries again by "
    "itself."
)


@dataclass
class Member:
    """Somebody in the room: a name that they chose, and the pages that they have open.

    `run` is the folder of a session of their own, "" without one; it is on the board where they
    are `on_board`, and `shown` while everyone sees it.
    """

    id: str
    name: str
    on_board: bool = True
    run: str = ""
    shown: bool = False
    answers: dict[int, str] = field(default_factory=dict)
    pages: list[Mailbox] = field(default_factory=list)

    @property
    def tile(self) -> str:
        """The folder of the session that others may see, "" for none."""
        return self.run if self.on_board and self.pages else ""

    @property
    def me(self) -> MeEvent:
        """What they are told of themselves."""
        return MeEvent(name=self.name, on_board=self.on_board, shown=self.shown)

    def person(self, room: Room) -> Person:
        """Return what the presenter of a room is told of them."""
        key = room.viewer_key(keys.LOOKING, self.id) if self.tile else ""
        return Person(id=self.id, name=self.name, key=key, answers=self.answers)


@dataclass(frozen=True)
class Offer:
    """The room as a member is to present it, with what they show; it is theirs when they come."""

    room: Room
    to: str
    folder: str


class Meeting:
    """A room and the people in it. What changes is told to everyone whom it concerns."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.members: dict[str, Member] = {}
        self.presenter: list[Mailbox] = []
        self.shown_member = ""
        self._offer: Offer | None = None
        self._revealed: dict[int, VotesEvent] = {}
        self._reading: set[Mailbox] = set()
        self._scene = ""
        self._telling: asyncio.TimerHandle | None = None
        self._watching: list[tuple[str, Viewer]] = []

    # Pages that come and go.

    def member(self, identity: str) -> Member:
        """Return a member, who may be new; what was known of those who left goes when many come,
        first of those who did nothing.
        """
        if identity not in self.members:
            left = [each for each in self.members.values() if not each.pages]
            for other in sorted(left, key=lambda each: bool(each.answers or each.run)):
                if len(self.members) >= MEMBERS_MAX:
                    del self.members[other.id]
            self.members[identity] = Member(identity, pseudonym(self._names()))
        return self.members[identity]

    @property
    def count(self) -> int:
        """How many are here beside the presenter."""
        return sum(bool(member.pages) for member in self.members.values())

    def _names(self) -> set[str]:
        return {member.name for member in self.members.values() if member.pages}

    def call(self, member: Member, name: str) -> None:
        """Give a member a name that they chose, with a number where somebody here has it."""
        others = [each.name for each in self.members.values() if each is not member and each.pages]
        member.name = free_name(name, others)

    def admits(self, key: keys.Key) -> bool:
        """Whether a key is to this room, or will be when the room is handed on."""
        return self.room.admits(key) or self._is_offered(key)

    def _is_offered(self, key: keys.Key) -> bool:
        return self._offer is not None and self._offer.room.is_led_with(key)

    def refusal(self, key: keys.Key) -> str:
        """Return why a page cannot come in now with this key, "" where it can."""
        mine = self.members.get(key.member)
        if key.kind == keys.VIEWER and (mine is None or not mine.pages):
            return CROWDED if self.count >= MEMBERS_MAX else ""
        return ""

    def come(self, key: keys.Key) -> Mailbox:
        """Add a page, and tell it what is on show; of too many of one person the oldest goes."""
        mailbox = Mailbox()
        if key.kind == keys.PRESENTER:
            self._take_up(key)
            self._add(self.presenter, mailbox)
            self._tell_revealed(mailbox)
        else:
            member = self.member(key.member)
            self._add(member.pages, mailbox)
            self.tell(member.me, mailbox)
            if self._scene:
                mailbox.put(SCENE, self._scene)
            self._tell_revealed(mailbox)
        self.tell_people()
        return mailbox

    def _add(self, pages: list[Mailbox], mailbox: Mailbox) -> None:
        """Whoever is there tells of the newest page; of the oldest, the line may be dead."""
        for oldest in pages[: max(0, len(pages) + 1 - PAGES_MAX)]:
            pages.remove(oldest)
            self.tell(WaitEvent(text=TOO_OFTEN), oldest)
            oldest.close()
        pages.append(mailbox)

    def leave(self, key: keys.Key, mailbox: Mailbox) -> None:
        """Let a page go."""
        before, member = self._folders, self.members.get(key.member)
        self._reading.discard(mailbox)
        for pages in (self.presenter, member.pages if member else []):
            if mailbox in pages:
                pages.remove(mailbox)
        if member is not None and not member.pages:
            self._send_away(member.id)
            if member.id == self.shown_member:
                self._spotlight("")
        self._turn_from(before)
        self.tell_people()

    def _pages(self) -> Iterator[Mailbox]:
        for member in self.members.values():
            yield from member.pages

    # What they are told.

    def tell(self, event: Event, *mailboxes: Mailbox) -> None:
        """Tell pages something; only the newest of its kind, and of its step, is of use."""
        text = event.model_dump_json()
        kind = f"{event.event} {event.step}" if isinstance(event, VotesEvent) else event.event
        for mailbox in mailboxes:
            mailbox.put(kind, text)

    def tell_presenter(self, event: Event) -> None:
        """Tell every page of the presenter something."""
        self.tell(event, *self.presenter)

    def tell_members(self, event: Event) -> None:
        """Tell everyone else something."""
        self.tell(event, *self._pages())

    def tell_people(self) -> None:
        """Tell the presenter soon who is here, and the others how many."""
        if self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(SOON_SECONDS, self._tell_people)

    def _tell_people(self) -> None:
        self._telling = None
        here = [member for member in self.members.values() if member.pages]
        shown = self.members.get(self.shown_member)
        told = PeopleEvent(
            count=len(here),
            led=bool(self.presenter),
            shown=self.shown_member,
            whose="" if shown is None else shown.name,
            people=[],
            votes=None,
        )
        self.tell_members(told)
        people = sorted((member.person(self.room) for member in here), key=lambda each: each.name)
        full = told.model_copy(
            update={"people": people, "votes": self._votes_on(self.room.scene.step)}
        )
        brief = [each.model_copy(update={"answers": {}}) for each in people]
        pages = self.presenter
        self.tell(full, *(each for each in pages if each in self._reading))
        self.tell(
            full.model_copy(update={"people": brief}),
            *(each for each in pages if each not in self._reading),
        )

    @property
    def has_scene(self) -> bool:
        """Whether what the presenter shows can be told to who comes."""
        return bool(self._scene)

    def show(self, scene: str) -> None:
        """Have everyone's page show what the presenter's does: an event, as JSON."""
        self._scene = scene
        for mailbox in self._pages():
            mailbox.put(SCENE, scene)

    def hand_on(self, member: Member, session: str, folder: str) -> None:
        """Let a member who is here be the presenter, with a session of their own in a folder.

        Until they have come with their key, everything is as it was: it may not reach them.
        """
        room, key = self.room.handed_on()
        self._offer = Offer(room, member.name, folder)
        self.tell(LedEvent(key=key, session=session, ends_at=room.ends_at), *member.pages)

    def _take_up(self, key: keys.Key) -> None:
        """Have the room led by whom it was handed on to, if this is their key."""
        offer = self._offer
        if offer is None or not self._is_offered(key):
            return
        self._offer = None
        self.room = self.room.replace(presenter=offer.room.presenter)
        former = self.room.viewer_key(keys.new_member())
        self.tell_presenter(HandedEvent(to=offer.to, key=former))
        for mailbox in self.presenter:
            mailbox.close()
        self.presenter.clear()
        before = self._folders
        self._spotlight("")
        self._turn_from(before)
        self.show_runs((offer.folder,))
        for shows in self.members:
            self._send_away(shows)

    def close(self, text: str) -> None:
        """Send everyone out."""
        self.tell_presenter(ClosedEvent(text=text))
        self.tell_members(ClosedEvent(text=text))
        if self._telling is not None:
            self._telling.cancel()
        for mailbox in [*self.presenter, *self._pages()]:
            mailbox.close()
        for _, viewer in self._watching:
            viewer.finish()

    # What they answer.

    def answer(self, member: Member, answers: dict[int, str]) -> None:
        """Take note of what a member has answered to the questions of the lesson, by the step."""
        member.answers = votes.kept(answers)
        self.tell_people()

    def reveal(self, step: int) -> None:
        """Show everyone what the answer to the question of a step is, and what was answered."""
        self._revealed.pop(step, None)
        self._revealed[step] = told = self._votes_on(step)
        for oldest in list(self._revealed)[: -votes.STEPS_MAX]:
            del self._revealed[oldest]
        self.tell_members(told)
        self.tell_presenter(told)

    def _votes_on(self, step: int) -> VotesEvent:
        everyones = [member.answers for member in self.members.values() if member.pages]
        given = sum(step in answers for answers in everyones)
        return VotesEvent(step=step, counts=votes.tally(everyones, step), given=given)

    def read_answers(self, mailbox: Mailbox, reads: bool) -> None:
        """Tell a page of the presenter what everyone has answered, or no longer."""
        (self._reading.add if reads else self._reading.discard)(mailbox)
        self.tell_people()

    def _tell_revealed(self, mailbox: Mailbox) -> None:
        for told in self._revealed.values():
            self.tell(told, mailbox)

    def turn_to(self, scene: Scene) -> None:
        """Take note of what the presenter shows; another lesson has other answers."""
        if scene.lesson != self.room.scene.lesson:
            self._revealed.clear()
        turned = scene.step != self.room.scene.step
        self.room = self.room.replace(scene=scene)
        if turned:
            self.tell_people()

    # Which run is whose.

    def folder_of(self, shows: str) -> str:
        """Return the folder of the session that a viewer's key shows, "" where there is none."""
        first, second = ((*self.room.runs, "", ""))[:2]
        if shows == keys.SECOND:
            return "" if self.shown_member else second
        if shows != keys.FIRST:
            return self._tile(shows)
        return self._tile(self.shown_member) or first

    def has_on_board(self, identity: str) -> bool:
        """Whether a member has a run that others may see, though their page may be away."""
        member = self.members.get(identity)
        return member is not None and bool(member.run) and member.on_board

    def _tile(self, identity: str) -> str:
        member = self.members.get(identity)
        return "" if member is None else member.tile

    def watch(self, shows: str, viewer: Viewer) -> None:
        """Take note of a page that sees a run with a viewer's key."""
        self._watching.append((shows, viewer))

    def unwatch(self, shows: str, viewer: Viewer) -> None:
        """It sees it no more."""
        self._watching.remove((shows, viewer))

    def show_runs(self, runs: tuple[str, ...]) -> None:
        """Show other sessions: those who saw the former come again by themselves."""
        before = self._folders
        self.room = self.room.replace(runs=runs)
        self._turn_from(before)

    def show_run_of(self, identity: str) -> None:
        """Show everyone the run of a member, "" for that of the presenter."""
        before = self._folders
        self._spotlight(identity if self._tile(identity) else "")
        self._turn_from(before)
        self.tell_people()

    def _spotlight(self, identity: str) -> None:
        """Have everyone see the run of a member, who is told so, as is whose turn is over."""
        former, self.shown_member = self.shown_member, identity
        for each in dict.fromkeys((former, identity)):
            if (member := self.members.get(each)) is not None:
                member.shown = each == identity
                self.tell(member.me, *member.pages)

    def update(self, member: Member, run: str | None = None, on_board: bool | None = None) -> None:
        """Take note of a member's own run, and of whether it may be on the board."""
        tile, before = member.tile, self._folders
        member.run = member.run if run is None else run
        member.on_board = member.on_board if on_board is None else on_board
        if tile != member.tile:
            self._send_away(member.id)
        if member.id == self.shown_member and not member.tile:
            self._spotlight("")
        self._turn_from(before)
        self.tell_people()

    @property
    def _folders(self) -> dict[str, str]:
        """Which sessions everyone sees."""
        return {shows: self.folder_of(shows) for shows in (keys.FIRST, keys.SECOND)}

    def _turn_from(self, before: dict[str, str]) -> None:
        for shows, folder in self._folders.items():
            if folder != before[shows]:
                self._send_away(shows)

    def _send_away(self, shows: str) -> None:
        """End the streams of those who see a run, who come again for what is shown then."""
        for which, viewer in self._watching:
            if which == shows:
                viewer.finish()
