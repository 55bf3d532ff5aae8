"""The routes of the experiments: their pages, their answers as they grow, start and cancel."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from spiral_dash.core.config import ConfigError
from spiral_dash.core.validation import parse_json, validated
from spiral_dash.experiments.catalogue import CATALOGUE
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.levels import read_epochs, read_measurements
from spiral_dash.experiments.plan import estimated_seconds
from spiral_dash.experiments.store import LOCK, Store, StoreError, is_written
from spiral_dash.experiments.table import needed
from spiral_dash.experiments.usual import own_experiment
from spiral_dash.web import experiments_markup as markup
from spiral_dash.web.experiment_settings import PATH, ExperimentSettings
from spiral_dash.web.uploads import foreign_refusal, refusal

LOOK_SECONDS, HELD_SECONDS = 0.2, 0.6
"""From one look at how far the runs are to the next, and how long a request waits for news: less
than a server that stops leaves to its requests."""
RUNS_MAX, HOURS_MAX = 100_000, 12.0
"""What may be started from the page; a shell may start more."""
LOG = "last.log"
ANSWER_BYTES_MAX = 64 * 2**20


class StartRequest(BaseModel):
    """What a form asks: seeds of an experiment of the catalogue, or a question of one's own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=60, pattern=r"^[\w.-]+$")
    seeds: int = Field(20, ge=1, le=10_000)
    settings: str = Field("", max_length=20_000)
    measure: str = Field("", max_length=1000)
    options: str = Field("", max_length=5000)
    at: str = Field("-1", max_length=1000)
    epochs: int = Field(100, ge=0, le=100_000)


class Experiments:
    """Serves the pages, and starts and ends the one process that adds results."""

    def __init__(self, settings: ExperimentSettings, allowed_origins: Collection[str] = ()) -> None:
        self._settings = settings
        self._allowed = frozenset(allowed_origins)
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: Experiment | None = None
        self._drawer: asyncio.subprocess.Process | None = None
        self._drawing = asyncio.Lock()

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        one = PATH + "/{name}"
        return [
            Route(PATH, self._list, methods=["GET"]),
            Route(f"{PATH}/start", self._start, methods=["POST"]),
            Route(f"{PATH}/cancel", self._cancel, methods=["POST"]),
            Route(f"{PATH}/state", self._state, methods=["GET"]),
            Route(one, self._one, methods=["GET"]),
            Route(f"{one}/answer", self._answer, methods=["GET"]),
        ]

    async def _list(self, _: Request) -> Response:
        own = [one for one in await run_in_threadpool(self._known) if one.id not in CATALOGUE]
        return HTMLResponse(markup.listing([*CATALOGUE.values()], own, self._why_not()))

    async def _one(self, request: Request) -> Response:
        experiment = await run_in_threadpool(self._find, request.path_params["name"])
        if experiment is None:
            return HTMLResponse(markup.nothing(request.path_params["name"]), 404)
        return HTMLResponse(markup.page(experiment, self._why_not()))

    def _why_not(self) -> str:
        """Return why nothing can be started here, "" where it can."""
        if self._settings.folder is None or self._settings.workers == 0:
            return (
                "Whoever runs this server has not allowed experiments to be started from the page "
                "(--experiment-workers)."
            )
        try:
            needed("scipy", "matplotlib")
        except ConfigError as error:
            return str(error)
        return ""

    def _known(self) -> list[Experiment]:
        if self._settings.folder is None:
            return []
        try:
            with Store(self._settings.folder) as store:
                return store.experiments()
        except ConfigError:
            return []

    def _find(self, name: str) -> Experiment | None:
        """Return an experiment as it was last asked for, else as the catalogue has it."""
        known = {one.id: one for one in self._known()}
        if self._asked is not None:  # which its process has perhaps not noted yet
            known[self._asked.id] = self._asked
        listed = CATALOGUE.get(name)
        if listed is None:
            return known.get(name)
        return listed.replace(seeds=known[name].seeds) if name in known else listed

    async def _start(self, request: Request) -> Response:
        wrong = self._foreign(request)
        if wrong is not None:
            return wrong
        if self._why_not():
            return refusal(403, self._why_not())
        try:
            asked = validated(StartRequest, parse_json(await request.body()))
            experiment, command = await run_in_threadpool(self.command, asked)
        except ConfigError as error:
            return refusal(422, str(error))
        folder = self._settings.folder
        assert folder is not None
        if is_written(folder):
            return refusal(409, "Runs are under way already: wait for them, or cancel them.")
        await run_in_threadpool(self._spawn, command, folder)
        self._asked = experiment
        return JSONResponse({"page": f"{PATH}/{asked.name}"})

    def command(self, asked: StartRequest) -> tuple[Experiment, list[str]]:
        """Return what is asked, and the command that does it; raise `ConfigError`."""
        if asked.name in CATALOGUE:
            experiment = CATALOGUE[asked.name].replace(seeds=asked.seeds)
            command = ["experiment", asked.name, "--seeds", str(asked.seeds)]
        else:
            texts = [line.strip() for line in asked.settings.splitlines() if line.strip()]
            options = [line.strip() for line in asked.options.splitlines() if line.strip()]
            measured = read_measurements(asked.measure, options, read_epochs(asked.at))
            experiment = own_experiment(
                asked.name, texts, measured, seeds=asked.seeds, epochs=asked.epochs
            )
            command = ["sweep", "--name", asked.name, "--measure", asked.measure]
            command += [part for text in texts for part in ("--set", text)]
            command += [part for text in options for part in ("--option", text)]
            command += ["--seeds", str(asked.seeds), "--epochs", str(asked.epochs)]
            command += [f"--at={asked.at}"]
        experiment.check()
        hours = experiment.runs * estimated_seconds(experiment) / self._settings.workers / 3600
        if experiment.runs > RUNS_MAX or hours > HOURS_MAX:
            raise ConfigError(
                {
                    "seeds": f"Expected at most {RUNS_MAX:,} runs and about {HOURS_MAX:g} hours, "
                    f"got {experiment.runs:,} runs of about {hours:.0f} hours. A shell takes more: "
                    f"python -m spiral_dash {shlex.join(command)} --out DIR"
                }
            )
        return experiment, command

    def _spawn(self, command: list[str], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        workers = ["--workers", str(self._settings.workers), "--quiet", "--yes"]
        with (folder / LOG).open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "spiral_dash", *command, "--out", str(folder), *workers],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def _cancel(self, request: Request) -> Response:
        wrong = self._foreign(request)
        if wrong is not None:
            return wrong
        if self._why_not():
            return refusal(403, self._why_not())
        folder = self._settings.folder
        assert folder is not None
        if is_written(folder):
            with suppress(OSError, ValueError):
                os.kill(int((folder / LOCK).read_text()), signal.SIGINT)
        return JSONResponse({})

    def _foreign(self, request: Request) -> Response | None:
        return foreign_refusal(request, self._allowed)

    async def _state(self, request: Request) -> Response:
        """Answer how far the runs are as soon as that is not what the page knows, or in a while."""
        known = request.query_params.get("known", "")
        ends = time.monotonic() + HELD_SECONDS
        while True:
            told = json.dumps(await run_in_threadpool(self.state))
            version = hashlib.sha256(told.encode()).hexdigest()[:16]
            if version != known or time.monotonic() > ends:
                return JSONResponse({"version": version, "state": json.loads(told)})
            await asyncio.sleep(LOOK_SECONDS)

    def state(self) -> dict[str, Any]:
        """Return how far the runs are, and what the last command had to say where it failed."""
        folder = self._settings.folder
        if folder is None:
            return {"running": False, "progress": {}, "said": ""}
        said = ""
        process = self._process
        ended = process is not None and process.poll() is not None
        if process is not None and ended and process.returncode not in {0, 130}:
            said = (folder / LOG).read_text("utf-8", "replace").strip()[-500:]
        starting = process is not None and not ended
        running = starting or is_written(folder)
        try:
            with Store(folder) as store:
                return {"running": running, "progress": store.progress, "said": said}
        except StoreError as error:
            missing = not (folder / "results.sqlite").exists()
            return {"running": running, "progress": {}, "said": said if missing else str(error)}

    async def _answer(self, request: Request) -> Response:
        folder = self._settings.folder
        experiment = await run_in_threadpool(self._find, request.path_params["name"])
        if folder is None or experiment is None:
            return HTMLResponse("")
        asked = {"folder": str(folder), "design": experiment.model_dump_json()}
        async with self._drawing:
            drawn = await self._drawn(json.dumps(asked).encode())
        if drawn is None:
            return HTMLResponse(markup.sorry("The answer could not be drawn. Try again."), 500)
        return HTMLResponse(drawn)

    async def _drawn(self, asked: bytes) -> str | None:
        """Return what the process that draws makes of a request; None where it ended."""
        drawer = self._drawer
        if drawer is None or drawer.returncode is not None:
            drawer = self._drawer = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "spiral_dash.experiments.drawer"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=ANSWER_BYTES_MAX,
                start_new_session=True,
            )
        assert drawer.stdin is not None and drawer.stdout is not None
        try:
            drawer.stdin.write(asked + b"\n")
            await drawer.stdin.drain()
            line = await drawer.stdout.readline()
        except (OSError, ValueError):
            line = b""
        except asyncio.CancelledError:  # the server stops, and nobody waits for a picture
            drawer.kill()
            line = b""
        if not line:
            self._drawer = None
            return None
        return str(json.loads(line))
