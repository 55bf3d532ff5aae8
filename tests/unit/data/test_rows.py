"""Points from outside are checked, known by a digest, and come back from bytes and from text."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest
import torch

from spiral_dash.core.data.rows import TEXT_MAX, Rows
from spiral_dash.core.frame import encode_exact
from spiral_dash.core.validation import ConfigError

X = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.5]]
Y = ["b", "a", "b", "a"]


def drawn(rows: int = 30, columns: int = 3, classes: int = 2, seed: int = 0) -> Rows:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, columns))
    return Rows.of(x, [f"class {number % classes}" for number in range(rows)])


@pytest.mark.parametrize(
    ("labels", "names", "codes"),
    [
        (["b", "a", "b", "a"], ("a", "b"), [1, 0, 1, 0]),
        ([9, 3, 7, 3], ("3", "7", "9"), [2, 0, 1, 0]),
        ([10, 9, 9, 10], ("9", "10"), [1, 0, 0, 1]),
        ([1, -1, -1, 1], ("-1", "1"), [1, 0, 0, 1]),
        ([True, False, True, True], ("False", "True"), [1, 0, 1, 1]),
        (np.array([2.0, 0.0, 2.0, 0.0]), ("0", "2"), [1, 0, 1, 0]),
        (np.array([5, 4, 4, 4], np.uint8), ("4", "5"), [1, 0, 0, 0]),
        (np.array(["x", "y", "x", "y"], object), ("x", "y"), [0, 1, 0, 1]),
        (torch.tensor([1, 0, 1, 1]), ("0", "1"), [1, 0, 1, 1]),
        ([" a", "b\n c", "a ", "b c"], ("a", "b c"), [0, 1, 0, 1]),
        (["süß", "bitter", "süß", "=1+1"], ("=1+1", "bitter", "süß"), [2, 1, 2, 0]),
    ],
    ids=range(11),
)
def test_labels_of_any_kind_become_classes_in_order(
    labels: Any, names: tuple[str, ...], codes: list[int]
) -> None:
    rows = Rows.of(X, labels)
    assert rows.class_names == names
    assert rows.y.tolist() == codes and rows.y.dtype == np.int64
    np.testing.assert_array_equal(rows.x, np.array(X, np.float32))
    assert rows.counts.tolist() == np.bincount(codes).tolist()


def test_class_names_name_numbers_in_order_and_order_texts() -> None:
    assert Rows.of(X, [7, 3, 7, 3], ["low", "high"]).y.tolist() == [1, 0, 1, 0]
    rows = Rows.of(X, Y, ["b", "a"])
    assert (rows.class_names, rows.y.tolist()) == (("b", "a"), [0, 1, 0, 1])


@pytest.mark.parametrize(
    "x",
    [
        np.array(X),
        np.array(X, np.float16),
        torch.tensor(X, dtype=torch.float64, requires_grad=True),
        np.asfortranarray(X),
        np.repeat(np.array(X), 2, axis=0)[::2],
        np.array(X, object),
    ],
    ids=range(6),
)
def test_the_same_numbers_have_the_same_digest_whatever_holds_them(x: Any) -> None:
    assert Rows.of(x, Y).digest == Rows.of(X, Y).digest


def test_minus_zero_is_zero() -> None:
    zeros = Rows.of([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    assert Rows.of([[-0.0, 1.0], [1.0, -0.0]], [0, 1]).digest == zeros.digest
    assert Rows(-zeros.x * 0 + zeros.x, zeros.y, ("0", "1"), ("x1", "x2")).digest == zeros.digest


def test_any_other_content_has_another_digest() -> None:
    wide = np.arange(24.0).reshape(4, 6)
    all_of_them = [
        Rows.of(X, Y),
        Rows.of(X[::-1], Y[::-1]),
        Rows.of(X, ["a", "a", "b", "b"]),
        Rows.of(X, Y, ["b", "a"]),
        Rows.of(X, Y, feature_names=["x", "y"]),
        Rows.of(np.array(X) + 1e-6, Y),
        Rows.of(X, [1, 0, 1, 0], ["a", "c"]),
        Rows.of(wide, Y),
        Rows.of(wide, Y, image=(2, 3)),
        Rows.of(wide, Y, image=(3, 2)),
    ]
    assert len({rows.digest for rows in all_of_them}) == len(all_of_them)
    assert all(len(rows.digest) == 64 for rows in all_of_them)


def test_neither_arrays_nor_what_they_were_made_of_can_change_it() -> None:
    x = np.array(X, np.float32)
    rows = Rows.of(x, Y)
    before = rows.digest
    x[0, 0] = 99
    assert rows.x[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        rows.x[0, 0] = 99
    assert Rows(rows.x, rows.y, rows.class_names, rows.feature_names).digest == before


def test_images_are_rows_that_know_their_shape() -> None:
    rows = Rows.of(np.arange(24.0).reshape(4, 2, 3), Y)
    assert rows.image == (2, 3)
    assert rows.x.shape == (4, 6)
    assert Rows.unpack(rows.pack()).image == (2, 3)


BIG = np.zeros((50_001, 2), np.float32)


@pytest.mark.parametrize(
    ("x", "y", "more", "expected"),
    [
        ([1, 2, 3, 4], Y, {}, r"a table of numbers, \(N, n\), got shape \(4,\)"),
        (np.zeros((4, 2, 2, 2)), Y, {}, "a table of numbers"),
        (3, Y, {}, "a table of numbers"),
        (None, Y, {}, "x: expected numbers"),
        ([[1, 2], [3]], Y, {}, "rows of equal length"),
        ([["1", "2"]] * 4, Y, {}, "expected numbers, got texts such as '1'"),
        ([[1, None]] * 4, Y, {}, r"expected numbers, got nothing at x\[0, 1\]"),
        (np.array([[1, "a"]] * 4, object), Y, {}, r"expected numbers, got 'a' at x\[0, 1\]"),
        (np.zeros((4, 2), complex), Y, {}, "expected numbers, got complex128"),
        (np.zeros((4, 2), "datetime64[s]"), Y, {}, "expected numbers, got datetime64"),
        ([[10**400, 1]] * 4, Y, {}, "expected numbers of at most 1e"),
        (X[:3], Y, {}, "as many labels as there are points, 3, got 4"),
        (X[:1], Y[:1], {}, "Expected 2 to 50,000 rows, got 1"),
        (np.zeros((0, 2)), [], {}, "Expected 2 to 50,000 rows, got 0"),
        (BIG, np.zeros(50_001), {}, "Expected 2 to 50,000 rows, got 50,001"),
        (np.zeros((4, 1025)), Y, {}, "1 to 1,024 columns of numbers, got 1,025"),
        (np.zeros((4, 0)), Y, {}, "1 to 1,024 columns of numbers, got 0"),
        ([*X[:3], [1, np.nan]], Y, {}, r"finite numbers .* got NaN at x\[3, 1\]\."),
        ([*X[:2], [-np.inf, 1], [1, np.nan]], Y, {}, r"an infinity at x\[2, 0\] and 1 more"),
        ([*X[:3], [1e308, 1]], Y, {}, r"at most 1e\+15 in size, got 1e\+308"),
        ([*X[:3], [-1e16, 1]], Y, {}, r"got -1e\+16 at x\[3, 0\]"),
        (np.ma.masked_equal(X, 3.0), Y, {}, r"got NaN at x\[1, 1\]"),
        (X, ["a"] * 4, {}, "at least 2 classes to tell apart, got only 'a'"),
        (X, [7] * 4, {}, "got only '7'"),
        (X, [["a"]] * 4, {}, r"one label for each point, \(N,\), got shape \(4, 1\)"),
        (X, [1, 2, 1.5, 1], {}, r"labels as texts or whole numbers .*, got 1\.5 at y\[2\]"),
        (X, [1, 2, np.nan, 1], {}, r"got NaN at y\[2\]"),
        (X, ["a", "", "b", "a"], {}, r"a label for every point, got none at y\[1\]"),
        (X, ["a", None, "b", "a"], {}, r"got nothing at y\[1\]"),
        (X, ["a", 3, "b", object()], {}, "expected"),
        (X, [10**30, 1, 1, 1], {}, "at most 2⁵³ in size"),
        (X, np.zeros(4, complex), {}, "got complex128 values"),
        (X, ["a" * 61, "b", "b", "b"], {}, "1 to 60 characters, got 61 characters"),
        (np.zeros((27, 2)), range(27), {}, "at most 26 classes, got 27 different labels"),
        (np.zeros((999, 2)), range(999), {}, "got 999 different labels, such as 0, 1, 2, 3, …"),
        (X, Y, {"class_names": ["a"]}, r"2 names, one for each class \(a, b\), got 1"),
        (X, Y, {"class_names": ["a", "c"]}, "expected the labels a, b in the order"),
        (X, [0, 1, 0, 1], {"class_names": ["a", "a"]}, "got 'a' twice"),
        (X, [0, 1, 0, 1], {"class_names": ["a", " a\n"]}, "got 'a' twice"),
        (X, [0, 1, 0, 1], {"class_names": ["a", ""]}, "1 to 60 characters, got ''"),
        (X, [0, 1, 0, 1], {"class_names": ["a", None]}, "got nothing"),
        (X, [0, 1, 0, 1], {"class_names": "ab"}, "2 names, one for each class"),
        (X, [0, 1, 0, 1], {"class_names": 3}, "a list of names, got 3"),
        (X, Y, {"feature_names": ["a"]}, "2 names, one for each column, got 1"),
        (X, Y, {"feature_names": ["a", "a"]}, "a different name for each column"),
        (X, Y, {"feature_names": ["a", "b" * 61]}, "got 61 characters"),
        (X, Y, {"feature_names": ["a", "\ud800"]}, "1 to 60 characters"),
        (X, Y, {"image": (2, 2)}, "height and width of an image of 2 numbers"),
        (X, Y, {"image": (-1, -2)}, "height and width"),
        (X, Y, {"image": "2x1"}, "height and width"),
        (X, Y, {"image": 2}, "height and width"),
    ],
    ids=range(51),
)
def test_what_is_no_set_of_points_is_refused_with_a_sentence(
    x: Any, y: Any, more: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ConfigError, match=expected) as refused:
        Rows.of(x, y, **more)
    assert all(sentence.endswith(".") for sentence in refused.value.problems.values())


def test_twenty_six_classes_are_fine() -> None:
    assert len(Rows.of(np.zeros((26, 2)), range(26)).class_names) == 26


@pytest.mark.parametrize("seed", range(8))
def test_points_come_back_from_bytes_and_from_text(seed: int) -> None:
    rows = drawn(rows=8 + 40 * seed, columns=2 + seed, classes=2 + seed, seed=seed)
    packed = rows.pack()
    assert packed == Rows.of(rows.x.copy(), rows.y, rows.class_names, rows.feature_names).pack()
    for again in (Rows.unpack(packed, rows.digest), Rows.from_text(rows.to_text(), rows.digest)):
        assert again.digest == rows.digest
        np.testing.assert_array_equal(again.x, rows.x)
        assert again.class_names == rows.class_names
        assert again.pack() == packed
    assert rows.to_text() == Rows.unpack(packed).to_text()
    assert set(rows.to_text()) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_too_many_points_have_no_text() -> None:
    assert drawn(rows=400, columns=2).text_or_none() is not None
    for rows in (drawn(rows=401, columns=2), drawn(rows=400, columns=40)):
        assert rows.text_or_none() is None
        with pytest.raises(ConfigError, match="at most 400 points that fit into 32000 characters"):
            rows.to_text()


ROWS = drawn()
PACKED = ROWS.pack()
ABOUT = {"class_names": ["a", "b"], "feature_names": ["x", "y"], "image": None}


def packed(x: Any, y: Any, about: object = ABOUT) -> bytes:
    text = about if isinstance(about, str) else json.dumps(about)
    return encode_exact({"x": x, "y": y}, {"rows": text})


GOOD = np.zeros((4, 2), np.float32)
CODES = np.array([0, 1, 0, 1])


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"x" * 100,
        PACKED[:50],
        PACKED[:-1],
        PACKED + b"\0",
        b"\x80\x04N.",
        encode_exact({"x": GOOD}, {}),
        encode_exact({"x": GOOD, "y": CODES}, {}),
        packed(GOOD.astype(np.float64), CODES),
        packed(GOOD, CODES.astype(np.int32)),
        packed(GOOD[0], CODES),
        packed(GOOD, CODES + 1),
        packed(GOOD, CODES[:3]),
        packed(GOOD, CODES * 0),
        packed(GOOD + np.float32(np.nan), CODES),
        packed(GOOD, CODES, "[" * 100_000),
        packed(GOOD, CODES, "null"),
        packed(GOOD, CODES, {**ABOUT, "class_names": ["a"]}),
        packed(GOOD, CODES, {**ABOUT, "class_names": {"a": 1}}),
        packed(GOOD, CODES, {**ABOUT, "feature_names": None, "class_names": [[], {}]}),
        packed(GOOD, CODES, {**ABOUT, "image": [5, 5]}),
        packed(GOOD, CODES, {**ABOUT, "more": 1}),
    ],
    ids=range(22),
)
def test_other_bytes_are_no_points(blob: bytes) -> None:
    with pytest.raises(ConfigError):
        Rows.unpack(blob)


def test_another_digest_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"Expected the points 000000000000…, got others"):
        Rows.unpack(PACKED, "0" * 64)


def in_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "§",
        "AAAA",
        ROWS.to_text()[:-5],
        ROWS.to_text() + "AAAA",
        ROWS.to_text().replace("A", "+", 1),
        "A" * (TEXT_MAX + 1),
        in_text(zlib.compress(b"\0" * 20_000_000)),
        in_text(zlib.compress(PACKED) + b"more"),
        in_text(zlib.compress(b"not packed")),
        in_text(zlib.compress(packed(np.zeros((402, 2), np.float32), np.arange(402) % 2))),
    ],
    ids=range(12),
)
def test_other_texts_are_no_points(text: str) -> None:
    with pytest.raises(ConfigError, match="Expected"):
        Rows.from_text(text)


@pytest.mark.parametrize("seed", range(5))
def test_contradictions_are_places_with_several_labels(seed: int) -> None:
    generator = np.random.default_rng(seed)
    x, y = generator.integers(0, 4, (60, 2)), generator.integers(0, 3, 60)
    labels: dict[tuple[int, ...], set[int]] = {}
    for place, label in zip(x.tolist(), y.tolist(), strict=True):
        labels.setdefault(tuple(place), set()).add(label)
    expected = sum(len(each) > 1 for each in labels.values())
    assert Rows.of(x, y).contradictions == expected
    assert drawn().contradictions == 0
