"""A session's run as a file of another tool, over HTTP, and everything that is refused."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiral_dash import Run, RunConfig
from spiral_dash.core.export import FORMATS, ExportOptions, exported
from spiral_dash.core.frame import decode
from spiral_dash.live.folders import PREFIX, SESSIONS
from spiral_dash.web.exporting import EPOCH_HEADER, EXPORT
from spiral_dash.web.recordings import OPEN
from tests.unit.web.conftest import Answer, Served
from tests.unit.web.test_recordings import post

QUERY = "?network.hidden=5,4&network.activation=relu&data.samples_per_arm=60&seed=2"


@pytest.fixture(scope="module")
def run() -> Run:
    made = Run(RunConfig.from_query(QUERY))
    made.train(6)
    return made


@pytest.fixture
def token(served: Served, run: Run) -> str:
    """The session of the run, at its last epoch."""
    opened = str(served.open("?seed=9")["token"])
    assert post(served, OPEN, opened, run.pack()).status == 200
    return opened


def ask(served: Served, token: str, **asked: Any) -> Answer:
    return post(served, EXPORT, token, json.dumps(asked).encode())


def headers(answer: Answer) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60.0
    while not is_so():
        assert time.monotonic() < deadline


def left_files() -> list[Path]:
    root = Path(tempfile.gettempdir())
    return [
        file
        for kind in ("recorded", "exported")
        for file in root.glob(f"{PREFIX}*/{SESSIONS}/*/{kind}-*")
    ]


def test_every_format_is_what_python_writes(served: Served, token: str, run: Run) -> None:
    for name, form in FORMATS.items():
        answer = ask(served, token, format=name, epoch=4, points=3, epsilon=0.25)
        assert answer.status == 200, answer.body
        found = headers(answer)
        assert f'filename="spiral-relu-4{form.suffix}"' in found["content-disposition"]
        assert found[EPOCH_HEADER] == "4"
        assert found["content-type"].startswith(form.media_type)
        expected = exported(run, name, 4, ExportOptions(points=3, epsilons=(0.25,)))
        if name == "safetensors":  # the order of its metadata varies
            (one, about), (other, too) = decode(answer.body), decode(expected)
            assert about == too
            assert all(np.array_equal(one[key], other[key]) for key in one.keys() | other.keys())
        elif name != "vnnlib":  # which holds the time
            assert answer.body == expected
    # Removed once they are sent, which may be after they have arrived.
    wait_for(lambda: not left_files())


def test_without_an_epoch_it_is_the_last(served: Served, token: str) -> None:
    assert headers(ask(served, token, format="npz"))[EPOCH_HEADER] == "6"
    assert headers(ask(served, token, format="npz", epoch=77))[EPOCH_HEADER] == "6"


def test_a_run_in_progress_trains_on(served: Served) -> None:
    token = str(served.open(QUERY)["token"])
    assert served.command(token, {"do": "play"}) == ""

    def epoch() -> int:
        return int(headers(ask(served, token, format="onnx"))[EPOCH_HEADER])

    first = epoch()
    wait_for(lambda: epoch() >= first + 3)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "Expected JSON"),
        (b"[]", "Expected a mapping"),
        (b"{}", "format"),
        (b'{"format": "gif"}', "format: expected one of pytorch, onnx"),
        (b'{"format": 3}', "format: expected"),
        (b'{"format": "npz", "epoch": -2}', "epoch: expected a whole number from 0"),
        (b'{"format": "npz", "epoch": "4"}', "epoch: expected a whole number"),
        (b'{"format": "npz", "where": "/etc"}', "where"),
        (b'{"format": "vnnlib", "points": null}', "points: expected a whole number from 1 to 200"),
        (b'{"format": "vnnlib", "points": 2.5}', "points: expected a whole number"),
        (b'{"format": "vnnlib", "points": 201}', "points: expected a whole number from 1 to 200"),
        (b'{"format": "vnnlib", "epsilon": 0}', "epsilon: expected a number above 0"),
        (b'{"format": "vnnlib", "epsilon": null}', "epsilon: expected a number above 0"),
        (b'{"format": "vnnlib", "epsilon": 1e400}', "epsilon: expected a number"),
    ],
)
def test_what_is_asked_wrongly_is_refused(
    served: Served, token: str, body: bytes, sentence: str
) -> None:
    answer = post(served, EXPORT, token, body)
    assert answer.status == 422
    assert sentence in answer.json()["error"]


def test_who_has_no_session_gets_nothing(served: Served, token: str) -> None:
    assert ask(served, "0" * 32, format="npz").status == 404
    foreign = post(served, EXPORT, token, b'{"format": "npz"}', {"Origin": "http://elsewhere"})
    assert foreign.status == 403


def test_of_a_run_that_diverged_nothing_is_proved(served: Served) -> None:
    wild = "&training.optimizer=sgd&training.learning_rate=100&network.activation=linear"
    run = Run(RunConfig.from_query("?network.hidden=5,4&data.samples_per_arm=60" + wild))
    run.train(30)
    assert run.diverged
    token = str(served.open("?seed=9")["token"])
    assert post(served, OPEN, token, run.pack()).status == 200
    answer = ask(served, token, format="vnnlib", epoch=run.epoch)
    assert (answer.status, "no proof for weights" in answer.json()["error"]) == (422, True)
    assert ask(served, token, format="history-json").status == 200
