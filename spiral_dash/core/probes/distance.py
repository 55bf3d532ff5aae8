"""How far a layer moves each point, against how far out the point lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.probes.images import class_rows, columns, layer_images, shown_layer
from spiral_dash.core.probes.principal import principal_view
from spiral_dash.core.probes.procrustes import procrustes
from spiral_dash.core.probes.registry import Arrays, Options, Subject, probe

Array = npt.NDArray[Any]


class DistanceOptions(Options):
    """Layer, 1 to L; None the last hidden one."""

    layer: int | None = None


@probe(
    "distance",
    options=DistanceOptions,
    source="4.2.1, Fig 4.15",
    returns={
        "radius": "(N,): ||x|| of every training point shown, in the plane, plane units",
        "moved": "(N,): ||h(x) - x||, plane units",
        "slope": "(m,): slope of the least-squares line of moved against radius, per class",
        "intercept": "(m,): where that line meets radius 0, plane units",
        "correlation": "(m,): Pearson correlation of the two, per class",
        "raw": "() uint8: 1 where h(x) is the units themselves, 0 in the principal plane",
    },
    summary=("slope", "correlation"),
)
def distance(subject: Subject, options: DistanceOptions) -> Arrays:
    """Return ||h(x) - x|| against ||x|| over the training points (thesis 4.2.1, Fig 4.15).

    x is the point in the data plane. A layer of 2 units is taken raw (one unit: second
    coordinate 0). A wider one is taken in the plane of its two first principal axes, turned onto
    the data by orthogonal Procrustes: axes have no direction of their own, so the smallest
    distances over all turns are given. A class of fewer than two distances or radii has NaN.
    Raises `ProbeError` for a layer that does not exist or outputs that are not finite.
    """
    network, data = subject.network, subject.data.shown
    layer = subject.layer(options.layer, shown_layer(network))
    (image,) = layer_images(network, columns(data.x_train.numpy(), network), [layer])
    places = data.project(data.x_train).numpy().astype(np.float64)
    view = principal_view(image, 2, places)
    mapped = view.scores(image).astype(np.float64)
    if not view.raw:
        mapped = mapped @ procrustes(mapped, places)
    radius = np.hypot(*places.T)
    moved = np.hypot(*(mapped - places).T)
    fits = np.array([_line(radius[rows], moved[rows]) for rows in class_rows(data)])
    return {
        "radius": radius,
        "moved": moved,
        "slope": fits[:, 0],
        "intercept": fits[:, 1],
        "correlation": fits[:, 2],
        "raw": np.asarray(view.raw, np.uint8),
    }


def _line(x: Array, y: Array) -> tuple[float, float, float]:
    """Slope, intercept and correlation of the least-squares line of y over x."""
    if len(x) < 2 or np.ptp(x) == 0:
        return np.nan, np.nan, np.nan
    dx, dy = x - x.mean(), y - y.mean()
    slope = (dx @ dy) / (dx @ dx)
    spread = np.sqrt((dx @ dx) * (dy @ dy))
    return slope, y.mean() - slope * x.mean(), dx @ dy / spread if spread > 0 else np.nan
