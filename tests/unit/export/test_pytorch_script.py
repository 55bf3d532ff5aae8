"""The exported script, run by torch alone, comes to the weights of the run."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.export import exported, pytorch_script
from spiral_dash.core.initializers import INITIALIZERS
from spiral_dash.core.optimizers import OPTIMIZERS

EPOCHS = 5
TOLERANCE = 1e-4
# Runs every script and prints its weights.
RUNS = """
import json, runpy, sys
import torch
for path in sys.argv[2:]:
    network = runpy.run_path(path)["train"](int(sys.argv[1]))
    blocks = [torch.cat([l.weight, l.bias[:, None]], 1).ravel() for l in network.layers]
    print("weights", json.dumps(torch.cat(blocks).tolist()))
"""
SMALL: dict[str, dict[str, Any]] = {"data": {"samples_per_arm": 60}, "network": {"hidden": [6, 5]}}
PLANE = {"hidden": [6, 5], "features": ["x1", "x1^2", "x2^2", "x1x2", "sin_x1", "sin_x2"]}


def case(seed: int = 1, **groups: Any) -> dict[str, Any]:
    merged = {name: {**SMALL.get(name, {}), **groups.pop(name, {})} for name in ("data", "network")}
    if merged["data"].get("kind", "spiral") != "spiral":
        del merged["data"]["samples_per_arm"]
    return {**merged, **groups, "seed": seed}


TRAININGS: dict[str, dict[str, Any]] = {
    "batches larger than the set": {"batch_size": 1000},
    "small batches": {"batch_size": 7},
    "sgd without momentum": {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 0.1},
    "fgsm": {"adversary": "fgsm", "adversary_epsilon": 0.3},
    "fgsm, a share": {"adversary": "fgsm", "adversary_share": 0.35},
    "pgd": {"adversary": "pgd", "adversary_epsilon": 0.4, "adversary_steps": 3},
    "pgd, a share, rmsprop": {
        "adversary": "pgd", "adversary_share": 0.5, "optimizer": "rmsprop", "l1": 0.001,
    },
    **{
        f"penalties, {name}": {"optimizer": name, "l1": 0.002, "l2": 0.05, "batch_size": 20}
        for name in OPTIMIZERS
    },
}  # fmt: skip
SCHEDULES = {
    "settings, before an epoch and within": "1:learning_rate=0.01;2.3:l1=0.01,l2=0.02;4.1:l1=0",
    "sizes of batches": "1.2:batch_size=5;2.4:batch_size=30;3.999:batch_size=11",
    "an adversary comes, changes and goes": "1.1:adversary=fgsm;2:adversary=pgd,adversary_steps=2;"
    "2.3:adversary_epsilon=0.2;3.1:adversary_share=0.4;4.2:adversary=none",
    "edits at the beginning": "0:weight.1.2.1=0.5,bias.3.1=-1.5,layer.2=frozen,unit.1.3=silent",
    "a layer frozen and free": "1.2:layer.1=frozen;3.1:layer.1=free,learning_rate=0.01",
    "a unit silent, edited, and back": "1.1:unit.1.2=silent;2:weight.2.4.2=0.75,bias.1.2=0.25;"
    "2.2:weight.1.2.1=-0.5;3.2:unit.1.2=active;4:unit.2.1=active",
    "silent in a frozen layer": "0.2:layer.2=frozen,unit.1.1=silent;1:unit.2.2=silent;"
    "2.1:layer.2=free;3:unit.1.1=active;3.2:unit.2.2=active,layer.3=frozen",
    "an edit after the last epoch": "5:weight.1.1.1=2.5",
    "an edit beyond": "77:weight.1.1.1=2.5",
}
MOMENTA = "1:momentum=0;2.2:momentum=0.8;3:momentum=0,unit.1.1=silent;4:momentum=0.5"
CASES: dict[str, dict[str, Any]] = {
    **{
        f"{name}, {optimizer}": case(
            network={"activation": name},
            training={"optimizer": optimizer, "batch_size": 16, "learning_rate": 0.003},
        )
        for name, optimizer in zip(ACTIVATIONS, [*OPTIMIZERS] * 3, strict=False)
    },
    **{f"drawn as {name}": case(network={"initializer": name}) for name in INITIALIZERS},
    **{
        f"data of {kind}": case(seed=4, data={"kind": kind})
        for kind in ("circle", "xor", "gaussians", "moons", "checkerboard")
    },
    "digits": case(data={"kind": "digits", "classes": 3, "train_share": 0.3}),
    "arms and codimension": case(data={"arms": 3, "codimension": 2, "train_noise": 0.2}),
    "nothing held out": case(data={"train_share": 1.0}),
    "scaled": case(network={"scaling": "standard"}),
    "scaled, features": case(network={**PLANE, "scaling": "minmax"}),
    "features, adversary": case(seed=2, network=PLANE, training={"adversary": "pgd"}),
    "no hidden layer": case(network={"hidden": []}),
    "seeds": case(seed=2**32 - 1, network={"seed": 0}),
    **{name: case(training=training) for name, training in TRAININGS.items()},
    **{name: case(schedule=text, training={"batch_size": 16}) for name, text in SCHEDULES.items()},
    **{
        f"a unit silent, by {name}": case(
            schedule=SCHEDULES["a unit silent, edited, and back"],
            training={"optimizer": name, "batch_size": 16, "l2": 0.01},
        )
        for name in OPTIMIZERS
    },
    "momenta": case(schedule=MOMENTA, training={"optimizer": "sgd", "batch_size": 16}),
    "decay comes": case(schedule="2:l2=0.1", training={"optimizer": "adamw", "batch_size": 16}),
}


@pytest.fixture(scope="module")
def trained() -> dict[str, Run]:
    runs = {name: Run(RunConfig.parse(values)) for name, values in CASES.items()}
    for run in runs.values():
        run.train(EPOCHS)
    return runs


@pytest.fixture(scope="module")
def found(
    trained: dict[str, Run], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[float]]:
    """The weights that the scripts come to, run by one process."""
    folder = tmp_path_factory.mktemp("scripts")
    paths = [folder / f"{number}.py" for number in range(len(trained))]
    for path, run in zip(paths, trained.values(), strict=True):
        path.write_bytes(exported(run, "pytorch"))
    command = [sys.executable, "-c", RUNS, str(EPOCHS), *map(str, paths)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stdout.splitlines() if line.startswith("weights")]
    weights = [json.loads(line.removeprefix("weights")) for line in lines]
    return dict(zip(trained, weights, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_the_weights_are_those_of_the_run(
    name: str, trained: dict[str, Run], found: dict[str, list[float]]
) -> None:
    weights = trained[name].network.flat.numpy()
    assert np.abs(weights - np.array(found[name])).max() < TOLERANCE
    assert np.abs(weights - trained[name].trainer.initial.flat.numpy()).max() > TOLERANCE


def test_nothing_but_torch_is_imported(trained: dict[str, Run]) -> None:
    imported = set()
    for run in trained.values():
        for node in ast.walk(ast.parse(exported(run, "pytorch"))):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module)
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    assert imported == {"base64", "functools", "sys", "torch", "zlib"}


def test_a_script_alone_prints_what_the_run_recorded(tmp_path: Path) -> None:
    run = Run(RunConfig.parse(case(schedule="1:layer.1=frozen")))
    run.train(3)
    path = tmp_path / "script.py"
    run.export("pytorch", path, epoch=2)
    printed = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [line.split()[1] for line in printed if "loss" in line] == ["0", "1", "2"]
    assert sum("freeze" in line for line in printed) == 1
    last = printed[-1].split()
    for place, name in ((3, "train_loss"), (5, "test_loss")):
        assert float(last[place]) == pytest.approx(run.history[name][1], abs=2e-6)
    assert last[8] == f"{run.history['train_accuracy'][1]:.2%}"
    assert f"{run.history['train_loss'][1]:.6f}" in path.read_text(encoding="utf-8")


def test_a_plain_run_gives_a_plain_script() -> None:
    text = exported(Run(RunConfig.parse(case())), "pytorch").decode()
    for word in ("adversary", "SCHEDULE", "silent", "momentum", "SHIFT", "sin(", "#if", "$"):
        assert word not in text
    assert "EPOCHS = 100" in text


def test_names_from_outside_stay_texts() -> None:
    nasty = ['"""+1', "\\", "$EPOCHS", "#end ü"]
    x = np.arange(32.0).reshape(16, 2)
    run = Run.from_points(x, nasty * 4)
    text = exported(run, "pytorch").decode()
    found: dict[str, Any] = {}
    exec(compile(text, "script", "exec"), found)
    assert found["CLASSES"] == list(run.data.class_names)
    assert sorted(found["CLASSES"]) == sorted(nasty)


def test_too_many_points_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytorch_script, "POINT_BYTES_MAX", 100)
    with pytest.raises(ConfigError, match=r"points of at most 0 MiB for a script"):
        exported(Run(RunConfig.parse(case())), "pytorch")
