"""Points that a person brings: numbers, labels and their names, known by a digest."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spiral_dash.core.data.labels import classes_of
from spiral_dash.core.data.naming import checked_names
from spiral_dash.core.frame import decode, encode_exact
from spiral_dash.core.validation import ConfigError, and_more, parse_json, shown

Array = npt.NDArray[Any]

ROWS_MIN, ROWS_MAX = 2, 50_000
COLUMNS_MIN, COLUMNS_MAX = 1, 1_024
MAGNITUDE_MAX = 1e15
TEXT_ROWS_MAX = 400
TEXT_MAX = 32_000
# More than 400 rows of 1,024 numbers and their names can take.
TEXT_BYTES_MAX = 4_000_000
_ABOUT = "rows"


@dataclass(frozen=True, eq=False)
class Rows:
    """`x` (N, n) float32, finite; `y` (N,) int64, classes from 0; in the order that was given.

    Every class has a point. `image` is (height, width) where a row is an image, n = height x
    width. The arrays are copied and read-only, so that `digest` stays true. What comes from
    outside is checked by `Rows.of`.
    """

    x: Array
    y: Array
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    image: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        # Adding zero turns -0.0 into 0.0, so that equal numbers have equal bytes.
        x = np.ascontiguousarray(self.x, np.float32) + np.float32(0)
        y = np.array(self.y, np.int64)
        x.flags.writeable = y.flags.writeable = False
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)

    @classmethod
    def of(
        cls,
        x: object,
        y: object,
        class_names: object = None,
        feature_names: object = None,
        image: tuple[int, int] | None = None,
    ) -> Self:
        """Check arrays, lists or tensors: `x` (N, n) numbers, `y` (N,) labels.

        `x` may be (N, height, width), then each row is an image. Labels are texts, whole numbers
        or truth values; classes are in alphabetical or ascending order. `class_names` name them
        in this order, or are the texts themselves in another. Raises `ConfigError`.
        """
        points = _numbers(x)
        if points.ndim == 3 and image is None:
            image = (points.shape[1], points.shape[2])
            points = points.reshape(len(points), -1)
        _check_shape(points)
        labels = _as_array("y", y)
        if labels.ndim != 1:
            raise ConfigError(
                {"y": f"y: expected one label for each point, (N,), got shape {labels.shape}."}
            )
        if len(labels) != len(points):
            raise ConfigError(
                {
                    "y": f"y: expected as many labels as there are points, {len(points)}, "
                    f"got {len(labels)}."
                }
            )
        usable = within_bounds(points)
        if not usable.all():
            row, column = np.argwhere(~usable)[0]
            more = usable.size - int(np.count_nonzero(usable)) - 1
            raise ConfigError(
                {
                    "x": f"x: expected finite numbers of at most {MAGNITUDE_MAX:g} in size, got "
                    f"{shown(float(points[row, column]))} at "
                    + and_more(f"x[{row}, {column}]", more)
                    + "."
                }
            )
        codes, names = classes_of(labels, class_names)
        count = points.shape[1]
        if feature_names is None:
            feature_names = [f"x{number}" for number in range(1, count + 1)]
        columns = checked_names("feature_names", feature_names, count, "column")
        return cls(points, codes, names, columns, _image(image, count))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over numbers, classes, shapes and names, in hexadecimal digits."""
        state = hashlib.sha256(self._about().encode())
        state.update(f"\0{self.x.shape}\0".encode())
        state.update(self.x.astype("<f4", copy=False).tobytes())
        state.update(self.y.astype("<i8", copy=False).tobytes())
        return state.hexdigest()

    @property
    def counts(self) -> Array:
        """(classes,) int64, the number of points of each class."""
        return np.bincount(self.y, minlength=len(self.class_names))

    @cached_property
    def contradictions(self) -> int:
        """The number of places (different x) that carry more than one label."""
        first: dict[bytes, int] = {}
        torn = set()
        data, width = self.x.tobytes(), self.x.itemsize * self.x.shape[1]
        for row, label in enumerate(self.y.tolist()):
            key = data[row * width : (row + 1) * width]
            if first.setdefault(key, label) != label:
                torn.add(key)
        return len(torn)

    def _about(self) -> str:
        """Return everything that is no array, always as the same text."""
        about = {"class_names": self.class_names, "feature_names": self.feature_names}
        return json.dumps({**about, "image": self.image}, separators=(",", ":"))

    def pack(self) -> bytes:
        """Return safetensors bytes, the same for the same content."""
        # One text, because safetensors writes several in no particular order.
        return encode_exact({"x": self.x, "y": self.y}, {_ABOUT: self._about()})

    @classmethod
    def unpack(cls, blob: bytes, digest: str | None = None) -> Self:
        """Return what `pack` wrote; raise `ConfigError` for other bytes or another digest."""
        problem = f"Expected points as Spiral Dash packs them, got {len(blob)} bytes that are not"
        try:
            arrays, texts = decode(blob)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ConfigError({"rows": f"{problem}."}) from error
        about = parse_json(texts.get(_ABOUT, "null"))
        if not (
            arrays.keys() == {"x", "y"}
            and arrays["x"].dtype == np.float32
            and arrays["y"].dtype == np.int64
            and arrays["x"].ndim == 2
            and isinstance(about, dict)
            and about.keys() == {"class_names", "feature_names", "image"}
        ):
            raise ConfigError({"rows": f"{problem}."})
        rows = cls.of(arrays["x"], arrays["y"], **about)
        if not np.array_equal(rows.y, arrays["y"]):
            raise ConfigError({"rows": f"{problem}: its classes do not count from 0."})
        if digest is not None and rows.digest != digest:
            raise ConfigError(
                {"rows": f"Expected the points {digest[:12]}…, got others, {rows.digest[:12]}…."}
            )
        return rows

    def text_or_none(self) -> str | None:
        """Return the points as text for an address, or None where they are too many for one."""
        if len(self.x) > TEXT_ROWS_MAX:
            return None
        text = base64.urlsafe_b64encode(zlib.compress(self.pack(), 9)).decode().rstrip("=")
        return text if len(text) <= TEXT_MAX else None

    def to_text(self) -> str:
        """Return the points as text for an address; raise `ConfigError` where they are too many."""
        text = self.text_or_none()
        if text is None:
            raise ConfigError(
                {
                    "rows": f"Expected at most {TEXT_ROWS_MAX} points that fit into {TEXT_MAX} "
                    f"characters, got {len(self.x)} points of {self.x.shape[1]} numbers."
                }
            )
        return text

    @classmethod
    def from_text(cls, text: str, digest: str | None = None) -> Self:
        """Return what `to_text` wrote; raise `ConfigError` for any other text."""
        if len(text) > TEXT_MAX:
            raise ConfigError(
                {"rows": f"Expected points in at most {TEXT_MAX} characters, got {len(text)}."}
            )
        blob = _inflated(text)
        if blob is None:
            raise ConfigError(
                {"rows": f"Expected points as an address holds them, got {shown(text)}."}
            )
        rows = cls.unpack(blob, digest)
        if len(rows.x) > TEXT_ROWS_MAX:
            raise ConfigError(
                {"rows": f"Expected at most {TEXT_ROWS_MAX} points, got {len(rows.x)}."}
            )
        return rows


def within_bounds(numbers: Array) -> Array:
    """Return where numbers are finite and at most 1e15 in size, a bool for each."""
    within: Array = np.abs(numbers) <= MAGNITUDE_MAX  # False for NaN
    return within


def check_counts(rows: int, columns: int) -> None:
    """Raise `ConfigError` where a set of points is too small or too large."""
    problems = {}
    if not ROWS_MIN <= rows <= ROWS_MAX:
        problems["rows"] = f"Expected {ROWS_MIN} to {ROWS_MAX:,} rows, got {rows:,}."
    if not COLUMNS_MIN <= columns <= COLUMNS_MAX:
        problems["columns"] = (
            f"Expected {COLUMNS_MIN} to {COLUMNS_MAX:,} columns of numbers, got {columns:,}."
        )
    if problems:
        raise ConfigError(problems)


def _check_shape(points: Array) -> None:
    if points.ndim != 2:
        raise ConfigError(
            {"x": f"x: expected a table of numbers, (N, n), got shape {points.shape}."}
        )
    check_counts(*points.shape)


def _as_array(field: str, values: object) -> Array:
    """Return arrays, lists, frames and tensors as a numpy array, whatever is in it."""
    detach = getattr(values, "detach", None)
    try:
        if callable(detach):  # a tensor, which may be followed by gradients or lie elsewhere
            values = detach().cpu().numpy()
        if isinstance(values, np.ma.MaskedArray):
            values = np.ma.filled(values.astype(np.float64), np.nan)
        return np.asarray(values)
    except (ValueError, TypeError, OverflowError) as error:
        raise ConfigError(
            {field: f"{field}: expected rows of equal length, got {shown(values)} that has none."}
        ) from error


def _numbers(x: object) -> Array:
    points = _as_array("x", x)
    if points.dtype.kind in "biuf":
        # The bound itself is beyond float16.
        return points.astype(np.float32) if points.dtype == np.float16 else points
    expected = "x: expected numbers"
    if points.dtype.kind != "O":
        raise ConfigError({"x": f"{expected}, got {_kind(points)}."})
    for place, value in np.ndenumerate(points):
        if isinstance(value, str | bytes | complex) or not hasattr(value, "__float__"):
            at = ", ".join(map(str, place))
            raise ConfigError({"x": f"{expected}, got {shown(value)} at x[{at}]."})
    try:
        return points.astype(np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise ConfigError({"x": f"{expected} of at most {MAGNITUDE_MAX:g} in size."}) from error


def _kind(points: Array) -> str:
    if points.dtype.kind in "US":
        return f"texts such as {shown(str(points.flat[0]))}" if points.size else "texts"
    return f"{points.dtype} values"


def _image(image: object, columns: int) -> tuple[int, int] | None:
    match image:
        case None:
            return None
        case (int(height), int(width)) if min(height, width) > 0 and height * width == columns:
            return height, width
    raise ConfigError(
        {
            "image": f"image: expected height and width of an image of {columns} numbers, "
            f"got {shown(image)}."
        }
    )


def _inflated(text: str) -> bytes | None:
    """Return the bytes in a text of an address, None where there are none; never too many."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        return None
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        stream = zlib.decompressobj()
        blob = stream.decompress(packed, TEXT_BYTES_MAX)
    except (binascii.Error, zlib.error):
        return None
    return blob if stream.eof and not stream.unused_data else None
