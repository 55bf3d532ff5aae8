"""The weights of a network as named arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.probes import Subject

Array = npt.NDArray[Any]


def arrays_of(subject: Subject) -> dict[str, Array]:
    """Return `layer_<l>.weight` (out, in) and `layer_<l>.bias` (out,), float32, l from 1.

    Where points are scaled first, `inputs.shift` and `inputs.scale` (n,) are beside them:
    z = (x - shift) * scale.
    """
    network = subject.network
    arrays = {}
    for layer, (weight, bias) in enumerate(
        zip(network.weights, network.biases, strict=True), start=1
    ):
        arrays[f"layer_{layer}.weight"] = weight.detach().numpy()
        arrays[f"layer_{layer}.bias"] = bias.detach().numpy()
    if network.inputs.is_scaled:
        arrays["inputs.shift"] = network.inputs.shift.astype(np.float32)
        arrays["inputs.scale"] = network.inputs.scale.astype(np.float32)
    return arrays


def texts_of(subject: Subject) -> dict[str, str]:
    """Return `activation`, `epoch` and, if any, the `features` of z that the first layer gets."""
    texts = {"activation": subject.network.activation, "epoch": str(subject.epoch)}
    features = subject.network.inputs.features
    return texts if features is None else {**texts, "features": ",".join(features)}
