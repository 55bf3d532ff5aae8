"""The exported network, run by onnxruntime, gives the logits of the run's."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.export import exported
from spiral_dash.core.export.onnx_network import OPSET, model
from spiral_dash.core.inputs import FEATURES

CASES: dict[str, dict[str, Any]] = {
    **{name: {"network": {"activation": name, "hidden": [9, 5]}} for name in ACTIVATIONS},
    "every feature": {"network": {"features": list(FEATURES)}},
    "one feature": {"network": {"features": ["sin_x2"], "scaling": "standard"}},
    "scaled": {"network": {"scaling": "minmax"}},
    "no hidden layer": {"network": {"hidden": []}},
    "codimension": {
        "data": {"codimension": 3, "arms": 4},
        "network": {"scaling": "standard", "activation": "relu"},
    },
}


def run_of(values: dict[str, Any], epochs: int = 3) -> Run:
    data = {"samples_per_arm": 60, "test_noise": 0.5, **values.get("data", {})}
    run = Run(RunConfig.parse({**values, "data": data, "seed": 5}))
    run.train(epochs)
    return run


def session(content: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("name", CASES)
def test_logits_are_the_same(name: str) -> None:
    run = run_of(CASES[name])
    # Beyond the data too, where features and activations are far from 0.
    x = torch.cat([run.data.x_test, 3 * run.data.x_test - 1])
    logits, log_probabilities = session(exported(run, "onnx")).run(None, {"points": x.numpy()})
    with torch.no_grad():
        expected = run.network(x)
    assert logits == pytest.approx(expected.numpy(), abs=1e-5, rel=1e-5)
    exact = expected.log_softmax(1).numpy()
    assert log_probabilities == pytest.approx(exact, abs=1e-5, rel=1e-5)


@pytest.mark.parametrize("name", ["tanh", "every feature", "codimension"])
def test_on_the_plane_logits_are_those_of_the_points(name: str) -> None:
    run = run_of(CASES[name])
    made = model(run.network, plane=run.data).SerializeToString()
    plane = session(made)
    for place in np.random.default_rng(1).uniform(-9, 9, (20, 2)).astype(np.float32):
        (logits,) = plane.run(["logits"], {"places": place[None]})
        with torch.no_grad():
            expected = run.network(run.data.embed(torch.from_numpy(place[None])))
        assert logits == pytest.approx(expected.numpy(), abs=1e-5, rel=1e-5)


def test_the_model_says_what_it_is() -> None:
    run = run_of({})
    made = onnx.load_from_string(exported(run, "onnx", epoch=2))
    assert [(each.domain, each.version) for each in made.opset_import] == [("", OPSET)]
    texts = {each.key: each.value for each in made.metadata_props}
    assert texts == {"epoch": "2", "class_names": "\n".join(run.data.class_names)}
    weight = onnx.numpy_helper.to_array(made.graph.initializer[0])
    assert np.array_equal(weight, run.subject(2).network.weights[0].detach().numpy())
    assert not np.array_equal(weight, run.network.weights[0].detach().numpy())


@pytest.mark.parametrize("name", ["onnx", "vnnlib"])
def test_without_the_package_its_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ConfigError, match=r'pip install "spiral-dash\[onnx\]"'):
        exported(run_of({}, 0), name)
