"""Robustness properties for a verifier of the field, with its network, as VNN-COMP has them.

A property is what must not happen: a place in the box whose largest logit is another class's. A
verifier that answers `unsat` has proved the box, one that answers `sat` has found an example.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from spiral_dash.core.csv_safe import write_csv
from spiral_dash.core.export.formats import ExportOptions
from spiral_dash.core.export.onnx_network import model
from spiral_dash.core.probes import Subject
from spiral_dash.core.probes.exact_robustness import check_provable
from spiral_dash.core.probes.proving import radii_on_plane
from spiral_dash.core.run import Run
from spiral_dash.core.validation import ConfigError

Array = npt.NDArray[Any]
PROPERTIES_MAX = 2_000
BOXES_MAX = 100_000
TIMEOUT_SECONDS = 300
NETWORK = "onnx/network.onnx"
ABOUT = """\
{title}

instances.csv names, a line each, the network, a property and the seconds that a verifier has, as
the VNN-COMP has them. Each property is the box of half side epsilon about a test point, in the two
coordinates of the data plane (which the network turns into a point), and asks for a place in it
whose logits do not give the point's class: "unsat" is a proof of robustness.

answers.csv holds what Spiral Dash proves of each: unsat, sat, or unknown; and a bracket of the
radius at which the answer changes. It reckons in float64, and the first of equal logits wins, while
a property counts equal logits as another class.
"""


@dataclass(frozen=True)
class Property:
    """A box about a test point: its index, place (2,) in the plane, class, and half side."""

    index: int
    place: tuple[float, float]
    label: int
    epsilon: float

    @property
    def file(self) -> str:
        """Its name in the archive."""
        return f"vnnlib/point_{self.index}_epsilon_{_decimal(self.epsilon)}.vnnlib"


def write(run: Run, epoch: int | None, options: ExportOptions) -> bytes:
    """Return a zip: the network on the plane, a property a point and epsilon, instances, answers.

    Raises `ConfigError` for points that are not there and without the package onnx, `ProbeError`
    where the network can not be proved anything of.
    """
    subject = run.subject(epoch)
    data = subject.data
    check_provable(subject.network)
    chosen = chosen_points(len(data.y_test), options)
    network = model(subject.network, plane=data, texts={"epoch": str(subject.epoch)})
    places = data.project(data.x_test[chosen].double()).tolist()
    labels = data.y_test[chosen].tolist()
    properties = [
        Property(index, (place[0], place[1]), label, epsilon)
        for index, place, label in zip(chosen, places, labels, strict=True)
        for epsilon in dict.fromkeys(options.epsilons)
    ]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", ABOUT.format(title=_title(subject)))
        archive.writestr(NETWORK, network.SerializeToString())
        for each in properties:
            archive.writestr(each.file, text_of(each, data.class_names))
        lines = "".join(f"{NETWORK},{each.file},{TIMEOUT_SECONDS}\n" for each in properties)
        archive.writestr("instances.csv", lines)
        archive.writestr("answers.csv", _answers(subject, properties))
    return buffer.getvalue()


def chosen_points(count: int, options: ExportOptions) -> list[int]:
    """Return which of `count` test points the options mean, each once; raise `ConfigError`."""
    chosen = list(dict.fromkeys(options.indices))
    beyond = [index for index in chosen if index >= count]
    if beyond:
        raise ConfigError(
            {"points": f"points: expected test points from 0 to {count - 1}, got {beyond[0]}."}
        )
    if not chosen:
        wanted = min(options.points, count)
        chosen = np.linspace(0, count - 1, wanted).round().astype(int).tolist()
    properties = len(chosen) * len(set(options.epsilons))
    if properties > PROPERTIES_MAX:
        raise ConfigError(
            {
                "points": f"points: expected at most {PROPERTIES_MAX} properties, a point and an "
                f"epsilon each, got {properties}. Choose fewer of either."
            }
        )
    return chosen


def text_of(each: Property, class_names: Sequence[str]) -> str:
    """Return a property as VNN-LIB 1.0."""
    classes = range(len(class_names))
    lines = [
        f"; Satisfied by a place within epsilon = {_decimal(each.epsilon)} of test point "
        f"{each.index} that does not get its class, {each.label}.",
        "",
        *(f"(declare-const X_{axis} Real)" for axis in range(2)),
        *(f"(declare-const Y_{number} Real)" for number in classes),
        "",
    ]
    for axis, middle in enumerate(each.place):
        lines.append(f"(assert (>= X_{axis} {_decimal(middle - each.epsilon)}))")
        lines.append(f"(assert (<= X_{axis} {_decimal(middle + each.epsilon)}))")
    lines += ["", "(assert (or"]
    lines += [
        f"    (and (>= Y_{number} Y_{each.label}))" for number in classes if number != each.label
    ]
    return "\n".join([*lines, "))", ""])


def _decimal(value: float) -> str:
    """Return the shortest decimal of a number, without an exponent, which few readers expect."""
    return np.format_float_positional(value, unique=True, trim="0")


def _answers(subject: Subject, properties: Sequence[Property]) -> str:
    """Return CSV: what is proved here of each property.

    A point whose radius is above epsilon is robust (unsat); at or below it, it is not (sat).
    """
    first = {each.index: each for each in properties}
    radii = radii_on_plane(
        subject.network,
        subject.data,
        subject.data.x_test[torch.tensor(list(first))],
        np.array([each.label for each in first.values()]),
        sorted({each.epsilon for each in properties}),
        norm="linf",
        max_boxes=BOXES_MAX,
    )
    bracket = dict(
        zip(first, zip(radii.radius_lower, radii.radius_upper, strict=True), strict=True)
    )
    rows = []
    for each in properties:
        lower, upper = map(float, bracket[each.index])
        answer = "unsat" if each.epsilon < lower else "sat" if each.epsilon >= upper else "unknown"
        name = subject.data.class_names[each.label]
        rows.append([each.file, each.index, name, each.epsilon, answer, lower, upper])
    buffer = io.StringIO(newline="")
    header = ["property", "point", "class", "epsilon", "answer", "radius_lower", "radius_upper"]
    write_csv(buffer, header, rows)
    return buffer.getvalue()


def _title(subject: Subject) -> str:
    shape = "-".join(map(str, subject.network.sizes))
    return f"A network {shape} of Spiral Dash, {subject.network.activation}, epoch {subject.epoch}"
