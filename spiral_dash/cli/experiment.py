"""`python -m spiral_dash experiments`, `experiment` and `report`: the catalogue and its answers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spiral_dash.cli.answers import OK, refuse
from spiral_dash.cli.sweep import add_running, run
from spiral_dash.core.config import ConfigError
from spiral_dash.experiments.catalogue import CATALOGUE, CHAPTER, MAP, chosen
from spiral_dash.experiments.catalogue.data_map import POINTS, with_points
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.store import Store
from spiral_dash.experiments.table import needed

QUICK_SEEDS = 3


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the arguments of the three commands."""
    listing = commands.add_parser("experiments", help="list the experiments of the thesis")
    listing.set_defaults(run=catalogue)

    parser = commands.add_parser(
        "experiment",
        help="run experiments of the thesis over many seeds",
        description="Run experiments of the thesis over many seeds; the same command goes on where "
        "it stopped. `report` then writes what came of it.",
    )
    parser.add_argument(
        "names",
        nargs="+",
        metavar="NAME",
        help=f"such as H1, or {CHAPTER} for its chapter 4",
    )
    parser.add_argument("--seeds", type=int, help="runs of each combination (20; 1 of the map)")
    parser.add_argument("--points", type=int, help=f"data of the map ({POINTS})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SEEDS} seeds")
    add_running(parser)
    parser.set_defaults(run=experiment)

    parser = commands.add_parser(
        "report",
        help="write one HTML file about the experiments in a folder",
        description="Write question, design, figures, tests and verdicts of the experiments in a "
        "folder as one HTML file that loads nothing.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder with results")
    parser.add_argument("--to", type=Path, metavar="FILE", help="the file (DIR/report.html)")
    parser.set_defaults(run=report)


def catalogue(_: argparse.Namespace) -> int:
    """Print the catalogue; return the exit code."""
    for one in CATALOGUE.values():
        print(
            f"{one.id:<11} {one.question}\n{'':<11} {one.section}; {one.runs} runs, "
            f"{one.seeds} {'seed' if one.seeds == 1 else 'seeds'}"
        )
    return OK


def experiment(arguments: argparse.Namespace) -> int:
    """Run experiments of the catalogue; return the exit code."""
    try:
        return run([_asked(one, arguments) for one in chosen(arguments.names)], arguments)
    except ConfigError as error:
        return refuse(error)


def _asked(listed: Experiment, arguments: argparse.Namespace) -> Experiment:
    """Return an experiment of the catalogue as the arguments ask for it; raise `ConfigError`."""
    if arguments.points is not None:
        if listed.id != MAP:
            raise ConfigError({"points": f"--points: {listed.id} has none, the {MAP} alone."})
        listed = with_points(arguments.points)
    seeds = arguments.seeds if arguments.seeds is not None else listed.seeds
    return listed.replace(seeds=min(QUICK_SEEDS, seeds) if arguments.quick else seeds)


def report(arguments: argparse.Namespace) -> int:
    """Write the report of a folder; return the exit code."""
    try:
        needed("scipy", "matplotlib")
        from spiral_dash.experiments.report import write_report

        path = arguments.to or arguments.folder / "report.html"
        with Store(arguments.folder) as store:
            write_report(store, path)
    except ConfigError as error:
        return refuse(error)
    print(path, file=sys.stdout)
    return OK
