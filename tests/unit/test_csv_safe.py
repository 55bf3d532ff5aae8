"""What is written as CSV reads back, and no spreadsheet runs it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from spiral_dash.core.csv_safe import safe, write_csv

HARMLESS = ["", "a", "a=1", "1+1", "x, y", 'say "hi"', "two\nlines", "süß", "test_accuracy_=1+1"]
FORMULAE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "-2+3"]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize("text", FORMULAE)
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("number", [-1, -1.5, 0, 3, 1e-300, float("nan"), float("-inf")])
def test_numbers_stay_numbers(number: float) -> None:
    file = io.StringIO()
    write_csv(file, ["x"], [[number], [np.float64(number)]])
    assert file.getvalue().split() == ["x", str(number), str(float(number)).replace(".0", ".0")]


def test_no_cell_of_a_written_file_begins_like_a_formula(tmp_path: Path) -> None:
    texts = [*HARMLESS, *FORMULAE]
    path = tmp_path / "cells.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        write_csv(file, texts, [texts, [-1.5] * len(texts)])
    with path.open(newline="", encoding="utf-8") as file:
        header, cells, numbers = csv.reader(file)
    assert header == cells
    assert [cell.removeprefix("'") for cell in cells] == texts
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert numbers == ["-1.5"] * len(texts)
