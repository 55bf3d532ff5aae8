"""The route that draws a link as a QR picture, for phones that look at the screen."""

from __future__ import annotations

import io
from collections.abc import Collection

import segno
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from spiral_dash.core.config import ConfigError
from spiral_dash.core.validation import parse_json, shown, validated
from spiral_dash.web.uploads import foreign_refusal, refusal

QR = "/link/qr"
BYTES_MAX = 2_953
"""What the largest QR picture holds (ISO/IEC 18004, version 40, level L)."""
LENGTH_MAX = 100_000
"""Characters of a link that is looked at; no page has an address as long."""
QUIET = 4
"""Modules of white around it, as the standard asks."""


class QrRequest(BaseModel):
    """The link to draw."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    link: str = Field(max_length=LENGTH_MAX)


class Links:
    """Serves the route."""

    def __init__(self, allowed_origins: Collection[str] = ()) -> None:
        self._allowed = frozenset(allowed_origins)

    def routes(self) -> list[Route]:
        """Return the route to add to the server."""
        return [Route(QR, self._qr, methods=["POST"])]

    async def _qr(self, request: Request) -> Response:
        foreign = foreign_refusal(request, self._allowed)
        if foreign is not None:
            return foreign
        try:
            asked = validated(QrRequest, parse_json(await request.body()))
            picture = await run_in_threadpool(qr_svg, asked.link)
        except ConfigError as error:
            return refusal(422, str(error))
        return Response(picture, media_type="image/svg+xml")


def qr_svg(link: str) -> str:
    """Return a link as a QR picture, SVG without a size of its own, black on white.

    Raises `ConfigError` where it is no link, or longer than such a picture holds.
    """
    if not link.startswith(("http://", "https://")) or not link.isprintable():
        raise ConfigError({"link": f"link: expected an address of a page, got {shown(link)}."})
    size = len(link.encode())
    if size > BYTES_MAX:
        raise ConfigError(
            {
                "link": f"A QR picture holds {BYTES_MAX:,} bytes, and this link has {size:,}. Hand "
                "it out as text; without points of one's own it is short."
            }
        )
    file = io.BytesIO()
    code = segno.make_qr(link, error="l")
    code.save(file, kind="svg", xmldecl=False, omitsize=True, border=QUIET, light="#fff")
    return file.getvalue().decode()
