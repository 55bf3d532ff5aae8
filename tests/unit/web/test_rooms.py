"""Rooms over real sockets: who sees what, and that nobody but the presenter does anything."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from spiral_dash.core.frame import decode
from spiral_dash.live.host import HostSettings
from spiral_dash.web.messages import PAGE_COMMANDS
from spiral_dash.web.rooms.routes import (
    ENTERED_A_SECOND,
    ENTERED_AT_ONCE,
    MADE_AT_ONCE,
    TAKEN_AT_ONCE,
)
from tests.unit.web.conftest import Answer, Served, serving

PART = {"key": "b", "probe": "boundary", "options": {"resolution": 10}, "over_time": False}
SECONDS = 60


def post(served: Served, path: str, **body: object) -> Answer:
    return served.request(path, json.dumps(body).encode())


def made(served: Served, name: str, **more: object) -> str:
    """Make a room; its presenter's key."""
    answer = post(served, "/rooms/make", name=name, **more)
    assert answer.status == 200, answer.body
    return str(answer.json()["key"])


def entered(served: Served, room: str, **more: object) -> dict[str, Any]:
    answer = post(served, "/rooms/enter", room=room, **more)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


@contextmanager
def line(served: Served, key: str) -> Iterator[ClientConnection]:
    address = f"ws://127.0.0.1:{served.port}/rooms/live?session={key}"
    with connect(
        address, proxy=None, compression=None, max_size=None, ping_interval=None
    ) as socket:
        yield socket


def told(socket: ClientConnection, event: str, **fields: object) -> dict[str, Any]:
    """The next event of a kind, with these values."""
    deadline = time.monotonic() + SECONDS
    while True:
        message = socket.recv(deadline - time.monotonic())
        if isinstance(message, bytes):
            continue
        found: dict[str, Any] = json.loads(message)
        if found["event"] == event and fields.items() <= found.items():
            return found


def say(socket: ClientConnection, **message: object) -> None:
    socket.send(json.dumps(message))


def show(socket: ClientConnection, *runs: str, search: str = "", step: int = 0) -> None:
    say(socket, type="scene", scene={"search": search, "lesson": "", "step": step}, runs=runs)


def frame(socket: ClientConnection, have: int = 0) -> tuple[dict[str, Any], dict[str, str]]:
    say(socket, type="watch", parts=[PART])
    say(socket, type="credit", have=have)
    while True:
        message = socket.recv(SECONDS)
        if isinstance(message, bytes):
            arrays, texts = decode(message)
            return dict(arrays), dict(texts)


def test_everyone_in_a_room_sees_the_presenters_run(served: Served) -> None:
    token = served.open("?network.hidden=4")["token"]
    key = made(served, "Sees All")
    with line(served, key) as presenter:
        show(presenter, token, search="panels=boundary,weights&projector=on")
        told(presenter, "people", count=0)
        ada = entered(served, "sees-all")
        assert ada["config"]["texts"]["network.hidden"] == "4"
        with line(served, ada["key"]) as page, served.socket(ada["key"]) as stream:
            told(presenter, "people", count=1)
            scene = told(page, "scene")
            assert scene["page"]["panels"] == ["boundary", "weights"]
            assert scene["page"]["projector"] is True and not scene["compared"]
            arrays, texts = frame(stream, have=999)
            assert arrays["b/probability"].shape == (10, 10)
            assert "points/train" in arrays, "whoever comes is sent the points"
            served.command(token, {"do": "step"})
            while texts["epoch"] != "1":
                _, texts = frame(stream, have=int(texts["run"]))
            show(presenter, token, search="panels=metrics", step=2)
            assert told(page, "scene", step=2)["page"]["panels"] == ["metrics"]
            say(presenter, type="point", panel="metrics", x=0.5, y=1)
            assert told(page, "point", panel="metrics")["y"] == 1
            say(presenter, type="point", panel="metrics", x=0.5, y=2)
            assert "y: expected" in told(presenter, "refused")["text"]


def test_two_compared_runs_are_shown_and_another_session_takes_their_place(served: Served) -> None:
    first, second, third = (served.open(f"?network.hidden={size}")["token"] for size in (3, 5, 6))
    with line(served, made(served, "compares")) as presenter:
        show(presenter, first, second)
        told(presenter, "people", count=0)
        ada = entered(served, "compares")
        with line(served, ada["key"]) as page, served.socket(ada["second"]) as beside:
            assert told(page, "scene")["compared"]
            assert json.loads(frame(beside)[1]["config"])["network"]["hidden"] == [5]
            show(presenter, third)
            assert not told(page, "scene", compared=False)["compared"]
            with pytest.raises(ConnectionClosed):
                told(beside, "never")
        with served.socket(ada["key"]) as stream:
            assert json.loads(frame(stream)[1]["config"])["network"]["hidden"] == [6]


def test_a_viewers_key_commands_nothing(served: Served) -> None:
    token = served.open()["token"]
    with line(served, made(served, "reads only")) as presenter:
        show(presenter, token)
        told(presenter, "people", count=0)
        key = entered(served, "reads-only")["key"]
        before = served.open(token=token)["config"]
        with served.socket(key) as stream:
            welcome = json.loads(stream.recv(SECONDS))
            assert token not in json.dumps(welcome)
            said = [{"type": "command", "command": {"do": name}} for name in PAGE_COMMANDS]
            said += [{"type": "visit", "search": "?seed=5"}]
            said += [{"type": "form", "fields": [], "layers": "1", "units": ["2"], "kind": "x",
                      "told": {}}]  # fmt: skip
            for number, message in enumerate(said):
                say(stream, id=number, **message)
                answer = told(stream, "reply", id=number)
                assert "only they can change it" in answer["error"], message
            say(stream, type="credit", have=0, hold=3)
            assert "only they can change it" in told(stream, "error")["text"]
        assert served.open(token=token)["config"] == before
        for path in ("/recording/save", "/recording/open", "/data/read", "/export/make"):
            refused = served.request(path, b"{}")
            assert refused.status in {404, 405, 422}
        opened = post(served, "/session/open", search="", token=key).json()
        assert opened["token"] not in {token, key}


def test_only_the_presenter_shows_and_closes(served: Served) -> None:
    token = served.open()["token"]
    key = made(served, "led")
    with line(served, key) as presenter:
        show(presenter, token)
        told(presenter, "people", count=0)
        ada = entered(served, "led")
        with line(served, ada["key"]) as page:
            for message in ({"type": "close"}, {"type": "scene", "scene": {}, "runs": [token]}):
                say(page, **message)
                assert "Only the presenter" in told(page, "refused")["text"]
            say(page, type="me", name="Ada", on_board=True)
            assert told(page, "me", name="Ada")["on_board"]
            people = told(presenter, "people", count=1)["people"]
            while people[0]["name"] != "Ada":
                people = told(presenter, "people", count=1)["people"]
            show(presenter, "no session of theirs")
            assert "has to be one of this page" in told(presenter, "refused")["text"]
            say(presenter, type="close")
            assert "has closed" in told(page, "closed")["text"]
    assert post(served, "/rooms/enter", room="led", key=ada["key"]).status == 404
    assert served.request("/room/led").status == 404
    with line(served, ada["key"]) as page:
        assert "no such room" in told(page, "closed")["text"]
    made(served, "led")


def test_a_run_taken_over_is_ones_own_and_goes_on_from_there(served: Served) -> None:
    token = served.open("?network.hidden=4")["token"]
    with line(served, made(served, "taken")) as presenter:
        show(presenter, token)
        told(presenter, "people", count=0)
        served.command(token, {"do": "reach", "epoch": 3})
        ada = entered(served, "taken")["key"]
        with served.socket(ada) as stream:
            while frame(stream)[1]["epoch"] != "3":
                pass
        own = post(served, "/rooms/take", key=ada).json()
        assert own["token"] not in {token, ada}
        assert own["config"]["query"] == served.open(token=token)["config"]["query"]
        with served.socket(own["token"]) as mine, served.socket(ada) as theirs:
            assert frame(mine)[1]["metrics"] == frame(theirs)[1]["metrics"]
            assert served.command(own["token"], {"do": "seek", "epoch": 1}) == ""
            assert frame(theirs)[1]["shown_epoch"] == "3"
        for nonsense in ("", "x", ada[:-1] + "~", token):
            assert post(served, "/rooms/take", key=nonsense).status == 404


def test_a_room_is_handed_on_with_a_copy_of_its_run(served: Served) -> None:
    token = served.open("?network.hidden=7")["token"]
    with line(served, made(served, "handed")) as former:
        show(former, token)
        ada = entered(served, "handed")["key"]
        with line(served, ada) as page:
            people = told(former, "people", count=1)["people"]
            say(former, type="hand", to="nobody")
            assert "not here any more" in told(former, "refused")["text"]
            say(former, type="hand", to=people[0]["id"])
            led = told(page, "led")
        with line(served, led["key"]) as latter:
            handed = told(former, "handed")
            assert handed["to"] == people[0]["name"]
            assert led["session"] != token and led["key"] != handed["key"]
            with line(served, handed["key"]) as watcher:
                see_the_copy(served, token, latter, watcher, handed["key"])


def see_the_copy(
    served: Served, token: str, latter: ClientConnection, watcher: ClientConnection, key: str
) -> None:
    told(latter, "people", count=1)
    served.command(token, {"do": "reach", "epoch": 2})
    with served.socket(key) as stream:
        _, texts = frame(stream)
        assert texts["epoch"] == "0" and json.loads(texts["config"])["network"]["hidden"] == [7]
    say(latter, type="close")
    assert "closed" in told(watcher, "closed")["text"]


def a_tile(socket: ClientConnection) -> tuple[str, dict[str, Any], dict[str, str]]:
    """The next tile of the board: whose it is, and its frame."""
    deadline = time.monotonic() + SECONDS
    while True:
        message = socket.recv(deadline - time.monotonic())
        if isinstance(message, bytes):
            arrays, texts = decode(message[1 + message[0] :])
            return message[1 : 1 + message[0]].decode(), dict(arrays), dict(texts)


def test_the_board_shows_those_who_have_a_run_and_want_to_be_on_it(served: Served) -> None:
    token = served.open("?network.hidden=4")["token"]
    with line(served, made(served, "board")) as presenter:
        show(presenter, token)
        told(presenter, "people", count=0)
        ada, bob = (entered(served, "board")["key"] for _ in range(2))
        own = post(served, "/rooms/take", key=ada).json()["token"]
        with line(served, ada) as page, line(served, bob) as other:
            say(page, type="me", name="Ada", on_board=True)
            say(page, type="run", session="not a session")
            assert "has to be one of this page" in told(page, "refused")["text"]
            say(page, type="run", session=own)
            while not (people := told(presenter, "people")["people"]) or not any(
                person["key"] for person in people
            ):
                pass
            person = next(person for person in people if person["key"])
            assert person["name"] == "Ada" and own not in json.dumps(people)
            assert told(other, "people")["people"] == [], "others are not told who is there"
            say(presenter, type="board", open=True)
            member, arrays, texts = a_tile(presenter)
            assert member == person["id"] and texts["epoch"] == "0"
            assert set(arrays) == {"tile/probability", "tile/confidence", "tile/x1", "tile/x2"}
            served.command(own, {"do": "reach", "epoch": 2})
            while texts["epoch"] != "2":
                _, _, texts = a_tile(presenter)
            with served.socket(person["key"]) as stream:
                assert frame(stream)[1]["epoch"] == "2"
                say(stream, type="command", id=1, command={"do": "reset"})
                assert "only they can change it" in told(stream, "reply", id=1)["error"]
                assert entered(served, "board", key=person["key"])["whose"] == "Ada"
                with line(served, person["key"]) as stranger:
                    assert "no key to it" in told(stranger, "closed")["text"]
                say(presenter, type="spotlight", member=person["id"])
                told(other, "people", whose="Ada")
                with served.socket(bob) as seen:
                    assert frame(seen)[1]["epoch"] == "2"
                    say(page, type="me", name="Ada", on_board=False)
                    told(other, "people", whose="")
                    with pytest.raises(ConnectionClosed):
                        told(seen, "never")
                with pytest.raises(ConnectionClosed):
                    told(stream, "never")
                for looking in (person["key"], "nonsense"):
                    answer = post(served, "/rooms/enter", room="board", key=looking)
                    assert answer.status == 404 and "not on the board" in answer.json()["error"]
            with served.socket(bob) as seen:
                assert frame(seen)[1]["epoch"] == "0"


def test_votes_are_counted_and_shown_when_the_presenter_shows_them(served: Served) -> None:
    with line(served, made(served, "votes")) as presenter:
        told(presenter, "people", count=0)
        say(presenter, type="board", open=True)
        members = [entered(served, "votes")["key"] for _ in range(3)]
        with line(served, members[0]) as one, line(served, members[1]) as two:
            with line(served, members[2]) as three:
                for page, answer in ((one, "1"), (two, "1"), (three, "0")):
                    say(page, type="answers", answers=[[4, answer], [5, "  "]])
                while True:
                    people = told(presenter, "people", count=3)["people"]
                    if sum(person["answers"] == {"4": "1"} for person in people) == 2:
                        break
                say(three, type="reveal", step=4)
                assert "Only the presenter" in told(three, "refused")["text"]
            told(presenter, "people", count=2)
            say(presenter, type="reveal", step=4)
            assert told(one, "votes", step=4)["counts"] == {"1": 2}, "of those who are here"
            for nonsense in ([[1]], [["x", "y"]], [[-1, "a"]], "x", [[1, 5]]):
                say(one, type="answers", answers=nonsense)
                assert told(one, "refused")["text"]


def test_a_room_outlives_the_server_and_leaves_nothing_when_it_ends(tmp_path: Path) -> None:
    kept = HostSettings(in_process=True, state_dir=tmp_path)
    with serving(host_settings=kept) as served:
        token = served.open("?network.hidden=4")["token"]
        key = made(served, "Lasting", password="owls fly")
        with line(served, key) as presenter:
            show(presenter, token, search="panels=weights")
            ada = entered(served, "lasting", password="owls fly")["key"]
            with line(served, ada) as page:
                told(page, "scene")
                say(page, type="me", name="Ada of Byron", on_board=True)
                told(page, "me", name="Ada of Byron")
        written = [path.read_text() for path in (tmp_path / "rooms").iterdir()]
        assert (
            "Byron" not in str(written) and "owls" not in str(written) and key not in str(written)
        )
    (tmp_path / "rooms" / "nonsense.json").write_text("{")
    with serving(host_settings=kept) as served:
        assert post(served, "/rooms/enter", room="lasting", password="wrong").status == 403
        with line(served, ada) as page, served.socket(ada) as stream:
            assert told(page, "scene")["page"]["panels"] == ["weights"]
            assert json.loads(frame(stream)[1]["config"])["network"]["hidden"] == [4]
            with line(served, key) as presenter:
                told(presenter, "people", count=1)
                say(presenter, type="close")
                told(page, "closed")
        assert [path.name for path in (tmp_path / "rooms").iterdir()] == ["nonsense.damaged"]


def test_a_room_without_a_run_says_so(served: Served) -> None:
    made(served, "empty")
    ada = entered(served, "empty")
    assert ada["config"] is None
    with served.socket(ada["key"]) as stream:
        assert "shows no run" in told(stream, "ended")["text"]


def test_the_page_of_a_room_is_the_laboratory(served: Served) -> None:
    made(served, "Seen")
    page = served.request("/room/seen")
    assert page.status == 200 and b'id="room-data"' in page.body
    for name in ("nobody", "%3Cscript%3E", "a/b", "%00", "..%2f", "x" * 500, "%F0%9F%98%80"):
        answer = served.request(f"/room/{name}")
        assert answer.status == 404 and b"No such room" in answer.body
        assert b"<script>" not in answer.body.replace(b"<script src", b"")


MAKING: dict[str, dict[str, object]] = {
    "no name": {},
    "a name that is none": {"name": 5},
    "a name of signs": {"name": "../x"},
    "a short password": {"name": "fine", "password": "abc"},
    "an end that is past": {"name": "fine", "ends_at": 5.0},
    "an end beyond all": {"name": "fine", "ends_at": 1e300},
    "an end in words": {"name": "fine", "ends_at": "tomorrow"},
    "something more": {"name": "fine", "color": "red"},
}


@pytest.mark.parametrize("case", MAKING)
def test_a_room_that_makes_no_sense_is_refused(served: Served, case: str) -> None:
    answer = post(served, "/rooms/make", **MAKING[case])
    assert answer.status == 422 and answer.json()["error"]
    assert served.request("/room/fine").status == 404


def test_a_name_is_taken_once(served: Served) -> None:
    made(served, "Once")
    assert "is there already" in post(served, "/rooms/make", name="ONCE").json()["error"]


def test_a_password_is_asked_for_and_few_wrong_ones_are_looked_at() -> None:
    with serving() as served:
        made(served, "locked", password="owls fly")
        right = entered(served, "locked", password="owls fly")
        assert entered(served, "locked", key=right["key"])["key"] == right["key"]
        begun = time.monotonic()
        answers = [post(served, "/rooms/enter", room="locked", password="no") for _ in range(200)]
        assert {answer.status for answer in answers} == {403, 429}
        assert "not the room's password" in answers[0].json()["error"]
        assert sum(answer.status == 403 for answer in answers) <= 11 + (time.monotonic() - begun)
        spent = answers[-1]
        assert int(spent.headers["retry-after"]) >= 1
        assert "Try again in" in spent.json()["error"]
        assert entered(served, "locked", key=right["key"])


def test_one_address_makes_so_many_rooms() -> None:
    with serving() as served:
        for number in range(MADE_AT_ONCE):
            made(served, f"room {number}")
        answer = post(served, "/rooms/make", name="one more")
        assert answer.status == 429 and "Try again" in answer.json()["error"]


def test_one_address_brings_so_many_people() -> None:
    with serving() as served:
        made(served, "full")
        begun = time.monotonic()
        keys = [entered(served, "full")["key"] for _ in range(ENTERED_AT_ONCE)]
        more = int((time.monotonic() - begun) * ENTERED_A_SECOND) + 1
        answers = [post(served, "/rooms/enter", room="full") for _ in range(more)]
        assert answers[-1].status == 429 and "Try again" in answers[-1].json()["error"]
        assert entered(served, "full", key=keys[0])["key"] == keys[0]


def test_messages_at_random_harm_nothing(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    token = served.open()["token"]
    draw = random.Random(7)
    words: list[Any] = [
        "scene",
        "close",
        "me",
        "type",
        "runs",
        "name",
        None,
        5,
        -1e9,
        True,
        [],
        {},
        "\ud800",
    ]

    def anything(depth: int = 0) -> object:
        kind = draw.random()
        if depth > 3 or kind < 0.5:
            return draw.choice(words)
        if kind < 0.7:
            return [anything(depth + 1) for _ in range(draw.randrange(4))]
        return {str(draw.choice(words)): anything(depth + 1) for _ in range(draw.randrange(5))}

    with line(served, made(served, "storm")) as presenter:
        show(presenter, token)
        told(presenter, "people", count=0)
        key = entered(served, "storm")["key"]
        with line(served, key) as page, served.socket(key, ping_interval=None) as stream:
            for _ in range(300):
                text = json.dumps(anything())
                for socket in (presenter, page, stream):
                    socket.send(text if draw.random() < 0.9 else text.encode())
            for path in ("/rooms/make", "/rooms/enter"):
                for _ in range(100):
                    answer = served.request(path, json.dumps(anything()).encode())
                    assert answer.status in {404, 422, 403, 429}
            assert frame(stream)[0]["b/probability"].shape == (10, 10)
    assert not [record for record in caplog.records if record.exc_info]


def test_one_member_takes_so_many_copies(served: Served) -> None:
    token = served.open("?network.hidden=3")["token"]
    with line(served, made(served, "many copies")) as presenter:
        show(presenter, token)
        told(presenter, "people", count=0)
        ada, bob = (entered(served, "many-copies")["key"] for _ in range(2))
        for _ in range(TAKEN_AT_ONCE):
            assert post(served, "/rooms/take", key=ada).status == 200
        # On a slow machine there is one more now and then.
        assert 429 in (post(served, "/rooms/take", key=ada).status for _ in range(9))
        assert post(served, "/rooms/take", key=bob).status == 200
