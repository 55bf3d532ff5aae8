"""A frame's bytes give back its arrays and strings, and no other bytes pass for a frame."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from spiral_dash.core.frame import as_bytes, decode, encode, encode_exact

Array = npt.NDArray[Any]
ARRAYS: dict[str, Array] = {
    "float32": np.array([[1.5, -2.25], [np.inf, np.nan]], np.float32),
    "int32": np.array([-1, 2**31 - 1], np.int32),
    "int64": np.array([-1, 2**63 - 1], np.int64),
    "uint8": np.arange(256, dtype=np.uint8),
    "bool": np.array([True, False]),
    "scalar": np.array(3.5, np.float32),
    "empty": np.empty((0, 2), np.float32),
    "a/key with spaces": np.zeros((2, 3, 4), np.float32),
    "not contiguous": np.arange(12, dtype=np.float32).reshape(3, 4).T[::2],
}
TEXTS = {"state": "PLAYING", "config": '{"seed": 1}', "notice": "größer als ε", "": ""}


@pytest.mark.parametrize("write", [encode, encode_exact])
def test_arrays_and_strings_come_back(write: Any) -> None:
    arrays, texts = decode(write(ARRAYS, TEXTS))
    assert texts == TEXTS
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype, name
        assert arrays[name].shape == array.shape, name
        np.testing.assert_array_equal(arrays[name], array)


def test_the_screen_gets_float32_and_no_complex_numbers() -> None:
    arrays, _ = decode(encode({"x": np.array([1 / 3]), "z": np.array([1j])}, {}))
    assert arrays.keys() == {"x"}
    assert arrays["x"].dtype == np.float32
    np.testing.assert_allclose(arrays["x"], 1 / 3, rtol=1e-7)


def test_exact_keeps_float64_to_the_last_bit() -> None:
    array = np.array([1 / 3, 1e-300])
    arrays, _ = decode(encode_exact({"x": array}, {}))
    assert arrays["x"].dtype == np.float64
    np.testing.assert_array_equal(arrays["x"], array)


def test_an_empty_frame() -> None:
    assert decode(encode({}, {})) == ({}, {})


def test_the_blob_is_a_length_a_header_and_little_endian_numbers() -> None:
    """The layout that the browser reads by itself."""
    blob = encode({"x": np.array([1, 2], np.int32)}, {"state": "READY"})
    length = int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8 : 8 + length])
    assert header["__metadata__"] == {"state": "READY"}
    assert header["x"] == {"dtype": "I32", "shape": [2], "data_offsets": [0, 8]}
    assert blob[8 + length :] == b"\x01\0\0\0\x02\0\0\0"


def test_shares_as_bytes() -> None:
    shares = np.linspace(0, 1, 1001)
    coded = as_bytes(shares)
    assert coded.dtype == np.uint8
    assert (coded[0], coded[-1]) == (0, 255)
    assert np.abs(coded / 255 - shares).max() <= 1 / 510 + 1e-12


WHOLE = encode({"x": np.zeros(100, np.float32)}, {"state": "READY"})


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"\0",
        b"{}",
        b"\0" * 8,
        b"\xff" * 8,
        b"\xff" * 1000,
        WHOLE[:7],
        WHOLE[:50],
        WHOLE[:-1],
        WHOLE + b"\0",
        (5).to_bytes(8, "little") + b"[1,2]",
        (4).to_bytes(8, "little") + b"null",
        (100_000).to_bytes(8, "little") + b"[" * 100_000,
        (2).to_bytes(8, "little") + b"\xff\xfe",
        WHOLE.replace(b"F32", b"F99"),
        WHOLE.replace(b'"state":"READY"', b'"state":["READ"]'),
    ],
    ids=range(16),
)
def test_other_bytes_are_refused_with_a_sentence(blob: bytes) -> None:
    with pytest.raises(ValueError, match=f"Expected a safetensors frame, got {len(blob)} bytes"):
        decode(blob)
