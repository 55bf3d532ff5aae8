"""The weight matrices, as the probes of their spectra take them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.network import Network
from spiral_dash.core.probes.registry import ProbeError

Array = npt.NDArray[Any]


def check_weights(network: Network) -> None:
    """Raise `ProbeError` unless every weight and bias is a finite number."""
    if not np.isfinite(network.flat.numpy()).all():
        raise ProbeError(
            "The network's weights are no longer finite numbers, because they grew without bound. "
            "Choose an earlier epoch, or reset with a lower learning rate."
        )


def matrices(network: Network) -> list[Array]:
    """Return every layer's weights (out, in) in float64; raise `ProbeError` if not finite."""
    check_weights(network)
    return [weight.detach().numpy().astype(np.float64) for weight in network.weights]
