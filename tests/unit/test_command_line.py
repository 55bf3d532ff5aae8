"""The command line writes what it says, and answers bad input with a sentence and exit code 2."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from spiral_dash import Run, RunConfig
from spiral_dash.__main__ import main, program
from spiral_dash.core.data.spiral import SpiralData

SMALL = {"network": {"hidden": [5, 3]}, "data": {"samples_per_arm": 60}, "seed": 2}


def config_file(folder: Path, content: str | bytes) -> str:
    path = folder / "run.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_train_writes_the_same_run_that_python_gives(tmp_path: Path) -> None:
    out = tmp_path / "results"
    path = config_file(tmp_path, json.dumps(SMALL))
    assert main(["train", "--config", path, "--epochs", "3", "--out", str(out), "--quiet"]) == 0
    run = Run(RunConfig.parse(SMALL))
    run.train(3)
    assert RunConfig.from_json((out / "config.json").read_text()) == run.config
    with (out / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2, 3]
    np.testing.assert_array_equal(
        [float(row["train_loss"]) for row in rows[1:]], run.history["train_loss"]
    )
    tensors = load_file(out / "weights.safetensors")
    assert set(tensors) == {f"layer_{n}.{part}" for n in (1, 2, 3) for part in ("weight", "bias")}
    for layer, weight in enumerate(run.network.weights, start=1):
        np.testing.assert_array_equal(tensors[f"layer_{layer}.weight"], weight.detach().numpy())


def test_fields_can_be_set_on_the_command_line(tmp_path: Path) -> None:
    arguments = ["--set", "network.hidden=4", "--set", "data.arms=3", "--set", "seed=9"]
    assert main(["train", *arguments, "--epochs", "0", "--out", str(tmp_path), "--quiet"]) == 0
    config = RunConfig.from_json((tmp_path / "config.json").read_text())
    assert config.network.hidden == (4,)
    assert config.data == SpiralData(arms=3)
    assert config.seed == 9


def test_results_are_not_overwritten_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", "--set", "network.hidden=2", "--epochs", "1", "--quiet"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    before = (tmp_path / "history.csv").read_bytes()
    assert main([*arguments, "--set", "seed=5", "--out", str(tmp_path)]) == 2
    assert "already holds config.json" in capsys.readouterr().err
    assert (tmp_path / "history.csv").read_bytes() == before
    assert main([*arguments, "--set", "seed=5", "--out", str(tmp_path), "--overwrite"]) == 0


def test_a_run_that_diverges_has_an_exit_code_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = ["training.optimizer=sgd", "training.learning_rate=100", "network.activation=linear"]
    settings = [part for field in fields for part in ("--set", field)]
    assert main(["train", *settings, "--epochs", "30", "--out", str(tmp_path), "--quiet"]) == 1
    assert "lower learning rate" in capsys.readouterr().err
    assert (tmp_path / "history.csv").exists()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "Expected JSON"),
        ("{", "Expected JSON"),
        ("[]", "Expected a mapping"),
        ('"run"', "Expected a mapping"),
        ("null", "Expected a mapping"),
        ('{"data": 3}', "data: expected a mapping"),
        ('{"data": {"entanglement": NaN}}', "got NaN"),
        ('{"data": {"entanglement": 1e400}}', "data.entanglement: expected a number from 0.5"),
        ('{"data": {"samples_per_arm": 1000000000}}', "from 50 to 5000"),
        ('{"network": {"hidden": [129]}}', "each a whole number from 1 to 128"),
        ('{"networks": {}}', "no such setting"),
        (json.dumps({"network": {"hidden": [2] * 10_000}}), "a list of 0 to 8 entries"),
        (b"\xff\xfe\x00", "Expected JSON"),
        ("[" * 100_000, "Expected JSON"),
        (b" " * 1_000_001, "at most 1000000 bytes"),
    ],
)
def test_a_bad_file_is_answered_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | bytes, expected: str
) -> None:
    path = config_file(tmp_path, content)
    out = tmp_path / "out"
    assert main(["train", "--config", path, "--epochs", "1", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert expected in error and "Traceback" not in error
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--set", "seed"], "expected FIELD=VALUE"),
        (["--set", "seed=x"], "seed: expected a whole number"),
        (["--set", "data.arms=7"], "from 2 to 6"),
        (["--config", "/no/such/file.json"], "expected a JSON file that can be read"),
    ],
)
def test_bad_settings_are_answered_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert main(["train", *arguments, "--out", str(tmp_path / "out")]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("epochs", ["-1", "x", "1.5", "1e3", "99999999999", "nan"])
def test_a_bad_number_of_epochs_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], epochs: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["train", "--set", "seed=1", "--epochs", epochs, "--out", str(tmp_path)])
    assert stop.value.code == 2
    assert "expected a whole number from 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("started", "shown"),
    [
        ("/somewhere/bin/spiral-dash", "spiral-dash"),
        ("spiral-dash.exe", "spiral-dash"),
        ("/somewhere/spiral_dash/__main__.py", "python -m spiral_dash"),
        ("", "python -m spiral_dash"),
    ],
)
def test_help_names_the_command_as_it_was_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], started: str, shown: str
) -> None:
    monkeypatch.setattr(sys, "argv", [started])
    assert program() == shown
    for command in ([], ["train"], ["serve"]):
        with pytest.raises(SystemExit):
            main([*command, "--help"])
        assert capsys.readouterr().out.startswith(" ".join(["usage:", shown, *command, "[-h]"]))


def test_the_dashboard_without_its_extra_is_a_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["serve", "--no-browser"]) == 2
    assert capsys.readouterr().err == (
        "The dashboard needs uvicorn: install what belongs to it with"
        ' pip install "spiral-dash[web]".\n'
    )


POINTS = "x;y;Sorte\n" + "".join(
    f"{k % 7},5;{k % 5},25;{('süß', '=1+1')[k % 2]}\n" for k in range(60)
)


def points_file(folder: Path, text: str = POINTS) -> str:
    path = folder / "points.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_of_points_is_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "--data", points_file(tmp_path), "--set", "network.hidden=3"]
    arguments += ["--set", "data.train_share=1", "--epochs", "2", "--quiet"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "60 rows, 3 columns (CSV)" in said
    assert "classes: column Sorte, the only text with few values: =1+1 (30), süß (30)" in said
    assert "numbers: x, y" in said
    assert "places with more than one label: 25" in said
    run = Run.load(tmp_path / "out" / "run.spiral.zip")
    assert run.data.class_names == ("=1+1", "süß")
    assert (len(run.data.x_train), run.epoch) == (60, 2)
    numbers = [[k % 7 + 0.5, k % 5 + 0.25] for k in range(60)]
    labels = [("süß", "=1+1")[k % 2] for k in range(60)]
    same = Run.from_points(numbers, labels, feature_names=["x", "y"], config=run.config)
    same.train(2)
    np.testing.assert_array_equal(same.history["train_loss"], run.history["train_loss"])


def test_label_columns_and_missing_rows_are_chosen_in_the_shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'a,"b, c",d,kind\n' + "".join(f"{k},{k % 3},{k % 2},{k % 2}\n" for k in range(40))
    path = points_file(tmp_path, text.replace("\n7,1", "\n,1"))
    chosen = ["train", "--data", path, "--label", "d", "--columns", 'a, "b, c"']
    chosen += ["--epochs", "1", "--quiet", "--out", str(tmp_path / "out")]
    assert main(chosen) == 2
    captured = capsys.readouterr()
    assert "got none in row 9, column a" in captured.err
    assert not (tmp_path / "out").exists()
    assert main([*chosen, "--missing", "leave-out"]) == 0
    said = capsys.readouterr().out
    assert "left out: column kind, not chosen" in said and "rows left out: 1" in said
    run = Run.load(tmp_path / "out" / "run.spiral.zip")
    assert run.data.feature_names == ("a", "b, c")


def test_a_configuration_file_says_how_points_are_trained_on(tmp_path: Path) -> None:
    config = config_file(tmp_path, json.dumps({**SMALL, "data": {"train_share": 0.5}}))
    arguments = ["train", "--data", points_file(tmp_path), "--config", config, "--epochs", "1"]
    assert main([*arguments, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    run = Run.load(tmp_path / "out" / "run.spiral.zip")
    assert run.config.data.kind == "points"
    assert (run.config.seed, len(run.data.x_train), len(run.data.x_test)) == (2, 30, 30)


@pytest.mark.parametrize(
    ("text", "more", "expected"),
    [
        ("x,y,label\n1,2,a\n3,two,b\n4,5,a\n", [], "Row 3, column y: expected a number, got 'two'"),
        ("", [], "points.csv: expected a table, got an empty file"),
        (POINTS, ["--label", "sort"], "one of the columns x, y, Sorte, got 'sort'"),
        (POINTS, ["--columns", "x,z"], "one of the columns x, y, Sorte, got 'z'"),
        (POINTS, ["--columns", ""], "columns"),
        (POINTS, ["--set", "data.entanglement=6"], "data.entanglement"),
        (POINTS, ["--set", "network.hidden=500"], "network.hidden"),
        (POINTS.replace("süß", "=1+1"), [], "at least 2 classes"),
    ],
)
def test_bad_points_are_answered_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, more: list[str], expected: str
) -> None:
    arguments = ["train", "--data", points_file(tmp_path, text), *more, "--epochs", "1"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert expected in error and "Traceback" not in error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--data", "/no/such/file.csv"], "can be read: No such file"),
        (["--label", "x"], "--label: expected --data FILE beside it"),
        (["--columns", "x"], "--columns: expected --data FILE beside it"),
        (["--set", "data.kind=points"], "data.digest: expected the points"),
    ],
)
def test_points_that_are_not_there_are_answered_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert main(["train", *arguments, "--out", str(tmp_path / "out")]) == 2
    assert expected in capsys.readouterr().err
