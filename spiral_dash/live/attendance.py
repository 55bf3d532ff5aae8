"""Who watches a session: how they join, what they are told, and what is asked of it for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic import BaseModel

from spiral_dash.live import commands as do
from spiral_dash.live.audience import Audiences, Viewer
from spiral_dash.live.events import EndedEvent, Level, NoticeEvent, WelcomeEvent
from spiral_dash.live.presence import Presence
from spiral_dash.live.wire import FrameMessage

VIEWERS_FEW, GATHER_SECONDS = 8, 0.004
"""Of more viewers, what they ask within so long is asked of the session at once."""
CROWDED = f"This session has {do.VIEWERS_MAX} viewers, and no more can join."
FOLLOWERS_MAX = do.VIEWERS_MAX - 16
"""Viewers that may only look; the rest of the places is for those whose session it is."""
STREAMS_MAX = 4
"""Streams under one name of who may only look; where there are more, the oldest ends."""
TOO_OFTEN = f"This run was opened more than {STREAMS_MAX} times: this page is the oldest of them."


class Attendance:
    """The viewers of a session, of which `send` asks something while it is `reachable`.

    `came` is called when somebody is there who is to find it moving.
    """

    def __init__(
        self,
        send: Callable[[do.Command], None],
        reachable: Callable[[], bool],
        came: Callable[[], None],
    ) -> None:
        self._send = send
        self._reachable = reachable
        self._came = came
        self._audiences = Audiences()
        self.presence = Presence(self._audiences.viewers)
        self._asking = False
        self._before = False
        self._unseen: tuple[Level, str] | None = None

    @property
    def count(self) -> int:
        """How many viewers are attached."""
        return len(self._audiences.viewers)

    def was_seen(self, when: float) -> None:
        """Take note that somebody had joined, and was there last at a monotonic time."""
        self.presence = Presence(self._audiences.viewers, when)
        self._before = True

    def attach(self, token: str, name: str | None, *, apart: bool, refusal: str) -> Viewer:
        """Add a viewer; its first message is the welcome, or that it cannot join.

        A viewer who is to see the session, and not to have it, knows it by another `name`, of whom
        the oldest ends where there are more than `STREAMS_MAX`; one that is `apart` shares its
        frames with no others, and is nobody who is there.
        """
        viewer = Viewer(self._ask_soon, self._let_go, apart, name or "")
        places = do.VIEWERS_MAX if name is None else FOLLOWERS_MAX
        refusal = refusal or (CROWDED if self.count >= places else "")
        if refusal:
            viewer.tell(EndedEvent(text=refusal))
            viewer.finish()
            return viewer
        if name is not None and not apart:
            self._end_more_of(name)
        viewer.tell(WelcomeEvent(session=name or token, restored=self._before))
        self._audiences.add(viewer)
        if not apart:
            self._welcome(viewer)
        self._ask_soon()
        return viewer

    def _end_more_of(self, name: str) -> None:
        """End the oldest of the streams under a name that has as many as it may."""
        same = [viewer for viewer in self._audiences.viewers if viewer.name == name]
        for viewer in same[: len(same) - STREAMS_MAX + 1]:
            viewer.tell(EndedEvent(text=TOO_OFTEN))
            viewer.finish()

    def _welcome(self, viewer: Viewer) -> None:
        self._before = True
        if self._unseen is not None:
            level, text = self._unseen
            viewer.tell(NoticeEvent(level=level, text=text))
            self._unseen = None
        self._came()

    def _let_go(self, viewer: Viewer, goodbye: bool) -> None:
        self._audiences.remove(viewer)
        if not viewer.apart:
            self.presence.left(goodbye)

    def notice(self, level: Level, text: str) -> None:
        """Show a notice to everyone, or to the next who comes."""
        for viewer in self._audiences.viewers:
            viewer.tell(NoticeEvent(level=level, text=text))
        if all(viewer.apart for viewer in self._audiences.viewers):
            self._unseen = level, text

    def dismiss(self, event: BaseModel | None) -> None:
        """Let everyone go, with a last event or without a word."""
        for viewer in list(self._audiences.viewers):
            if event is not None:
                viewer.tell(event)
            viewer.finish()

    def show(self, frame: FrameMessage) -> None:
        """Hand a frame to those whom it is for."""
        self._audiences.show(frame)

    def begin_anew(self) -> None:
        """Ask everything of a session that knows nobody yet."""
        self._audiences.forget()
        self._ask_now()

    def _ask_soon(self) -> None:
        """Tell the session what is watched and who waits, once for all that changes now."""
        if self._asking:
            return
        self._asking = True
        loop = asyncio.get_running_loop()
        if self.count > VIEWERS_FEW:
            loop.call_later(GATHER_SECONDS, self._ask_now)
        else:
            loop.call_soon(self._ask_now)

    def _ask_now(self) -> None:
        self._asking = False
        if not self._reachable():
            return
        for watch in self._audiences.regroup():
            self._send(watch)
        for request in self._audiences.requests():
            self._send(request)
