"""Weights, data and history come back as they were."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from spiral_dash import ConfigError, ProbeError, Run, RunConfig
from spiral_dash.core.data.table import read_table
from spiral_dash.core.export import FORMATS, ExportOptions, exported
from spiral_dash.core.export.formats import file_name
from spiral_dash.core.frame import decode


@pytest.fixture(scope="module")
def run() -> Run:
    data = {"samples_per_arm": 60, "arms": 3}
    network = {"hidden": [4, 3], "scaling": "standard", "features": ["x1", "x1x2"]}
    made = Run(RunConfig.parse({"data": data, "network": network, "seed": 3}))
    made.train(4)
    return made


def test_weights_are_those_of_the_epoch(run: Run) -> None:
    arrays, texts = decode(exported(run, "safetensors", 2))
    with np.load(io.BytesIO(exported(run, "npz", 2)), allow_pickle=False) as archive:
        again = dict(archive)
    assert texts == {"activation": "tanh", "epoch": "2", "features": "x1,x1x2"}
    assert {name: str(again.pop(name)) for name in texts} == texts
    assert arrays.keys() == again.keys()
    network = run.subject(2).network
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), 1):
        for found in (arrays, again):
            assert np.array_equal(found[f"layer_{layer}.weight"], weight.detach().numpy())
            assert np.array_equal(found[f"layer_{layer}.bias"], bias.detach().numpy())
    assert np.array_equal(arrays["inputs.scale"], again["inputs.scale"])
    z = (run.data.x_train.numpy() - arrays["inputs.shift"]) * arrays["inputs.scale"]
    assert z.mean(axis=0) == pytest.approx([0, 0], abs=1e-4)


def test_data_are_read_back_to_the_last_bit(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    run.export("data-csv", path)
    rows = read_table(path).rows("class", ["x1", "x2"])
    assert np.array_equal(rows.x, run.data.rows.x)
    assert np.array_equal(rows.y, run.data.rows.y)
    with path.open(newline="", encoding="utf-8") as file:
        sets = [row["set"] for row in csv.DictReader(file)]
    assert sets == ["train"] * len(run.data.y_train) + ["test"] * len(run.data.y_test)


def test_names_that_are_formulas_to_a_spreadsheet_are_not_run() -> None:
    x = np.arange(20.0).reshape(10, 2) - 10
    own = Run.from_points(x, ["=1+1", "@SUM(A1)"] * 5, feature_names=["class", "-set"])
    table = list(csv.reader(io.StringIO(exported(own, "data-csv").decode())))
    assert table[0] == ["class", "'-set", "class_", "set"]
    assert {row[2] for row in table[1:]} == {"'=1+1", "'@SUM(A1)"}
    assert {float(row[0]) for row in table[1:]} == set(x[:, 0])


def test_where_nothing_is_held_out_every_row_trains() -> None:
    run = Run(RunConfig.parse({"data": {"samples_per_arm": 50, "train_share": 1}}))
    table = list(csv.reader(io.StringIO(exported(run, "data-csv").decode())))
    assert len(table) == 101 and {row[-1] for row in table[1:]} == {"train"}


def test_history_ends_with_the_epoch(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(run, "history-csv", -2).decode())))
    content = json.loads(exported(run, "history-json", 3))
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3"]
    assert content["history"]["epoch"] == [0, 1, 2, 3]
    recorded = run.trainer.history.arrays()
    assert [float(row["test_loss"]) for row in rows] == recorded["test_loss"][:4].tolist()
    assert content["history"]["test_loss"] == recorded["test_loss"][:4].tolist()
    expected = recorded["train_class_accuracy"][:4]
    assert content["history"]["train_class_accuracy"] == expected.tolist()
    assert [float(row["train_class_accuracy_2"]) for row in rows] == expected[:, 2].tolist()
    assert RunConfig.parse(content["config"]) == run.config
    assert content["class_names"] == list(run.data.class_names)


def test_what_is_no_number_is_null() -> None:
    values = {"training": {"optimizer": "sgd", "learning_rate": 100}, "seed": 1}
    run = Run(RunConfig.parse({**values, "network": {"activation": "linear"}}))
    run.train(20)
    assert run.diverged
    assert json.loads(exported(run, "history-json"))["history"]["train_accuracy"][-1] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"format": "gif"}, "format: expected one of pytorch, onnx, .*, got 'gif'"),
        ({"format": None}, "format: expected one of"),
        ({"epoch": 99}, "Epoch 99 is not kept: expected 0 to 4"),
        ({"epoch": -9}, "Epoch -9 is not in the history"),
        ({"epoch": 1.5}, "epoch: expected a whole number"),
        ({"points": 0}, "points: expected a whole number from 1"),
        ({"points": []}, "points: expected one or more, got none"),
        ({"points": [-1]}, "points: expected a list"),
        ({"points": [1_000_000]}, "points: expected test points from 0 to"),
        ({"points": "all"}, "points: expected a whole number"),
        ({"points": True}, "points: expected a whole number"),
        ({"epsilon": 0}, "epsilon: expected a list .* number above 0"),
        ({"epsilon": float("nan")}, "epsilon: expected a list"),
        ({"epsilon": []}, "epsilon: expected a list of 1"),
        ({"epsilon": "0.5"}, "epsilon: expected a list"),
        ({"path": 3}, "path: expected the path of a file"),
        ({"path": "/nowhere/at/all"}, "path: expected a file to write to, got '/nowhere/at/all'"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    run: Run, arguments: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    given = {"format": "vnnlib", "path": tmp_path / "file", **arguments}
    with pytest.raises((ConfigError, ProbeError), match=sentence):
        run.export(**given)  # type: ignore[arg-type]
    assert not (tmp_path / "file").exists()


def test_a_file_that_is_there_is_kept_unless_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="expected a file that is not there yet"):
        run.export("npz", path)
    assert path.read_text() == "mine"
    run.export("npz", path, overwrite=True)
    assert path.read_bytes() == exported(run, "npz")


def test_numbers_of_numpy_are_options_too() -> None:
    options = ExportOptions.of(np.arange(3), np.float64(0.25))  # type: ignore[arg-type]
    assert options.indices == (0, 1, 2) and options.epsilons == (0.25,)
    assert ExportOptions.of(range(2), (0.1, 0.2)).epsilons == (0.1, 0.2)


def test_exporting_changes_nothing_of_the_run(run: Run) -> None:
    before = run.trainer.engine.state.clone(), run.config, run.epoch
    for name in FORMATS:
        assert exported(run, name, 2)
        assert file_name(run, name, 2).startswith("spiral-tanh-2")
    assert torch.equal(run.trainer.engine.state, before[0])
    assert (run.config, run.epoch) == before[1:]
