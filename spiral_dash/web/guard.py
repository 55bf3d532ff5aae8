"""What every answer of the server carries, and how large a request may be."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX = 1_000_000


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
        "form-action": "'none'",
        "frame-ancestors": frame_ancestors,
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


class Guard:
    """Adds headers to every HTTP answer and refuses bodies of more than `BODY_BYTES_MAX`.

    Requests to the paths of `bound_themselves` are not refused here.
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
                headers.update(self._headers)
                if is_asset:
                    # Modules import each other without a version in the address.
                    headers["Cache-Control"] = "no-cache"
            await send(message)

        if scope["path"] in self._bound_themselves:
            await self._app(scope, receive, send_with_headers)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            await _too_large(scope, receive, send_with_headers)
            return
        received = 0

        async def receive_within_bounds() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_BYTES_MAX:
                raise _TooLargeError
            return message

        async def send_if_within_bounds(message: Message) -> None:
            # Dash answers in its own way where a body cannot be read.
            if received > BODY_BYTES_MAX:
                raise _TooLargeError
            await send_with_headers(message)

        try:
            await self._app(scope, receive_within_bounds, send_if_within_bounds)
        except _TooLargeError:
            await _too_large(scope, receive, send_with_headers)


class _TooLargeError(Exception):
    pass


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    text = f"Expected a request of at most {BODY_BYTES_MAX} bytes.\n"
    await PlainTextResponse(text, status_code=413)(scope, receive, send)
