"""Properties say what our proofs decide: boxes, classes, and answers that samples agree with."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

from spiral_dash import ConfigError, ProbeError, Run, RunConfig
from spiral_dash.core.export import ExportOptions, exported, vnnlib

CASES: dict[str, dict[str, Any]] = {
    "tanh": {},
    "relu, three arms": {"data": {"arms": 3}, "network": {"activation": "relu", "hidden": [16]}},
    "features, scaled": {
        "network": {"features": ["x1", "x2", "x1x2", "sin_x1"], "scaling": "standard"}
    },
    "codimension": {"data": {"codimension": 2}, "network": {"scaling": "minmax"}},
}
POINTS, EPSILONS = (0, 7, 19, 30, 38), (0.05, 0.3, 1.5)
BOUND = re.compile(r"\(assert \((<=|>=) X_(\d+) (-?\d+\.\d+)\)\)")
RIVAL = re.compile(r"\(and \(>= Y_(\d+) Y_(\d+)\)\)")


@dataclass
class Property:
    lower: npt.NDArray[Any]
    upper: npt.NDArray[Any]
    label: int
    rivals: set[int]
    outputs: int


def read(text: str) -> Property:
    """Read a property strictly: every line is one that is known."""
    ends = {(sign, int(axis)): float(value) for sign, axis, value in BOUND.findall(text)}
    pairs = [(int(rival), int(label)) for rival, label in RIVAL.findall(text)]
    (label,) = {label for _, label in pairs}
    rest = RIVAL.sub("", BOUND.sub("", re.sub(r";.*", "", text)))
    outputs = len(re.findall(r"\(declare-const Y_\d+ Real\)", rest))
    rest = re.sub(r"\(declare-const [XY]_\d+ Real\)", "", rest)
    assert rest.split() == ["(assert", "(or", "))"]
    lower, upper = (np.array([ends[sign, axis] for axis in (0, 1)]) for sign in (">=", "<="))
    return Property(lower, upper, label, {rival for rival, _ in pairs}, outputs)


def archive_of(run: Run, **options: Any) -> zipfile.ZipFile:
    content = exported(run, "vnnlib", options=ExportOptions(**options))
    return zipfile.ZipFile(io.BytesIO(content))


@pytest.fixture(scope="module", params=CASES)
def made(request: pytest.FixtureRequest) -> tuple[Run, zipfile.ZipFile]:
    values = CASES[request.param]
    data = {"entanglement": 3, "samples_per_arm": 60, **values.get("data", {})}
    run = Run(RunConfig.parse({**values, "data": data, "training": {"learning_rate": 0.02}}))
    run.train(40)
    return run, archive_of(run, indices=POINTS, epsilons=EPSILONS)


def test_properties_are_boxes_about_the_points(made: tuple[Run, zipfile.ZipFile]) -> None:
    run, archive = made
    lines = archive.read("instances.csv").decode().splitlines()
    places = run.data.project(run.data.x_test.double()).numpy()
    wanted = [(index, epsilon) for index in POINTS for epsilon in EPSILONS]
    for line, (index, epsilon) in zip(lines, wanted, strict=True):
        network, name, seconds = line.split(",")
        assert network in archive.namelist() and float(seconds) > 0
        found = read(archive.read(name).decode())
        assert found.lower == pytest.approx(places[index] - epsilon, abs=1e-12)
        assert found.upper == pytest.approx(places[index] + epsilon, abs=1e-12)
        assert found.label == run.data.y_test[index]
        assert found.rivals == set(range(run.data.classes)) - {found.label}
        assert found.outputs == run.data.classes


def test_answers_agree_with_sampled_points(made: tuple[Run, zipfile.ZipFile]) -> None:
    _, archive = made
    session = onnxruntime.InferenceSession(archive.read("onnx/network.onnx"))
    answers = list(csv.DictReader(io.StringIO(archive.read("answers.csv").decode())))
    generator = np.random.default_rng(3)
    seen = set()
    for answer in answers:
        box = read(archive.read(answer["property"]).decode())
        corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [0.5, 0.5]])
        units = np.concatenate([corners, generator.uniform(0, 1, (300, 2))])
        places = (box.lower + units * (box.upper - box.lower)).astype(np.float32)
        logits = np.concatenate(
            [session.run(["logits"], {"places": place[None]})[0] for place in places]
        )
        rivals = logits[:, sorted(box.rivals)].max(axis=1)
        satisfied = bool((rivals >= logits[:, box.label]).any())
        upper = float(answer["radius_upper"])
        if answer["answer"] == "unsat":
            assert not satisfied
        elif upper < 0.7 * float(answer["epsilon"]):  # a good part of the box is wrong
            assert answer["answer"] == "sat" and satisfied
        seen.add(answer["answer"])
    assert {"unsat", "sat"} <= seen


def test_answers_are_those_of_the_probe(made: tuple[Run, zipfile.ZipFile]) -> None:
    run, archive = made
    exact = run.measure("exact_robustness", epsilons=list(EPSILONS))
    for answer in csv.DictReader(io.StringIO(archive.read("answers.csv").decode())):
        epsilon, index = float(answer["epsilon"]), int(answer["point"])
        if answer["answer"] == "unsat":
            assert exact["radius_upper"][index] > epsilon
        elif answer["answer"] == "sat":
            assert exact["radius_lower"][index] <= epsilon


def test_points_are_spread_over_the_test_set() -> None:
    chosen = vnnlib.chosen_points(100, ExportOptions(points=4))
    assert chosen == [0, 33, 66, 99]
    assert vnnlib.chosen_points(3, ExportOptions(points=10)) == [0, 1, 2]
    assert vnnlib.chosen_points(9, ExportOptions(indices=(8, 2, 8))) == [8, 2]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"indices": [3, 9]}, r"points: expected test points from 0 to 8, got 9\."),
        (
            {"points": 1000, "epsilons": [0.1, 0.2, 0.3]},
            r"points: expected at most 2000 properties, .* got 3000\. Choose fewer",
        ),
    ],
)
def test_points_that_are_not_there_are_refused(options: dict[str, Any], sentence: str) -> None:
    count = 9 if "indices" in options else 5000
    with pytest.raises(ConfigError, match=sentence):
        vnnlib.chosen_points(count, ExportOptions(**options))


def test_a_network_that_diverged_has_no_properties() -> None:
    values = {"training": {"optimizer": "sgd", "learning_rate": 100}, "seed": 1}
    run = Run(RunConfig.parse({**values, "network": {"activation": "linear"}}))
    run.train(20)
    assert run.diverged
    with pytest.raises(ProbeError, match="no proof for weights that are not finite"):
        archive_of(run)


def test_decimals_have_no_exponent_and_are_exact() -> None:
    for value in (1e-7, -3e-12, 123456789.123, 1e22, -0.0, 1 / 3):
        text = vnnlib._decimal(value)
        assert re.fullmatch(r"-?\d+\.\d+", text) and float(text) == value
