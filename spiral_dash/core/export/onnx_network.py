"""A network as an ONNX model: from points in the units of the data to logits."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numpy.typing import ArrayLike

from spiral_dash.core.activations import LEAKY_SLOPE
from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.export.formats import ExportOptions
from spiral_dash.core.inputs import FeatureName, InputMap
from spiral_dash.core.network import Network
from spiral_dash.core.run import Run
from spiral_dash.core.validation import ConfigError

if TYPE_CHECKING:
    import onnx

Array = npt.NDArray[Any]
OPSET = 13
"""Operators of 2020, which verifiers and runtimes know."""
IR_VERSION = 8
POINTS, PLACES, LOGITS, LOG_PROBABILITIES = "points", "places", "logits", "log_probabilities"


def write(run: Run, epoch: int | None, options: ExportOptions) -> bytes:
    """Return the model of a run: `points` (N, n) float32 -> `logits`, `log_probabilities`.

    Both are (N, classes). Raises `ConfigError` where the package onnx is not installed.
    """
    subject = run.subject(epoch)
    texts = {"class_names": "\n".join(run.data.class_names), "epoch": str(subject.epoch)}
    return bytes(model(subject.network, texts=texts).SerializeToString())


def model(
    network: Network,
    *,
    plane: Dataset | None = None,
    texts: dict[str, str] | None = None,
) -> onnx.ModelProto:
    """Return a network as a model; `texts` are its metadata.

    Of a `plane` it is what a verifier gets: one point, `places` (1, 2) in the coordinates of the
    data plane, and `logits` alone. Raises `ConfigError` without the package onnx.
    """
    try:
        import onnx
    except ImportError as error:
        raise ConfigError(
            {
                "format": "format: ONNX needs the package onnx, which is not installed: "
                'pip install "spiral-dash[onnx]".'
            }
        ) from error
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    graph = _Graph(onnx)
    start = POINTS if plane is None else PLACES
    given = start if plane is None else graph.embed(start, plane)
    graph.layers(graph.inputs(given, network.inputs), network)
    points, numbers = ("N", network.dimension) if plane is None else (1, 2)
    outputs = [helper.make_tensor_value_info(LOGITS, real, [points, network.sizes[-1]])]
    if plane is None:
        graph.add("LogSoftmax", LOGITS, to=LOG_PROBABILITIES, axis=1)
        outputs.append(
            helper.make_tensor_value_info(LOG_PROBABILITIES, real, [points, network.sizes[-1]])
        )
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "network",
            [helper.make_tensor_value_info(start, real, [points, numbers])],
            outputs,
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="spiral_dash",
    )
    helper.set_model_props(made, texts or {})
    onnx.checker.check_model(made, full_check=True)
    return made


class _Graph:
    """Nodes and constants under way, each with a name of its own."""

    def __init__(self, library: Any) -> None:
        self._onnx = library
        self._numbers = itertools.count(1)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, to: str = "", **attributes: Any) -> str:
        """Add a node with one output; return the output's name."""
        to = to or f"{operator.lower()}_{next(self._numbers)}"
        self.nodes.append(
            self._onnx.helper.make_node(operator, list(inputs), [to], name=f"to_{to}", **attributes)
        )
        return to

    def constant(self, name: str, values: ArrayLike, dtype: type = np.float32) -> str:
        """Add an array, rounded to `dtype`, under a name that is not taken."""
        if any(constant.name == name for constant in self.constants):
            name = f"{name}_{next(self._numbers)}"
        array: Array = np.asarray(values, dtype, order="C")
        self.constants.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def embed(self, places: str, data: Dataset) -> str:
        """From places u in the plane to points: origin + Q u."""
        plane, origin = data.plane.numpy(), data.origin.numpy()
        if not origin.any() and np.array_equal(plane, np.eye(2)):
            return places
        parts = self.constant("plane", plane), self.constant("origin", origin)
        return self.add("Gemm", places, *parts, transB=1)

    def inputs(self, points: str, inputs: InputMap) -> str:
        """From points to what the first layer gets."""
        if inputs.is_scaled:
            points = self.add("Sub", points, self.constant("shift", inputs.shift))
            points = self.add("Mul", points, self.constant("scale", inputs.scale))
        if inputs.features is None:
            return points
        numbers = [
            self.add("Gather", points, self.constant(f"of_{name}", [axis], np.int64), axis=1)
            for axis, name in enumerate(("x1", "x2"))
        ]
        return self.add("Concat", *(self._feature(n, *numbers) for n in inputs.features), axis=1)

    def _feature(self, name: FeatureName, first: str, second: str) -> str:
        match name:
            case "x1":
                return first
            case "x2":
                return second
            case "x1^2":
                return self.add("Mul", first, first)
            case "x2^2":
                return self.add("Mul", second, second)
            case "x1x2":
                return self.add("Mul", first, second)
            case "sin_x1":
                return self.add("Sin", first)
            case "sin_x2":
                return self.add("Sin", second)

    def layers(self, h: str, network: Network) -> None:
        """From what the first layer gets to the logits."""
        pairs = zip(network.weights, network.biases, strict=True)
        for layer, (weight, bias) in enumerate(pairs, start=1):
            w = self.constant(f"layer_{layer}.weight", weight.detach().numpy())
            b = self.constant(f"layer_{layer}.bias", bias.detach().numpy())
            last = layer == network.depth
            h = self.add("Gemm", h, w, b, to=LOGITS if last else "", transB=1)
            if not last:
                h = self._activation(network.activation, h)

    def _activation(self, name: str, z: str) -> str:
        match name:
            case "linear":
                return z
            case "leaky_relu":
                return self.add("LeakyRelu", z, alpha=LEAKY_SLOPE)
            case "elu":
                return self.add("Elu", z, alpha=1.0)
            case "silu":
                return self.add("Mul", z, self.add("Sigmoid", z))
            case "gelu":  # z (1 + erf(z / sqrt 2)) / 2
                root = self.add("Mul", z, self.constant("sqrt_half", np.sqrt(0.5)))
                twice = self.add("Add", self.add("Erf", root), self.constant("one", 1.0))
                return self.add("Mul", self.add("Mul", z, self.constant("half", 0.5)), twice)
            case _:
                return self.add(OPERATORS[name], z)


OPERATORS = {
    "tanh": "Tanh",
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "softplus": "Softplus",
    "sine": "Sin",
}
