"""`python -m spiral_dash sweep`: a question of one's own, put to many runs."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from spiral_dash.cli.answers import OK, USAGE, refuse
from spiral_dash.core.config import ConfigError
from spiral_dash.core.programs import cores
from spiral_dash.core.validation import ProbeError
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.levels import read_epochs, read_measurements
from spiral_dash.experiments.plan import estimated_seconds
from spiral_dash.experiments.results import Results
from spiral_dash.experiments.runner import Progress, run_experiments
from spiral_dash.experiments.store import Store
from spiral_dash.experiments.table import check_export, export
from spiral_dash.experiments.usual import own_experiment

INTERRUPTED = 130
RUNS_UNASKED, SECONDS_UNASKED = 10_000, 4 * 3600.0
"""More runs, or a longer time, are not begun before somebody has said yes."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command's arguments."""
    parser = commands.add_parser(
        "sweep",
        help="train every combination of settings from many seeds, and measure them",
        description="Train every combination of settings from many seeds and measure the networks. "
        "What is in the folder already is not done again, so the same command goes on where it "
        "stopped.",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=LEVELS",
        help="levels of a setting, such as data.entanglement=2,4,6 or network.hidden='50,50;20' "
        "(commas between numbers and words, semicolons between lists); repeatable",
    )
    parser.add_argument("--measure", default="", metavar="A,B", help="what is measured")
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="A.OPTION=VALUE",
        help="an option of a measurement, such as attack.method=bim; repeatable",
    )
    parser.add_argument("--at", default="-1", metavar="EPOCHS", help="when (-1: at the end)")
    parser.add_argument("--seeds", type=int, default=20, help="runs of each combination (20)")
    parser.add_argument("--first-seed", type=int, default=1, help="the first of the seeds (1)")
    parser.add_argument("--epochs", type=int, default=100, help="epochs to train (100)")
    parser.add_argument(
        "--evaluate-every", type=int, help="epochs from one evaluation to the next (the end alone)"
    )
    parser.add_argument("--name", default="sweep", help="what the results are called (sweep)")
    add_running(parser)
    parser.add_argument("--export", type=Path, metavar="FILE", help="a .csv or .parquet to write")
    parser.set_defaults(run=sweep)


def add_running(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of whatever runs experiments."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder")
    parser.add_argument("--workers", type=int, help="processes (one a core)")
    parser.add_argument(
        "--cluster",
        metavar="HOST:PORT",
        help="run on the nodes of the Ray cluster whose head it is",
    )
    parser.add_argument("--yes", action="store_true", help="begin, however long it takes")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def sweep(arguments: argparse.Namespace) -> int:
    """Run the sweep that the arguments describe; return the exit code."""
    try:
        if arguments.export is not None:
            check_export(arguments.export)
        if arguments.set or arguments.measure:
            experiment = _experiment(arguments)
            code = run([experiment], arguments)
            if code:
                return code
        if arguments.export is not None:
            return _export(arguments)
        if not arguments.set and not arguments.measure:
            raise ConfigError(
                {"measure": "sweep: expected --measure, or --export of what is there; got neither."}
            )
    except (ConfigError, ProbeError) as error:
        return refuse(error)
    return OK


def command_of(arguments: argparse.Namespace) -> str:
    """Return the command that was typed, without what does not say what is asked."""
    return shlex.join(one for one in arguments.typed if one not in {"--quiet", "--yes"})


def _experiment(arguments: argparse.Namespace) -> Experiment:
    return own_experiment(
        arguments.name,
        arguments.set,
        read_measurements(arguments.measure, arguments.option, read_epochs(arguments.at)),
        seeds=arguments.seeds,
        first_seed=arguments.first_seed,
        epochs=arguments.epochs,
        evaluate_every=arguments.evaluate_every,
    )


def run(experiments: Sequence[Experiment], arguments: argparse.Namespace) -> int:
    """Run experiments with a progress bar; return the exit code; raise `ConfigError`."""
    for experiment in experiments:
        experiment.check()
    if not arguments.yes and not _agreed(experiments, arguments):
        return USAGE
    tqdm.monitor_interval = 0  # it is a thread, and beside one no process is forked
    bar = tqdm(unit="run", disable=arguments.quiet, smoothing=0.05)
    latest = Progress(0)

    def follow(progress: Progress) -> None:
        nonlocal latest
        latest = progress
        bar.total = progress.total
        if not progress.now:
            bar.n = bar.initial = progress.done
        if progress.diverged or progress.failed:
            bar.set_postfix(diverged=progress.diverged, failed=progress.failed, refresh=False)
        bar.update(progress.done - bar.n)

    try:
        with bar, _ended_like_ctrl_c():
            progress = run_experiments(
                experiments,
                out=arguments.out,
                workers=arguments.workers,
                cluster=arguments.cluster,
                on_progress=follow,
                command=command_of(arguments),
            )
    except KeyboardInterrupt:
        print(
            f"Stopped with {latest.done} of {latest.total} runs done. "
            "The same command goes on from there.",
            file=sys.stderr,
        )
        return INTERRUPTED
    print(_summary(progress, arguments.out))
    return OK


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """End at SIGTERM as at Ctrl-C, which a process in the background may be deaf to."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _summary(progress: Progress, out: Path) -> str:
    parts = [f"{progress.done} runs ({progress.now} of them now)"]
    if progress.diverged:
        parts.append(f"{progress.diverged} diverged")
    if progress.failed:
        parts.append(f"{progress.failed} with a measurement that could not be taken")
    return f"{', '.join(parts)}: results in {out}"


def _agreed(experiments: Sequence[Experiment], arguments: argparse.Namespace) -> bool:
    """Whether so many runs are to begin: few are, and for many somebody is asked."""
    on_cluster = arguments.cluster is not None
    workers = max(1, arguments.workers or (1 if on_cluster else cores()))
    runs = sum(one.runs for one in experiments)
    seconds = sum(one.runs * estimated_seconds(one) for one in experiments) / workers
    if runs <= RUNS_UNASKED and seconds <= SECONDS_UNASKED:
        return True
    processes = "1 process" if workers == 1 else f"{workers} processes"
    said = f"{runs:,} runs, about {duration(seconds)} of training on {processes}"
    if not sys.stdin.isatty():
        print(f"{said}. Say --yes to begin, or ask for fewer.", file=sys.stderr)
        return False
    answer = input(f"{said}. Begin? [y/N] ")
    return answer.strip().lower() in {"y", "yes"}


def duration(seconds: float) -> str:
    """Say a time in the unit that suits it."""
    for unit, size in (("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _export(arguments: argparse.Namespace) -> int:
    with Store(arguments.out) as store:
        known = {one.id: one for one in store.experiments()}
        name = arguments.name if arguments.name in known or len(known) != 1 else next(iter(known))
        if name not in known:
            raise ConfigError(
                {"name": f"--name: expected one of {', '.join(known) or 'none'}, got {name!r}."}
            )
        results = Results.read(store, known[name])
    rows = export(results, arguments.export)
    print(f"{rows} rows in {arguments.export}")
    return OK
