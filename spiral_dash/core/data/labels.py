"""Labels as people write them (texts, numbers, true and false) as classes from 0."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.data.naming import NAME_MAX, checked_names, tidy
from spiral_dash.core.validation import ConfigError, shown

Array = npt.NDArray[Any]

CLASSES_MIN, CLASSES_MAX = 2, 26
# Whole numbers up to here are exact in float64 too, in which many people's labels arrive.
WHOLE_MAX = 2**53


def classes_of(labels: Array, class_names: object = None) -> tuple[Array, tuple[str, ...]]:
    """Return the class of each label (N,) int64, and the names of the classes.

    Numbers are in ascending order, texts in alphabetical order, False before True. `class_names`
    name the classes in this order; where the labels are texts, they are those texts in the order
    that is wanted. Raises `ConfigError` for anything but 2 to 26 classes.
    """
    plain = _plain(labels)
    values, codes = np.unique(plain, return_inverse=True)
    refuse_classes([_name(value) for value in values[: CLASSES_MAX + 1].tolist()], len(values))
    texts = [_name(value) for value in values.tolist()]
    if class_names is None:
        names = checked_names("y", texts, len(texts), "class")
        return codes.astype(np.int64), names
    names = checked_names("class_names", class_names, len(texts), f"class ({_some(texts)})")
    if plain.dtype.kind != "U":
        return codes.astype(np.int64), names
    if sorted(names) != sorted(texts):
        raise ConfigError(
            {
                "class_names": f"class_names: expected the labels {_some(texts)} in the order that "
                f"is wanted, got {_some(names)}."
            }
        )
    order = np.array([names.index(text) for text in texts])
    return order[codes].astype(np.int64), names


def refuse_classes(texts: Sequence[str], count: int, where: str = "y") -> None:
    """Raise `ConfigError` where `count` labels, the first few of them `texts`, are no classes."""
    if count < CLASSES_MIN:
        only = f"only {shown(texts[0])}" if texts else "none"
        raise ConfigError(
            {"y": f"{where}: expected at least {CLASSES_MIN} classes to tell apart, got {only}."}
        )
    if count > CLASSES_MAX:
        raise ConfigError(
            {
                "y": f"{where}: expected at most {CLASSES_MAX} classes, got {count} different "
                f"labels, such as {_some(texts)}."
            }
        )


def _name(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def _some(texts: Sequence[str]) -> str:
    first = ", ".join(text if len(text) <= NAME_MAX else text[:NAME_MAX] for text in texts[:4])
    return first if len(texts) <= 4 else f"{first}, …"


def _plain(labels: Array) -> Array:
    """Return labels as bool, int64 or tidied text; raise `ConfigError` for anything else."""
    match labels.dtype.kind:
        case "b":
            return labels
        case "i":
            return labels.astype(np.int64)
        case "u" | "f":
            return _whole(labels)
        case "S":
            return _texts([value.decode("utf-8", "replace") for value in labels.tolist()])
        case "U":
            return _texts(labels.tolist())
        case "O":
            values = labels.tolist()
            if all(isinstance(value, str) for value in values):
                return _texts(values)
            if all(isinstance(value, bool | np.bool) for value in values):
                return labels.astype(bool)
            if all(isinstance(value, Integral) for value in values):
                if all(abs(int(value)) <= WHOLE_MAX for value in values):
                    return labels.astype(np.int64)
                large = next(value for value in values if abs(int(value)) > WHOLE_MAX)
                raise ConfigError(
                    {"y": f"y: expected whole numbers of at most 2⁵³ in size, got {shown(large)}."}
                )
            place, odd = next(
                (place, value)
                for place, value in enumerate(values)
                if not isinstance(value, type(values[0])) or not isinstance(value, str | Integral)
            )
            raise ConfigError(
                {
                    "y": "y: expected labels that are all texts or all whole numbers, got "
                    f"{shown(odd)} at y[{place}]."
                }
            )
    raise ConfigError(
        {"y": f"y: expected labels as texts or whole numbers, got {labels.dtype} values."}
    )


def _whole(labels: Array) -> Array:
    with np.errstate(invalid="ignore"):
        usable = (np.abs(labels) <= WHOLE_MAX) & (labels == np.floor(labels))
    if not usable.all():
        place = int(np.argmin(usable))
        raise ConfigError(
            {
                "y": "y: expected labels as texts or whole numbers of at most 2⁵³ in size, got "
                f"{shown(labels[place].item())} at y[{place}]."
            }
        )
    return labels.astype(np.int64)


def _texts(values: Sequence[str]) -> Array:
    tidied = [tidy(value) for value in values]
    if not all(tidied):
        place = tidied.index("")
        raise ConfigError({"y": f"y: expected a label for every point, got none at y[{place}]."})
    return np.array(tidied, np.str_)
