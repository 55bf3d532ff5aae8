"""Routes for whoever watches over the server: whether it lives, and whether it can take people."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from spiral_dash.live.host import Host

SERVICE = "spiral-dash"
ROOM_BYTES_MIN = 64 * 2**20
"""Of the folder where sessions keep their snapshots, of up to 32 MiB each."""


class Health:
    """Serves the routes, each with a body that says what it is."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._version = _version()

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        return [Route("/healthz", self._lives), Route("/readyz", self._ready)]

    async def _lives(self, _: Request) -> JSONResponse:
        return _told({"status": "ok", **self._facts()})

    async def _ready(self, _: Request) -> JSONResponse:
        why = _no_room(self._host.folders.root)
        if why:
            return _told({"status": "not ready", "why": why}, 503)
        return _told({"status": "ready", **self._facts()})

    def _facts(self) -> dict[str, Any]:
        stats = self._host.stats()
        sessions = {name: stats[name] for name in ("sessions", "max_sessions")}
        return {"version": self._version, **sessions}


def _told(facts: dict[str, Any], status: int = 200) -> JSONResponse:
    return JSONResponse({"service": SERVICE, **facts}, status, {"Cache-Control": "no-store"})


def _version() -> str:
    try:
        return version(SERVICE)
    except PackageNotFoundError:  # it runs from its repository
        return ""


def _no_room(folder: Path) -> str:
    """Return why sessions have no room there, "" if they have."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return f"{folder} cannot be looked at: {error.strerror or error}."
    if free >= ROOM_BYTES_MIN:
        return ""
    return f"{folder} has {free // 2**20} MiB of room, fewer than {ROOM_BYTES_MIN // 2**20}."
