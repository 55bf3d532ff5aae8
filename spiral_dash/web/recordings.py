"""Two routes beside the page: a session's run as a file, and a file as a session's run."""

from __future__ import annotations

from collections.abc import Collection

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from spiral_dash.core.recording import BYTES_MAX, SUFFIX
from spiral_dash.live.commands import Open, Pack
from spiral_dash.live.host import Host
from spiral_dash.web.uploads import Sessions, carried_out, new_file, received, refusal

DOWNLOAD, OPEN = "/recording/download", "/recording/open"


class Recordings:
    """Serves both routes."""

    def __init__(self, host: Host, allowed_origins: Collection[str] = ()) -> None:
        self._sessions = Sessions(host, allowed_origins)
        self._opening: set[str] = set()

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        return [
            Route(DOWNLOAD, self._download, methods=["POST"]),
            Route(OPEN, self._open, methods=["POST"]),
        ]

    async def _download(self, request: Request) -> Response:
        handle = self._sessions.of(request)
        if isinstance(handle, Response):
            return handle
        path = new_file(handle, "recorded", SUFFIX)
        error = await carried_out(handle, Pack(file=path.name))
        if error:
            path.unlink(missing_ok=True)
            return refusal(409, error)
        name = f"spiral-{handle.config.network.activation}-{handle.epoch}{SUFFIX}"
        return FileResponse(
            path,
            media_type="application/zip",
            filename=name,
            background=BackgroundTask(path.unlink, missing_ok=True),
        )

    async def _open(self, request: Request) -> Response:
        handle = self._sessions.of(request)
        if isinstance(handle, Response):
            return handle
        if handle.token in self._opening:
            return refusal(409, "Another file is being opened. Wait until it is.")
        self._opening.add(handle.token)
        path = new_file(handle, "opened", SUFFIX)
        try:
            error = await received(request, path, BYTES_MAX)
            if error:
                return refusal(413, error)
            error = await carried_out(handle, Open(file=path.name))
        except ClientDisconnect:
            return Response(status_code=400)
        finally:
            self._opening.discard(handle.token)
            path.unlink(missing_ok=True)
        if error:
            return refusal(422, error)
        return JSONResponse({"epoch": handle.epoch})
