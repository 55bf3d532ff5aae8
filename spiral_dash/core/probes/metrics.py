"""Loss and accuracy, and which classes are taken for which."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from spiral_dash.core.evaluation import Truth
from spiral_dash.core.network import Network
from spiral_dash.core.passes import TiledPass
from spiral_dash.core.probes.images import check_finite, columns
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe

Array = npt.NDArray[Any]
PART = {
    "loss": "(): mean cross-entropy, nats",
    "accuracy": "(): share of points classified correctly, 0 to 1",
    "class_loss": "(m,): mean cross-entropy of each class, nats; NaN for a class without points",
    "class_accuracy": "(m,): accuracy of each class, 0 to 1; NaN for a class without points",
    "confusion": "(m, m) int64: points of class (row) that were given class (column)",
}
RETURNS = {
    f"{part}_{name}": f"{text}, {part} points"
    for part in ("train", "test")
    for name, text in PART.items()
}


class MetricsOptions(Options):
    """None."""


@probe(
    "metrics",
    options=MetricsOptions,
    source="3.3 item 4",
    returns=RETURNS,
    summary=tuple(RETURNS),
)
def metrics(subject: Subject, _: MetricsOptions) -> Arrays:
    """Return loss and accuracy in all and per class, and the confusion counts (thesis 3.3).

    Cross-entropy without the regularisers. Raises `ProbeError` where the network's outputs are
    not finite.
    """
    network, data = subject.network, subject.data
    train = _part(network, data.x_train, data.y_train, data.classes)
    test = _part(network, data.x_test, data.y_test, data.classes)
    return {
        **{f"train_{name}": values for name, values in train.items()},
        **{f"test_{name}": values for name, values in test.items()},
    }


def _part(network: Network, points: Tensor, labels: Tensor, classes: int) -> Arrays:
    x, truth = columns(points.numpy(), network), labels.numpy()
    tiles = TiledPass(network)
    with np.errstate(all="ignore"):
        logits = tiles.logits(x)
    check_finite(logits)
    measured = Truth(truth, classes).metrics(logits)
    pairs = truth * classes + logits.argmax(axis=0)
    return {
        "loss": np.asarray(measured.loss),
        "accuracy": np.asarray(measured.accuracy),
        "class_loss": measured.class_loss,
        "class_accuracy": measured.class_accuracy,
        "confusion": np.bincount(pairs, minlength=classes**2).reshape(classes, classes),
    }
