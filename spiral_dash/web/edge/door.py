"""Doors that open with a secret: that of the class, and that of whoever hosts it."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Collection
from hashlib import sha256
from urllib.parse import parse_qs, quote

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from spiral_dash.web.edge.limits import Buckets, client_of
from spiral_dash.web.edge.names import POLICY_VIOLATION
from spiral_dash.web.edge.pages import HEADERS, enter_page
from spiral_dash.web.uploads import foreign_refusal

LOGIN = "/login"
OPEN = frozenset({LOGIN, "/healthz", "/readyz", "/metrics", "/admin", "/bootstrap.min.css"})
OPEN_BELOW = ("/assets/", "/admin/")
"""What anyone may have: the program's own files, and what has a door of its own."""
HASHED = "$argon2"
TRIES_A_SECOND, TRIES_AT_ONCE = 0.1, 10
"""Wrong secrets of one client."""
WAITING_MAX = 20
"""Passwords that wait to be checked: one takes tens of milliseconds and 64 MiB."""
SECRET_MAX = 500
NEXT_MAX = 8_000


class Password:
    """A password, kept as a hash that is slow to work out, or given as one."""

    def __init__(self, secret: str) -> None:
        self._hasher = PasswordHasher()
        self._hash = secret if secret.startswith(HASHED) else self._hasher.hash(secret)
        self._one = asyncio.Lock()
        self._waiting = 0

    @property
    def key(self) -> bytes:
        """What passes are signed with: they end with the server, or with the hash it was given."""
        return sha256(self._hash.encode()).digest()

    async def is_right(self, text: str) -> bool | None:
        """Whether it is the password; None where too many wait to know."""
        if self._waiting >= WAITING_MAX:
            return None
        self._waiting += 1
        try:
            async with self._one:
                return await asyncio.to_thread(self._matches, text)
        finally:
            self._waiting -= 1

    def _matches(self, text: str) -> bool:
        try:
            return self._hasher.verify(self._hash, text)
        except (VerificationError, InvalidHashError):
            return False


class Token:
    """A long secret, compared as it is."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @property
    def key(self) -> bytes:
        """What passes are signed with."""
        return sha256(self._secret).digest()

    async def is_right(self, text: str) -> bool | None:
        """Whether it is the token."""
        return hmac.compare_digest(self._secret, text.encode("utf-8", "replace"))


class Door:
    """Asks for a secret on a page, and gives a pass, a signed cookie, to who knows it."""

    def __init__(
        self,
        secret: Password | Token,
        *,
        cookie: str,
        seconds: int,
        page: Callable[[str, str], str],
        path: str,
        home: str,
        allowed_origins: Collection[str] = (),
    ) -> None:
        """`page` returns the page for where to go then, and why not; `home` is the usual place."""
        self._secret = secret
        self._cookie, self._seconds = cookie, seconds
        self._signer = TimestampSigner(secret.key, salt=cookie)
        self._page = page
        self._path, self._home = path, home
        self._allowed = frozenset(allowed_origins)
        self._tries = Buckets(TRIES_A_SECOND, TRIES_AT_ONCE)

    def opens(self, connection: HTTPConnection) -> bool:
        """Whether a request carries a pass that still counts."""
        given = connection.cookies.get(self._cookie, "")
        try:
            self._signer.unsign(given, max_age=self._seconds)
        except BadSignature:
            return False
        return True

    def ask(self, following: str = "", refusal: str = "", status: int = 200) -> HTMLResponse:
        """Return the page that asks."""
        return HTMLResponse(self._page(following, refusal), status, HEADERS)

    async def answer(self, request: Request) -> Response:
        """Answer what the page sends: a pass, or why not."""
        foreign = foreign_refusal(request, self._allowed)
        if foreign is not None:
            return foreign
        fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=5)
        following = fields.get("next", [""])[0][:NEXT_MAX]
        tries = self._tries.of(client_of(request.scope))
        if tries.wait() > 0:
            return self._wait(following, tries.wait())
        right = await self.is_right(request, fields.get("secret", [""])[0])
        if right is None:
            return self._wait(following, 1)
        if not right:
            return self.ask(following, "That is not it. Try again.", 401)
        response = RedirectResponse(self._home + own_path(following), 303)
        response.set_cookie(
            self._cookie,
            self._signer.sign(b"1").decode(),
            max_age=self._seconds,
            path=self._path,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return response

    async def is_right(self, request: Request, text: str) -> bool | None:
        """Whether a secret is right, one of few that a client may get wrong; None: not now."""
        tries = self._tries.of(client_of(request.scope))
        if not text or len(text) > SECRET_MAX or not tries.take():
            return False
        right = await self._secret.is_right(text)
        if right:
            tries.give()
        return right

    def _wait(self, following: str, seconds: float) -> Response:
        sentence = f"Too many attempts from your address. Try again in {seconds:.0f} s."
        response = self.ask(following, sentence, 429)
        response.headers["Retry-After"] = f"{max(1, round(seconds))}"
        return response


def own_path(following: str) -> str:
    """Return a place of this server, below its root, or nothing where it would lead elsewhere."""
    path = following.removeprefix("/")
    if not following.startswith("/") or path.startswith("/") or not path.isprintable():
        return ""
    return "" if "\\" in path else quote(path, safe="/?&=,;:.~-_%+!*'()$@")


class ClassDoor:
    """Lets in who has a pass; others get the page that asks, programs a sentence."""

    def __init__(self, app: ASGIApp, door: Door, root: str) -> None:
        self._app = app
        self._door = door
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or send it to the page."""
        if scope["type"] not in {"http", "websocket"} or self._is_open(scope):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        await self._refusal(scope)(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = scope["path"]
        known = path in OPEN or path.startswith(OPEN_BELOW)
        return known or self._door.opens(HTTPConnection(scope))

    def _refusal(self, scope: Scope) -> Response:
        request = Request(scope)
        if scope["method"] == "GET" and "text/html" in request.headers.get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            place = scope["path"] + (f"?{query}" if query else "")
            asked = f"?next={quote(place, safe='')}" if place != "/" else ""
            return RedirectResponse(f"{self._root}login{asked}", 303)
        sentence = "Expected a request after the password, got one before: reload the page."
        return JSONResponse({"error": sentence}, 401)


def class_door(secret: str, root: str, allowed_origins: Collection[str], seconds: int) -> Door:
    """Return the door of the page, for a password or its hash."""

    def page(following: str, refusal: str) -> str:
        return enter_page(
            root,
            "Spiral Dash",
            "This laboratory is for a class. Whoever leads it knows the password.",
            "Password",
            action="login",
            following=following,
            refusal=refusal,
        )

    return Door(
        Password(secret),
        cookie="spiral-dash-pass",
        seconds=seconds,
        page=page,
        path=root,
        home=root,
        allowed_origins=allowed_origins,
    )


def login_routes(door: Door) -> list[Route]:
    """Return the routes of the page that asks."""

    async def ask(request: Request) -> Response:
        return door.ask(request.query_params.get("next", "")[:NEXT_MAX])

    return [Route(LOGIN, ask), Route(LOGIN, door.answer, methods=["POST"])]
