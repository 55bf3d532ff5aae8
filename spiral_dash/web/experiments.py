"""The routes of the experiments: their pages, their answers as they grow, start and cancel."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shlex
import time
from collections.abc import Collection
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from spiral_dash.core.config import ConfigError
from spiral_dash.core.validation import parse_json, validated
from spiral_dash.experiments.catalogue import CATALOGUE, MAP, as_asked, points_of
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.levels import read_epochs, read_measurements
from spiral_dash.experiments.plan import estimated_seconds
from spiral_dash.experiments.store import NoResultsError, Store, StoreError
from spiral_dash.experiments.table import needed
from spiral_dash.experiments.usual import own_experiment
from spiral_dash.web import experiments_markup as markup
from spiral_dash.web.address import read_address
from spiral_dash.web.experiment_answers import Answers
from spiral_dash.web.experiment_process import RefusedError, RunsProcess
from spiral_dash.web.experiment_settings import PATH, ExperimentSettings
from spiral_dash.web.uploads import foreign_refusal, refusal
from spiral_dash.web.versus import versus_of

LOOK_SECONDS, HELD_SECONDS = 0.2, 0.6
"""From one look at how far the runs are to the next, and how long a request waits for news: less
than a server that stops leaves to its requests."""
RUNS_MAX, HOURS_MAX = 100_000, 12.0
"""What may be started from the page; a shell may start more."""


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

    @property
    def is_own(self) -> bool:
        """Whether it asks a question of one's own."""
        return bool(self.settings or self.measure)


class Experiments:
    """Serves the pages, and has the one process that adds results."""

    def __init__(
        self,
        settings: ExperimentSettings,
        root: str,
        allowed_origins: Collection[str] = (),
    ) -> None:
        self._settings = settings
        self._root = root
        self._allowed = frozenset(allowed_origins)
        self._process = None if settings.folder is None else RunsProcess(settings.folder)
        self._answers = Answers()

    def routes(self) -> list[Route]:
        """Return the routes to add to the server."""
        one = PATH + "/{name}"
        return [
            Route(PATH, self._list, methods=["GET"]),
            Route(f"{PATH}/start", self._start, methods=["POST"]),
            Route(f"{PATH}/cancel", self._cancel, methods=["POST"]),
            Route(f"{PATH}/state", self._state, methods=["GET"]),
            Route(f"{PATH}/compare", self._compare, methods=["GET"]),
            Route(one, self._one, methods=["GET"]),
            Route(f"{one}/answer", self._answer, methods=["GET"]),
        ]

    async def _list(self, _: Request) -> Response:
        known, wrong = await run_in_threadpool(self._known)
        own = [one for one in known if one.id not in CATALOGUE]
        listing = markup.listing(self._root, [*CATALOGUE.values()], own, self._why_not(), wrong)
        return HTMLResponse(listing)

    async def _one(self, request: Request) -> Response:
        experiment = await run_in_threadpool(self._find, request.path_params["name"])
        if experiment is None:
            return HTMLResponse(markup.nothing(self._root, request.path_params["name"]), 404)
        return HTMLResponse(markup.page(self._root, experiment, self._why_not()))

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

    def _known(self) -> tuple[list[Experiment], str]:
        """Return what was asked for in the folder, and what cannot be read, in sentences."""
        if self._settings.folder is None:
            return [], ""
        try:
            with Store(self._settings.folder) as store:
                return store.experiments(), " ".join(store.unreadable)
        except NoResultsError:
            return [], ""
        except StoreError as error:
            return [], str(error)

    def _find(self, name: str) -> Experiment | None:
        """Return an experiment as it was last asked for, else as the catalogue has it."""
        known = {one.id: one for one in self._known()[0]}
        process = self._process
        asked = None if process is None else process.asked
        if process and asked and (asked.id not in known or process.is_ours):
            known[asked.id] = asked  # its process has perhaps not noted it yet
        if name not in known:
            return CATALOGUE.get(name)
        return as_asked(known[name]) if name in CATALOGUE else known[name]

    async def _start(self, request: Request) -> Response:
        wrong = self._foreign(request)
        if wrong is not None:
            return wrong
        if self._process is None or self._why_not():
            return refusal(403, self._why_not())
        try:
            asked = validated(StartRequest, parse_json(await request.body()))
            experiment, command = await run_in_threadpool(self.command, asked)
            await run_in_threadpool(self._process.start, experiment, command)
        except ConfigError as error:
            return refusal(422, str(error))
        except RefusedError as error:
            return refusal(error.status, str(error))
        return JSONResponse({"page": f"{PATH}/{asked.name}".removeprefix("/")})

    def command(self, asked: StartRequest) -> tuple[Experiment, list[str]]:
        """Return what is asked, and the command that does it; raise `ConfigError`."""
        if asked.name in CATALOGUE and not asked.is_own:
            known = self._find(asked.name) or CATALOGUE[asked.name]
            experiment = known.replace(seeds=asked.seeds)
            command = ["experiment", asked.name, "--seeds", str(asked.seeds)]
            if asked.name == MAP:
                command += ["--points", str(points_of(experiment))]
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
            self._refuse_other(experiment)
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
        workers = ["--workers", str(self._settings.workers), "--quiet", "--yes"]
        return experiment, [*command, *workers]

    def _refuse_other(self, experiment: Experiment) -> None:
        if self._settings.folder is None:
            return
        try:
            with Store(self._settings.folder) as store:
                store.refuse_other(experiment)
        except NoResultsError:
            return

    async def _cancel(self, request: Request) -> Response:
        wrong = self._foreign(request)
        if wrong is not None:
            return wrong
        if self._process is None or self._why_not():
            return refusal(403, self._why_not())
        try:
            await run_in_threadpool(self._process.cancel)
        except RefusedError as error:
            return refusal(error.status, str(error))
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
        process = self._process
        if process is None:
            return {"running": False, "progress": {}, "said": ""}
        running, said = process.is_running, process.said
        try:
            with Store(process.folder) as store:
                return {"running": running, "progress": store.progress, "said": said}
        except NoResultsError:
            return {"running": running, "progress": {}, "said": said}
        except StoreError as error:
            return {"running": running, "progress": {}, "said": str(error)}

    async def _compare(self, request: Request) -> Response:
        """Lead to the laboratory with two runs side by side, each given by its own address."""
        one, other = (read_address(request.query_params.get(n, "")) for n in ("one", "other"))
        wrong = [*one.problems, *other.problems]
        if wrong:
            return HTMLResponse(markup.refused(self._root, "These are no two runs", wrong), 422)
        first, second = one.reading.config, other.reading.config
        parts = [first.to_query(), versus_of(first, second)]
        if one.page.epoch is not None:
            parts.append(f"epoch={one.page.epoch}")
        query = "&".join(part for part in parts if part)
        return RedirectResponse(f"{self._root}?{query}", 303)

    async def _answer(self, request: Request) -> Response:
        folder = self._settings.folder
        experiment = await run_in_threadpool(self._find, request.path_params["name"])
        if folder is None or experiment is None:
            return HTMLResponse("")
        drawn = await self._answers.draw(folder, experiment)
        if drawn is None:
            return HTMLResponse(markup.sorry("The answer could not be drawn. Try again."), 500)
        return HTMLResponse(drawn)
