"""Runs are done once, kept whole, the same by any number of processes, and taken up again."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scripts.server import ROOT
from spiral_dash import Run
from spiral_dash.__main__ import main
from spiral_dash.core.config import ConfigError
from spiral_dash.experiments import (
    Experiment,
    Measurement,
    Results,
    Store,
    StoreError,
    factor,
    run_experiment,
    run_experiments,
)
from spiral_dash.experiments.plan import Job
from spiral_dash.experiments.pool import ProcessPool
from spiral_dash.experiments.store import ARRAYS, FILE
from spiral_dash.experiments.table import data_frame, export
from spiral_dash.experiments.work import Outcome, execute
from tests.unit.experiments.harness import done_in

BASE = {"data.samples_per_arm": 50, "network.hidden": [4]}
SMALL = Experiment(
    id="small",
    question="?",
    base=BASE,
    factors=(factor("network.activation", "tanh", "relu"),),
    seeds=3,
    epochs=3,
    measurements=(
        Measurement(probe="norms", epochs=(0, -1)),
        Measurement(probe="boundary", options={"resolution": 80}, first_seeds=1),
    ),
)
SET = ["--set", "data.samples_per_arm=50", "--set", "network.hidden=4"]
SWEEP = ["sweep", *SET, "--measure", "metrics", "--epochs", "2"]
LEVELS = ["--set", "data.entanglement=2,4"]


def kept(folder: Path) -> list[tuple[object, ...]]:
    """Every result there is, bit for bit."""
    base = sqlite3.connect(folder / FILE)
    rows = base.execute("SELECT * FROM results ORDER BY key").fetchall()
    base.close()
    files = sorted(path.read_bytes() for path in (folder / ARRAYS).rglob("*.safetensors"))
    return [*rows, *((content,) for content in files)]


def test_the_rows_are_the_same_with_any_number_of_processes(tmp_path: Path) -> None:
    for workers in (0, 1, 2):
        run_experiment(SMALL, out=tmp_path / str(workers), workers=workers)
    assert kept(tmp_path / "0") == kept(tmp_path / "1") == kept(tmp_path / "2")
    assert len(kept(tmp_path / "0")) == 6 * 2 + 2 + 2  # a row each, and two files of large arrays


def test_what_is_measured_is_what_a_run_gives(tmp_path: Path) -> None:
    results = run_experiment(SMALL, out=tmp_path, workers=0)
    one = results.runs[3]
    run = Run(one.config)
    run.train(3)
    arrays = one.found["norms", 3]
    assert isinstance(arrays, dict)
    np.testing.assert_array_equal(arrays["frobenius"], run.measure("norms")["frobenius"])
    assert results.seeds == 3 and not results.failed


def test_what_is_there_is_not_done_again_and_more_is_added(tmp_path: Path) -> None:
    run_experiment(SMALL, out=tmp_path, workers=0)
    done: list[int] = []
    more = SMALL.replace(seeds=4)
    run_experiment(more, out=tmp_path, workers=0, on_progress=lambda p: done.append(p.now))
    assert done[-1] == 2
    again: list[tuple[int, int]] = []
    run_experiment(
        more, out=tmp_path, workers=0, on_progress=lambda p: again.append((p.done, p.now))
    )
    assert again == [(8, 0)]


def test_it_goes_on_after_it_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spiral_dash", *SWEEP, *LEVELS, "--quiet", "--seeds", "60"]
    one = ["--workers", "1", "--out", str(tmp_path)]
    deadline = time.monotonic() + 100
    with subprocess.Popen([*command, *one], cwd=ROOT, process_group=0) as process:
        try:
            while done_in(tmp_path) < 5:
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.05)
        finally:
            process.kill()
    # Its processes end with it.
    deadline = time.monotonic() + 100
    while True:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    known = done_in(tmp_path)
    assert main([*command[3:], "--workers", "0", "--out", str(tmp_path)]) == 0
    assert 5 <= known < done_in(tmp_path) == 120


# A process in the background may have been born deaf to Ctrl-C.
HEARS_CTRL_C = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('spiral_dash', run_name='__main__', alter_sys=True)"
)


@pytest.mark.parametrize(
    ("start", "number"),
    [(["-c", HEARS_CTRL_C], signal.SIGINT), (["-m", "spiral_dash"], signal.SIGTERM)],
)
def test_ctrl_c_ends_it_with_a_sentence_and_keeps_what_is_done(
    tmp_path: Path, start: list[str], number: signal.Signals
) -> None:
    asked = [*SWEEP, *LEVELS, "--quiet", "--seeds", "5000", "--out", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, *start, *asked], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            deadline = time.monotonic() + 100
            while done_in(tmp_path) < 3:
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.05)
            process.send_signal(number)
            _, said = process.communicate(timeout=100)
        finally:
            process.kill()
    assert process.returncode == 130
    assert said.startswith("Stopped with ") and "Traceback" not in said
    assert done_in(tmp_path) >= 3


class Deadly(ProcessPool):
    """One of whose runs kills its process."""

    def run(self, jobs: Iterator[Job]) -> Iterator[Outcome]:
        def poisoned() -> Iterator[Job]:
            for number, job in enumerate(jobs):
                yield job if number != 2 else Job(job.run, "deadly", job.wants, 1)

        yield from super().run(poisoned())


def deadly(job: Job) -> Outcome:
    if job.config == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(job)


def test_a_run_that_ends_its_process_is_counted_and_the_others_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiral_dash.experiments.pool.execute", deadly)
    progress = run_experiments([SMALL], out=tmp_path, workers=Deadly(2))
    assert (progress.done, progress.failed) == (6, 1)
    with Store(tmp_path) as store:
        results = Results.read(store, SMALL)
    [bad] = [run for run in results.runs if run.errors]
    assert "process" in bad.errors[0]


def test_runs_that_diverge_are_results_and_what_cannot_be_measured_says_why(
    tmp_path: Path,
) -> None:
    experiment = SMALL.replace(
        base={**BASE, "training.optimizer": "sgd", "training.learning_rate": 100.0},
        epochs=30,
        measurements=(
            Measurement(probe="norms"),
            Measurement(probe="mapping", options={"layer": 9}),
        ),
    )
    results = run_experiment(experiment, out=tmp_path, workers=0)
    assert results.done == 6
    assert 0 < results.diverged <= 6
    assert results.failed == 6 - results.diverged
    rows = list(results.rows())
    assert [row["diverged"] for row in rows].count(True) == results.diverged
    assert all("mapping" in row["error"] for row in rows)


def test_tables_hold_a_column_for_every_number(tmp_path: Path) -> None:
    results = run_experiment(SMALL, out=tmp_path / "out", workers=0)
    assert export(results, tmp_path / "a.csv") == 12
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["network.activation"] == "tanh" and rows[0]["epoch"] == "0"
    arrays = results.runs[0].found["norms", 0]
    assert isinstance(arrays, dict)
    assert float(rows[0]["norms.frobenius[2]"]) == arrays["frobenius"][1]
    frame = data_frame(results)
    export(results, tmp_path / "a.parquet")
    import pandas as pd

    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), frame)
    assert frame["norms.frobenius[2]"].iloc[0] == arrays["frobenius"][1]


def test_a_folder_that_another_process_holds_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path, write=True), pytest.raises(StoreError, match=str(os.getpid())):
        Store(tmp_path, write=True)
    Store(tmp_path, write=True).close()


def test_a_store_that_is_damaged_or_of_another_version_is_refused_and_stays(
    tmp_path: Path,
) -> None:
    run_experiment(SMALL.replace(seeds=1), out=tmp_path, workers=0)
    base = sqlite3.connect(tmp_path / FILE)
    with base:
        base.execute("UPDATE meta SET value = '0' WHERE name = 'version'")
    base.close()
    with pytest.raises(StoreError, match="version 1, got 0"):
        run_experiment(SMALL, out=tmp_path, workers=0)
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="damaged"):
        run_experiment(SMALL, out=tmp_path, workers=0)
    assert (tmp_path / FILE).read_bytes().startswith(b"no database")
    with pytest.raises(StoreError, match="expected a folder with results"):
        Store(tmp_path / "nowhere")


def test_a_full_disk_ends_it_with_a_sentence_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Store.__init__

    def small(self: Store, folder: Path, *, write: bool = False) -> None:
        whole(self, folder, write=write)
        pages = self._base.execute("PRAGMA page_count").fetchone()[0]
        self._base.execute(f"PRAGMA max_page_count = {pages + 1}")

    monkeypatch.setattr(Store, "__init__", small)
    with pytest.raises(StoreError, match="the disk is full"):
        run_experiment(SMALL.replace(seeds=200), out=tmp_path, workers=0)
    monkeypatch.undo()
    with Store(tmp_path) as store:
        known = len(store.keys())
    assert known > 0
    results = run_experiment(SMALL, out=tmp_path, workers=0)
    assert results.done == 6


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (["--measure", "nothing"], "nothing"),
        (["--set", "data.entanglement=2,4000"], "0.5 to 20"),
        (["--seeds", "0"], "seeds"),
        (["--at", "7"], "epochs up to 2"),
        (["--at", "last"], "--at"),
        ([*LEVELS, "--seeds", "9000", "--set", "data.phi_min=1,2"], "36,000 runs, about"),
        (["--workers", "-1"], "workers"),
        (["--export", "a.xlsx"], ".csv or .parquet"),
    ],
)
def test_bad_input_is_answered_with_a_sentence_and_exit_code_2(
    changed: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SWEEP, "--quiet", *changed, "--out", str(tmp_path)]) == 2
    answer = capsys.readouterr().err
    assert said in answer and "Traceback" not in answer
    assert done_in(tmp_path) == 0


def test_evaluating_less_often_changes_no_weight() -> None:
    runs = [Run(SMALL.replace(factors=()).cells().__next__().config(1), evaluate_every=k)
            for k in (1, 2, 5)]  # fmt: skip
    for run in runs:
        run.train(7)
    reference, *others = runs
    assert not np.isnan(reference.history["train_loss"]).any()
    for run in others:
        np.testing.assert_array_equal(run.network.flat, reference.network.flat)
        known = ~np.isnan(run.history["train_loss"])
        assert known[-1] and known.sum() < 7
        for name, values in reference.history.items():
            np.testing.assert_array_equal(run.history[name][known], values[known])
        copy = Run.unpack(run.pack())
        assert copy.diverged is None and copy.metrics == reference.metrics


def test_a_run_that_evaluates_seldom_still_sees_that_it_diverged() -> None:
    config = SMALL.replace(
        factors=(), base={**BASE, "training.optimizer": "sgd", "training.learning_rate": 100.0,
                          "network.activation": "linear", "training.l2": 10.0}
    )  # fmt: skip
    run = Run(next(config.cells()).config(1), evaluate_every=1000)
    run.train(50)
    assert run.diverged is not None and run.epoch < 50


def test_evaluate_every_is_a_whole_number_from_1() -> None:
    for wrong in (0, -1, 1.5, True, "2"):
        with pytest.raises(ConfigError, match="evaluate_every"):
            Run(evaluate_every=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("others", [(), (10,), (2, 3)])
def test_which_history_is_kept_does_not_depend_on_what_is_asked_beside_it(
    tmp_path: Path, others: tuple[int, ...]
) -> None:
    history = Measurement(probe="history", keep=("train_loss_epoch",))
    asked = SMALL.replace(
        id="asked", factors=(), seeds=1, epochs=12, evaluate_every=4, measurements=(history,)
    )
    beside = [
        asked.replace(
            id=f"every{k}",
            evaluate_every=k,
            measurements=(history, Measurement(probe="norms", epochs=(7, -1))),
        )
        for k in others
    ]
    run_experiments([asked, *beside], out=tmp_path, workers=0)
    with Store(tmp_path) as store:
        for one in [asked, *beside]:
            [run] = Results.read(store, one).runs
            kept = run.found["history", 12]
            assert isinstance(kept, dict)
            expected = {*range(0, 13, one.evaluate_every or 1), 12}
            assert kept["train_loss_epoch"].tolist() == sorted(expected)


def test_a_sweep_does_not_take_the_name_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*SWEEP, "--quiet", "--workers", "0", "--out", str(tmp_path)]
    assert main(command) == 0
    assert main([*command, "--seeds", "2"]) == 0
    assert main([*command, "--epochs", "1"]) == 2
    said = capsys.readouterr().err
    assert "sweep stands for a question with other settings here already" in said
    assert main([*command, "--epochs", "1", "--name", "other"]) == 0
