"""Who gets a seat: presence, giving way, the queue, the limits of the machine, what outlives it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from spiral_dash.core.programs import cores
from spiral_dash.live import commands as do
from spiral_dash.live.attendance import FOLLOWERS_MAX, STREAMS_MAX
from spiral_dash.live.audience import Viewer
from spiral_dash.live.capacity import BOUND_BYTES, SESSION_BYTES, Capacity
from spiral_dash.live.folders import DAMAGED, LOCK, PREFIX, Folders, FolderTaken, name_of
from spiral_dash.live.guest import Guest
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host, HostFull, HostSettings
from spiral_dash.live.machine import MIB, Machine
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.pool import InProcess, PoolError
from spiral_dash.live.presence import LOST_SECONDS, Presence
from spiral_dash.live.rows import RowsFolder
from spiral_dash.live.saving import Saving
from spiral_dash.live.seating import Seating
from spiral_dash.live.waiting import PATIENCE_SECONDS, WaitingRoom
from tests.unit.live.harness import PATIENCE, SMALL, remote

SOON = 0.05


@asynccontextmanager
async def hosting(**settings: Any) -> AsyncIterator[Host]:
    host = Host(HostSettings(**{"idle_pause_seconds": SOON, **settings}), InProcess())
    await host.start()
    try:
        yield host
    finally:
        await host.close()


async def opened(host: Host, guest: Guest | None = None) -> SessionHandle:
    handle = host.find(await host.open(SMALL, guest=guest))
    assert handle is not None
    return handle


async def until(condition: Any) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < PATIENCE, "it did not happen in time"
        await asyncio.sleep(0.005)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# Presence.


def viewer() -> Viewer:
    return Viewer(lambda: None, lambda _viewer, _goodbye: None)


def test_input_is_presence_and_credit_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    one = viewer()
    viewers = [one]
    presence = Presence(viewers)
    clock.now += 100
    assert presence.alone == presence.unwatched == 0.0, "a page in sight is looked at"
    one.presence(hidden=True)
    clock.now += 100
    one.credit(0)
    assert presence.unwatched == 100.0
    one.presence(hidden=True)
    assert presence.unwatched == 0.0
    clock.now += 50
    second = viewer()
    viewers.append(second)
    assert presence.unwatched == 0.0, "one of two looks"
    viewers.clear()
    presence.left(goodbye=True)
    clock.now += 7
    assert presence.alone == presence.unwatched == 7.0


def test_who_lost_the_connection_is_expected_back_and_who_said_goodbye_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    presence = Presence([])
    presence.left(goodbye=False)
    assert presence.expected()
    clock.now += LOST_SECONDS
    assert not presence.expected()
    presence.left(goodbye=False)
    presence.left(goodbye=True)
    assert not presence.expected()


def test_what_moves_stands_still_while_nobody_is_there(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.obey(do="play")
        session.obey(do="suspend")
        session.obey(do="stop", at="epoch", value=10_000)
        before = session.statuses[-1]
        assert before["state"] == "playing"
        for _ in range(20):
            session.obey(do="stop", at="epoch", value=10_000)
        assert session.statuses[-1]["epoch"] == before["epoch"]
        session.obey(do="stop", at="epoch", value=before["epoch"] + 3)
        session.obey(do="suspend", suspended=False)
        session.wait_for("paused")
        assert session.statuses[-1]["epoch"] == before["epoch"] + 3


# Seats.


def test_those_nobody_watches_give_way_and_the_one_left_first_at_first() -> None:
    async def story() -> None:
        async with hosting(max_sessions=3) as host:
            watched, first, second = [await opened(host) for _ in range(3)]
            eye = watched.attach()
            for handle in (first, second):
                handle.attach().detach()
                await until(lambda handle=handle: handle.presence.alone > SOON)
            await opened(host)
            assert [handle.asleep for handle in (watched, first, second)] == [False, True, False]
            await opened(host)
            assert [handle.asleep for handle in (watched, first, second)] == [False, True, True]
            assert host.stats()["sessions"] == 5
            eye.detach()

    asyncio.run(story())


def test_a_command_wakes_a_session_and_one_that_sleeps_is_told_apart() -> None:
    async def story() -> None:
        async with hosting(max_sessions=1) as host:
            first = await opened(host)
            eye = first.attach()
            await first.command(do.Reach(epoch=3))
            await until(lambda: first.state == "paused")
            eye.detach()
            await until(lambda: first.presence.alone > SOON)
            second = await opened(host)
            assert host.stats()["asleep"] == 1
            eye = second.attach()
            with pytest.raises(CommandRefused, match="All sessions"):
                await first.command(do.Step())
            eye.detach()
            await until(lambda: second.presence.alone > SOON)
            eye = first.attach()
            await first.command(do.Step())
            assert second.asleep
            await until(lambda: first.epoch == 4)
            eye.detach()

    asyncio.run(story())


def test_a_session_just_woken_is_not_the_first_to_give_way() -> None:
    async def story() -> None:
        async with hosting(max_sessions=2, idle_pause_seconds=60.0) as host:
            woken, idle = await opened(host), await opened(host)
            assert await woken.sleep("A test.")
            for handle, seconds in ((woken, 1000.0), (idle, 500.0)):
                handle._attendance.was_seen(time.monotonic() - seconds)
            await woken.wake()
            await opened(host)
            assert idle.asleep and not woken.asleep

    asyncio.run(story())


def test_a_ticket_is_spent_by_the_seat_that_it_got() -> None:
    async def story() -> None:
        async with hosting(max_sessions=1) as host:
            taken = await opened(host)
            eye = taken.attach()
            tickets: list[str] = []
            for _ in range(2):
                with pytest.raises(HostFull) as full:
                    await host.open(SMALL, guest=Guest(waits=True))
                assert full.value.waiting is not None
                tickets.append(full.value.waiting.ticket)
            eye.detach()
            await until(lambda: taken.presence.alone > SOON)
            await taken.sleep("A test.")
            with pytest.raises(HostFull):
                await taken.wake()
            mine = await opened(host, Guest("me", ticket=tickets[0], waits=True))
            assert mine.guest == Guest("me")
            await mine.sleep("A test.")
            await mine.wake(Guest("me", ticket=tickets[1], waits=True))
            assert mine.guest == Guest("me")

    asyncio.run(story())


def test_the_queue_lets_people_in_by_their_order_and_newcomers_after_them() -> None:
    async def story() -> None:
        async with hosting(max_sessions=1) as host:
            taken = await opened(host)
            eye = taken.attach()
            tickets: list[str] = []
            for number in range(2):
                with pytest.raises(HostFull) as full:
                    await host.open(SMALL, guest=Guest(waits=True))
                assert full.value.waiting is not None
                assert full.value.waiting.place == number + 1
                tickets.append(full.value.waiting.ticket)
            eye.detach()
            await until(lambda: taken.presence.alone > SOON)
            for guest in (Guest(), Guest(ticket=tickets[1]), Guest(ticket="1.forged.x")):
                with pytest.raises(HostFull):
                    await host.open(SMALL, guest=guest)
            await opened(host, Guest(ticket=tickets[0]))
            assert taken.asleep

    asyncio.run(story())


def test_seats_are_not_given_twice_at_once() -> None:
    async def story() -> None:
        async with hosting(max_sessions=3) as host:
            answers = await asyncio.gather(
                *(host.open(SMALL) for _ in range(6)), return_exceptions=True
            )
            assert sum(isinstance(answer, str) for answer in answers) == 3
            assert sum(isinstance(answer, HostFull) for answer in answers) == 3

    asyncio.run(story())


def test_a_copy_asks_for_its_seat_before_it_asks_anything_of_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, at_once = [0, 0], [0]
    command = SessionHandle.command

    async def counted(handle: SessionHandle, asking: do.Command) -> None:
        asked[0] += 1
        at_once[0] += 1
        asked[1] = max(asked[1], at_once[0])
        await command(handle, asking)
        at_once[0] -= 1

    async def story() -> None:
        async with hosting(max_sessions=3) as host:
            taken = await opened(host)
            eye = taken.attach()
            monkeypatch.setattr(SessionHandle, "command", counted)
            answers = await asyncio.gather(
                *(host.copy(taken, Guest(waits=True)) for _ in range(8)), return_exceptions=True
            )
            assert sum(isinstance(answer, str) for answer in answers) == 2
            assert sum(isinstance(answer, HostFull) for answer in answers) == 6
            assert asked == [2, 1], "the full server asks for no copy, and two follow each other"
            assert host.seating.occupied == 3
            eye.detach()

    asyncio.run(story())


def test_who_is_apart_is_nobody_who_is_there() -> None:
    async def story() -> None:
        async with hosting() as host:
            left = await opened(host)
            left._attendance.notice("warning", "A test.")
            tile = left.attach("tile", apart=True)
            left.suspend()
            left.attach("tile", apart=True)
            assert [left.active] == [False]
            await until(lambda: left.presence.alone > SOON and left.presence.unwatched > SOON)
            alone = left.presence.alone
            tile.detach()
            assert left.presence.alone >= alone and not left.presence.expected()
            eye = left.attach()
            assert [left.presence.alone, left.active] == [0.0, True]
            told = [await anext(eye), await anext(eye)]
            assert '"restored":false' in str(told[0]) and "A test." in str(told[1])

    asyncio.run(story())


def test_one_who_looks_has_few_streams_and_shuts_nobody_out_whose_session_it_is() -> None:
    async def story() -> None:
        async with hosting() as host:
            shown = await opened(host)
            streams = [shown.attach("ada") for _ in range(STREAMS_MAX + 1)]
            assert "oldest" in [str(each) async for each in streams[0]][-1]
            assert shown.attach("board", apart=True)
            while shown.viewers < FOLLOWERS_MAX:
                shown.attach(f"{shown.viewers}")
            assert "no more can join" in str(await anext(shown.attach("late")))
            eye = shown.attach()
            assert "welcome" in str(await anext(eye))

    asyncio.run(story())


@pytest.mark.parametrize("name", ["browser", "address"])
def test_one_client_has_its_share_and_no_more(name: str) -> None:
    async def story() -> None:
        async with hosting(max_sessions=9, **{f"{name}_sessions": 2}) as host:
            me, other = Guest("me", "me"), Guest("other", "other")
            mine = [await opened(host, me) for _ in range(2)]
            eyes = [handle.attach() for handle in mine]
            with pytest.raises(HostFull, match=f"This {name} has 2 sessions open") as full:
                await host.open(SMALL, guest=me)
            assert full.value.waiting is None
            await opened(host, other)
            eyes[1].detach()
            await until(lambda: mine[1].presence.alone > SOON)
            await opened(host, me)
            assert [handle.asleep for handle in mine] == [False, True]

    asyncio.run(story())


def test_a_queue_knows_its_order_again_after_a_restart_and_its_own_tickets_from_others() -> None:
    day, passing = Clock(), Clock()
    room = WaitingRoom(b"key", day, passing)
    first = room.line_up(None)
    day.now += 1
    second = room.line_up(None)
    assert first is not None and second is not None
    assert (first.place, second.place, first.seconds) == (1, 2, None)
    again = WaitingRoom(b"key", day, passing)
    assert again.ahead(None) == 0
    assert again.line_up(second.ticket) is not None
    assert again.line_up(first.ticket) == first
    assert again.ahead(second.ticket) == 1 and again.ahead(None) == 2
    for forged in ("", "1.2", "0.x.y", first.ticket[:-1] + "é", WaitingRoom(b"x").line_up(None)):
        text = forged if isinstance(forged, str) else forged.ticket if forged else ""
        assert again.ahead(text) == 2, text
    again.leave(first.ticket)
    assert again.ahead(second.ticket) == 0
    named = [room.line_up(None, "me") for _ in range(3)]
    assert named[0] is not None and named == named[:1] * 3, "a name has one place"
    assert again.ahead(first.ticket) == 1, "a ticket that was given up is none"
    other = again.line_up(first.ticket)
    assert other is not None and other.ticket != first.ticket and other.place == 2
    passing.now += PATIENCE_SECONDS + 1
    assert again.ahead(None) == 0, "who has not asked for long waits no more"
    for number in range(2):
        assert again.line_up(None) is not None and again.ahead(second.ticket) == number + 1


def test_an_estimate_is_what_has_been_seen() -> None:
    passing = Clock()
    room = WaitingRoom(b"key", Clock(), passing)
    for _ in range(4):
        passing.now += 30.0
        room.seat_left()
    waiting = room.line_up(None)
    assert waiting is not None and waiting.seconds == 30


def test_a_seat_is_left_once_by_whoever_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiral_dash.live.host.WATCH_SECONDS_MAX", SOON / 4)

    async def story() -> None:
        async with hosting(max_sessions=9, idle_pause_seconds=60.0) as host:
            left: list[float] = []
            monkeypatch.setattr(host.waiting, "seat_left", lambda: left.append(0.0))
            sleeper, ender, still = [await opened(host) for _ in range(3)]
            await host.seating.put_to_sleep(sleeper, "A test.")
            assert len(left) == 1
            await sleeper.end("A test.")
            still.suspend()
            await host.seating.put_to_sleep(still, "A test.")
            await still.end("A test.")
            host.handles()
            assert len(left) == 1, "who sleeps or stands still has no seat to leave"
            await ender.end("A test.")
            host.handles()
            assert len(left) == 2

    asyncio.run(story())


def test_what_fails_once_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiral_dash.live.host.WEIGH_SECONDS", 0.01)
    calls = {"relieve": 0, "learn": 0}

    def failing(name: str) -> None:
        calls[name] += 1
        raise RuntimeError("a test")

    async def relieve(_: Seating) -> None:
        failing("relieve")

    monkeypatch.setattr(Seating, "relieve", relieve)
    monkeypatch.setattr(Capacity, "learn", lambda _, sizes: failing("learn"))

    async def story() -> None:
        async with hosting():
            await until(lambda: min(calls.values()) >= 2)

    asyncio.run(story())


# The machine.


def group(root: Path, files: dict[str, str]) -> Machine:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return Machine(root)


MEMINFO = "MemTotal:       8388608 kB\nMemAvailable:   4194304 kB\n"
VERSION_2 = {
    "proc/meminfo": MEMINFO,
    "proc/self/cgroup": "0::/outer/inner\n",
    "sys/fs/cgroup/outer/memory.max": str(600 * MIB),
    "sys/fs/cgroup/outer/memory.current": str(200 * MIB),
    "sys/fs/cgroup/outer/memory.stat": f"anon 1\ninactive_file {100 * MIB}\n",
    "sys/fs/cgroup/outer/inner/memory.max": "max\n",
    "sys/fs/cgroup/outer/inner/pids.max": "100\n",
    "sys/fs/cgroup/outer/inner/pids.current": "60\n",
    "sys/fs/cgroup/outer/inner/cpu.max": "50000 100000\n",
}
VERSION_1 = {
    "proc/meminfo": MEMINFO,
    "proc/self/cgroup": "5:memory:/docker/x\n4:pids:/docker/x\n3:cpu,cpuacct:/docker/x\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": str(600 * MIB),
    "sys/fs/cgroup/memory/memory.usage_in_bytes": str(200 * MIB),
    "sys/fs/cgroup/memory/memory.stat": f"total_inactive_file {100 * MIB}\n",
    "sys/fs/cgroup/pids/pids.max": "100\n",
    "sys/fs/cgroup/pids/pids.current": "60\n",
    "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
    "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
}


@pytest.mark.parametrize("files", [VERSION_2, VERSION_1], ids=["version 2", "version 1"])
def test_the_limits_of_a_container_are_read(files: dict[str, str], tmp_path: Path) -> None:
    machine = group(tmp_path, files)
    assert machine.memory == 600 * MIB
    assert machine.memory_left == 500 * MIB
    assert machine.processes_left == 40
    assert machine.cores == 0.5
    capacity = Capacity(machine=machine)
    # Memory for nine, processes for six, half a core for eight.
    assert capacity.seats(occupied=0) == 6
    capacity.learn([100 * MIB])
    assert capacity.seats(occupied=0) == 4
    assert capacity.seats(occupied=3) == 7
    assert not capacity.is_short(more=4) and capacity.is_short(more=5)
    assert capacity.bound == BOUND_BYTES


@pytest.mark.parametrize(("share", "programs"), [(0.5, 1), (2.7, 2), (8.0, 8)])
def test_as_many_programs_as_the_container_has_whole_cores_for(
    share: float, programs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiral_dash.core.programs.core_share", lambda: share)
    assert cores() == programs


def test_a_machine_without_limits_has_those_of_its_memory_and_cores(tmp_path: Path) -> None:
    machine = group(tmp_path, {"proc/meminfo": MEMINFO})
    assert machine.memory == 8 * 2**30 and machine.memory_left == 4 * 2**30
    assert machine.processes_left is None
    silent = Machine(tmp_path / "nothing")
    assert silent.memory is silent.memory_left is None
    assert not Capacity(machine=silent).is_short(more=10**6)
    assert Capacity(7, machine=silent).seats(occupied=0) == 7
    assert SESSION_BYTES < BOUND_BYTES


def test_short_memory_is_looked_at_before_a_session_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 2**40
    monkeypatch.setattr(Machine, "memory_left", property(lambda _: left))

    async def story() -> None:
        nonlocal left
        async with hosting(max_sessions=9) as host:
            watched, idle = await opened(host), await opened(host)
            eye = watched.attach()
            await until(lambda: idle.presence.alone > SOON)
            left = 0
            with pytest.raises(HostFull):
                await host.open(SMALL)
            assert idle.asleep and not watched.asleep
            eye.detach()

    asyncio.run(story())


def heavy() -> int:
    return 300 * MIB


def test_a_session_grown_beyond_its_bound_sleeps_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spiral_dash.live.host.WEIGH_SECONDS", 0.02)
    monkeypatch.setattr(
        SessionHandle, "weigh", property(lambda self: None if self.asleep else heavy)
    )

    async def story() -> None:
        async with hosting(session_mib=200) as host:
            handle = await opened(host)
            eye = handle.attach()
            told = [str(message) async for message in eye]
            assert handle.asleep
            assert "grown to 300 MiB of memory, and may have 200" in told[-1]
            assert '"wakes":false' in told[-1]

    asyncio.run(story())


# What outlives the server.


def test_sessions_outlive_the_server_and_damaged_ones_harm_no_other(tmp_path: Path) -> None:
    async def before() -> list[str]:
        async with hosting(state_dir=tmp_path, idle_pause_seconds=60.0) as host:
            tokens = [await host.open(SMALL, reach=number + 1) for number in range(3)]
            for number, token in enumerate(tokens):
                handle = host.find(token)
                assert handle is not None
                await until(lambda h=handle, n=number: h.state == "paused" and h.epoch == n + 1)
            return tokens

    async def after(tokens: list[str]) -> None:
        async with hosting(state_dir=tmp_path) as host:
            assert host.find(tokens[0]) is None
            for number in (1, 2):
                handle = host.find(tokens[number])
                assert handle is not None and handle.asleep and handle.state == "paused"
                assert handle.config == SMALL
                await handle.wake()
                assert handle.epoch == number + 1 and handle.token == tokens[number]

    tokens = asyncio.run(before())
    damaged = tmp_path / "sessions" / name_of(tokens[0]) / "checkpoint"
    damaged.write_bytes(b"{" + damaged.read_bytes()[5:])
    (tmp_path / "sessions" / "empty").mkdir()
    (tmp_path / "sessions" / name_of(tokens[1]) / "recorded-7").write_bytes(b"stale")
    aside = tmp_path / "sessions" / name_of(tokens[2])
    kept = {aside / "checkpoint.damaged", aside / "history-7-0", aside / "snapshots-7"}
    for path in kept:
        path.write_bytes(b"set aside")
    asyncio.run(after(tokens))
    assert kept <= set(aside.iterdir())
    assert len(list((tmp_path / DAMAGED).iterdir())) == 1
    assert not (tmp_path / "sessions" / "empty").exists()
    assert not (tmp_path / "sessions" / name_of(tokens[1]) / "recorded-7").exists()
    assert tokens[1] not in {path.name for path in (tmp_path / "sessions").iterdir()}


@pytest.mark.parametrize("file", ["checkpoint", "history-1-0"])
def test_what_is_damaged_within_is_set_aside_and_the_session_begins_anew(
    file: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with hosting(idle_pause_seconds=60.0) as host:
            handle = await opened(host)
            await handle.command(do.Reach(epoch=2))
            await until(lambda: handle.state == "paused")
            assert await handle.sleep("A test.")
            path = handle.folder / file
            content = path.read_bytes()
            head = content.index(b"\n") + 9 if file == "checkpoint" else 0
            path.write_bytes(content[:head] + bytes(7))
            await handle.wake()
            assert handle.epoch == 0 and handle.config == SMALL
            assert (handle.folder / "checkpoint.damaged").exists()
            told = handle.attach()
            texts = [await anext(told) for _ in range(2)]
            assert "cannot be read" in str(texts[1])

    asyncio.run(story())


@pytest.mark.parametrize("error", [MemoryError(), OSError(24, "Too many open files")])
def test_a_shortage_is_no_damage(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    with remote(tmp_path / "session") as session:
        session.step_to(2)
        shutil.copytree(tmp_path / "session", tmp_path / "left")
    with monkeypatch.context() as short:
        short.setattr("numpy.fromfile", fail)
        with pytest.raises(type(error)):
            Saving(tmp_path / "left").restore(RowsFolder(tmp_path / "left"))
    saved = Saving(tmp_path / "left").restore(RowsFolder(tmp_path / "left"))
    assert saved is not None and saved.run.trainer.epoch == 2


def test_where_there_is_no_other_process_a_session_sleeps_and_keeps_what_it_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(_: InProcess) -> None:
        raise PoolError("There is none.")

    async def story() -> None:
        async with hosting(idle_pause_seconds=60.0, state_dir=tmp_path) as host:
            handle = await opened(host)
            await handle.command(do.Reach(epoch=2))
            await until(lambda: handle.state == "paused")
            eye = handle.attach()
            with monkeypatch.context() as short:
                short.setattr(InProcess, "hire", none)
                handle._kill()
                assert "asleep" in [str(message) async for message in eye][-1]
            assert handle.asleep and not handle.over
            await handle.wake()
            assert handle.epoch == 2

    asyncio.run(story())


def test_a_folder_that_a_person_named_is_not_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    named = tmp_path / "spiral-dash-class"
    left = Path(tempfile.mkdtemp(prefix=PREFIX))
    for folder in (named, left):
        folder.mkdir(exist_ok=True)
        (folder / LOCK).touch()
    Folders(None).close()
    assert named.exists() and not left.exists()


def test_a_folder_that_cannot_be_locked_is_not_called_another_server_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", fail)
    with pytest.raises(FolderTaken, match="No locks available"):
        Folders(tmp_path)


def test_a_folder_belongs_to_one_server(tmp_path: Path) -> None:
    first = Folders(tmp_path)
    with pytest.raises(FolderTaken, match="Another server"):
        Folders(tmp_path)
    key = first.key()
    first.close()
    again = Folders(tmp_path)
    assert again.key() == key
    again.close()
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(FolderTaken, match="cannot be kept"):
        Folders(file)
