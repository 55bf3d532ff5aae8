"""The singular values of every layer, and which layers have lost rank."""

from __future__ import annotations

import numpy as np

from spiral_dash.core.probes.matrices import matrices
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe
from spiral_dash.core.probes.spectra import padded, singular_values

COLLAPSED = 1e-6
"""A singular value of at most this share of the largest counts as zero."""


class SingularValuesOptions(Options):
    """None."""


@probe(
    "singular_values",
    options=SingularValuesOptions,
    source="2.2.2, 2.4.7",
    returns={
        "singular_values": "(L, K): of each layer's weights, largest first; NaN behind those of a "
        "layer with fewer than K",
        "condition": "(L,): largest over smallest singular value; infinite where that is 0",
        "rank": f"(L,) int32: singular values above {COLLAPSED:g} of the largest",
        "collapsed": "(L,) uint8: 1 where the rank is below min(out, in)",
    },
    summary=("condition", "rank", "collapsed"),
)
def measure_singular_values(subject: Subject, _: SingularValuesOptions) -> Arrays:
    """Return sigma of W_l = U diag(sigma) V^T for every layer, and the rank it shows.

    A layer whose sigma_min <= 1e-6 sigma_max sends some direction of its input to nothing. Raises
    `ProbeError` where weights are not finite.
    """
    spectra = singular_values(matrices(subject.network))
    rank = np.array([(sigma > COLLAPSED * sigma[0]).sum() for sigma in spectra], np.int32)
    full = np.array([len(sigma) for sigma in spectra])
    with np.errstate(divide="ignore"):
        condition = [sigma[0] / sigma[-1] if sigma[0] > 0 else np.inf for sigma in spectra]
    return {
        "singular_values": padded(spectra),
        "condition": np.array(condition),
        "rank": rank,
        "collapsed": (rank < full).astype(np.uint8),
    }
