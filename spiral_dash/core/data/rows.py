"""Rows that a person brings: a stand-in until the reader of files is merged."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.frame import decode, encode_exact

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Rows:
    x: Array
    y: Array
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    image: tuple[int, int] | None = None

    @cached_property
    def digest(self) -> str:
        names = json.dumps([self.class_names, self.feature_names, self.image]).encode()
        parts = names + self.x.tobytes() + self.y.tobytes()
        return hashlib.sha256(parts).hexdigest()

    @classmethod
    def of(
        cls,
        x: Any,
        y: Any,
        *,
        class_names: Any = None,
        feature_names: Any = None,
        image: tuple[int, int] | None = None,
    ) -> Rows:
        points = np.asarray(x, np.float32)
        names, labels = np.unique(np.asarray(y), return_inverse=True)
        return cls(
            points,
            labels.astype(np.int64),
            tuple(class_names or map(str, names)),
            tuple(feature_names or (f"x{k + 1}" for k in range(points.shape[1]))),
            image,
        )

    def pack(self) -> bytes:
        texts = {"names": json.dumps([self.class_names, self.feature_names, self.image])}
        return encode_exact({"x": self.x, "y": self.y}, texts)

    @classmethod
    def unpack(cls, blob: bytes) -> Rows:
        arrays, texts = decode(blob)
        classes, features, image = json.loads(texts["names"])
        return cls(
            arrays["x"],
            arrays["y"],
            tuple(classes),
            tuple(features),
            None if image is None else tuple(image),
        )

    @cached_property
    def contradictions(self) -> int:
        _, place = np.unique(self.x, axis=0, return_inverse=True)
        pairs = np.unique(np.stack([place.ravel(), self.y]), axis=1)
        return int((np.bincount(pairs[0]) > 1).sum())
