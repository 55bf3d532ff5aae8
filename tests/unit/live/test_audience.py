"""Several viewers of one session share frames where they watch the same."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from spiral_dash.live.audience import FURTHER_MAX, Audiences, Viewer
from spiral_dash.live.commands import PARTS_MAX
from spiral_dash.live.events import ErrorEvent, NoticeEvent
from spiral_dash.live.wire import FrameMessage


def part(key: str, resolution: int = 20) -> dict[str, Any]:
    return {"key": key, "probe": "boundary", "options": {"resolution": resolution}}


def join(
    audiences: Audiences, *keys: tuple[str, int], apart: bool = False, name: str = ""
) -> Viewer:
    viewer = Viewer(lambda: None, lambda viewer, _: audiences.remove(viewer), apart, name)
    audiences.add(viewer)
    viewer.watch([part(*key) for key in keys])
    return viewer


def answer(audiences: Audiences, request: int, serial: int, audience: int = 0) -> None:
    audiences.show(FrameMessage(audience, request, serial, b"blob"))


def test_lists_that_agree_are_watched_as_one() -> None:
    audiences = Audiences()
    join(audiences, ("a", 20), ("b", 20))
    join(audiences, ("b", 20), ("c", 20))
    (watch,) = audiences.regroup()
    assert [p.key for p in watch.parts] == ["a", "b", "c"]
    assert audiences.regroup() == []


def test_one_key_for_two_things_makes_two_audiences() -> None:
    audiences = Audiences()
    one, other = join(audiences, ("a", 20)), join(audiences, ("a", 30))
    first, second = audiences.regroup()
    assert (first.audience, second.audience) == (one.audience, other.audience) == (0, 1)
    one.detach()
    (watch, empty) = audiences.regroup()
    assert watch.parts == second.parts
    assert empty.parts == ()
    assert other.audience == 0


def test_those_who_are_apart_get_nothing_that_others_watch() -> None:
    audiences = Audiences()
    join(audiences, ("a", 20))
    tiles = [join(audiences, ("tile", 20), apart=True) for _ in range(2)]
    one, other = audiences.regroup()
    assert [[p.key for p in watch.parts] for watch in (one, other)] == [["a"], ["tile"]]
    assert {viewer.audience for viewer in tiles} == {other.audience}


def test_no_audience_watches_more_than_a_session_takes() -> None:
    audiences = Audiences()
    half = PARTS_MAX // 2 + 1
    viewers = [join(audiences, *((f"{name}{i}", 20) for i in range(half))) for name in "xy"]
    assert {len(watch.parts) for watch in audiences.regroup()} == {half}
    assert {viewer.audience for viewer in viewers} == {0, 1}


def test_followers_add_nothing_to_what_is_watched_by_those_whose_session_it_is() -> None:
    audiences = Audiences()
    early = join(audiences, ("a", 20), ("z", 20), name="early")
    owner = join(audiences, ("a", 20), ("b", 20))
    same = join(audiences, ("b", 20), name="same")
    others = [join(audiences, ("a", 30 + number), name=f"{number}") for number in range(9)]
    tile = join(audiences, ("t", 5), apart=True, name="board")
    watches = {watch.audience: {part.key for part in watch.parts} for watch in audiences.regroup()}
    assert watches[0] == {"a", "b"} and owner.audience == same.audience == 0
    assert tile.audience == 1 and early.audience == 2
    assert len(watches) == 2 + FURTHER_MAX
    assert {other.audience for other in others} == {0, 3}


def test_followers_alone_share_the_groups_that_there_are() -> None:
    audiences = Audiences()
    others = [join(audiences, ("a", 30 + number), name=f"{number}") for number in range(9)]
    assert len(audiences.regroup()) == FURTHER_MAX
    assert {other.audience for other in others} == {0, 1}


def test_a_request_speaks_for_all_who_wait() -> None:
    audiences = Audiences()
    one, other = join(audiences, ("a", 20)), join(audiences, ("a", 20))
    audiences.regroup()
    one.credit(1)
    (request,) = audiences.requests()
    assert (request.run, request.since) == ((1,), 0)
    answer(audiences, request.request, serial=7)
    assert not one.hungry
    one.credit(1)
    other.credit(0)
    (request,) = audiences.requests()
    # One has seen the state 7, the other nothing.
    assert (request.run, request.since) == ((0, 1), 0)
    answer(audiences, request.request, serial=9)
    assert audiences.requests() == []
    one.credit(1)
    (request,) = audiences.requests()
    assert request.since == 9


def test_a_frame_goes_to_those_whose_credit_it_answers() -> None:
    audiences = Audiences()
    one, other = join(audiences, ("a", 20)), join(audiences, ("a", 20))
    audiences.regroup()
    one.credit(1)
    (early,) = audiences.requests()
    other.credit(0)
    (late,) = audiences.requests()
    answer(audiences, early.request, serial=5)
    # Made before the other was asked for, so it may lack what the other has not seen.
    assert not one.hungry
    assert other.hungry
    answer(audiences, late.request, serial=6)
    assert not other.hungry


def test_a_new_list_asks_for_everything_in_it() -> None:
    audiences = Audiences()
    viewer = join(audiences, ("a", 20))
    audiences.regroup()
    viewer.credit(1)
    answer(audiences, audiences.requests()[0].request, serial=5)
    viewer.watch([part("a", 30)])
    viewer.credit(1)
    assert len(audiences.regroup()) == 1
    assert audiences.requests()[0].since == 0


def test_a_successor_is_told_everything_again() -> None:
    audiences = Audiences()
    viewer = join(audiences, ("a", 20))
    told = audiences.regroup()
    viewer.credit(1)
    audiences.requests()
    audiences.forget()
    assert audiences.regroup() == told
    (request,) = audiences.requests()
    assert (request.run, request.since) == ((1,), 0)


def test_a_viewer_reads_events_first_and_one_frame_at_most() -> None:
    async def read() -> list[str | bytes]:
        viewer = Viewer(lambda: None, lambda viewer, goodbye: None)
        for serial in (1, 2):
            viewer.show(FrameMessage(0, 1, serial, f"frame {serial}".encode()))
        viewer.tell(NoticeEvent(level="info", text="hello"))
        for number in range(200):
            viewer.tell(ErrorEvent(text=str(number)))
        viewer.finish()
        return [message async for message in viewer]

    messages = asyncio.run(read())
    assert messages[-1] == b"frame 2"
    assert [json.loads(m)["text"] for m in messages[:-1]] == [str(i) for i in range(100, 200)]


def test_a_list_that_changes_while_a_request_is_under_way_is_asked_for_anew() -> None:
    """However the viewers' lists change, everyone comes to hold what they watch."""
    audiences = Audiences()
    join(audiences, ("a", 20), ("b", 20))
    late = join(audiences, ("b", 20))
    audiences.regroup()
    late.credit(1)
    (first,) = audiences.requests()
    answer(audiences, first.request, serial=5)
    late.credit(1)
    (waiting,) = audiences.requests()
    assert waiting.since == 5
    # The credit is still out when the list grows: what comes for it knows nothing of "a".
    late.watch([part("b"), part("c")])
    late.watch([part("b"), part("c"), part("a")])
    audiences.regroup()
    (anew,) = audiences.requests()
    assert (anew.since, anew.request > waiting.request) == (0, True)
    answer(audiences, waiting.request, serial=6)
    assert late.hungry
    answer(audiences, anew.request, serial=7)
    assert late.since == 7
