"""`python -m spiral_dash train`: train one configuration and write its results."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

from tqdm import tqdm

from spiral_dash.cli.answers import DIVERGED, OK, USAGE, refuse
from spiral_dash.core.config import ConfigError, RunConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.data.table import MISSING_WAYS, read_table
from spiral_dash.core.results import ResultsExistError, refuse_overwriting, write_results
from spiral_dash.core.run import Run

CONFIG_BYTES_MAX = 1_000_000
EPOCHS_MAX = 1_000_000


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command's arguments."""
    parser = commands.add_parser(
        "train",
        help="train one configuration and write its results",
        description="Train one configuration; write config.json, history.csv, "
        "weights.safetensors and run.spiral.zip, which the page and Python open again.",
    )
    add_source(parser)
    parser.add_argument("--epochs", type=epochs, default=100, help="epochs to train (100)")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    parser.add_argument("--overwrite", action="store_true", help="replace results already there")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(run=train)


def add_source(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments that say what is trained; `read_run` reads them."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--config", type=Path, help="a JSON file with a configuration")
    source.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="one setting, such as data.entanglement=6 or network.hidden=50,50; repeatable",
    )
    data = parser.add_argument_group("points of your own")
    data.add_argument("--data", type=Path, metavar="FILE", help="a CSV file, or an npz of x and y")
    data.add_argument("--label", metavar="COLUMN", help="the column of the classes (found)")
    data.add_argument("--columns", metavar="A,B,C", help="the columns of numbers (all there are)")
    data.add_argument(
        "--missing",
        choices=[way.replace(" ", "-") for way in MISSING_WAYS],
        default="refuse",
        help="what becomes of rows with an empty cell (refuse)",
    )


def epochs(text: str) -> int:
    """Return a number of epochs, for argparse."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number <= EPOCHS_MAX:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 0 to {EPOCHS_MAX}, got {text!r}"
        )
    return number


def read_config(path: Path | None, fields: Sequence[str]) -> RunConfig:
    """Return the configuration of a file or of FIELD=VALUE pairs; raise `ConfigError`."""
    if path is None:
        pairs = [field.partition("=") for field in fields]
        lacking = [field for field, equals, _ in pairs if not equals]
        if lacking:
            raise ConfigError({"set": f"--set: expected FIELD=VALUE, got {lacking[0]!r}."})
        return RunConfig.from_query(urlencode([(name, value) for name, _, value in pairs]))
    try:
        size = path.stat().st_size
        if size > CONFIG_BYTES_MAX:
            raise ConfigError(
                {"config": f"{path}: expected at most {CONFIG_BYTES_MAX} bytes, got {size}."}
            )
        return RunConfig.from_json(path.read_bytes())
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            {"config": f"{path}: expected a JSON file that can be read: {reason}."}
        ) from error


def read_rows(arguments: argparse.Namespace) -> Rows | None:
    """Return the points of `--data`, None without it, and print what was found."""
    if arguments.data is None:
        for name in ("label", "columns"):
            if getattr(arguments, name) is not None:
                raise ConfigError({name: f"--{name}: expected --data FILE beside it, got none."})
        return None
    table = read_table(arguments.data)
    missing = next(way for way in MISSING_WAYS if way.replace(" ", "-") == arguments.missing)
    found = table.found(arguments.label)
    chosen = None if arguments.columns is None else _column_names(arguments.columns)
    print("\n".join([str(arguments.data), *found.lines(chosen)]))
    rows = table.rows(found.label, chosen, missing)
    if len(rows.x) < found.rows:
        print(f"rows left out: {found.rows - len(rows.x)}")
    if rows.contradictions:
        print(
            f"places with more than one label: {rows.contradictions}, so that no network can be "
            "right about every point"
        )
    return rows


def _column_names(text: str) -> list[str]:
    """Return the names in A,B,C; one that holds a comma is written in double quotes."""
    parts = next(csv.reader([text], skipinitialspace=True), [])
    return [part.strip() for part in parts]


def read_run(arguments: argparse.Namespace, check: Callable[[], None] | None = None) -> Run:
    """Return the run that the arguments describe, not trained; raise `ConfigError`.

    A wrong setting is refused before `check` is called and a file of points is read, and a setting
    of another kind of data after.
    """
    config = read_config(arguments.config, arguments.set)
    if check is not None:
        check()
    rows = read_rows(arguments)
    if rows is not None:
        own = ["data.kind=points", f"data.digest={rows.digest}"]
        config = (
            read_config(None, [*arguments.set, *own])
            if arguments.config is None
            else config.replace(data=PointsData.of(rows, config.data))
        )
    return Run(config, rows=rows)


def train_with_bar(run: Run, epochs: int, quiet: bool) -> None:
    """Train, with a progress bar unless `quiet`."""
    with tqdm(total=epochs, unit="epoch", disable=quiet) as bar:

        def show(run: Run) -> None:
            metrics = run.metrics
            bar.set_postfix(
                loss=f"{metrics['train_loss']:.4g}",
                test=f"{100 * metrics['test_accuracy']:.2f} %",
                refresh=False,
            )
            bar.update()

        run.train(epochs, on_epoch=show)


def train(arguments: argparse.Namespace) -> int:
    """Train as the arguments say; return the exit code."""
    try:
        run = read_run(
            arguments, None if arguments.overwrite else lambda: refuse_overwriting(arguments.out)
        )
    except (ConfigError, ResultsExistError) as error:
        return refuse(error)
    train_with_bar(run, arguments.epochs, arguments.quiet)
    try:
        write_results(run, arguments.out)
    except OSError as error:
        print(f"{arguments.out}: expected a folder to write to: {error}.", file=sys.stderr)
        return USAGE
    if run.diverged:
        print(run.diverged, file=sys.stderr)
        return DIVERGED
    accuracy = 100 * run.metrics["test_accuracy"]
    print(f"{run.epoch} epochs, test accuracy {accuracy:.2f} %: results in {arguments.out}")
    return OK
