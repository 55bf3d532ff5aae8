"""`python -m spiral_dash robustness`: a recorded run attacked, and proved."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from spiral_dash.cli.answers import OK, USAGE, refuse
from spiral_dash.core.attacks import ATTACKS, THESIS_EPSILONS
from spiral_dash.core.balls import NORMS
from spiral_dash.core.config import ConfigError
from spiral_dash.core.csv_safe import write_csv
from spiral_dash.core.probes import PROBES, Arrays, ProbeError
from spiral_dash.core.recording import RecordingError
from spiral_dash.core.run import Run
from spiral_dash.core.validation import read_number

DEFAULT_EPSILONS = ",".join(f"{epsilon:g}" for epsilon in THESIS_EPSILONS)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command's arguments."""
    parser = commands.add_parser(
        "robustness",
        help="attack a recorded run, and prove its robust accuracy",
        description="Print, and write as CSV, the test accuracy of a recorded run at each "
        "epsilon: under attack (upper bounds) and exact (proved either way).",
    )
    parser.add_argument("--run", dest="file", type=Path, required=True, help="a .spiral.zip file")
    parser.add_argument(
        "--epsilons", default=DEFAULT_EPSILONS, help=f"comma-separated ({DEFAULT_EPSILONS})"
    )
    parser.add_argument("--norm", default="linf", help=f"{' or '.join(NORMS)} (linf)")
    parser.add_argument("--iterations", type=int, default=4, help="steps of bim and pgd (4)")
    parser.add_argument("--restarts", type=int, default=10, help="random starts of pgd (10)")
    parser.add_argument("--max-boxes", type=int, default=100_000, help="squares a proof may bound")
    parser.add_argument("--csv", type=Path, help="the file to write (beside the run)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(run=robustness)


def robustness(arguments: argparse.Namespace) -> int:
    """Measure as the arguments say; return the exit code."""
    try:
        run = Run.load(arguments.file)
        table = measure(run, _numbers(arguments.epsilons), arguments)
    except (RecordingError, ConfigError, ProbeError) as error:
        return refuse(error)
    path = arguments.csv or arguments.file.with_name(arguments.file.name + ".robustness.csv")
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            write_csv(file, table, zip(*table.values(), strict=True))
    except OSError as error:
        print(f"{path}: expected a file to write to: {error.strerror}.", file=sys.stderr)
        return USAGE
    print(f"epoch {run.epoch}, {len(run.data.y_test)} test points, {arguments.norm} balls", end="")
    print("" if run.data.dimension == 2 else "; exact: within the data plane")
    print(as_text(table))
    print(f"written to {path}")
    return OK


def _numbers(text: str) -> list[int | float | str]:
    return [read_number(part.strip()) for part in text.split(",") if part.strip()]


def measure(
    run: Run, epsilons: Sequence[object], arguments: argparse.Namespace
) -> dict[str, list[float]]:
    """Return column -> values, a row an epsilon; accuracies are shares."""
    shared = {"epsilons": epsilons, "norm": arguments.norm}
    with tqdm(total=100, unit="%", leave=False, disable=arguments.quiet) as bar:

        def proceed(share: float) -> bool:
            bar.update(round(100 * share) - bar.n)
            return True

        exact: Arrays = PROBES["exact_robustness"](
            replace(run.subject(), proceed=proceed), max_boxes=arguments.max_boxes, **shared
        )
    attacked = run.measure(
        "attack",
        methods=tuple(ATTACKS),
        iterations=arguments.iterations,
        restarts=arguments.restarts,
        **shared,
    )
    columns = {
        "epsilon": exact["epsilons"],
        **{name: attacked[f"accuracy_{name}"] for name in ATTACKS},
        "exact_lower": exact["accuracy"],
        "exact_upper": exact["accuracy_upper"],
        "decided": exact["decided"],
    }
    return {name: np.asarray(values).tolist() for name, values in columns.items()}


def as_text(table: dict[str, list[float]]) -> str:
    """Return the table in aligned columns, accuracies in percent."""

    def cell(name: str, value: float) -> str:
        if name == "epsilon":
            return f"{value:g}"
        return str(value) if name == "decided" else f"{100 * value:.2f} %"

    columns = [[name, *(cell(name, value) for value in values)] for name, values in table.items()]
    widths = [max(map(len, column)) for column in columns]
    rows = zip(*columns, strict=True)
    return "\n".join(
        "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        for row in rows
    )
