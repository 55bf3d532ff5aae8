"""The viewers of one session, and how they share its frames."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from pydantic import BaseModel

from spiral_dash.live.commands import (
    PARTS_MAX,
    Frame,
    Part,
    Watch,
    parse_credit,
    parse_watch,
)
from spiral_dash.live.wire import FrameMessage

EVENTS_MAX = 100
FURTHER_MAX = 2
"""Groups of followers who watch what those whose session it is do not."""


class Viewer:
    """One browser: what it watches, its credit, and what it has not read yet.

    Iterating gives its events (str) and frames (bytes) as they come, and ends with the session
    or `detach`. There is never more than one frame in wait.
    """

    def __init__(
        self,
        changed: Callable[[], None],
        leave: Callable[[Viewer, bool], None],
        apart: bool = False,
        name: str = "",
    ) -> None:
        self.apart = apart
        self.name = name
        self._changed = changed
        self._leave = leave
        self._events: deque[str] = deque(maxlen=EVENTS_MAX)
        self._frame: bytes | None = None
        self._news = asyncio.Event()
        self._over = False
        self.parts: tuple[Part, ...] = ()
        self.hungry = False
        self.have = 0
        self.since = 0
        self.audience = 0
        self.asked = 0
        self.listed = False
        self.hidden = False
        self.touched_at = time.monotonic()

    def presence(self, hidden: bool) -> None:
        """Take note that a person did something, or that the page came in sight or went out."""
        self.hidden = hidden
        self.touched_at = time.monotonic()

    def watch(self, parts: object) -> None:
        """Replace the list of what this viewer watches; raise `ConfigError` for a bad one."""
        self.parts = parse_watch(parts).parts
        self.listed = False
        self.begin_anew()
        self._changed()

    def credit(self, have: object) -> None:
        """Allow one frame; `have` is the number of the run whose points the viewer holds.

        Raises `ConfigError` where it is not a number of a run, or 0 for none.
        """
        self.have = parse_credit(have)
        self.hungry, self.asked = True, 0
        self._changed()

    def begin_anew(self) -> None:
        """Take nothing as seen or asked for: what it watches, or who makes its frames, is another.

        A request under way was made for what it had seen before, so its frame would leave out
        what it has to see now.
        """
        self.since = self.asked = 0

    def detach(self, goodbye: bool = True) -> None:
        """Leave, with a goodbye or because the connection broke: nothing is sent any more."""
        self.finish()
        self._leave(self, goodbye)
        self._changed()

    def tell(self, event: BaseModel) -> None:
        """Queue an event; of too many that are not read, the oldest are dropped."""
        self._events.append(event.model_dump_json())
        self._news.set()

    def show(self, frame: FrameMessage) -> None:
        """Hand over a frame in return for the credit."""
        self._frame = frame.blob
        self.since = frame.serial
        self.hungry = False
        self._news.set()

    def finish(self) -> None:
        """End the iteration once everything is read."""
        self._over = True
        self._news.set()

    def __aiter__(self) -> Viewer:
        return self

    async def __anext__(self) -> str | bytes:
        while True:
            if self._events:
                return self._events.popleft()
            if self._frame is not None:
                frame, self._frame = self._frame, None
                return frame
            if self._over:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()


class Audiences:
    """Groups viewers whose lists agree, so that one frame serves each group.

    Lists agree when no key stands for two different things. What a group watches is the union
    of its members' lists. Viewers that are `apart` form groups of their own, so that frames for
    them hold nothing else. Followers, who know the session by another `name`, add nothing to what
    those watch whose session it is: who watches something else is in one of `FURTHER_MAX` groups,
    the last ones, or gets the frames of the first.
    """

    def __init__(self) -> None:
        self.viewers: list[Viewer] = []
        self._watched: list[dict[str, Part]] = []
        self._request = 0

    def add(self, viewer: Viewer) -> None:
        """Take a viewer in."""
        self.viewers.append(viewer)

    def remove(self, viewer: Viewer) -> None:
        """Let a viewer go; the others are grouped anew."""
        if viewer in self.viewers:
            self.viewers.remove(viewer)
            for other in self.viewers:
                other.listed = False

    def forget(self) -> None:
        """Begin anew with a session that knows no audience: everything has to be sent again."""
        self._watched = []
        for viewer in self.viewers:
            viewer.begin_anew()
            viewer.listed = False

    def regroup(self) -> list[Watch]:
        """Put every viewer into a group; return what has to be told to the session."""
        if all(viewer.listed for viewer in self.viewers):
            return []
        groups: list[dict[str, Part]] = []
        kinds: list[int] = []
        for viewer in sorted(self.viewers, key=_kind):
            mine = {part.key: part for part in viewer.parts}
            number = _place(viewer, mine, groups, kinds)
            if number == len(groups):
                groups.append({})
                kinds.append(_kind(viewer))
            if kinds[number] == _kind(viewer) and _agree(groups[number], mine):
                groups[number].update(mine)
            viewer.listed = True
            if viewer.audience != number:
                viewer.audience = number
                viewer.begin_anew()
        before = self._watched + [{} for _ in groups[len(self._watched) :]]
        after = groups + [{} for _ in before[len(groups) :]]
        self._watched = groups
        return [
            Watch(audience=number, parts=tuple(new.values()))
            for number, (old, new) in enumerate(zip(before, after, strict=True))
            if old != new
        ]

    def requests(self) -> list[Frame]:
        """Return one request for each group that has a credit not asked with yet."""
        asking = {viewer.audience for viewer in self.viewers if viewer.hungry and not viewer.asked}
        return [self._request_for(number) for number in sorted(asking)]

    def _request_for(self, number: int) -> Frame:
        self._request += 1
        members = self._hungry(number)
        for viewer in members:
            viewer.asked = viewer.asked or self._request
        return Frame(
            audience=number,
            request=self._request,
            run=tuple(sorted({viewer.have for viewer in members})),
            since=min(viewer.since for viewer in members),
        )

    def _hungry(self, number: int) -> Sequence[Viewer]:
        return [v for v in self.viewers if v.hungry and v.audience == number]

    def show(self, frame: FrameMessage) -> None:
        """Hand a frame to those of its audience whose credit it answers."""
        for viewer in self._hungry(frame.audience):
            if 0 < viewer.asked <= frame.request:
                viewer.show(frame)


OWNER, APART, FOLLOWER = range(3)


def _kind(viewer: Viewer) -> int:
    """The groups of whom a viewer is in, the first ones first."""
    if viewer.apart:
        return APART
    return FOLLOWER if viewer.name else OWNER


def _place(
    viewer: Viewer, mine: dict[str, Part], groups: list[dict[str, Part]], kinds: list[int]
) -> int:
    """Return the number of the group that a viewer is in, that of a new one where none fits."""
    kind = _kind(viewer)
    for number, group in enumerate(groups):
        fits = _agree(group, mine)
        if kinds[number] == kind and fits:
            return number
        if kind == FOLLOWER and kinds[number] == OWNER and fits and mine.keys() <= group.keys():
            return number
    if kind == FOLLOWER and kinds.count(FOLLOWER) >= FURTHER_MAX:
        return next(i for i, each in enumerate(kinds) if each != APART)
    return len(groups)


def _agree(one: dict[str, Part], other: dict[str, Part]) -> bool:
    if len(one | other) > PARTS_MAX:
        return False
    return all(one[key].identity == other[key].identity for key in one.keys() & other.keys())
