"""What the routes for files share: whose session it is, how a body is received or refused."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from pathlib import Path

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse

from spiral_dash.core.config import shown
from spiral_dash.live.commands import Command
from spiral_dash.live.handle import GONE, SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.opening import CommandRefused
from spiral_dash.web.stream import same_origin

TOKEN_HEADER = "x-spiral-session"


class Sessions:
    """Finds the session of a request by the token in its header, which no foreign page can send."""

    def __init__(self, host: Host, allowed_origins: Collection[str] = ()) -> None:
        self._host = host
        self._allowed = frozenset(allowed_origins)

    def of(self, request: Request) -> SessionHandle | JSONResponse:
        """Return the session that a request is about, or the answer that it is none of ours."""
        foreign = foreign_refusal(request, self._allowed)
        if foreign is not None:
            return foreign
        handle = self._host.find(request.headers.get(TOKEN_HEADER, ""))
        return refusal(404, GONE) if handle is None else handle


async def carried_out(handle: SessionHandle, command: Command) -> str:
    """Return why a command was not carried out, "" if it was."""
    try:
        await handle.command(command)
    except CommandRefused as error:
        return str(error)
    return ""


async def received(request: Request, path: Path, bytes_max: int) -> str:
    """Write a request's body to a file; return why it is not taken, "" if it is."""
    too_large = f"Expected a file of at most {bytes_max // 2**20} MiB, got more."
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > bytes_max:
        return too_large
    size = 0
    async with await anyio.open_file(path, "wb") as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > bytes_max:
                return too_large
            await file.write(chunk)
    return ""


def new_file(handle: SessionHandle, purpose: str, suffix: str = "") -> Path:
    """Return a path in the session's folder that nothing is at."""
    return handle.folder / f"{purpose}-{secrets.token_hex(8)}{suffix}"


def foreign_refusal(request: Request, allowed: Collection[str]) -> JSONResponse | None:
    """Return the answer to a page of another site, None for one of ours or of `allowed` origins."""
    headers = request.headers
    if same_origin(headers.get("origin"), headers.get("host"), allowed):
        return None
    site = headers.get("origin", "")
    return refusal(
        403,
        f"Expected a request of this page, got one of another site, {shown(site)}. Whoever runs "
        "this server can allow that: --allowed-origins, see docs/hosting.md.",
    )


def refusal(status: int, sentence: str) -> JSONResponse:
    """Return an answer that says why not."""
    return JSONResponse({"error": sentence}, status_code=status)
