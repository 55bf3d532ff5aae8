"""Arrays x and y from a numpy archive, of which nothing is executed."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from spiral_dash.core.data.column import Column
from spiral_dash.core.data.labels import classes_of, refuse_classes
from spiral_dash.core.data.naming import checked_names
from spiral_dash.core.data.rows import check_counts
from spiral_dash.core.data.table import Form, Table
from spiral_dash.core.validation import ConfigError

Array = npt.NDArray[Any]

UNPACKED_MAX = 64 * 2**20
LABEL = "label"
_NAMES = ("class_names", "feature_names")
_DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, OSError)


def holds_points(data: bytes) -> bool:
    """Return whether a zip archive has arrays named x and y."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {"x.npy", "y.npy"} <= set(archive.namelist())
    except _DAMAGED:
        return False


def read_npz(data: bytes) -> Table:
    """Read x (N, n) or (N, height, width) and y (N,); raise `ConfigError` for other arrays.

    `class_names` and `feature_names` are read where they are there.
    """
    x, y = _member(data, "x"), _member(data, "y")
    names = {name: _member(data, name, optional=True) for name in _NAMES}
    image = None
    if x.ndim == 3:
        image = (x.shape[1], x.shape[2])
        x = x.reshape(len(x), -1)
    if x.ndim != 2 or x.dtype.kind not in "biuf":
        raise ConfigError(
            {"x": f"x: expected a table of numbers, (N, n), got {x.dtype} of shape {x.shape}."}
        )
    check_counts(*x.shape)
    if y.shape != (len(x),):
        raise ConfigError(
            {"y": f"y: expected a label for each of {len(x)} points, got shape {y.shape}."}
        )
    labels = _labels(y, names["class_names"])
    given = names["feature_names"]
    features = (
        tuple(f"x{number}" for number in range(1, x.shape[1] + 1))
        if given is None
        else checked_names("feature_names", given.tolist(), x.shape[1], "column")
    )
    label = next(name for name in (LABEL, "class", "target", "y") if name not in features)
    numbers = np.ascontiguousarray(x.T, np.float64)
    return Table(
        (
            *(Column(name, values) for name, values in zip(features, numbers, strict=True)),
            Column(label, labels.numbers, labels.codes, labels.texts),
        ),
        np.arange(1, len(x) + 1, dtype=np.int32),
        Form("npz"),
        image=image,
    )


def _labels(y: Array, class_names: Array | None) -> Column:
    if class_names is None and y.dtype.kind in "iuf":
        return Column(LABEL, y.astype(np.float64))
    if class_names is None and y.dtype.kind not in "USb":
        raise ConfigError({"y": f"y: expected whole numbers or texts, got {y.dtype} values."})
    values = np.unique(y)
    refuse_classes([str(value) for value in values[:27].tolist()], len(values))
    codes, names = classes_of(y, None if class_names is None else class_names.tolist())
    return Column(LABEL, None, codes.astype(np.int32), names)


def _member(data: bytes, name: str, *, optional: bool = False) -> Any:
    """Return one array; its size is checked before it is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if optional and f"{name}.npy" not in archive.namelist():
                return None
            if archive.getinfo(f"{name}.npy").file_size > UNPACKED_MAX:
                raise ConfigError(
                    {
                        name: f"{name}: expected at most {UNPACKED_MAX // 2**20} MiB unpacked, got "
                        f"{archive.getinfo(f'{name}.npy').file_size / 2**20:.1f} MiB."
                    }
                )
            with archive.open(f"{name}.npy") as file:
                shape, dtype = _head(file)
                if dtype.hasobject:
                    raise ConfigError(
                        {name: f"{name}: expected plain numbers or texts, got Python objects."}
                    )
                size = dtype.itemsize * int(np.prod([int(one) for one in shape], dtype=object))
                if size > UNPACKED_MAX:
                    raise ConfigError(
                        {name: f"{name}: expected at most 64 MiB, got an array of {shape}."}
                    )
            with archive.open(f"{name}.npy") as file:
                return npy.read_array(file, allow_pickle=False)
    except ConfigError:
        raise
    except (*_DAMAGED, KeyError, EOFError, TypeError, SyntaxError) as error:
        raise ConfigError(
            {name: f"{name}: expected a whole numpy array, got one cut off or damaged."}
        ) from error


def _head(file: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype
