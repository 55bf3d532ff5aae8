"""However a table is written, the points that are read are the same."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas
import pytest

from spiral_dash.core.data.rows import Rows
from spiral_dash.core.data.table import Table, read_table

Array = npt.NDArray[Any]

LABELS = {
    "words": ["ja", "nein", "vielleicht"],
    "awkward": ["a, b; c|d", 'say "hi"', "=1+1"],
    "foreign": ["süß", "θ", "日本"],
    "whole": ["-1", "0", "1"],
}
CODECS = ["utf-8", "utf-8-sig", "utf-16"]


def points(seed: int, columns: int = 3, rows: int = 24) -> tuple[Array, Array]:
    """Numbers of very different sizes, some whole, and a class for each."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, columns)) * 10.0 ** generator.integers(-5, 6, columns)
    x[0] = np.rint(x[0])
    # Every class has a point, and the last number of a column is never the label's.
    y = np.concatenate([np.arange(3), generator.integers(0, 3, rows - 3)])
    return x.astype(np.float32).astype(np.float64), y


def write(
    x: Array,
    labels: list[str],
    *,
    delimiter: str = ",",
    decimal: str = ".",
    newline: str = "\n",
    header: bool = True,
    quoted: bool = False,
    label_first: bool = False,
) -> str:
    def cell(text: str, *, is_number: bool) -> str:
        must = any(sign in text for sign in (delimiter, '"', " ")) or (quoted and not is_number)
        return '"' + text.replace('"', '""') + '"' if must or quoted else text

    def line(numbers: list[str], label: str) -> str:
        cells = [cell(number, is_number=True) for number in numbers]
        cells.insert(0 if label_first else len(cells), cell(label, is_number=False))
        return delimiter.join(cells)

    rows = [
        line([repr(float(value)).replace(".", decimal) for value in row], label)
        for row, label in zip(x, labels, strict=True)
    ]
    if header:
        places = range(2, x.shape[1] + 2) if label_first else range(1, x.shape[1] + 1)
        rows.insert(0, line([f"column {place}" for place in places], "label"))
    return newline.join(rows) + newline


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
def test_the_form_of_a_file_does_not_change_its_points(kind: str, delimiter: str) -> None:
    forms = itertools.product(
        [".", ","], ["\n", "\r\n", "\r"], [True, False], [False, True], CODECS
    )
    for seed, (decimal, newline, header, quoted, codec) in enumerate(forms):
        x, y = points(seed)
        label_first = bool(seed % 2)
        labels = [LABELS[kind][one] for one in y]
        if newline == "\r" and codec == "utf-16":
            continue
        text = write(
            x,
            labels,
            delimiter=delimiter,
            decimal=decimal,
            newline=newline,
            header=header,
            quoted=quoted,
            label_first=label_first,
        )
        names = [f"column {place + label_first}" for place in range(1, 4)]
        expected = Rows.of(x, y if kind == "whole" else labels, feature_names=names)
        if kind == "whole":
            expected = Rows.of(x, y, LABELS[kind], names)
        table = read_table(text.encode(codec))
        label = "label" if header else f"column {1 if label_first else 4}"
        rows = table.rows(label=label)
        assert rows.digest == expected.digest, (text[:300], rows, expected)
        assert table.found().label == label, text[:300]
        assert table.found().header == header


@pytest.mark.parametrize("seed", range(6))
def test_what_pandas_writes_is_read(seed: int) -> None:
    x, y = points(seed)
    frame = pandas.DataFrame(x, columns=["a", "b", "c"])
    frame["species"] = [LABELS["words"][one] for one in y]
    expected = Rows.of(x, list(frame["species"]), feature_names=["a", "b", "c"])
    for index, more in itertools.product([True, False], [{}, {"sep": ";", "decimal": ","}]):
        text = frame.to_csv(index=index, **more)
        assert read_table(text.encode()).rows().digest == expected.digest


def test_missing_cells_take_their_row_and_nothing_else() -> None:
    x, y = points(3)
    labels = [LABELS["words"][one] for one in y]
    for token in ("", "NA", "?", "nan", "NaN", "N/A", "null", "None", "-", " "):
        for gap, column in ((3, 0), (9, 2), (23, 1)):
            cells = [[repr(float(value)) for value in row] for row in x]
            cells[gap][column] = token
            text = "\n".join(
                [
                    "a,b,c,label",
                    *(",".join([*row, name]) for row, name in zip(cells, labels, strict=True)),
                ]
            )
            rows = read_table(text.encode()).rows(missing="leave out")
            kept = np.delete(np.arange(24), gap)
            expected = Rows.of(x[kept], [labels[k] for k in kept], feature_names=["a", "b", "c"])
            assert rows.digest == expected.digest, (token, gap)


def test_packing_a_table_changes_nothing() -> None:
    for seed in range(5):
        x, y = points(seed, columns=1 + seed)
        table = read_table(write(x, [LABELS["awkward"][one] for one in y]).encode())
        again = Table.unpack(table.pack())
        assert again.rows().digest == table.rows().digest
        assert again.found() == table.found()


def test_reading_costs_little_more_than_the_library_alone(tmp_path: Path) -> None:
    """A generous bound: the machine may be busy; the figure is in the benchmarks."""
    generator = np.random.default_rng(0)
    frame = pandas.DataFrame(generator.normal(size=(20_000, 15)).round(4))
    frame["label"] = generator.choice(["a", "b", "c"], 20_000)
    path = tmp_path / "large.csv"
    frame.to_csv(path, index=False)

    def seconds(call: Any) -> float:
        start = time.perf_counter()
        call(path)
        return time.perf_counter() - start

    rounds = [(seconds(pandas.read_csv), seconds(read_table)) for _ in range(7)]
    assert min(ours for _, ours in rounds) < 3 * min(theirs for theirs, _ in rounds)
    table = read_table(path)
    assert min(seconds(lambda _: table.rows()) for _ in range(5)) < 0.2
