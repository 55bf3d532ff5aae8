"""Doors with a secret: the class' password, the host's token, and how often one may be wrong."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from websockets.exceptions import InvalidStatus

from spiral_dash.web.app import WebSettings
from spiral_dash.web.edge.door import (
    NEXT_MAX,
    Password,
    Token,
    class_door,
    kept_place,
    login_routes,
    own_path,
)
from spiral_dash.web.edge.judge import TRIES_A_SECOND, TRIES_AT_ONCE, WAITING_MAX, Judge
from spiral_dash.web.edge.limits import Buckets
from spiral_dash.web.options import Options, parse_options
from tests.unit.web.asgi import Told, call
from tests.unit.web.conftest import OPENING, Answer, Served, ask, serving

PASSWORD, TOKEN = "double spiral", "a token of the one who hosts"
HTML = {"Accept": "text/html"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Served]:
    with serving(WebSettings(password=HASHED, admin_token=TOKEN, prefix="/lab")) as served:
        yield served


def give(served: Served, path: str, secret: str, following: str = "") -> Answer:
    body = urlencode({"secret": secret, "next": following}).encode()
    return ask(served.port, path, body, FORM)


def passed(answer: Answer) -> Mapping[str, str]:
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    return {"Cookie": cookie.partition(";")[0]}


@pytest.mark.parametrize(
    "path", ["/", "/lessons", "/experiments", "/_dash-layout", "/nothing", "/admins"]
)
def test_without_a_pass_there_is_the_door_alone(guarded: Served, path: str) -> None:
    answer = ask(guarded.port, path, headers=HTML)
    assert answer.status == 303
    following = "" if path == "/" else f"?next={path.replace('/', '%2F')}"
    assert answer.headers["location"] == f"/lab/login{following}"
    told = ask(guarded.port, path)
    assert (told.status, "password" in told.json()["error"]) == (401, True)


def test_anyone_may_ask_how_the_server_is(guarded: Served) -> None:
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = ask(guarded.port, path)
        told = answer.json()
        assert (answer.status, told["status"]) == (200, status), told
        assert {"service", "version", "sessions", "max_sessions"} <= told.keys()


def test_neither_session_nor_socket_without_a_pass(guarded: Served) -> None:
    assert ask(guarded.port, "/session/open", OPENING).status == 401
    with pytest.raises(InvalidStatus, match="403"):
        guarded.socket("x")


def test_the_door_looks_like_the_page_and_says_what_it_wants(guarded: Served) -> None:
    answer = ask(guarded.port, "/lab/login?next=%2F%22%3E%3Cscript%3E")
    page = answer.body.decode()
    assert answer.headers["referrer-policy"] == "same-origin", "a form needs an origin"
    assert '<label for="secret">Password</label>' in page
    assert "<script>" not in page.replace("<script src", "")
    for address in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert ask(guarded.port, address).status == 200, address


def test_the_password_opens_everything_and_leads_to_where_one_was(guarded: Served) -> None:
    wrong = give(guarded, "/login", "simple spiral", "/lessons?a=1")
    assert wrong.status == 401
    assert b"That is not it" in wrong.body and b'value="/lessons?a=1"' in wrong.body
    right = give(guarded, "/login", PASSWORD, "/lessons?a=1")
    assert (right.status, right.headers["location"]) == (303, "/lab/lessons?a=1")
    cookie = passed(right)
    assert "Path=/lab/" in right.headers["set-cookie"]
    assert ask(guarded.port, "/", headers=cookie).status == 200
    opened = ask(guarded.port, "/session/open", OPENING, cookie)
    with guarded.socket(opened.json()["token"], additional_headers=cookie) as stream:
        assert json.loads(stream.recv(60))["event"] == "welcome"


@pytest.mark.parametrize("cookie", ["", "1", "1.x.y", "MQ.aWw.MTIz", "é", "a" * 3000])
def test_a_pass_that_was_not_given_opens_nothing(guarded: Served, cookie: str) -> None:
    headers = {"Cookie": f"spiral-dash-pass={cookie}".encode().decode("latin-1")}
    assert ask(guarded.port, "/", headers=headers).status == 401


def test_a_page_of_another_site_cannot_try(guarded: Served) -> None:
    headers = {**FORM, "Origin": "https://evil.example"}
    body = urlencode({"secret": PASSWORD}).encode()
    assert ask(guarded.port, "/login", body, headers).status == 403


@pytest.mark.parametrize(
    ("following", "path"),
    [
        ("/lessons", "lessons"), ("/?seed=2&a=b,c", "?seed=2&a=b,c"), ("", ""), ("/", ""),
        ("//evil.example", ""), ("https://evil.example", ""), ("/\\evil.example", ""),
        ("/a\r\nSet-Cookie: x", ""), ("/lesson/ä", "lesson/%C3%A4"), ("/a\"><b>", "a%22%3E%3Cb%3E"),
    ],
)  # fmt: skip
def test_the_door_leads_nowhere_else(following: str, path: str) -> None:
    assert own_path(following) == path


class Counted(Password):
    """Notes what is looked at."""

    def __init__(self) -> None:
        super().__init__(HASHED)
        self.looked: list[str] = []

    def matches(self, text: str) -> bool:
        self.looked.append(text)
        return super().matches(text)


class Guesses:
    """A door before which no time goes by."""

    def __init__(self) -> None:
        self.password = Counted()
        self.door = class_door(HASHED, "/", (), 60)
        self.door._secret = self.password
        self.door._judge = Judge(Buckets(TRIES_A_SECOND, TRIES_AT_ONCE, lambda: 0.0))
        self.app = Starlette(routes=login_routes(self.door))

    async def guess(self, secret: str, client: str = "192.0.2.1") -> Told:
        body = urlencode({"secret": secret, "next": "/lessons"}).encode()
        return await call(self.app, "/login", body, client=client)

    async def at_once(self, secrets: Iterable[str]) -> list[Told]:
        return list(await asyncio.gather(*map(self.guess, secrets)))


def test_a_class_behind_one_address_gets_in_at_once() -> None:
    told = asyncio.run(Guesses().at_once([PASSWORD] * 30))
    assert [each.status for each in told] == [303] * 30


@pytest.mark.parametrize("together", [1_000, 1])
def test_a_thousand_wrong_passwords_are_not_looked_at(together: int) -> None:
    guesses = Guesses()

    async def attempts() -> tuple[list[Told], Told, Told]:
        told: list[Told] = []
        for first in range(0, 1_000, together):
            told += await guesses.at_once(str(each) for each in range(first, first + together))
        again = await guesses.guess(PASSWORD)
        return told, again, await guesses.guess(PASSWORD, "192.0.2.2")

    told, again, other = asyncio.run(attempts())
    wrong = [each for each in told if each.status == 401]
    assert len(wrong) == TRIES_AT_ONCE
    assert len(guesses.password.looked) == TRIES_AT_ONCE + 1
    assert {each.status for each in told} - {503} == {401, 429}
    assert again.status == 429 and "from your address. Try again in 10 s." in again.text
    assert again.headers["retry-after"] == "10"
    assert other.status == 303, "who is not guessing is let in"


def test_secrets_wait_in_a_queue_with_an_end() -> None:
    told = asyncio.run(Guesses().at_once([PASSWORD] * (WAITING_MAX + 5)))
    assert [each.status for each in told].count(303) == WAITING_MAX
    busy = [each for each in told if each.status == 503]
    assert len(busy) == 5
    assert all("The server is busy. Try again in 1 s." in each.text for each in busy)


@pytest.mark.parametrize(
    "body", [b"&".join(b"secret=%d" % each for each in range(9)), b"\xff=\x00", b"", b"next=/a"]
)
def test_what_is_no_form_of_the_door_is_wrong(body: bytes) -> None:
    assert asyncio.run(call(Guesses().app, "/login", body)).status == 401


@pytest.mark.parametrize(("letters", "is_kept"), [(NEXT_MAX - 1, True), (NEXT_MAX, False)])
def test_a_place_to_go_to_is_kept_whole_or_not_at_all(letters: int, is_kept: bool) -> None:
    place = "/" + "x" * letters
    assert kept_place(place) == (place if is_kept else "")


def test_a_password_is_kept_as_a_slow_hash_or_given_as_one() -> None:
    kept = Password(PASSWORD)
    assert kept._hash.startswith("$argon2id$") and PASSWORD not in kept._hash
    assert kept.matches(PASSWORD) and not kept.matches("spiral")
    assert Password(kept._hash).key == kept.key, "passes outlive the server with a given hash"
    assert Token("ä" * 20).matches("ä" * 20)


@pytest.mark.parametrize(
    "spoilt",
    [HASHED[:-5], HASHED[:20], "$argon2x" + HASHED[8:], "$argon2"],
    ids=["cut short", "without a hash", "of another kind", "a name"],
)
def test_a_hash_that_is_broken_is_refused_at_the_start(
    spoilt: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hash"
    file.write_text(spoilt)
    with pytest.raises(SystemExit):
        parse_options(["--password-file", str(file)])
    said = capsys.readouterr().err
    assert "argon2 hash" in said and spoilt not in said.replace("argon2 hash", "")
    with pytest.raises(ValueError, match="argon2 hash"):
        Password(spoilt)


def test_the_administration_lists_sessions_and_ends_one(guarded: Served) -> None:
    asked = ask(guarded.port, "/admin")
    assert asked.status == 200 and b'<label for="secret">Token</label>' in asked.body
    assert ask(guarded.port, "/admin/end", b"session=x", FORM).status == 401
    assert give(guarded, "/admin/enter", "no token of anyone").status == 401
    entered = give(guarded, "/admin/enter", TOKEN)
    assert (entered.status, entered.headers["location"]) == (303, "/lab/admin")
    cookie = passed(entered)
    pupil = passed(give(guarded, "/login", PASSWORD))
    opened = ask(guarded.port, "/session/open", OPENING, pupil).json()["token"]
    page = ask(guarded.port, "/admin", headers=cookie).body.decode()
    names = re.findall(r'name="session" value="(\w+)"', page)
    assert names and opened not in page
    evil = {**FORM, **cookie, "Origin": "https://evil.example"}
    assert ask(guarded.port, "/admin/end", b"session=" + names[-1].encode(), evil).status == 403
    assert f'value="{names[-1]}"' in ask(guarded.port, "/admin", headers=cookie).body.decode()
    ended = ask(guarded.port, "/admin/end", b"session=" + names[-1].encode(), {**FORM, **cookie})
    assert ended.status == 303
    assert names[-1] not in ask(guarded.port, "/admin", headers=cookie).body.decode()


def test_the_administration_closes_a_room(guarded: Served) -> None:
    cookie = passed(give(guarded, "/admin/enter", TOKEN))
    pupil = passed(give(guarded, "/login", PASSWORD))
    made = ask(guarded.port, "/rooms/make", json.dumps({"name": "Old 5"}).encode(), pupil)
    assert made.status == 200
    closing = b"room=old-5"
    assert ask(guarded.port, "/admin/close", closing, FORM).status == 401
    assert 'value="old-5"' in ask(guarded.port, "/admin", headers=cookie).body.decode()
    for _ in range(2):
        assert ask(guarded.port, "/admin/close", closing, {**FORM, **cookie}).status == 303
    assert "old-5" not in ask(guarded.port, "/admin", headers=cookie).body.decode()


def test_metrics_are_for_who_has_the_token(guarded: Served) -> None:
    for header in ("", "Bearer", "Bearer no", f"Basic {TOKEN}"):
        told = ask(guarded.port, "/metrics", headers={"Authorization": header})
        assert (told.status, "Bearer" in told.json()["error"]) == (401, True)
    told = ask(guarded.port, "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert told.status == 200
    assert told.headers["content-type"].startswith("text/plain")
    text = told.body.decode()
    for name in ("spiral_dash_sessions ", "spiral_dash_restarts ", "spiral_dash_sockets "):
        assert re.search(rf"^{name}\d", text, re.MULTILINE), name
    assert 'spiral_dash_requests_total{method="GET",status="4xx"}' in text


def test_without_a_token_neither_is_there(served: Served) -> None:
    assert [ask(served.port, path).status for path in ("/admin", "/metrics", "/login")] == [404] * 3


def opens(options: Options, option: str, secret: str) -> bool:
    """Whether the options hold a secret: the token itself, but of the password its hash."""
    kept = getattr(options, option)
    return (Password if option == "password" else Token)(kept).matches(secret)


@pytest.mark.parametrize(
    ("option", "variable", "short"),
    [("password", "PASSWORD", "abc"), ("admin_token", "ADMIN_TOKEN", "fifteen letters")],
)
def test_secrets_come_from_files_or_the_environment(
    option: str,
    variable: str,
    short: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flag = f"--{option.replace('_', '-')}-file"
    file = tmp_path / "secret"
    file.write_text("a secret of the file\n")
    options = parse_options([flag, str(file)])
    assert opens(options, option, "a secret of the file")
    assert "secret of" not in repr(options) and "secret of" not in options.password
    monkeypatch.setenv(f"SPIRAL_DASH_{variable}", "a secret of the shell")
    assert opens(parse_options([]), option, "a secret of the shell")
    assert getattr(parse_options([]), option) == "", "processes started from here do not get it"
    monkeypatch.setenv(f"SPIRAL_DASH_{variable}", "a secret of the shell")
    assert opens(parse_options([flag, str(file)]), option, "a secret of the file")
    assert f"SPIRAL_DASH_{variable}" not in os.environ
    monkeypatch.setenv(f"SPIRAL_DASH_{variable}_FILE", str(file))
    assert opens(parse_options([]), option, "a secret of the file")
    file.write_text(short)
    for arguments in ([flag, str(file)], [flag, str(tmp_path / "none")]):
        with pytest.raises(SystemExit):
            parse_options(arguments)
        said = capsys.readouterr().err
        assert "expected" in said and short not in said
    monkeypatch.delenv(f"SPIRAL_DASH_{variable}_FILE")
    monkeypatch.setenv(f"SPIRAL_DASH_{variable}", short)
    with pytest.raises(SystemExit):
        parse_options([])
    said = capsys.readouterr().err
    assert f"SPIRAL_DASH_{variable}" in said and short not in said
