"""How large each weight matrix is."""

from __future__ import annotations

import numpy as np

from spiral_dash.core.probes.matrices import matrices
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe
from spiral_dash.core.probes.spectra import singular_values


class NormsOptions(Options):
    """None."""


@probe(
    "norms",
    options=NormsOptions,
    source="2.2.5, 4.1.1, Hypothesis 1, Fig 4.4",
    returns={
        "frobenius": "(L,): sqrt(sum w^2) of each layer's weights, biases left out",
        "spectral": "(L,): largest singular value of each layer's weights",
    },
    summary=("frobenius", "spectral"),
)
def norms(subject: Subject, _: NormsOptions) -> Arrays:
    """Return ||W_l||_F = sqrt(sum w^2) and ||W_l||_2 = sigma_max of every layer (thesis 4.1.1).

    Raises `ProbeError` where weights are not finite.
    """
    spectra = singular_values(matrices(subject.network))
    return {
        "frobenius": np.array([np.linalg.norm(sigma) for sigma in spectra]),
        "spectral": np.array([sigma[0] for sigma in spectra]),
    }
