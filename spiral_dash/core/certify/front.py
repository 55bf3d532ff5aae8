"""What lies before a network's first layer, as a proof takes it: an affine map, then features.

u -> z = matrix u + offset embeds a plane, or scales the numbers of a point, or both; features are
functions of z_1 and z_2. On a ball about its centre, with z_i = c_i + a_i . e for e in the unit
ball, each feature that is not linear is enclosed between two parallel planes:

    z_i^2   = c_i^2 + 2 c_i a_i . e + (a_i . e)^2,         0 <= (a_i . e)^2 <= r_i^2
    z_1 z_2 = c_1 c_2 + (c_2 a_1 + c_1 a_2) . e + p(e),    p(e) = (a_1 . e) (a_2 . e)

with r_i the reach of a_i . e, and |p| <= r_1 r_2, or (a_1 . a_2 +- |a_1| |a_2|) / 2 on the L2 ball.
A sine has the relaxation of the activation. What is left over falls with the square of the ball.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spiral_dash.core.balls import Norm
from spiral_dash.core.certify.enclosure import Enclosure, dual_norm
from spiral_dash.core.certify.relaxation import relax
from spiral_dash.core.inputs import FEATURE, FeatureName

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Front:
    """`matrix` (n, d) and `offset` (n,) float64; `features` None stands for z itself."""

    matrix: Array
    offset: Array
    features: tuple[FeatureName, ...] | None = None

    @classmethod
    def nothing(cls, inputs: int) -> Self:
        """Return the front of a network that gets its `inputs` as they are."""
        return cls(np.eye(inputs), np.zeros(inputs))

    @property
    def inputs(self) -> int:
        """Numbers that go in, d."""
        return int(self.matrix.shape[1])

    @property
    def units(self) -> int:
        """Numbers that the first layer gets."""
        return len(self.offset) if self.features is None else len(self.features)

    def values(self, points: Array) -> Array:
        """Return what the first layer gets, (units, N), of points (N, d)."""
        z = np.dot(self.matrix, points.T) + self.offset[:, None]
        if self.features is None:
            return np.asarray(z)
        return np.stack([FEATURE[name].value(*z) for name in self.features])

    def enclose(self, centre: Array, half: Array, norm: Norm) -> Enclosure:
        """Return the enclosure of the features over balls of radius `half` (B,) at (B, d)."""
        z = Enclosure.of_balls(centre, half).linear(self.matrix, self.offset)
        if self.features is None:
            return z
        form = np.zeros((self.units, *z.form.shape[1:]))
        error = np.zeros((self.units, len(half)))
        low, high = z.ends(norm)
        reach = 0.5 * (high - low)
        slopes, middle = z.form[:, :-1], z.middle
        for of, name in enumerate(self.features):
            axis = 1 if name in ("x2", "x2^2", "sin_x2") else 0
            if name == "x1x2":
                form[of, :-1] = middle[1] * slopes[0] + middle[0] * slopes[1]
                shift, error[of] = _product(slopes, reach, norm)
                form[of, -1] = middle[0] * middle[1] + shift
            elif name in ("x1^2", "x2^2"):
                form[of, :-1] = 2.0 * middle[axis] * slopes[axis]
                error[of] = 0.5 * np.square(reach[axis])
                form[of, -1] = np.square(middle[axis]) + error[of]
            elif name in ("sin_x1", "sin_x2"):
                slope, shift, error[of] = relax("sine", low[axis], high[axis])
                form[of] = slope * z.form[axis]
                form[of, -1] += shift
            else:
                form[of] = z.form[axis]
        return Enclosure(form, error)

    def greatest(self, centre: Array, half: Array) -> Array:
        """Return a bound of what the first layer gets, in absolute value, (units, B)."""
        z = np.abs(np.dot(self.matrix, centre.T) + self.offset[:, None])
        z += np.abs(self.matrix).sum(axis=1)[:, None] * half
        if self.features is None:
            return np.asarray(z)
        # Of magnitudes every feature but the sine is the greatest itself, and a sine is at most 1.
        return np.stack(
            [
                np.ones_like(half) if name in ("sin_x1", "sin_x2") else FEATURE[name].value(*z)
                for name in self.features
            ]
        )


def _product(slopes: Array, reach: Array, norm: Norm) -> tuple[Array, Array]:
    """Return middle and half-width of (a_1 . e) (a_2 . e) over the unit ball; a is (2, d, B)."""
    if norm == "linf":
        return np.zeros_like(reach[0]), reach[0] * reach[1]
    first, second = slopes
    along = np.einsum("nb,nb->b", first, second)
    lengths = dual_norm(slopes.swapaxes(1, 2), "l2")
    return 0.5 * along, 0.5 * lengths[0] * lengths[1]
