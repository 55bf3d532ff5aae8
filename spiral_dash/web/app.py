"""The web server: Dash on FastAPI, the websocket beside it, and the sessions behind both."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from dash import Dash
from dash.backends._fastapi import (
    FastAPIDashServer,
    reset_current_request,
    set_current_request,
)
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.websockets import WebSocket

from spiral_dash.lessons import Shelf
from spiral_dash.live.host import Host
from spiral_dash.rooms.rooms import Rooms
from spiral_dash.web.callbacks import register
from spiral_dash.web.datafiles import READ, DataFiles
from spiral_dash.web.document import ASSETS, Document
from spiral_dash.web.edge.admin import Admin
from spiral_dash.web.edge.door import ClassDoor, class_door, login_routes
from spiral_dash.web.edge.health import Health
from spiral_dash.web.edge.limits import Limits, Rates
from spiral_dash.web.edge.names import HostNames, Hosts
from spiral_dash.web.edge.proxy import Forwarded, Prefix
from spiral_dash.web.edge.sense import Sense
from spiral_dash.web.edge.traffic import Counting, Traffic
from spiral_dash.web.experiment_settings import ExperimentSettings
from spiral_dash.web.experiments import Experiments
from spiral_dash.web.exporting import Exporting
from spiral_dash.web.guard import Guard, security_headers
from spiral_dash.web.layout import TITLE, make_layout
from spiral_dash.web.lessons import LessonPages
from spiral_dash.web.links import Links
from spiral_dash.web.markup import below
from spiral_dash.web.opening import Openings
from spiral_dash.web.pages import ASSETS_PATH, BOOTSTRAP
from spiral_dash.web.recordings import OPEN, Recordings
from spiral_dash.web.rooms.routes import RoomRoutes
from spiral_dash.web.stream import Stream
from spiral_dash.web.vocabulary import vocabulary

PASS_SECONDS = 12 * 3600
"""A day at school."""
SHUTDOWN_SECONDS = 1
HEAD_BYTES_MAX = 128 * 1024
"""Of a request: its address may hold points."""
SOCKET_BYTES_MAX = 256 * 1024
"""A longer message closes its socket; a shorter one that is still too long gets an answer."""


@dataclass(frozen=True)
class WebSettings:
    """Who else may use the page: origins of pages that may open the websocket, and sites that
    may show the page in a frame (the sources of the policy's `frame-ancestors`). `lessons` is a
    folder with lessons beside those of the package, `experiments` where theirs lie and who may
    start them. The page lies below `prefix`, "" or a path without a slash at its end, and the
    server answers to `names`; what `trusted_proxies` say of a request is believed. Without a
    `password` the page is open, without an `admin_token` there are no pages for whoever hosts it.
    """

    allowed_origins: frozenset[str] = frozenset()
    frame_ancestors: str = "'none'"
    lessons: Path | None = None
    experiments: ExperimentSettings = field(default_factory=ExperimentSettings)
    prefix: str = ""
    names: HostNames = field(default_factory=HostNames)
    trusted_proxies: tuple[str, ...] = ()
    password: str = field(default="", repr=False)
    admin_token: str = field(default="", repr=False)
    rates: Rates | None = None

    @property
    def root(self) -> str:
        """The path of the laboratory, with a slash at its end."""
        return f"{self.prefix}/"


class Backend(FastAPIDashServer):
    """Dash's FastAPI backend without its own websocket, its API pages and its catch-all page."""

    websocket_capability = False

    @staticmethod
    def create_app(name: str = "__main__", config: dict[str, Any] | None = None) -> FastAPI:
        """Return the server that Dash puts its routes on."""
        return FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    def _setup_catchall(self) -> None:
        """An unknown address is not found, instead of being the page."""


def create_app(host: Host, settings: WebSettings | None = None) -> Dash:
    """Return the page and its server, for a `host` that its caller starts and closes."""
    settings = settings or WebSettings()
    app = Document(
        __name__,
        backend=Backend,
        assets_folder=str(ASSETS),
        # Modules are loaded by those that import them: a second address would be a second copy.
        # Some are named by the document, or asked for by the pages of lessons alone.
        assets_ignore=r"\.mjs$|^(early|later)\.js$|^plotly-|^(lesson|experiments|doors)\.css$",
        external_stylesheets=[below(settings.root, BOOTSTRAP)],
        requests_pathname_prefix=settings.root,
        routes_pathname_prefix="/",
        title=TITLE,
        update_title="",
        add_log_handler=False,
    )
    app.layout = make_layout(settings.root)
    register(app)
    server: FastAPI = app.server
    traffic = Traffic(host.stats)
    rooms = Rooms(host)
    _add_routes(server, host, rooms, settings, traffic)
    shelf, page = Shelf(vocabulary(), settings.lessons), partial(_index, app)
    server.router.routes.extend(LessonPages(shelf, page, settings.root).routes())
    of_rooms = RoomRoutes(host, rooms, shelf, page, settings.root, settings.allowed_origins)
    server.router.routes.extend(of_rooms.routes())
    # Registers what the first request would: with a websocket, that request may come too late.
    app._setup_server()  # type: ignore[no-untyped-call]
    headers = security_headers(app.csp_hashes(), settings.frame_ancestors)
    _add_edge(server, settings, headers, traffic)
    return app


def _add_edge(
    server: FastAPI, settings: WebSettings, headers: dict[str, str], traffic: Traffic
) -> None:
    """Put what looks at every request around the routes, the innermost first."""
    server.add_middleware(Sense)
    if settings.password:
        origins = settings.allowed_origins
        door = class_door(settings.password, settings.root, origins, PASS_SECONDS)
        server.router.routes.extend(login_routes(door))
        server.add_middleware(ClassDoor, door=door, root=settings.root)
    if settings.rates is not None:
        server.add_middleware(Limits, rates=settings.rates)
    server.add_middleware(Hosts, names=settings.names)
    server.add_middleware(
        Guard, headers=headers, assets_path=ASSETS_PATH, bound_themselves=[OPEN, READ]
    )
    server.add_middleware(Counting, traffic=traffic)
    if settings.prefix:
        server.add_middleware(Prefix, prefix=settings.prefix)
    if settings.trusted_proxies:
        server.add_middleware(Forwarded, trusted_hosts=list(settings.trusted_proxies))


def _index(app: Dash, request: Request) -> str:
    """Return the page; Dash asks for the request under way."""
    token = set_current_request(request)  # type: ignore[no-untyped-call]
    try:
        page: str = app.index()  # type: ignore[no-untyped-call]
    finally:
        reset_current_request(token)  # type: ignore[no-untyped-call]
    return page


def _add_routes(
    server: FastAPI, host: Host, rooms: Rooms, settings: WebSettings, traffic: Traffic
) -> None:
    stylesheet = _bootstrap()
    stream = Stream(host, rooms, settings.allowed_origins, traffic)

    async def bootstrap() -> FileResponse:
        return FileResponse(stylesheet, headers={"Cache-Control": "max-age=86400"})

    async def serve_stream(websocket: WebSocket) -> None:
        await stream(websocket)

    server.add_api_route(BOOTSTRAP, bootstrap)
    server.add_api_websocket_route("/stream", serve_stream)
    experiments = Experiments(settings.experiments, settings.root, settings.allowed_origins)
    server.router.routes.extend(experiments.routes())
    for served in (Openings, Recordings, DataFiles, Exporting):
        server.router.routes.extend(served(host, settings.allowed_origins).routes())
    server.router.routes.extend(Links(settings.allowed_origins).routes())
    server.router.routes.extend(Health(host).routes())
    if settings.admin_token:
        admin = Admin(
            host, rooms, traffic, settings.admin_token, settings.root, settings.allowed_origins
        )
        server.router.routes.extend(admin.routes())


def _bootstrap() -> Path:
    """Return the stylesheet in the installed package, which is not imported for it."""
    found = importlib.util.find_spec("flask_bootstrap")
    assert found is not None and found.origin is not None, "bootstrap-flask is a requirement"
    return Path(found.origin).parent / "static" / "bootstrap5" / "css" / BOOTSTRAP.removeprefix("/")


def server_config(app: Dash, log_level: str = "warning") -> uvicorn.Config:
    """Return how the page is served."""
    return uvicorn.Config(
        app.server,
        log_config=None,
        log_level=log_level,
        access_log=False,
        server_header=False,
        # Forwarded headers are looked at here, and only where a proxy is trusted.
        proxy_headers=False,
        h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        ws_max_size=SOCKET_BYTES_MAX,
        # A frame is dense numbers: deflating it costs far more time than it saves.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
