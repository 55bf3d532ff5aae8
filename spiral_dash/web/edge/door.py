"""Doors that open with a secret: that of the class, and that of whoever hosts it."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from hashlib import sha256
from urllib.parse import quote

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from spiral_dash.web.edge.judge import Judge, Verdict
from spiral_dash.web.edge.limits import TOO_MANY, client_of, seconds_to_wait
from spiral_dash.web.edge.names import POLICY_VIOLATION
from spiral_dash.web.edge.pages import HEADERS, enter_page, form_of
from spiral_dash.web.edge.secrets import hashed
from spiral_dash.web.markup import below
from spiral_dash.web.pages import ASSETS_PATH, BOOTSTRAP
from spiral_dash.web.uploads import foreign_refusal

LOGIN = "/login"
OPEN = frozenset({LOGIN, "/healthz", "/readyz", "/metrics", "/admin", BOOTSTRAP})
OPEN_BELOW = (ASSETS_PATH, "/admin/")
"""What anyone may have: the program's own files, and what has a door of its own."""
NEXT_MAX = 100_000
"""Letters of the place to go to; an address may hold points."""
BUSY = 503


class Password:
    """A password, kept as a hash that is slow to work out, or given as one."""

    def __init__(self, secret: str) -> None:
        self._hasher = PasswordHasher()
        self._hash = hashed(secret)

    @property
    def key(self) -> bytes:
        """What passes are signed with: they end with the server, or with the hash it was given."""
        return sha256(self._hash.encode()).digest()

    def matches(self, text: str) -> bool:
        """Whether it is the password."""
        try:
            return self._hasher.verify(self._hash, text)
        except VerificationError:
            return False


class Token:
    """A long secret, compared as it is."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @property
    def key(self) -> bytes:
        """What passes are signed with."""
        return sha256(self._secret).digest()

    def matches(self, text: str) -> bool:
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
        self._judge = Judge()

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
        fields = await form_of(request)
        following = kept_place(fields.get("next", ""))
        verdict = await self._judged(request, fields.get("secret", ""))
        if verdict is Verdict.RIGHT:
            return self._pass(request, following)
        if verdict is Verdict.WRONG:
            return self.ask(following, "That is not it. Try again.", 401)
        if verdict is Verdict.BUSY:
            return self._later(following, "The server is busy.", 1, BUSY)
        wait = self._judge.wait(client_of(request.scope))
        return self._later(following, "Too many attempts from your address.", wait, TOO_MANY)

    async def is_right(self, request: Request, text: str) -> bool:
        """Whether a secret is right, and of a client that has not been wrong too often."""
        return await self._judged(request, text) is Verdict.RIGHT

    async def _judged(self, request: Request, text: str) -> Verdict:
        return await self._judge.verdict(client_of(request.scope), text, self._secret.matches)

    def _pass(self, request: Request, following: str) -> Response:
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

    def _later(self, following: str, why: str, wait: float, status: int) -> Response:
        seconds = seconds_to_wait(wait)
        response = self.ask(following, f"{why} Try again in {seconds} s.", status)
        response.headers["Retry-After"] = str(seconds)
        return response


def kept_place(following: str) -> str:
    """Return where to go then, nothing where it is too long: half of it would be another place."""
    return following if len(following) <= NEXT_MAX else ""


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
            asked = kept_place(quote(place, safe="")) if place != "/" else ""
            query = f"?next={asked}" if asked else ""
            return RedirectResponse(below(self._root, LOGIN) + query, 303)
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
            action=LOGIN,
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
        return door.ask(kept_place(request.query_params.get("next", "")))

    return [Route(LOGIN, ask), Route(LOGIN, door.answer, methods=["POST"])]
