"""The robustness command's table holds what Python measures; bad input gets a sentence."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.__main__ import main

CONFIG = RunConfig.parse(
    {"data": {"entanglement": 4, "samples_per_arm": 60}, "network": {"hidden": [8]}, "seed": 2}
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "run.spiral.zip"
    run = Run(CONFIG)
    run.train(30)
    run.save(path)
    return path


def test_the_table_is_what_python_measures(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["robustness", "--run", str(recorded), "--epsilons", "0.1, 1", "--quiet"]) == 0
    printed = capsys.readouterr().out
    written = recorded.with_name(recorded.name + ".robustness.csv")
    with written.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["epsilon"]) for row in rows] == [0.1, 1.0]
    run = Run.load(recorded)
    exact = run.measure("exact_robustness", epsilons=[0.1, 1.0])
    assert [float(row["exact_lower"]) for row in rows] == exact["accuracy"].tolist()
    for method in ("noise", "fgsm", "bim", "pgd"):
        attacked = run.measure("attack", method=method, epsilons=[0.1, 1.0])["accuracy"]
        assert [float(row[method]) for row in rows] == attacked.tolist()
        assert method in printed
    assert f"{100 * exact['accuracy'][1]:.2f} %" in printed


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--epsilons", "-1"], "epsilons: expected"),
        (["--epsilons", "nan"], "epsilons: expected"),
        (["--epsilons", "x"], "epsilons: expected"),
        (["--epsilons", ""], "epsilons: expected"),
        (["--epsilons", "1e9"], "epsilons: expected"),
        (["--norm", "l7"], "norm: expected one of linf, l2"),
        (["--iterations", "0"], "iterations: expected"),
        (["--restarts", "5000"], "restarts: expected"),
        (["--max-boxes", "1"], "max_boxes: expected"),
    ],
)
def test_bad_options_are_answered_with_a_sentence(
    recorded: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert main(["robustness", "--run", str(recorded), *arguments, "--quiet"]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 not really"])
def test_a_file_that_is_no_run_is_answered_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "broken.spiral.zip"
    if content is not None:
        path.write_bytes(content)
    assert main(["robustness", "--run", str(path)]) == 2
    error = capsys.readouterr().err
    assert ("cannot be read" in error or "Expected a recorded run" in error) and len(error) < 400


@pytest.mark.parametrize("method", ["noise", "fgsm", "bim", "pgd"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_attacks_return_an_example_within_epsilon_of_each_point(
    recorded: Path, method: str, norm: str
) -> None:
    run = Run.load(recorded)
    examples = run.attack(method, epsilon=0.5, norm=norm, iterations=3, restarts=2)
    offset = examples.astype(np.float64) - run.data.x_test.double().numpy()
    size = np.abs(offset).max(1) if norm == "linf" else np.sqrt((offset**2).sum(1))
    assert (size <= 0.5).all() and (size > 0).any()


def test_an_unknown_attack_is_refused(recorded: Path) -> None:
    with pytest.raises(ConfigError, match="one of noise, fgsm, bim, pgd"):
        Run.load(recorded).attack("magic", epsilon=1.0)
