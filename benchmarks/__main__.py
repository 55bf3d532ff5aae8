"""Run the benchmarks: `python -m benchmarks [NAME ...] [--json]`."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# A benchmark is a file here; these are what they share.
SHARED = {"__init__", "__main__", "framework"}


def names() -> list[str]:
    """The benchmarks there are, by file name."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in SHARED)


def machine() -> dict[str, object]:
    """What a reader needs to know to compare the figures with others."""
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def report(name: str) -> list[dict[str, Any]]:
    """Measure one benchmark in this process; its results as JSON takes them."""
    print(f"measuring {name} ...", file=sys.stderr, flush=True)
    results = importlib.import_module(f"benchmarks.{name}").measure()
    return [result.as_dict() for result in results]


def report_apart(name: str) -> list[dict[str, Any]] | None:
    """The same in a fresh process, so that no benchmark leaves traces in the next one's figures.

    `None` when it failed; why, it has printed itself.
    """
    command = [sys.executable, "-m", "benchmarks", name, "--json"]
    done = subprocess.run(
        command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        return None
    reported: dict[str, list[dict[str, Any]]] = json.loads(done.stdout.splitlines()[-1])[
        "benchmarks"
    ]
    return reported[name]


def quantity(value: float) -> str:
    """A figure with three significant digits, in full from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def rows(benchmarks: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[tuple[str, str, str, str]]:
    """The lines of the table: what, measured, goal, ok."""
    verdicts = {True: "yes", False: "no", None: ""}
    lines = [("what", "measured", "goal", "ok")]
    for name, results in benchmarks.items():
        for result in results:
            measured = f"{quantity(result['value'])} {result['unit']}"
            what = f"{name}: {result['name']}"
            lines.append((what, measured, result["goal"] or "", verdicts[result["ok"]]))
            lines += [
                (f"    {part}", quantity(value), "", "") for part, value in result["detail"].items()
            ]
    return lines


def table(benchmarks: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The results for a person: one line a figure, the figures it derives from below it."""
    lines = rows(benchmarks)
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def main() -> None:
    """Measure the benchmarks asked for and print their figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which ones; all without a name: {names()}")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    options = parser.parse_args()
    if unknown := [name for name in options.name if name not in names()]:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(names())}")
    chosen = options.name or names()
    benchmarks: dict[str, list[dict[str, Any]]] = {}
    failed: list[str] = []
    for name in chosen:
        results = report(name) if len(chosen) == 1 else report_apart(name)
        if results is None:
            failed.append(name)
        else:
            benchmarks[name] = results
    if options.json:
        goals = [result["ok"] for results in benchmarks.values() for result in results]
        summary = {
            "ok": not failed and False not in goals,
            "failed": failed,
            "machine": machine(),
            "benchmarks": benchmarks,
        }
        print(json.dumps(summary, allow_nan=False))
    else:
        print(table(benchmarks))
    if failed:
        sys.exit(f"failed, for the reason above: {', '.join(failed)}")


if __name__ == "__main__":
    main()
