"""Experiments: runs a minute against autograd, the pool, going on, the page, and memory.

Results are made up where only their number counts: 1,000 runs that were done, 10,000 on a page.
"""

from __future__ import annotations

import json
import resource
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import nn

from benchmarks.framework import Result, at_least, at_most, interleave
from spiral_dash.core.data.dataset import make_dataset
from spiral_dash.core.frame import encode_exact
from spiral_dash.core.programs import module_command, module_environment
from spiral_dash.core.threads import single_thread
from spiral_dash.experiments import (
    Experiment,
    Measurement,
    Store,
    StoreError,
    run_experiments,
)
from spiral_dash.experiments.catalogue import CATALOGUE
from spiral_dash.experiments.plan import Job, jobs
from spiral_dash.experiments.pool import ProcessPool
from spiral_dash.experiments.work import Found, Outcome, execute

THESIS = Experiment(
    id="thesis",
    question="How many runs a minute?",
    base={"network.hidden": [50] * 5},
    seeds=1,
    epochs=100,
    measurements=(Measurement(probe="metrics", keep=("test_accuracy",)),),
)
SHORT = THESIS.replace(id="short", seeds=64, epochs=20)
TINY = Experiment(
    id="tiny",
    question="What does a run cost beside its training?",
    base={"network.hidden": [2], "data.samples_per_arm": 50},
    seeds=300,
    epochs=0,
    measurements=(Measurement(probe="norms"),),
)
AUTOGRAD_EPOCHS = 4
DONE, MORE, PAGE_SEEDS, LONG = 1000, 10, 1000, 2000


def measure() -> list[Result]:
    """Measure everything, each figure and what it is judged by in the same run."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        return [
            _one_worker(),
            _two_workers(place),
            *_pool(),
            _going_on(place / "killed"),
            _page(place / "page"),
            _memory(place / "memory"),
        ]


def _one_worker() -> Result:
    [job] = jobs([THESIS], ())

    def ours() -> float:
        return _seconds(lambda: execute(job))

    rounds = interleave(ours, _autograd, rounds=3)
    ratio, own, other = sorted((other / own, own, other) for own, other in rounds)[1]
    detail = {"runs_per_minute": 60 / own, "autograd_runs_per_minute": 60 / other}
    return Result("one worker against autograd, runs a minute", ratio, "×", at_least(8), detail)


def _seconds(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def _autograd() -> float:
    """Return the seconds that a run of 100 epochs takes by autograd, from a few of them."""
    config = next(THESIS.cells()).config(1)
    data = make_dataset(config.data, config.seeds.data)
    sizes = (2, *config.network.hidden, 2)
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.Tanh()]
    network = nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(network.parameters(), lr=config.training.learning_rate)
    loss = nn.CrossEntropyLoss()
    batch = config.training.batch_size

    def train() -> None:
        for _ in range(AUTOGRAD_EPOCHS):
            for rows in torch.randperm(len(data.x_train)).split(batch):
                optimizer.zero_grad()
                loss(network(data.x_train[rows]), data.y_train[rows]).backward()
                optimizer.step()

    with single_thread():
        train()
        return _seconds(train) * THESIS.epochs / AUTOGRAD_EPOCHS


def _two_workers(place: Path) -> Result:
    def with_workers(number: int) -> float:
        with (
            TemporaryDirectory(dir=place) as folder,
            Store(Path(folder), write=True) as store,
            closing(ProcessPool(number)) as pool,
        ):
            _all(pool, TINY.replace(seeds=2 * number))
            return _seconds(lambda: _kept(pool, store))

    [(two, one)] = interleave(partial(with_workers, 2), partial(with_workers, 1), rounds=1)
    detail = {"seconds_two": two, "seconds_one": one}
    name = f"two workers against one, {SHORT.runs} runs"
    return Result(name, one / two, "×", at_least(1.85), detail)


def _kept(pool: ProcessPool, store: Store) -> None:
    for outcome in pool.run(jobs([SHORT], ())):
        store.add(outcome)


def _all(pool: ProcessPool, experiment: Experiment) -> list[Outcome]:
    return [*pool.run(jobs([experiment], ()))]


def _pool() -> list[Result]:
    """Return the time to the first result of a pool, and what a run costs beside its work."""
    begun = time.perf_counter()
    with closing(ProcessPool(1)) as pool:
        next(pool.run(jobs([TINY], ())))
        first = time.perf_counter() - begun
    with closing(ProcessPool(1)) as pool, single_thread():
        todo = [*jobs([TINY], ())]
        _all(pool, TINY.replace(seeds=2))
        with_pool, alone = _seconds(lambda: _all(pool, TINY)), _seconds(lambda: _each(todo))
    beside = 1000 * (with_pool - alone) / len(todo)
    detail = {"pool_ms_a_run": 1000 * with_pool / len(todo), "alone_ms": 1000 * alone / len(todo)}
    return [
        Result("first result of a pool", first, "s", at_most(1.5)),
        Result("overhead of a pool, a run", beside, "ms", at_most(5), detail),
    ]


def _each(todo: Sequence[Job]) -> None:
    for job in todo:
        execute(job)


def _going_on(folder: Path) -> Result:
    """Return the time from the command to the first new run, where a kill left 1,000."""
    asked = ["sweep", "--set", "network.hidden=2", "--set", "data.samples_per_arm=50"]
    asked += ["--measure", "norms", "--epochs", "0", "--out", str(folder), "--quiet"]
    command = _command(*asked, "--seeds", str(DONE + 10 * MORE))
    with subprocess.Popen(command, env=module_environment()) as killed:
        try:
            while _known(folder) < DONE:
                assert killed.poll() is None, "it goes on until it is killed"
                time.sleep(0.05)
        finally:
            killed.kill()
    done = _known(folder)
    more = ["--seeds", str(done + MORE), "--workers", "2"]
    begun = time.perf_counter()
    with subprocess.Popen(_command(*asked, *more), env=module_environment()) as again:
        while _known(folder) <= done:
            assert again.poll() in (None, 0), "it goes on"
            time.sleep(0.01)
        took = time.perf_counter() - begun
    assert again.returncode == 0, "it goes on to its end"
    return Result(f"going on after a kill with {DONE} runs done", took, "s", at_most(2))


def _command(*arguments: str) -> list[str]:
    return module_command("spiral_dash", *arguments)


def _known(folder: Path) -> int:
    try:
        with Store(folder) as store:
            return len(store.keys())
    except StoreError:
        return 0


def _page(folder: Path) -> Result:
    """Return the time to an answer of 10,000 results, from a process that has drawn one before."""
    experiment = CATALOGUE["H1"].replace(seeds=PAGE_SEEDS)
    outcomes = list(_made_up(experiment))
    _add(folder, experiment, outcomes[3:])
    asked = json.dumps({"folder": str(folder), "design": experiment.model_dump_json()})
    command = module_command("spiral_dash.experiments.drawer")
    pipe, home = subprocess.PIPE, module_environment()
    with subprocess.Popen(command, env=home, stdin=pipe, stdout=pipe, text=True) as drawer:
        assert drawer.stdin is not None and drawer.stdout is not None
        times, size = [], 0
        for outcome in outcomes[:3]:
            _add(folder, experiment, [outcome])  # there is something new to draw each time
            begun = time.perf_counter()
            print(asked, file=drawer.stdin, flush=True)
            size = len(drawer.stdout.readline())
            times.append(time.perf_counter() - begun)
        drawer.stdin.close()
    detail = {"first_seconds": times[0], "megabytes": size / 1e6}
    name = f"an answer of {experiment.runs:,} results, drawn anew"
    return Result(name, min(times[1:]), "s", at_most(1), detail)


def _add(folder: Path, experiment: Experiment, outcomes: Iterable[Outcome]) -> None:
    with Store(folder, write=True) as store:
        store.ask(experiment)
        for outcome in outcomes:
            store.add(outcome)


def _made_up(experiment: Experiment) -> Iterator[Outcome]:
    """Yield outcomes as those of norms are, with numbers that nobody measured."""
    generator = np.random.default_rng(0)
    for job in jobs([experiment], ()):
        found = tuple(
            Found(one.key, one.probe, one.options, one.epoch, _arrays(one.keep, generator))
            for one in job.wants
        )
        yield Outcome(job.run, job.config, 0.1, experiment.epochs, None, found)


def _arrays(names: Sequence[str], generator: np.random.Generator) -> bytes:
    return encode_exact({name: generator.random(6) for name in names}, {})


def _memory(folder: Path) -> Result:
    """Return by how much the runner grows between its 200th run and its 2,000th."""
    sizes: list[float] = []
    experiment = TINY.replace(seeds=LONG)
    run_experiments(
        [experiment], out=folder, workers=1, on_progress=lambda _: sizes.append(_megabytes())
    )
    grown = sizes[-1] - sizes[LONG // 10]
    detail = {"at_the_end_mib": sizes[-1]}
    return Result(f"memory of the runner over {LONG:,} runs", grown, "MiB", at_most(50), detail)


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20
