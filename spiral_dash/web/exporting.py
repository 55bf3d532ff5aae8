"""A route beside the page: a session's run as a file of another tool."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from spiral_dash.core.attacks import EPSILON_MAX
from spiral_dash.core.export import FORMATS, ExportOptions
from spiral_dash.core.recording import SUFFIX
from spiral_dash.core.validation import ConfigError, parse_json, plain_number, shown, validated
from spiral_dash.live.commands import SERIAL_MAX, Pack
from spiral_dash.live.exporting import ExportingTask
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.opening import CommandRefused
from spiral_dash.web.uploads import Sessions, carried_out, new_file, refusal

EXPORT = "/export"
EPOCH_HEADER = "x-spiral-epoch"
POINTS_MAX = 200
"""Of a verifier's test points, whose proofs the page waits for."""


class ExportRequest(BaseModel):
    """What a page asks for: a format, an epoch (None: the last that is kept), and for VNN-LIB how
    many test points and the radius about them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: str
    epoch: int | None = Field(None, ge=0, le=SERIAL_MAX, strict=True)
    points: int = Field(10, ge=1, le=POINTS_MAX)
    epsilon: float = Field(0.5, gt=0, le=EPSILON_MAX)

    @field_validator("format")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in FORMATS:
            raise ValueError(f"expected one of {', '.join(FORMATS)}, got {shown(value)}")
        return value

    @field_validator("points", "epsilon", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return plain_number(value)


class Exporting:
    """Serves the route; a refusal is a sentence, and the session trains on."""

    def __init__(self, host: Host, allowed_origins: Collection[str] = ()) -> None:
        self._sessions = Sessions(host, allowed_origins)

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        return [Route(EXPORT, self._export, methods=["POST"])]

    async def _export(self, request: Request) -> Response:
        handle = self._sessions.of(request)
        if isinstance(handle, Response):
            return handle
        try:
            asked = validated(ExportRequest, parse_json(await request.body()))
            return await _made(handle, asked)
        except (ConfigError, CommandRefused) as error:
            return refusal(422, str(error))
        except ClientDisconnect:
            return Response(status_code=400)


async def _made(handle: SessionHandle, asked: ExportRequest) -> Response:
    recorded, out = new_file(handle, "recorded", SUFFIX), new_file(handle, "exported")
    epoch = -1 if asked.epoch is None else asked.epoch
    try:
        error = await carried_out(handle, Pack(file=recorded.name, epoch=epoch))
        if error:
            return refusal(409, error)
        options = ExportOptions(points=asked.points, epsilons=(asked.epsilon,))
        made = await handle.exports.make(
            ExportingTask(
                source=recorded, out=out, format=asked.format, epoch=epoch, options=options
            )
        )
    finally:
        _remove(recorded)
    return FileResponse(
        out,
        media_type=FORMATS[asked.format].media_type,
        filename=made["name"],
        headers={EPOCH_HEADER: str(made["epoch"])},
        background=BackgroundTask(_remove, out),
    )


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
