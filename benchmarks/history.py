"""What the history of a long run costs in memory and on disk (Linux)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.framework import Result, at_most
from spiral_dash.core.config import RunConfig
from spiral_dash.core.run import Run
from spiral_dash.core.threads import single_thread
from spiral_dash.live.checkpoint import FILE, Checkpoint, HistoryFile
from spiral_dash.live.states import State

EPOCHS = 10_000
BEGUN = 20
MIB = 2**20
# The thesis network; of what is kept nothing depends on how many steps an epoch has.
THESIS = RunConfig.from_query("network.hidden=50,50,50,50,50&training.batch_size=1000")
FOLLOWED = ("norms", "collapse", "gradients")
# One step an epoch, so that very many epochs take seconds.
LONG = RunConfig.from_query("network.hidden=8,8,8&data.samples_per_arm=50&training.batch_size=100")
LONG_EPOCHS = (1_000, 100_000)


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


def save(run: Run, file: HistoryFile, folder: Path) -> None:
    """Write a checkpoint as a session does."""
    rows, columns = file.extend(run.trainer.history)
    Checkpoint(
        run=1,
        state=State.PAUSED,
        course={},
        seeking=None,
        snapshots="snapshots",
        history=file.name,
        rows=rows,
        columns=columns,
        diverged="",
        config=run.config.compact,
        blob=run.checkpoint(history=False, rows=False),
    ).write(folder)
    file.count(rows)


def checkpoints() -> Result:
    """The time of a checkpoint one epoch after the last, late in a long run and early in it."""
    milliseconds, written = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = Run(LONG, snapshot_path=folder / "snapshots")
        file = HistoryFile(folder, 1)
        for epochs in LONG_EPOCHS:
            run.train(epochs - len(run.trainer.history))
            save(run, file, folder)
            size = file.path.stat().st_size
            spent = []
            for _ in range(20):
                run.train(1)
                begun = perf_counter()
                save(run, file, folder)
                spent.append(1000 * (perf_counter() - begun))
            milliseconds.append(median(spent))
            new = (file.path.stat().st_size - size) / len(spent)
            written.append(new + (folder / FILE).stat().st_size)
    (early, late), (few, many) = milliseconds, written
    return Result(
        f"a checkpoint after {LONG_EPOCHS[1]:,} epochs, 2-8-8-8-2, median",
        late,
        "ms",
        at_most(5),
        {
            f"after {LONG_EPOCHS[0]:,} epochs, ms": early,
            "written each time, kB": many / 1000,
            f"written each time after {LONG_EPOCHS[0]:,} epochs, kB": few / 1000,
        },
    )


def measure() -> list[Result]:
    """What many epochs cost a session's run: its memory, its snapshots and its checkpoints."""
    return [memory(), checkpoints()]


def memory() -> Result:
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
    return Result(
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
