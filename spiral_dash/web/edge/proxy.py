"""What a proxy in front changes: where a request came from, and below which path the page lies."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class Forwarded(ProxyHeadersMiddleware):
    """Takes client, scheme and host from the headers of a proxy that is trusted, and of no other.

    uvicorn knows `X-Forwarded-For` and `-Proto`; `X-Forwarded-Host` is added here.
    """

    async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]
        """Pass a request on as the proxy got it."""
        client = scope.get("client")
        if client and client[0] in self.trusted_hosts:
            host = Headers(scope=scope).get("x-forwarded-host", "").rpartition(",")[2].strip()
            if host:
                scope = {**scope, "headers": list(scope["headers"])}
                MutableHeaders(scope=scope)["host"] = host
        return await super().__call__(scope, receive, send)


class Prefix:
    """Serves the page below a path, whether the proxy has taken it off or not."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on without the prefix."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path == self._prefix and scope["type"] == "http":
            query = scope["query_string"].decode("latin-1")
            where = f"{self._prefix}/" + (f"?{query}" if query else "")
            await RedirectResponse(where)(scope, receive, send)
            return
        if path.startswith(f"{self._prefix}/"):
            scope = {**scope, "path": path[len(self._prefix) :]}
            if scope.get("raw_path"):
                scope["raw_path"] = scope["raw_path"][len(self._prefix) :]

        async def send_below(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "location" in headers:
                    headers["location"] = self._below(headers["location"])
            await send(message)

        await self._app(scope, receive, send_below)

    def _below(self, location: str) -> str:
        """Return where a redirection leads, as a path below the prefix."""
        parts = urlsplit(location)
        is_below = f"{parts.path}/".startswith(f"{self._prefix}/")
        path = parts.path if is_below else self._prefix + parts.path
        return path + (f"?{parts.query}" if parts.query else "")
