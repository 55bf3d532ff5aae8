"""One browser's side of a session: what it asks is carried out, and it is told what the run is."""

from __future__ import annotations

from spiral_dash.core.config import ConfigError, RunConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.live.audience import Viewer
from spiral_dash.live.commands import Adjust, Configure, Reach
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.opening import CommandRefused
from spiral_dash.web.address import read_address
from spiral_dash.web.controls import momentum_reason
from spiral_dash.web.form import Reading, beside, query_of, read_form, texts_of
from spiral_dash.web.messages import (
    CommandMessage,
    ConfigEvent,
    CreditMessage,
    FormEvent,
    FormMessage,
    Message,
    PresenceMessage,
    ReplyEvent,
    VisitEvent,
    VisitMessage,
    WatchMessage,
    parse_page_command,
)

NO_POINTS = (
    "The address names points that are not here: more than 400 do not travel in an address. "
    "Open their file, or the recording of the run."
)
NO_POINTS_NAMED = "The address names no points of its own: open a file with them."


class Conversation:
    """Obeys the messages of one browser, in their order; of one that only looks, with `refusal`."""

    def __init__(self, handle: SessionHandle, viewer: Viewer, refusal: str = "") -> None:
        self._handle = handle
        self._viewer = viewer
        self._refusal = refusal
        self._knows_run = not refusal
        self._answered = 0
        self._leave = handle.on_change(self._tell_config)
        self._tell_config()

    def end(self) -> None:
        """Tell nothing more."""
        self._leave()

    def _tell_config(self) -> None:
        self._viewer.tell(config_event(self._handle, self._answered))

    async def obey(self, message: Message) -> None:
        """Do what a message asks; raise `ConfigError` where it has no number to be answered by."""
        match message:
            case WatchMessage():
                self._viewer.watch(message.parts)
            case CreditMessage():
                self._credit(message)
            case PresenceMessage():
                self._viewer.presence(message.hidden)
            case _:
                self._answered = message.id
                try:
                    self._check()
                    self._viewer.tell(await self._answer(message))
                except (CommandRefused, ConfigError) as error:
                    self._viewer.tell(ReplyEvent(id=message.id, error=str(error)))

    def _check(self) -> None:
        if self._refusal:
            raise CommandRefused(self._refusal)

    def _credit(self, message: CreditMessage) -> None:
        if message.hold is not None:
            if self._refusal:
                raise ConfigError({"hold": self._refusal})
            self._handle.hold(message.hold)
        # What is shown to those who only look may have become another session.
        self._viewer.credit(message.have if self._knows_run else 0)
        self._knows_run = True

    async def _answer(
        self, message: CommandMessage | FormMessage | VisitMessage
    ) -> ReplyEvent | FormEvent | VisitEvent:
        match message:
            case CommandMessage():
                await self._handle.command(parse_page_command(message.command))
                return ReplyEvent(id=message.id, error="")
            case FormMessage():
                return await self._turn(message)
            case VisitMessage():
                return await self._visit(message)

    async def _turn(self, message: FormMessage) -> FormEvent:
        """Bring the run to what the dials say: in progress where it can be, else as a new one."""
        present = self._handle.present
        reading = read_form(
            {(group, name): value for group, name, value in message.fields},
            message.layers,
            message.units,
            present,
            dials=message.kind,
            told=message.told,
        )
        wanted = reading.config
        if wanted != present:
            optimizer = present.training.optimizer
            training = wanted.training.replace(optimizer=optimizer)
            anew = wanted != present.replace(training=training)
            await self._handle.command(
                Configure(config=wanted) if anew else Adjust(training=training)
            )
        problems = {path: beside(path, each) for path, each in reading.problems.items()}
        return FormEvent(id=message.id, problems=problems)

    async def _visit(self, message: VisitMessage) -> VisitEvent:
        address = read_address(message.search)
        reading, missing = with_rows(address.reading, self._handle)
        await bring(self._handle, reading, address.page.epoch)
        problems = [*address.problems, *([missing] if missing else [])]
        return VisitEvent(id=message.id, page=address.page, problems=problems)


def config_event(handle: SessionHandle, answered: int = 0) -> ConfigEvent:
    """Return what the page is told of a session's run."""
    rows = handle.rows.text(handle.config)
    return described(handle.config, handle.present, rows, run=handle.run, answered=answered)


def described(
    config: RunConfig, present: RunConfig, rows: str | None, *, run: int = 0, answered: int = 0
) -> ConfigEvent:
    """Return what the page keeps of a configuration, whose dials stand at `present`.

    `rows` are the points that it names, as text; without it, the address needs their file.
    """
    reason = momentum_reason(present.training)
    return ConfigEvent(
        run=run,
        config=config,
        training=present.training,
        query=query_of(config, rows),
        fields=dict(config.texts),
        texts=texts_of(present),
        needs_file=isinstance(config.data, PointsData) and rows is None,
        reasons={"training.momentum": reason} if reason else {},
        answered=answered,
    )


async def bring(handle: SessionHandle, reading: Reading, epoch: int | None) -> None:
    """Have a session's run be the one of an address, if it is another, at the epoch named there."""
    if reading.config != handle.config:
        if reading.rows is not None:
            handle.rows.put(reading.rows)
        await handle.command(Configure(config=reading.config))
    if epoch is not None:
        await handle.command(Reach(epoch=epoch))


def with_rows(reading: Reading, handle: SessionHandle | None) -> tuple[Reading, str]:
    """Return a reading whose points are there, and why it is not the one of the address, if so.

    Points that are not in the address may be in the session already. Where they are nowhere, the
    present session stays as it is, and a new one begins with the usual data.
    """
    data = reading.config.data
    if not isinstance(data, PointsData) or reading.rows is not None:
        return reading, ""
    if handle is not None and handle.rows.has(data.digest):
        return reading, ""
    why = NO_POINTS if data.digest else NO_POINTS_NAMED
    if handle is not None:
        return Reading(handle.config), f"{why} The present session goes on."
    config = reading.config.replace(data=RunConfig().data)
    return Reading(config, reading.problems), f"{why} Here is the usual spiral instead."
