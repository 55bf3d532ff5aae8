"""Measurements of a network on its data, one a file, all in one registry."""

from spiral_dash.core.probes import attack as attack
from spiral_dash.core.probes import boundary as boundary
from spiral_dash.core.probes import boundary_complexity as boundary_complexity
from spiral_dash.core.probes import collapse as collapse
from spiral_dash.core.probes import distance as distance
from spiral_dash.core.probes import eigenvalues as eigenvalues
from spiral_dash.core.probes import exact_robustness as exact_robustness
from spiral_dash.core.probes import examples as examples
from spiral_dash.core.probes import examples_table as examples_table
from spiral_dash.core.probes import gradients as gradients
from spiral_dash.core.probes import history as history
from spiral_dash.core.probes import input_gradient as input_gradient
from spiral_dash.core.probes import jacobian as jacobian
from spiral_dash.core.probes import mapping as mapping
from spiral_dash.core.probes import metrics as metrics
from spiral_dash.core.probes import norms as norms
from spiral_dash.core.probes import robustness_estimate as robustness_estimate
from spiral_dash.core.probes import separation as separation
from spiral_dash.core.probes import singular_values as singular_values
from spiral_dash.core.probes import units as units
from spiral_dash.core.probes import weights as weights
from spiral_dash.core.probes.registry import PROBES, Arrays, Cost, Probe, ProbeError, Subject

__all__ = ["PROBES", "Arrays", "Cost", "Probe", "ProbeError", "Subject"]
