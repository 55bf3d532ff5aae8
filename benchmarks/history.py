"""What the history of a long run costs in memory and on disk (Linux)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.framework import Result, at_most
from spiral_dash.core.config import RunConfig
from spiral_dash.core.run import Run
from spiral_dash.core.threads import single_thread

EPOCHS = 10_000
BEGUN = 20
MIB = 2**20
# The thesis network; of what is kept nothing depends on how many steps an epoch has.
THESIS = RunConfig.from_query("network.hidden=50,50,50,50,50&training.batch_size=1000")
FOLLOWED = ("norms", "collapse", "gradients")


def anonymous_bytes() -> int:
    """Memory of this process that is no file's."""
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    (line,) = (line for line in rollup.splitlines() if line.startswith("Anonymous:"))
    return int(line.split()[1]) * 1024


def follow(run: Run) -> None:
    """Follow over the epochs what the panels follow."""
    with single_thread():
        for name in FOLLOWED:
            run.over_time(name)


def measure() -> list[Result]:
    """Memory of a session's run after many epochs beyond that after a few, and its snapshots."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshots"
        run = Run(THESIS, snapshot_path=path)
        run.train(BEGUN)
        follow(run)
        few = anonymous_bytes()
        begun = perf_counter()
        run.train(EPOCHS - BEGUN)
        trained = perf_counter() - begun
        begun = perf_counter()
        follow(run)
        followed = perf_counter() - begun
        grown = anonymous_bytes() - few
        stored = path.stat().st_size
        recorded = len(run.pack())
        kept = len(run.epochs)
    return [
        Result(
            f"history of {EPOCHS:,} epochs, 2-50×5-2",
            (grown + stored) / MIB,
            "MiB",
            at_most(64),
            {
                "in memory, MiB": grown / MIB,
                "snapshots on disk, MiB": stored / MIB,
                "epochs that can be shown": kept,
                "the run as a file, MiB": recorded / MIB,
                "training, s": trained,
                "following norms, collapse and gradients over the epochs, s": followed,
            },
        )
    ]
