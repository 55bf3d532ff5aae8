"""A room as a value: what it is called, which keys open it, and when it ends."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from spiral_dash.core.config import ConfigError
from spiral_dash.live.host import Host
from spiral_dash.rooms import keys, votes
from spiral_dash.rooms.mailbox import Mailbox
from spiral_dash.rooms.meeting import MEMBERS_MAX, PAGES_MAX, SOON_SECONDS, Meeting
from spiral_dash.rooms.names import NAME_MAX, pseudonym, read_person, read_room_name
from spiral_dash.rooms.room import (
    ABANDONED_SECONDS,
    DAY_SECONDS,
    DAYS_MAX,
    UNUSED_SECONDS,
    Room,
    Scene,
    read_end,
)
from spiral_dash.rooms.rooms import ADDRESS_MAX, Rooms
from spiral_dash.rooms.store import ROOMS, Store

NAMES = {
    "physics-2b": "physics-2b",
    "  Physics 2B ": "physics-2b",
    "Ärzte__5": "ärzte-5",
    "教室": "教室",
    "ﬁsh": "fish",
    "हिन्दी 5": "हिन्दी-5",
    "ไทยนี้": "ไทยนี้",
    "İstanbul": "i\u0307stanbul",
    "a" * NAME_MAX: "a" * NAME_MAX,
}
NO_NAMES = (
    "", " ", "-", "../etc", "a/b", "a.b", "<b>", "a\0b", "%2e", "a'b", "\ud800",
    "a" * (NAME_MAX + 1), "\u202ea", "\u0301a", "a-\u0301", "é" * 1000, "😀",
)  # fmt: skip


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_a_name_is_read_as_an_address_has_it(text: str, name: str) -> None:
    assert read_room_name(text) == name
    assert read_room_name(name) == name


@pytest.mark.parametrize("text", NO_NAMES)
def test_another_name_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="expected 1 to 40 letters"):
        read_room_name(text)


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "x" * 25, "\ud800", "\u202eab"])
def test_a_persons_name_can_be_shown(text: str) -> None:
    with pytest.raises(ConfigError, match="Your name"):
        read_person(text)
    assert read_person("  Ada   L. ") == "Ada L."
    assert read_person(pseudonym())


def a_room(name: str = "physics") -> tuple[Room, str]:
    return Room.made(name)


def read(text: str) -> keys.Key:
    key = keys.read_key(text)
    assert key is not None
    return key


def test_a_key_opens_its_own_room_and_no_other() -> None:
    room, presenter = a_room()
    twin, _ = a_room()
    viewer = room.viewer_key("ada")
    assert room.admits(read(presenter)) and room.is_led_with(read(presenter))
    assert room.admits(read(viewer)) and not room.is_led_with(read(viewer))
    assert not twin.admits(read(presenter)) and not twin.admits(read(viewer))


def test_no_change_of_a_viewers_key_opens_anything() -> None:
    room, _ = a_room()
    viewer = room.viewer_key("ada")
    for place in range(len(viewer)):
        for letter in "a0.~":
            changed = viewer[:place] + letter + viewer[place + 1 :]
            key = keys.read_key(changed)
            assert changed == viewer or key is None or not room.admits(key)


@pytest.mark.parametrize(
    "text", ["", "viewer", "viewer.a.b.c", "presenter.a", "é", "x" * 300, "a.b.c"]
)
def test_what_is_no_key_opens_nothing(text: str) -> None:
    room, _ = a_room()
    key = keys.read_key(text)
    assert key is None or not room.admits(key)


def test_a_room_handed_on_has_another_presenter() -> None:
    room, before = a_room()
    handed, after = room.handed_on()
    assert handed.is_led_with(read(after)) and not handed.is_led_with(read(before))


def test_a_room_ends_at_its_end_or_when_its_presenter_stays_away() -> None:
    empty, _ = a_room()
    for unused in (empty, empty.replace(ends_at=empty.made_at + 3 * DAY_SECONDS)):
        assert not unused.is_over(unused.led_at + UNUSED_SECONDS - 1)
        assert unused.is_over(unused.led_at + UNUSED_SECONDS)
    room = empty.replace(runs=("a run",))
    assert not room.is_over(room.led_at + ABANDONED_SECONDS - 1)
    assert room.is_over(room.led_at + ABANDONED_SECONDS)
    bound = room.replace(ends_at=room.made_at + 3 * DAY_SECONDS)
    assert not bound.is_over(room.made_at + 2 * DAY_SECONDS)
    assert bound.is_over(room.made_at + 3 * DAY_SECONDS)


@pytest.mark.parametrize("ahead", [-1.0, (DAYS_MAX + 1) * DAY_SECONDS])
def test_an_end_is_ahead_and_not_too_far(ahead: float) -> None:
    with pytest.raises(ConfigError, match="a time to come"):
        read_end(time.time() + ahead)
    assert read_end(None) is None


def test_a_slow_page_gets_the_newest_of_each_kind() -> None:
    async def read_all() -> list[str | bytes]:
        mailbox = Mailbox()
        for number in range(1000):
            mailbox.put("scene", f"scene {number}")
            mailbox.put(f"tile {number % 3}", f"{number}")
        mailbox.close()
        return [message async for message in mailbox]

    assert asyncio.run(read_all()) == ["scene 999", "999", "997", "998"]


def test_a_meeting_counts_those_who_are_here() -> None:
    asyncio.run(count_those_who_are_here())


async def count_those_who_are_here() -> None:
    room, presenter = a_room()
    meeting = Meeting(room)
    ada, leader = read(room.viewer_key("ada")), read(presenter)
    pages = []
    for _ in range(PAGES_MAX + 1):
        assert meeting.refusal(ada) == ""
        pages.append(meeting.come(ada))
    assert meeting.members["ada"].pages == pages[1:], "a newer page takes the place of the oldest"
    assert "tries again" in (await told(pages[0]))["wait"]["text"]
    for number in range(MEMBERS_MAX - 1):
        meeting.come(read(room.viewer_key(f"m{number}")))
    newcomer = read(room.viewer_key("newcomer"))
    assert "no more can come in" in meeting.refusal(newcomer)
    assert meeting.refusal(leader) == ""
    for page in list(meeting.members["m0"].pages):
        meeting.leave(read(room.viewer_key("m0")), page)
    assert meeting.refusal(newcomer) == ""
    meeting.come(newcomer)
    assert "m0" not in meeting.members


def rooms_in(folder: Path) -> Rooms:
    folders = SimpleNamespace(root=folder, keep=True)
    return Rooms(cast(Host, SimpleNamespace(folders=folders, tend_also=lambda _: None)))


def test_an_address_has_so_many_rooms_at_a_time(tmp_path: Path) -> None:
    rooms = rooms_in(tmp_path)
    made = [rooms.make(f"room-{number}", "", None, "1.2.3.4")[0] for number in range(ADDRESS_MAX)]
    with pytest.raises(ConfigError, match="from your address"):
        rooms.make("more", "", None, "1.2.3.4")
    rooms.make("others", "", None, "1.2.3.5")
    rooms.close(made[0], "Over.")
    rooms.make("more", "", None, "1.2.3.4")
    kept = [path.read_text() for path in (tmp_path / ROOMS).iterdir()]
    assert len(kept) == ADDRESS_MAX + 1 and "1.2.3" not in "".join(kept)


def test_a_room_that_could_not_be_kept_is_kept_the_next_time(tmp_path: Path) -> None:
    rooms = rooms_in(tmp_path)
    (tmp_path / ROOMS).write_text("in the way")
    room = rooms.make("kept", "", None)[0].room
    (tmp_path / ROOMS).unlink()
    rooms.sweep()
    unfinished = tmp_path / ROOMS / f"{room.tag}.new"
    unfinished.write_text("half a room")
    assert list(Store(tmp_path).read()) == [room]
    assert not unfinished.exists()


async def told(mailbox: Mailbox) -> dict[str, dict[str, Any]]:
    """What waits in a mailbox, which is closed then, by its kind."""
    mailbox.close()
    events = [json.loads(message) async for message in mailbox]
    return {event["event"]: event for event in events}


def test_a_room_is_the_former_presenters_until_the_next_has_come() -> None:
    asyncio.run(hand_on())


async def hand_on() -> None:
    room, before = a_room()
    meeting = Meeting(room.replace(runs=("theirs",)))
    former, ada = read(before), read(room.viewer_key("ada"))
    presenter = meeting.come(former)
    pages = [meeting.come(ada), meeting.come(ada)]
    meeting.hand_on(meeting.members["ada"], "session", "copy")
    assert meeting.room.is_led_with(former) and meeting.room.runs == ("theirs",)
    assert meeting.presenter == [presenter]
    after = {read((await told(page))["led"]["key"]) for page in pages}
    assert len(after) == 1, "each page is told the same key"
    (latter,) = after
    assert meeting.admits(latter) and not meeting.room.is_led_with(latter)
    meeting.come(latter)
    assert meeting.room.is_led_with(latter) and meeting.room.runs == ("copy",)
    assert not meeting.admits(former)
    handed = (await told(presenter))["handed"]
    assert handed["to"] == meeting.members["ada"].name and meeting.admits(read(handed["key"]))


def test_what_was_revealed_is_told_to_who_comes_later() -> None:
    asyncio.run(reveal())


async def reveal() -> None:
    room, presenter = a_room()
    meeting = Meeting(room)
    key = read(room.viewer_key("ada"))
    page = meeting.come(key)
    meeting.answer(meeting.members["ada"], {1: "a", 2: "b"})
    meeting.reveal(1)
    meeting.reveal(2)
    page.close()
    waiting = [json.loads(message) async for message in page]
    assert [each["step"] for each in waiting if each["event"] == "votes"] == [1, 2]
    for late in (read(room.viewer_key("bob")), read(presenter)):
        assert (await told(meeting.come(late)))["votes"]["counts"] == {"b": 1}
    meeting.turn_to(Scene(lesson="another"))
    assert "votes" not in await told(meeting.come(read(room.viewer_key("eve"))))


def test_the_presenter_is_told_votes_and_with_the_board_open_answers() -> None:
    asyncio.run(vote())


async def vote() -> None:
    room, presenter = a_room()
    meeting = Meeting(room)
    closed, board = (meeting.come(read(presenter)) for _ in range(2))
    for number in range(votes.BARS_MAX + 2):
        meeting.come(read(room.viewer_key(f"m{number}")))
        meeting.answer(meeting.members[f"m{number}"], {1: "a", 2: str(number)})
    page = meeting.members["m0"].pages[0]
    meeting.turn_to(Scene(step=2))
    meeting.read_answers(board, True)
    await asyncio.sleep(2 * SOON_SECONDS)
    unread, read_by, members = [(await told(each))["people"] for each in (closed, board, page)]
    assert unread["votes"] == read_by["votes"] and members["votes"] is None
    assert unread["votes"]["step"] == 2 and unread["votes"]["given"] == votes.BARS_MAX + 2
    assert len(unread["votes"]["counts"]) == votes.BARS_MAX
    assert not any(person["answers"] for person in unread["people"])
    assert all(person["answers"]["1"] == "a" for person in read_by["people"])


def test_a_member_is_told_that_everyone_sees_their_run() -> None:
    asyncio.run(spotlight())


async def spotlight() -> None:
    room, _ = a_room()
    meeting = Meeting(room)
    for name in ("ada", "bob"):
        meeting.come(read(room.viewer_key(name)))
        meeting.update(meeting.members[name], run=f"{name}'s")
    ada, bob = meeting.members["ada"], meeting.members["bob"]
    meeting.show_run_of("ada")
    assert (ada.me.shown, bob.me.shown) == (True, False)
    meeting.show_run_of("bob")
    assert (ada.me.shown, bob.me.shown) == (False, True)
    assert (await told(ada.pages[0]))["me"]["shown"] is False
    assert (await told(bob.pages[0]))["me"]["shown"] is True
    meeting.update(bob, on_board=False)
    assert not bob.me.shown and meeting.shown_member == ""


def test_a_key_of_the_board_ends_with_its_presenter() -> None:
    room, _ = a_room()
    tile, own = read(room.viewer_key(keys.LOOKING, "ada")), read(room.viewer_key("ada"))
    handed, _ = room.handed_on()
    assert room.admits(tile) and not handed.admits(tile)
    assert room.admits(own) and handed.admits(own)


def test_no_two_people_here_have_the_same_name() -> None:
    asyncio.run(call_all_the_same())


async def call_all_the_same() -> None:
    room, _ = a_room()
    meeting = Meeting(room)
    for number in range(MEMBERS_MAX):
        meeting.come(read(room.viewer_key(f"m{number}")))
    members = list(meeting.members.values())
    assert len({member.name for member in members}) == MEMBERS_MAX
    for member in members:
        meeting.call(member, "A name of 24 characters.")
    names = {member.name.casefold() for member in members}
    assert len(names) == MEMBERS_MAX and all(read_person(name) for name in names)
    meeting.call(members[5], members[5].name)
    assert members[5].name == "A name of 24 character 6"


def test_those_who_left_and_did_nothing_are_forgotten_first() -> None:
    asyncio.run(crowd())


async def crowd() -> None:
    room, _ = a_room()
    meeting = Meeting(room)
    for number in range(MEMBERS_MAX):
        key = read(room.viewer_key(f"m{number}"))
        page = meeting.come(key)
        if number == 0:
            meeting.answer(meeting.members["m0"], {1: "a"})
        if number < 2:
            meeting.leave(key, page)
    meeting.come(read(room.viewer_key("newcomer")))
    assert "m0" in meeting.members and "m1" not in meeting.members


def test_votes_are_what_was_said_and_no_more_than_a_screen_holds() -> None:
    everyones = [{1: str(number % 20)} for number in range(100)] + [{2: "9"}, {1: "19"}]
    counted = votes.tally(everyones, 1)
    assert len(counted) == votes.BARS_MAX and next(iter(counted.items())) == ("19", 6)
    assert list(counted.values()) == sorted(counted.values(), reverse=True)
    assert votes.kept({3: " a\n b ", 1: "", 2: "x" * 5000}) == {2: "x" * votes.ANSWER_MAX, 3: "a b"}
