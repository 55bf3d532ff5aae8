"""The pages of the experiments: what they show, what may be started, and what is refused."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.requests import Request

from spiral_dash.experiments import Experiment, Measurement, Store, factor, run_experiment
from spiral_dash.experiments.catalogue import CATALOGUE, MAP, points_of
from spiral_dash.experiments.catalogue.data_map import with_points
from spiral_dash.experiments.drawer import draw_answer
from spiral_dash.experiments.store import FILE, LOCK
from spiral_dash.web.experiment_process import RefusedError, RunsProcess
from spiral_dash.web.experiment_settings import ExperimentSettings, usual_workers
from spiral_dash.web.experiments import Experiments, StartRequest
from spiral_dash.web.experiments_markup import listing, page
from spiral_dash.web.options import parse_options
from tests.unit.web.conftest import Served, ask
from tests.unit.web.test_recordings import post

OWN: dict[str, Any] = {"name": "own", "settings": "data.entanglement=2,4", "measure": "norms"}
SMALL = Experiment(
    id="small",
    question="Is 1 < 2?",
    base={"network.hidden": [2], "data.samples_per_arm": 50},
    factors=(factor("network.activation", "tanh", "relu"),),
    seeds=2,
    epochs=1,
    measurements=(Measurement(probe="norms"),),
)


def test_the_pages_list_the_catalogue_and_say_that_nothing_can_be_started(served: Served) -> None:
    listed = served.request("/experiments")
    assert listed.status == 200
    text = listed.body.decode()
    for one in CATALOGUE.values():
        assert f'href="/experiments/{one.id}"' in text
    assert "--experiment-workers" in text and "<form" not in text
    assert served.request("/experiments/H1").status == 200
    assert served.request("/experiments/H9").status == 404
    refused = served.request("/experiments/start", json.dumps({"name": "H1"}).encode())
    assert refused.status == 403 and "has not allowed" in refused.json()["error"]


def test_two_runs_are_led_to_the_laboratory_side_by_side(served: Served) -> None:
    one, other = quote("seed=3&epoch=5"), quote("seed=3&network.activation=relu&epoch=5")
    led = ask(served.port, f"/experiments/compare?one={one}&other={other}")
    assert led.status == 303
    assert led.headers["location"] == "/?seed=3&vs.network.activation=relu&epoch=5"
    wrong = served.request(f"/experiments/compare?one={quote('seed=<b>')}&other={other}")
    assert wrong.status == 422
    text = wrong.body.decode()
    assert "seed" in text and "<b>" not in text
    assert ask(served.port, "/experiments/compare").status == 303


def test_pages_of_other_sites_start_and_cancel_nothing(served: Served) -> None:
    for path in ("start", "cancel"):
        evil = {"Origin": "https://evil.example"}
        answer = post(served, f"/experiments/{path}", "", b"{}", evil)
        assert answer.status == 403


def test_only_who_is_alone_may_start_unless_the_host_says_so(tmp_path: Path) -> None:
    assert usual_workers("127.0.0.1") > 0 == usual_workers("0.0.0.0")
    told = parse_options(["--host", "0.0.0.0", "--experiment-workers", "2"]).experiment_settings
    assert told.workers == 2
    given = parse_options(["--experiments", str(tmp_path), "--experiment-workers", "0"])
    assert given.experiment_settings == ExperimentSettings(tmp_path, 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"settings": "data.entanglement=2,4000"}, "0.5 to 20"),
        ({"settings": "data.entanglemen=2"}, "no such setting"),
        ({"measure": "nothing"}, "expected one of"),
        ({"options": "attack.method=bim"}, "not measured"),
        ({"at": "7", "epochs": 2}, "epochs up to 2"),
        ({"seeds": 10_000, "settings": "data.phi_min=" + ",".join(map(str, range(20)))}, "at most"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_runs(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    served = Experiments(ExperimentSettings(tmp_path, 1), "/")
    with pytest.raises(ValueError, match=said):
        served.command(StartRequest(**{**OWN, **changes}))
    assert not list(tmp_path.iterdir())


def test_a_form_becomes_a_command_that_a_shell_takes(tmp_path: Path) -> None:
    served = Experiments(ExperimentSettings(tmp_path, 1), "/")
    asked, command = served.command(StartRequest(**OWN, seeds=3, epochs=7))
    assert (asked.id, asked.runs) == ("own", 6)
    assert command == [
        *("sweep", "--name", "own", "--measure", "norms", "--set", "data.entanglement=2,4"),
        *("--seeds", "3", "--epochs", "7", "--at=-1"),
        *("--workers", "1", "--quiet", "--yes"),
    ]
    _, command = served.command(StartRequest(name="H1", seeds=3))
    assert command[:4] == ["experiment", "H1", "--seeds", "3"]


def test_an_answer_leads_to_its_runs(tmp_path: Path) -> None:
    from spiral_dash.experiments.usual import with_figures

    experiment = with_figures(SMALL)
    assert experiment.figures
    assert draw_answer(tmp_path / "none", experiment.model_dump_json()) == ""
    run_experiment(experiment, out=tmp_path, workers=0)
    answer = draw_answer(tmp_path, experiment.model_dump_json())
    link = "../?data.samples_per_arm=50&amp;network.hidden=2&amp;network.activation=relu&amp;seed=2"
    assert answer.count(f"{link}&amp;epoch=1") == 1 + len(experiment.figures)
    assert draw_answer(tmp_path, experiment.model_dump_json()) == answer
    more = experiment.replace(seeds=3)
    assert "4 of 6 done" in draw_answer(tmp_path, more.model_dump_json())
    run_experiment(more, out=tmp_path, workers=0)
    assert "6 of 6 done" in draw_answer(tmp_path, more.model_dump_json())
    served = Experiments(ExperimentSettings(tmp_path, 1), "/")
    state = served.state()
    assert not state["running"] and state["progress"]["done"] == 6
    with Store(tmp_path, write=True):
        assert served.state()["running"]


def test_what_a_person_writes_is_text_on_the_page() -> None:
    evil = SMALL.replace(question="<script>alert(1)</script>")
    for text in (page("/", evil, ""), listing("/", [evil], [evil], "<b>no</b>")):
        assert "<script>alert" not in text and "<b>no" not in text


class Slow(RunsProcess):
    """Whose process takes as long to hold the folder as the interpreter does to start."""

    def _started(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    def end(self) -> None:
        assert self._process is not None
        self._process.communicate(b"\n")


def test_of_two_starts_at_once_one_is_told_that_runs_are_under_way(tmp_path: Path) -> None:
    process = Slow(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(process.start, SMALL, []) for _ in range(2)]
    errors = [one.exception() for one in asked]
    process.end()
    [refused] = [error for error in errors if error is not None]
    assert isinstance(refused, RefusedError) and refused.status == 409
    assert "under way already" in str(refused) and not process.is_running


def test_cancel_ends_its_own_process_and_no_other(tmp_path: Path) -> None:
    process = RunsProcess(tmp_path)
    process.cancel()
    with Store(tmp_path, write=True):
        with pytest.raises(RefusedError, match=f"started elsewhere \\(by process {os.getpid()}"):
            process.cancel()
        with pytest.raises(RefusedError, match="under way already"):
            process.start(SMALL, ["experiments"])
    (tmp_path / LOCK).write_text("1")  # whoever it was is gone, and the number is another's now
    process.cancel()


def test_what_keeps_a_process_from_starting_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RefusedError, match="could not be started: ") as refused:
        RunsProcess(tmp_path / "file").start(SMALL, ["experiments"])
    assert refused.value.status == 503


def test_a_damaged_folder_is_said_wherever_it_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no results" * 1000)
    served = Experiments(ExperimentSettings(tmp_path, 1), "/")
    listed = asyncio.run(served.routes()[0].endpoint(Request({"type": "http"})))
    assert "damaged" in bytes(listed.body).decode()
    assert "damaged" in served.state()["said"]
    with pytest.raises(ValueError, match="damaged"):
        served.command(StartRequest(**OWN))
    assert "damaged" in draw_answer(tmp_path, SMALL.model_dump_json())


def test_one_damaged_design_is_said_and_takes_nothing_from_the_others(tmp_path: Path) -> None:
    served = Experiments(ExperimentSettings(tmp_path, 1), "/")
    own, _ = served.command(StartRequest(**OWN))
    with Store(tmp_path, write=True) as store:
        store.ask(own)
        store.ask(own.replace(id="broken"))
    with sqlite3.connect(tmp_path / FILE) as base:
        base.execute("UPDATE experiments SET design = '{' WHERE id = 'broken'")
    base.close()
    listed = bytes(asyncio.run(served.routes()[0].endpoint(Request({"type": "http"}))).body)
    assert b"broken is damaged" in listed and OWN["name"].encode() in listed
    served.command(StartRequest(**{**OWN, "name": "broken"}))
    served.command(StartRequest(**OWN))


def test_the_map_is_started_with_the_points_that_were_asked_for(tmp_path: Path) -> None:
    served = Experiments(ExperimentSettings(tmp_path, 1), "/")
    with Store(tmp_path, write=True) as store:
        store.ask(with_points(16))
    asked, command = served.command(StartRequest(name=MAP, seeds=2))
    assert (points_of(asked), asked.seeds) == (16, 2)
    assert command[:6] == ["experiment", MAP, "--seeds", "2", "--points", "16"]


def test_a_name_that_stands_for_another_question_is_refused(tmp_path: Path) -> None:
    served = Experiments(ExperimentSettings(tmp_path, 1), "/")
    own, _ = served.command(StartRequest(**OWN))
    with Store(tmp_path, write=True) as store:
        store.ask(own)
    served.command(StartRequest(**OWN, seeds=7))
    with pytest.raises(ValueError, match="stands for a question with other settings"):
        served.command(StartRequest(**OWN, epochs=7))
    with pytest.raises(ValueError, match="in the catalogue"):
        served.command(StartRequest(**{**OWN, "name": "H1"}))
