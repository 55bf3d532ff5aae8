"""Routes for a person's own points: a file is read, looked at, and then trained on."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.reading import BYTES_MAX
from spiral_dash.core.inputs import PLAIN
from spiral_dash.core.validation import ConfigError, parse_json, validated
from spiral_dash.live.commands import Configure
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.reading import Choice
from spiral_dash.web.uploads import Sessions, new_file, received, refusal

READ, LOOK, USE = "/data/read", "/data/look", "/data/use"
NAME = "name"
NAME_MAX = 80
UNHARMED = "The present run goes on."


class LookRequest(BaseModel):
    """What the points of a choice would be: `table` is what `READ` called the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = Field(max_length=80)
    choice: Choice = Choice()


class UseRequest(LookRequest):
    """Train on these points; `standard` scales the columns to mean 0 and deviation 1."""

    standard: bool = Field(False, strict=True)


class DataFiles:
    """Serves the routes; a refusal is a sentence, and leaves the session as it was."""

    def __init__(self, host: Host, allowed_origins: Collection[str] = ()) -> None:
        self._sessions = Sessions(host, allowed_origins)

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        return [
            Route(READ, self._read, methods=["POST"]),
            Route(LOOK, self._looked, methods=["POST"]),
            Route(USE, self._used, methods=["POST"]),
        ]

    async def _read(self, request: Request) -> Response:
        handle = self._sessions.of(request)
        if isinstance(handle, Response):
            return handle
        path = new_file(handle, "brought")
        try:
            error = await received(request, path, BYTES_MAX)
            if error:
                return refusal(413, error)
            name = shown_name(request.query_params.get(NAME, "")) or "The file"
            return JSONResponse(await handle.tables.read(path, name))
        except CommandRefused as error:
            return refusal(422, f"{error} {UNHARMED}")
        except ClientDisconnect:
            return Response(status_code=400)
        except OSError as error:
            return refusal(507, f"The file cannot be kept here: {error.strerror}. {UNHARMED}")
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    async def _looked(self, request: Request) -> Response:
        async def look(handle: SessionHandle, values: object) -> dict[str, Any]:
            asked = validated(LookRequest, values)
            try:
                return await handle.tables.look(asked.table, asked.choice)
            except CommandRefused as error:
                return {"error": str(error)}  # an answer like any other, while one still chooses

        return await self._answered(request, look)

    async def _used(self, request: Request) -> Response:
        async def use(handle: SessionHandle, values: object) -> dict[str, Any]:
            asked = validated(UseRequest, values)
            seen = await handle.tables.take(asked.table, asked.choice)
            config = config_on(handle.present, seen["digest"], seen["columns"], asked.standard)
            await handle.command(Configure(config=config))
            return seen

        return await self._answered(request, use)

    async def _answered(
        self,
        request: Request,
        act: Callable[[SessionHandle, object], Awaitable[dict[str, Any]]],
    ) -> Response:
        handle = self._sessions.of(request)
        if isinstance(handle, Response):
            return handle
        try:
            return JSONResponse(await act(handle, parse_json(await request.body())))
        except (ConfigError, CommandRefused) as error:
            return refusal(422, f"{error} {UNHARMED}")
        except ClientDisconnect:
            return Response(status_code=400)


def config_on(present: RunConfig, digest: str, columns: int, standard: bool) -> RunConfig:
    """Return `present` on other points: network and training, seeds and train share stay.

    Noise does not, which is in the units of the data before, nor do features of the plane where
    the points have more than two numbers.
    """
    settings = present.data.replace(train_noise=0.0, test_noise=0.0)
    network = present.network
    if standard or network.scaling == "standard":
        network = network.replace(scaling="standard" if standard else "none")
    if columns != 2:
        network = network.replace(features=PLAIN)
    return present.replace(data=PointsData.of_digest(digest, settings), network=network)


def shown_name(text: str) -> str:
    """Return what sentences call a file: the last part of its path, on one line, not too long."""
    name = text.replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C").strip()
    return name if len(name) <= NAME_MAX else name[: NAME_MAX - 1] + "…"
