"""Measurements of a network on its data, one a file, all in one registry."""

from spiral_dash.core.probes import history as history
from spiral_dash.core.probes.registry import PROBES, Arrays, Cost, Probe, ProbeError, Subject

__all__ = ["PROBES", "Arrays", "Cost", "Probe", "ProbeError", "Subject"]
