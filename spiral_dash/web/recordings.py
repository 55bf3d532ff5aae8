"""Two routes beside the page: a session's run as a file, and a file as a session's run."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from pathlib import Path

import anyio
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from spiral_dash.core.recording import BYTES_MAX, SUFFIX
from spiral_dash.live.commands import Command, Open, Pack
from spiral_dash.live.handle import GONE, SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.session import CommandRefused
from spiral_dash.web.stream import same_origin

DOWNLOAD, OPEN = "/recording/download", "/recording/open"
TOKEN_HEADER = "x-spiral-session"
TOO_LARGE = f"Expected a file of at most {BYTES_MAX // 2**20} MiB, got more."


class Recordings:
    """Serves both routes; the session's token comes as a header, which no foreign page can send."""

    def __init__(self, host: Host, allowed_origins: Collection[str] = ()) -> None:
        self._host = host
        self._allowed = frozenset(allowed_origins)
        self._opening: set[str] = set()

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        return [
            Route(DOWNLOAD, self._download, methods=["POST"]),
            Route(OPEN, self._open, methods=["POST"]),
        ]

    def _session(self, request: Request) -> SessionHandle | Response:
        headers = request.headers
        if not same_origin(headers.get("origin"), headers.get("host"), self._allowed):
            return _refusal(403, "Expected a request of this page, got one of another site.")
        handle = self._host.find(headers.get(TOKEN_HEADER, ""))
        return _refusal(404, GONE) if handle is None else handle

    async def _download(self, request: Request) -> Response:
        handle = self._session(request)
        if isinstance(handle, Response):
            return handle
        path = _new_file(handle, "recorded")
        error = await _carried_out(handle, Pack(file=path.name))
        if error:
            path.unlink(missing_ok=True)
            return _refusal(409, error)
        name = f"spiral-{handle.config.network.activation}-{handle.epoch}{SUFFIX}"
        return FileResponse(
            path,
            media_type="application/zip",
            filename=name,
            background=BackgroundTask(path.unlink, missing_ok=True),
        )

    async def _open(self, request: Request) -> Response:
        handle = self._session(request)
        if isinstance(handle, Response):
            return handle
        if handle.token in self._opening:
            return _refusal(409, "Another file is being opened. Wait until it is.")
        self._opening.add(handle.token)
        path = _new_file(handle, "opened")
        try:
            error = await _received(request, path)
            if error:
                return _refusal(413, error)
            error = await _carried_out(handle, Open(file=path.name))
        except ClientDisconnect:
            return Response(status_code=400)
        finally:
            self._opening.discard(handle.token)
            path.unlink(missing_ok=True)
        if error:
            return _refusal(422, error)
        return JSONResponse({"epoch": handle.epoch})


async def _carried_out(handle: SessionHandle, command: Command) -> str:
    """Return why a command was not carried out, "" if it was."""
    try:
        await handle.command(command)
    except CommandRefused as error:
        return str(error)
    return ""


async def _received(request: Request, path: Path) -> str:
    """Write a request's body to a file; return why it is not taken, "" if it is."""
    received = 0
    if int(request.headers.get("content-length", 0)) > BYTES_MAX:
        return TOO_LARGE
    async with await anyio.open_file(path, "wb") as file:
        async for chunk in request.stream():
            received += len(chunk)
            if received > BYTES_MAX:
                return TOO_LARGE
            await file.write(chunk)
    return ""


def _new_file(handle: SessionHandle, purpose: str) -> Path:
    return handle.folder / f"{purpose}-{secrets.token_hex(8)}{SUFFIX}"


def _refusal(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, status_code=status)
