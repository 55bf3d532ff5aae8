"""On a cluster that loses a node the rows are those of one machine; what cannot be is said."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scripts.ray_nodes import NAMESPACE, why_not
from scripts.server import ROOT
from spiral_dash.__main__ import main
from spiral_dash.core.config import ConfigError
from spiral_dash.experiments import Experiment, Measurement, run_experiment
from spiral_dash.experiments.cluster import stamp, work
from spiral_dash.experiments.plan import jobs
from spiral_dash.experiments.store import FILE
from spiral_dash.experiments.work import Outcome, execute

ASKED = [
    *("sweep", "--set", "network.hidden=20", "--set", "network.activation=tanh,relu"),
    *("--seeds", "9", "--epochs", "40", "--measure", "norms"),
]
ONE = Experiment(
    id="one",
    question="?",
    base={"data.samples_per_arm": 50, "network.hidden": [4]},
    seeds=1,
    epochs=1,
    measurements=(Measurement(probe="norms"),),
)


def rows(folder: Path) -> list[tuple[object, ...]]:
    """Every result there is, bit for bit."""
    with closing(sqlite3.connect(folder / FILE)) as base:
        return base.execute("SELECT * FROM results ORDER BY key").fetchall()


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@pytest.fixture(name="ended", scope="module")
def _ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    if reason := why_not():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("cluster")
    module = "tests.unit.experiments.on_cluster"
    command = [*NAMESPACE, sys.executable, "-m", module, str(folder), json.dumps(ASKED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_on_a_cluster_that_loses_a_node_the_rows_are_those_of_one_machine(
    ended: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, said = ended[0] / "killed", ended[1]["killed"]
    assert (said["code"], said["err"]) == (0, "")
    assert said["out"].startswith("18 runs (18 of them now): ")
    assert said["done"] < 18, "the node was killed before the end"
    assert main([*ASKED, "--quiet", "--out", str(tmp_path)]) == 0
    assert rows(folder) == rows(tmp_path)


def test_a_cluster_that_is_lost_is_said_and_what_was_done_is_kept(
    ended: tuple[Path, dict[str, Any]],
) -> None:
    folder, said = ended[0] / "lost", ended[1]["lost"]
    assert said["code"] == 2
    assert "is gone. What was done is kept" in said["err"]
    assert len(said["err"].splitlines()) == 1
    assert len(rows(folder)) >= said["done"] > 0


def test_sessions_run_on_the_nodes_and_go_on_where_one_dies(
    ended: tuple[Path, dict[str, Any]],
) -> None:
    restarts = ended[1]["sessions"]["restarts"]
    assert len(restarts) == 4 and sum(restarts) > 0


def test_a_node_does_a_job_as_a_worker_and_names_what_it_has_that_is_different(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    became = []
    monkeypatch.setattr(
        "spiral_dash.experiments.cluster.become_a_worker", lambda: became.append(True)
    )
    [job] = jobs([ONE], ())
    done = work(job, stamp())
    assert isinstance(done, Outcome) and done.found == execute(job).found
    assert became == [True]
    assert work(job, (("torch", "0.1"),)) == stamp()


@pytest.fixture(name="with_ray")
def _with_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Ray look as if it were installed: nothing of it is loaded before the head answers."""
    monkeypatch.setattr("spiral_dash.core.cluster.find_spec", lambda _: object())


@pytest.mark.usefixtures("with_ray")
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("somewhere", "expected the HOST:PORT"),
        ("ray://127.0.0.1:10001", "expected the HOST:PORT"),
        ("127.0.0.1:0", "expected the HOST:PORT"),
        ("127.0.0.1:closed", "expected the HOST:PORT"),
        (None, "no Ray cluster answers"),
    ],
)
def test_a_cluster_that_is_not_there_is_a_sentence_and_exit_code_2(
    address: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = address or f"127.0.0.1:{closed_port()}"
    command = [*ASKED, "--quiet", "--out", str(tmp_path), "--cluster", where]
    assert main(command) == 2
    answer = capsys.readouterr().err
    assert answer.startswith("--cluster: ") and said in answer and where in answer
    assert rows(tmp_path) == []


@pytest.mark.usefixtures("with_ray")
def test_a_server_whose_cluster_is_not_there_ends_with_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    where = f"127.0.0.1:{closed_port()}"
    assert main(["serve", "--no-browser", "--port", "0", "--cluster", where]) == 2
    assert f"no Ray cluster answers at {where}" in capsys.readouterr().err


@pytest.mark.usefixtures("with_ray")
def test_a_cluster_has_no_use_for_no_workers(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="workers"):
        run_experiment(ONE, out=tmp_path, workers=0, cluster="127.0.0.1:1")


def test_without_the_extra_a_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiral_dash.core.cluster.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'spiral-dash\[cluster\]'"):
        run_experiment(ONE, out=tmp_path, cluster="127.0.0.1:1")


def test_what_is_done_already_needs_no_cluster(tmp_path: Path) -> None:
    run_experiment(ONE, out=tmp_path, workers=0)
    assert run_experiment(ONE, out=tmp_path, cluster="nowhere").done == 1
