"""What every answer of the server carries, and how large a request may be."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX = 1_000_000
PART_SECONDS = 60.0
"""How long the next part of a body may take."""


def security_headers(script_hashes: Sequence[str], frame_ancestors: str) -> dict[str, str]:
    """Return headers that let a page load, run and call only what this server sends.

    Plotly writes style elements, hence inline styles; its pictures are data and blob URLs.
    """
    policy = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": frame_ancestors,
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


class Guard:
    """Adds headers to every HTTP answer, and refuses bodies of more than `BODY_BYTES_MAX`, but for
    the paths of `bound_themselves`, and those that do not go on for `PART_SECONDS`.
    """

    def __init__(
        self,
        app: ASGIApp,
        headers: dict[str, str],
        assets_path: str,
        bound_themselves: Collection[str] = (),
    ) -> None:
        self._app = app
        self._bound_themselves = frozenset(bound_themselves)
        self._headers = headers
        self._assets_path = assets_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, guarded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_asset = scope["path"].startswith(self._assets_path)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if is_asset:
                    # Modules import each other without a version in the address.
                    headers["Cache-Control"] = "no-cache"
            await send(message)

        most = None if scope["path"] in self._bound_themselves else BODY_BYTES_MAX
        length = Headers(scope=scope).get("content-length", "0")
        if most is not None and not (length.isdecimal() and int(length) <= most):
            await _too_large(scope, receive, send_with_headers)
            return
        body = _Body(receive, most)

        async def send_if_received(message: Message) -> None:
            # Dash answers in its own way where a body cannot be read.
            if body.error is not None:
                raise body.error
            await send_with_headers(message)

        try:
            await self._app(scope, body.receive, send_if_received)
        except _TooLargeError:
            await _too_large(scope, receive, send_with_headers)
        except _TooSlowError:
            await _too_slow(scope, receive, send_with_headers)


class _Body:
    """The body of a request, within bounds of size and of the time between its parts."""

    def __init__(self, receive: Receive, most: int | None) -> None:
        self._receive = receive
        self._most = most
        self._received = 0
        self._whole = False
        self.error: Exception | None = None

    async def receive(self) -> Message:
        """Return the next part; after the last one, what follows takes its time."""
        try:
            async with asyncio.timeout(None if self._whole else PART_SECONDS):
                message = await self._receive()
        except TimeoutError:
            self.error = _TooSlowError()
            raise self.error from None
        self._whole = not message.get("more_body", False)
        self._received += len(message.get("body", b""))
        if self._most is not None and self._received > self._most:
            self.error = _TooLargeError()
            raise self.error
        return message


class Refusal(Exception):  # noqa: N818 - the name says what it is
    """A request that is refused here, whatever the application makes of it."""


class _TooLargeError(Refusal):
    pass


class _TooSlowError(Refusal):
    pass


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    text = f"Expected a request of at most {BODY_BYTES_MAX} bytes.\n"
    await PlainTextResponse(text, status_code=413)(scope, receive, send)


async def _too_slow(scope: Scope, receive: Receive, send: Send) -> None:
    text = f"Expected the next part of the request within {PART_SECONDS:g} s.\n"
    answer = PlainTextResponse(text, 408, {"Connection": "close"})
    await answer(scope, receive, send)
