"""A frame is a safetensors blob: named little-endian arrays and a map of strings.

The worker writes it once, the server forwards it unread, the browser reads typed arrays out
of it, and on disk it is a recording.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

Array = npt.NDArray[Any]
_HEADER_BYTES = 8


def as_bytes(share: Array) -> Array:
    """Return shares in [0, 1] as uint8, 255 for one: an error of at most 1/510."""
    return np.rint(share * 255.0).astype(np.uint8)


def encode(arrays: Mapping[str, Array], texts: Mapping[str, str]) -> bytes:
    """Return a blob for the screen: float64 narrowed to float32, complex arrays left out.

    Safetensors has no complex numbers; a probe gives their parts as arrays of their own.
    """
    narrowed = {
        name: array.astype(np.float32) if array.dtype == np.float64 else array
        for name, array in arrays.items()
        if not np.iscomplexobj(array)
    }
    return encode_exact(narrowed, texts)


def encode_exact(arrays: Mapping[str, Array], texts: Mapping[str, str]) -> bytes:
    """Return a blob that holds every array to the last bit."""
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    return save(contiguous, metadata=dict(texts) or None)


def decode(blob: bytes) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the arrays and strings of a blob; raise `ValueError` where it is not one."""
    try:
        arrays = load(blob)
        length = int.from_bytes(blob[:_HEADER_BYTES], "little")
        header = json.loads(blob[_HEADER_BYTES : _HEADER_BYTES + length])
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"Expected a safetensors frame, got {len(blob)} bytes: {error}") from error
    return arrays, dict(header.get("__metadata__", {}))
