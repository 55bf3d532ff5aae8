"""Spiral Dash: see how a neural network learns the double Archimedean spiral.

>>> from spiral_dash import Run, RunConfig
>>> run = Run(RunConfig(data={"entanglement": 4}, network={"hidden": [8, 8]}, seed=1))
>>> run.train(epochs=1)
>>> run.measure("boundary", resolution=20)["probability"].shape
(20, 20)
"""

from spiral_dash.core.config import (
    ConfigError,
    DataConfig,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
)
from spiral_dash.core.probes import PROBES, ProbeError
from spiral_dash.core.run import Run

__all__ = [
    "ConfigError",
    "DataConfig",
    "NetworkConfig",
    "ProbeError",
    "Run",
    "RunConfig",
    "TrainingConfig",
    "probes",
]


def probes() -> list[str]:
    """Return the names of every measurement `Run.measure` takes."""
    return sorted(PROBES)
