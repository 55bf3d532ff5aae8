"""Dash's own routes answer senseless requests with a failure; here they get a sentence."""

from __future__ import annotations

import logging

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spiral_dash.web.guard import Refusal

LOG = logging.getLogger("spiral_dash.edge")
OF_DASH = "/_dash-"
BAD_REQUEST, SERVER_ERROR = 400, 500
SENTENCE = "Expected a request of this page's own scripts, got one that makes no sense."


class Sense:
    """Answers 400 where Dash fails: no callback runs at the server, so the request is to blame."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or not scope["path"].startswith(OF_DASH):
            await self._app(scope, receive, send)
            return
        begun = failed = False
        why: Exception | None = None

        async def send_unless_failed(message: Message) -> None:
            nonlocal begun, failed
            failed = failed or (not begun and message.get("status", 0) >= SERVER_ERROR)
            begun = begun or not failed
            if not failed:
                await send(message)

        try:
            await self._app(scope, receive, send_unless_failed)
        except Exception as error:
            if begun or isinstance(error, Refusal):
                raise
            failed, why = True, error
        if failed:
            LOG.info("a request to Dash made no sense", exc_info=why)
            await JSONResponse({"error": SENTENCE}, BAD_REQUEST)(scope, receive, send)
