"""The pages of the experiments: what they show, what may be started, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spiral_dash.experiments import Experiment, Measurement, Store, factor, run_experiment
from spiral_dash.experiments.catalogue import CATALOGUE
from spiral_dash.experiments.drawer import draw_answer
from spiral_dash.web.experiment_settings import ExperimentSettings, usual_workers
from spiral_dash.web.experiments import Experiments, StartRequest
from spiral_dash.web.experiments_markup import listing, page
from spiral_dash.web.options import parse_options
from tests.unit.web.conftest import Served
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
    served = Experiments(ExperimentSettings(tmp_path, 1))
    with pytest.raises(ValueError, match=said):
        served.command(StartRequest(**{**OWN, **changes}))
    assert not list(tmp_path.iterdir())


def test_a_form_becomes_a_command_that_a_shell_takes(tmp_path: Path) -> None:
    served = Experiments(ExperimentSettings(tmp_path, 1))
    asked, command = served.command(StartRequest(**OWN, seeds=3, epochs=7))
    assert (asked.id, asked.runs) == ("own", 6)
    assert command == [
        *("sweep", "--name", "own", "--measure", "norms", "--set", "data.entanglement=2,4"),
        *("--seeds", "3", "--epochs", "7", "--at=-1"),
    ]
    _, command = served.command(StartRequest(name="H1", seeds=3))
    assert command == ["experiment", "H1", "--seeds", "3"]


def test_an_answer_leads_to_its_runs(tmp_path: Path) -> None:
    from spiral_dash.experiments.usual import with_figures

    experiment = with_figures(SMALL)
    assert experiment.figures
    assert draw_answer(tmp_path / "none", experiment.model_dump_json()) == ""
    run_experiment(experiment, out=tmp_path, workers=0)
    answer = draw_answer(tmp_path, experiment.model_dump_json())
    link = "/?data.samples_per_arm=50&amp;network.hidden=2&amp;network.activation=relu&amp;seed=2"
    assert answer.count(f"{link}&amp;epoch=1") == 1 + len(experiment.figures)
    served = Experiments(ExperimentSettings(tmp_path, 1))
    state = served.state()
    assert not state["running"] and state["progress"]["done"] == 4
    with Store(tmp_path, write=True):
        assert served.state()["running"]


def test_what_a_person_writes_is_text_on_the_page() -> None:
    evil = SMALL.replace(question="<script>alert(1)</script>")
    for text in (page(evil, ""), listing([evil], [evil], "<b>no</b>")):
        assert "<script>alert" not in text and "<b>no" not in text
