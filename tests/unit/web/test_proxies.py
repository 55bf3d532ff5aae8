"""Below a path, behind a proxy, under a name: what is served, and what is refused."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.responses import RedirectResponse
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from spiral_dash.web.app import WebSettings
from spiral_dash.web.edge.names import HostNames, host_name, names_of
from spiral_dash.web.edge.proxy import Prefix
from spiral_dash.web.options import parse_options
from tests.unit.web.asgi import call
from tests.unit.web.conftest import OPENING, Served, ask, serving
from tests.unit.web.proxies import caddy, nginx, own_proxy

LAB = "https://lab.example"
SETTINGS = WebSettings(
    prefix="/spiral",
    names=HostNames(frozenset({"127.0.0.1"})),
    allowed_origins=frozenset({LAB}),
    trusted_proxies=("127.0.0.1",),
)


@pytest.fixture(scope="module")
def below() -> Iterator[Served]:
    with serving(SETTINGS) as served:
        yield served


def works_below(port: int) -> None:
    """Page, lessons, experiments, what they name, a session and its socket are all there."""
    named: set[str] = set()
    for path in ("", "lessons", "lesson/tanh-relu", "experiments", "experiments/H1"):
        answer = ask(port, f"/spiral/{path}")
        assert answer.status == 200, path
        addresses = re.findall(r'(?:src|href)=\\?"(/[^"\\]*)', answer.body.decode())
        assert addresses
        assert all(each.startswith("/spiral/") for each in addresses), path
        named.update(addresses)
    styles = {each for each in named if each.endswith((".css", "main.mjs")) or "/lesson" in each}
    assert len(styles) > 10
    for address in styles:
        assert ask(port, address).status == 200, address
    layout = json.dumps(ask(port, "/spiral/_dash-layout").json())
    assert '"/spiral/lessons"' in layout and '"/spiral/experiments"' in layout
    opened = ask(port, "/spiral/session/open", OPENING, {"Origin": f"http://127.0.0.1:{port}"})
    assert opened.status == 200, opened.body
    address = f"ws://127.0.0.1:{port}/spiral/stream?session={opened.json()['token']}"
    origin = {"Origin": f"http://127.0.0.1:{port}"}
    with connect(address, proxy=None, compression=None, additional_headers=origin) as stream:
        assert json.loads(stream.recv(60))["event"] == "welcome"


@pytest.mark.parametrize("strip", ["", "/spiral"])
def test_everything_works_below_a_path_kept_or_taken_off(below: Served, strip: str) -> None:
    with own_proxy(below.port, strip) as port:
        works_below(port)


@pytest.mark.parametrize("strip", [False, True], ids=["kept", "stripped"])
@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_it_works_behind_the_proxies_that_people_use(
    below: Served, tmp_path: Path, proxy: object, strip: bool
) -> None:
    assert callable(proxy)
    front: AbstractContextManager[int] = proxy(below.port, tmp_path, strip=strip)
    with front as port:
        works_below(port)
        forged = {"X-Forwarded-Host": "other.example"}
        assert ask(port, "/spiral/", headers=forged).status == 200, "what a visitor says is dropped"


def test_redirections_lead_below_the_path(below: Served) -> None:
    bare = ask(below.port, "/spiral?seed=2")
    assert (bare.status, bare.headers["location"]) == (307, "/spiral/?seed=2")
    slash = ask(below.port, "/spiral/lessons/?a=1")
    assert (slash.status, slash.headers["location"]) == (307, "/spiral/lessons?a=1")


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/lessons?a=1", "/spiral/lessons?a=1"), ("/spiral/lessons", "/spiral/lessons"),
        ("/spiral", "/spiral"), ("/spirals/2", "/spiral/spirals/2"), ("/", "/spiral/"),
        ("http://lab.example/spiral-1", "/spiral/spiral-1"),
    ],
)  # fmt: skip
def test_a_redirection_gets_the_path_unless_it_has_it(location: str, leads_to: str) -> None:
    app = Prefix(RedirectResponse(location), "/spiral")
    assert asyncio.run(call(app, "/spiral/x")).headers["location"] == leads_to


def test_a_proxy_that_hides_the_host_needs_the_site_named(below: Served) -> None:
    hidden = {"Host": f"127.0.0.1:{below.port}"}
    with own_proxy(below.port, headers=hidden) as port:
        mine = ask(port, "/spiral/session/open", OPENING, {"Origin": LAB})
        assert mine.status == 200
        other = ask(port, "/spiral/session/open", OPENING, {"Origin": "https://evil.example"})
        assert other.status == 403
        assert "--allowed-origins" in other.json()["error"]


def test_a_trusted_proxy_tells_the_host_that_was_asked_for(below: Served) -> None:
    told = {"X-Forwarded-Host": "other.example", "X-Forwarded-Proto": "https"}
    refused = ask(below.port, "/spiral/", headers=told)
    assert refused.status == 421
    assert b"'other.example'" in refused.body and b"--allowed-hosts" in refused.body


def test_no_other_client_can_say_who_it_is() -> None:
    with serving(replace(SETTINGS, prefix="", trusted_proxies=("10.0.0.1",))) as served:
        told = {"X-Forwarded-Host": "other.example"}
        assert ask(served.port, "/", headers=told).status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example"])
def test_a_foreign_name_gets_no_page_and_no_socket(below: Served, host: str) -> None:
    headers = {"Host": host, "Origin": f"http://{host}"}
    refused = ask(below.port, "/spiral/", headers=headers)
    assert refused.status == 421
    assert b"--allowed-hosts" in refused.body
    assert "content-security-policy" in refused.headers
    assert ask(below.port, "/spiral/session/open", OPENING, headers).status == 421
    address = f"ws://{host.removesuffix(':8050')}/stream?session=x"
    raw = socket.create_connection(("127.0.0.1", below.port))
    with pytest.raises(InvalidStatus, match="403"):
        connect(address, proxy=None, sock=raw, origin=Origin(f"http://{host}"))


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Lab.Example:8050", "lab.example"), ("lab.example.", "lab.example"),
        ("[::1]:8050", "::1"), ("127.0.0.1", "127.0.0.1"), ("", ""), ("a@b", ""), ("a/b", ""),
        ("[::1", ""), ("a:b:c", "a"),
    ],
)  # fmt: skip
def test_the_name_in_a_host(header: str, name: str) -> None:
    assert host_name(header) == name


@pytest.mark.parametrize(
    ("bound", "more", "yes", "no"),
    [
        ("127.0.0.1", (), ("localhost", "[::1]:80", "127.0.0.1:1"), ("10.0.0.5", "x.org", "")),
        ("10.0.0.5", (), ("localhost", "10.0.0.5:80"), ("10.0.0.6", "x.org")),
        ("0.0.0.0", (), ("10.0.0.5", "[fe80::1]:80"), ("x.org", "10.0.0.5.x.org")),
        ("127.0.0.1", ("*.x.org",), ("a.x.org", "a.b.x.org:1"), ("x.org", "ax.org", "a.x.orgs")),
        ("127.0.0.1", ("*",), ("anything", ""), ()),
    ],
)
def test_which_names_are_answered_to(
    bound: str, more: tuple[str, ...], yes: tuple[str, ...], no: tuple[str, ...]
) -> None:
    names = names_of(bound, more)
    assert [each for each in yes if not names.allows(each)] == []
    assert [each for each in no if names.allows(each)] == []
    assert names.allows(None)
    assert names_of(bound, (), ["https://lab.example:444"]).allows("lab.example")


@pytest.mark.parametrize(
    ("option", "text", "read"),
    [
        ("--url-prefix", "/spiral/", "/spiral"), ("--url-prefix", "a/b", "/a/b"),
        ("--url-prefix", "/", ""), ("--allowed-hosts", "Lab.Example, *.x", ("lab.example", "*.x")),
        ("--allowed-hosts", "[::1],*", ("::1", "*")),
        ("--allowed-origins", "HTTPS://Lab.Example:444", ("https://lab.example:444",)),
        ("--trusted-proxies", "127.0.0.1,10.0.0.0/8", ("127.0.0.1", "10.0.0.0/8")),
    ],
)  # fmt: skip
def test_options_of_hosting(
    option: str, text: str, read: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = option.removeprefix("--").replace("-", "_")
    assert getattr(parse_options([option, text]), field) == read
    monkeypatch.setenv(f"SPIRAL_DASH_{field.upper()}", text)
    assert getattr(parse_options([]), field) == read


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--url-prefix", "/a b", "expected a path"), ("--url-prefix", "/a/../b", "expected a path"),
        ("--url-prefix", "http://x/", "expected a path"),
        ("--allowed-hosts", "http://x", "without scheme"), ("--allowed-hosts", "x:80", "without"),
        ("--allowed-origins", "lab.example", "such as https://"),
        ("--allowed-origins", "https://lab.example/", "such as https://"),
        ("--allowed-origins", "https://a@b", "such as https://"),
        ("--trusted-proxies", "*", "IP addresses"), ("--trusted-proxies", "10.0.0.1/8", "IP addr"),
    ],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused(
    option: str, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_options([option, text])
    told = " ".join(capsys.readouterr().err.split())
    assert said in told and option in told


def test_the_command_line_comes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPIRAL_DASH_MAX_SESSIONS", "5")
    monkeypatch.setenv("SPIRAL_DASH_NO_BROWSER", "1")
    told = parse_options(["--max-sessions", "6"])
    assert (told.max_sessions, told.browser) == (6, False)
    monkeypatch.setenv("SPIRAL_DASH_NO_BROWSER", "maybe")
    with pytest.raises(SystemExit):
        parse_options([])
    assert "expected 1 or 0 in SPIRAL_DASH_NO_BROWSER, got 'maybe'" in capsys.readouterr().err
