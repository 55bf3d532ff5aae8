"""Files that people bring: what is opened, and what is refused with row, column and reason."""

from __future__ import annotations

import builtins
import gzip
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiral_dash.core.data.rows import Rows
from spiral_dash.core.data.table import Table, read_table
from spiral_dash.core.validation import ConfigError

SMALL = "x,y,label\n1,2.5,a\n3,4,b\n5.5,6,a\n"
X = [[1, 2.5], [3, 4], [5.5, 6]]


def rows_of(data: str | bytes, **choices: Any) -> Rows:
    return read_table(data if isinstance(data, bytes) else data.encode()).rows(**choices)


def lines(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


def read_or_refused(data: str | bytes) -> str:
    """Return nothing, or the sentence that refuses it; any other error is a failure."""
    try:
        rows_of(data)
    except ConfigError as error:
        return str(error)
    return ""


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return file.getvalue()


GOOD: dict[str, str | bytes] = {
    "plain": SMALL,
    "no newline at the end": SMALL.rstrip(),
    "windows": SMALL.replace("\n", "\r\n"),
    "old macintosh": SMALL.replace("\n", "\r"),
    "mixed newlines": SMALL.replace("\n", "\r\n", 2),
    "byte order mark": b"\xef\xbb\xbf" + SMALL.encode(),
    "utf-16": SMALL.encode("utf-16"),
    "utf-16, big end first": b"\xfe\xff" + SMALL.encode("utf-16-be"),
    "utf-32": SMALL.encode("utf-32"),
    "semicolon": SMALL.replace(",", ";"),
    "semicolon and decimal comma": SMALL.replace(",", ";").replace(".", ","),
    "tab": SMALL.replace(",", "\t"),
    "tab and decimal comma": SMALL.replace(",", "\t").replace(".", ","),
    "bar": SMALL.replace(",", "|"),
    "blank": SMALL.replace(",", " "),
    "aligned with blanks": SMALL.replace(",", "   ").replace("\n", "  \n  "),
    "blanks and decimal comma": SMALL.replace(",", " ").replace(".", ","),
    "blanks behind commas": SMALL.replace(",", ", "),
    "blanks before commas": SMALL.replace(",", " ,"),
    "quoted": 'x,y,label\n"1","2.5","a"\n"3","4","b"\n"5.5","6","a"\n',
    "quoted decimal commas": 'x,y,label\n"1","2,5",a\n"3,0","4",b\n"5,5",6,a\n',
    "quoted behind blanks": 'x, y, label\n1, 2.5, "a"\n3, 4, "b"\n5.5, 6, "a"\n',
    "named delimiter": "sep=;\n" + SMALL.replace(",", ";"),
    "comments above": "# made by hand\n# on a day\n" + SMALL,
    "header in a comment": SMALL.replace("x,y", "# x,y"),
    "empty rows at the end": SMALL + "\n\n,,\n,,\n",
    "empty rows within": SMALL.replace("\n3", "\n\n,,\n3"),
    "empty rows above": "\n\n" + SMALL,
    "trailing delimiters": SMALL.replace("\n", ",\n"),
    "trailing delimiters below the header": SMALL.replace("a\n", "a,\n").replace("b\n", "b,\n"),
    "running number": ",x,y,label\n0,1,2.5,a\n1,3,4,b\n2,5.5,6,a\n",
    "names of rows, as R writes them": '"x" "y" "label"\n"1" 1 2.5 "a"\n"2" 3 4 "b"\n"3" 5.5 6 "a"',
    "an id": "ID,x,y,label\n7,1,2.5,a\n8,3,4,b\n9,5.5,6,a\n",
    "an empty column": "x,nothing,y,label\n1,,2.5,a\n3,,4,b\n5.5,,6,a\n",
    "a remark for each row": "x,y,label,remark\n1,2.5,a,p\n3,4,b,q\n5.5,6,a,r s\n",
    "label first": "label,x,y\na,1,2.5\nb,3,4\na,5.5,6\n",
    "label by another name": SMALL.replace("label", "Species"),
    "label by being the only text": SMALL.replace("label", "what it is"),
    "exponents": "x,y,label\n1e0,25E-1,a\n.3e1,+4.,b\n5.5,6,a\n",
    "blanks around labels": SMALL.replace("a\n", " a \n"),
    "a minus that is a minus": SMALL.replace("1,", "1,").replace("5.5", "5.5"),
    "control character at the end": SMALL + "\x1a",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_table_is_read_in_every_form(name: str) -> None:
    rows = rows_of(GOOD[name])
    assert rows.digest == Rows.of(X, ["a", "b", "a"], feature_names=["x", "y"]).digest


def test_without_a_header_columns_are_named_by_their_place() -> None:
    table = read_table(b"0\t1.5\t2.5\n1\t3.5\t4\n0\t1\t2\n1\t3\t4.5\n")
    found = table.found()
    assert not found.header and found.delimiter == "tab"
    assert (found.label, found.features) == ("column 1", ("column 2", "column 3"))
    assert found.why == "whole numbers with few values in the first column"
    assert table.rows().y.tolist() == [0, 1, 0, 1]


def test_a_header_that_counts_the_columns_is_one() -> None:
    for text in (
        "0,1,2\n.5,1.5,0\n2.5,3.5,1\n.1,.2,0\n1.5,1.2,1\n",
        ",0,1,label\n0,.5,1.5,0\n1,2,3,1\n2,3,4,1\n3,4,5,0",
    ):
        assert read_table(text.encode()).found().header


def test_labels_keep_their_spelling() -> None:
    text = 'x,y,label\n1,2,"=1+1"\n3,4,"a, b"\n5,6,"two\nlines"\n7,8,"say ""hi"""\n9,9,True\n'
    assert rows_of(text).class_names == ("=1+1", "True", "a, b", 'say "hi"', "two lines")
    assert rows_of("x,y,label\n1,2,TRUE\n3,4,FALSE\n").class_names == ("FALSE", "TRUE")
    assert rows_of("x,y,label\n1,2,none\n3,4,-\n").class_names == ("-", "none")
    assert rows_of("x,y,label\n1,2,10\n3,4,9.0\n").class_names == ("9", "10")
    assert rows_of("x,y,label\n1,2,1\n3,4,a\n5,6,2\n").class_names == ("1", "2", "a")
    windows = "x;y;Sorte\n1;2;süß\n3;4;bitter\n".encode("cp1252")
    assert rows_of(windows).class_names == ("bitter", "süß")
    assert read_table(windows).found().encoding == "Windows-1252"


def test_a_file_cut_off_within_a_letter_is_still_utf_8() -> None:
    data = "x,y,label\n1,2,süß\n3,4,bitter\n5,6,sü".encode()
    assert rows_of(data[:-1]).class_names == ("bitter", "s", "süß")


def test_names_are_made_different_and_said_so() -> None:
    table = read_table(f"x,x,,{'long ' * 20},label\n1,2,3,4,a\n5,6,7,8,b\n".encode())
    names = table.rows().feature_names
    assert names[:3] == ("x", "x (2)", "column 3")
    assert len(names[3]) == 60 and names[3].endswith("…")
    assert any("Renamed" in note for note in table.notes)


TWENTY_SEVEN = lines("x,y,label", *(f"1,2,c{k}" for k in range(27)))
GAPS = lines("u,v,class", *(f"{k}.5,1,{'ab'[k % 2]}" for k in range(40)))
GAPS = GAPS.replace("\n6.5,1,", "\n6.5,,").replace("17.5,1", "NA,1").replace("30.5,1", "?,1")

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "got an empty file"),
    "white space": (" \n\t\n  \r\n", "got an empty file"),
    "only a byte order mark": (b"\xef\xbb\xbf", "got an empty file"),
    "only delimiters": (",,,\n,,,\n", "got an empty file"),
    "a header only": ("x,y,label\n", "Expected|expected"),
    "a header and one row": ("x,y,label\n1,2,a\n", "at least 2 classes"),
    "one number": ("7", "got one column, such as '7'"),
    "one column": ("x\n1\n2\n3\n", "got one column, such as 'x'"),
    "prose": ("Once upon a time.\nThere was\na table of no numbers at all.", "xpected"),
    "no numbers": ("a,b,label\np,q,r\ns,t,u\n", "1 to 1,024 columns of numbers, got 0"),
    "one class": (SMALL.replace("b\n", "a\n"), "column label: expected at least 2 classes .* 'a'"),
    "27 classes": (TWENTY_SEVEN, "column label: expected at most 26 classes, got 27"),
    "5,000 labels": (
        lines("x,y,label", *(f"{k},2,{k}" for k in range(5000))),
        "at most 26 classes, got 5000 different labels",
    ),
    "no label": (
        lines("x,y,z", *(f"{k}.5,{k}.25,{k}.125" for k in range(50))),
        "label: expected a column with the classes: no column has 2 to 26",
    ),
    "two that may be labels": (
        "x,y,p,q\n1,2,a,c\n3,4,b,d\n5,6,a,d\n",
        r"several columns are texts with few values \(p, q\); choose one",
    ),
    "text in a number": (
        "x,y,label\n1.0,2.0,a\n1.5,two,b\n2.0,3.0,a\n",
        r"^Row 3, column y: expected a number, got 'two'\.$",
    ),
    "text in a number, far down": (
        lines("x,y,label", *(f"{k},1.5,{'ab'[k % 2]}" for k in range(9000)), "1,1_0,a", "1,z,b"),
        "Row 9002, column y: expected a number, got '1_0'; so in 1 more row",
    ),
    "text below empty rows and comments": (
        "# hello\n\nx,y,label\n\n1,2,a\n\n1,zwei,b\n3,4,a\n",
        "Row 7, column y: expected a number, got 'zwei'",
    ),
    "thousands with a comma": (
        'x,y,label\n"1,234.5",2,a\n1.5,2,b\n2.5,2,a\n',
        "Row 2, column x: expected a number, got '1,234.5'",
    ),
    "mixed decimal signs": (
        "x;y;label\n1,5;2,5;a\n1.5;2,5;b\n3,5;4,5;a\n",
        "Row 3, column x: expected a number with a decimal comma, got '1.5'",
    ),
    "true among numbers": ("x,y,label\n1,2,a\n3,True,b\n4,5,a\n", "Row 3, column y: .*'True'"),
    "hexadecimal": ("x,y,label\n1,2,a\n3,0x1F,b\n4,5,a\n", "Row 3, column y: .*'0x1F'"),
    "NaN": ("x,y,label\n1,NaN,a\n3,4,b\n", "got none in row 2, column y"),
    "infinity": (
        "x,y,label\n1,inf,a\n3,4,b\n",
        r"Row 2, column y: expected a number of at most 1e\+15 in size, got inf",
    ),
    "1e308": ("x,y,label\n1,2,a\n3,1e308,b\n", r"Row 3, column y: .* got 1e\+308"),
    "1e400": ("x,y,label\n1,2,a\n3,1e400,b\n", "Row 3, column y: .* got inf"),
    "-1e16": ("x,y,label\n1,2,a\n3,-1e16,b\n", r"Row 3, column y: .* got -1e\+16"),
    "a number of many digits": (
        f"x,y,label\n1,2,a\n3,{'9' * 30},b\n",
        r"Row 3, column y: .*1e\+30",
    ),
    "missing values": (
        GAPS,
        "got none in row 8, column v; row 19, column u; row 32, column u. Fill them in, or leave",
    ),
    "many missing values": (
        lines("x,y,label", *(f"1.5,{'NA' if k > 3 else k},{'ab'[k % 2]}" for k in range(20))),
        "row 6, column y; row 7, column y; row 8, column y; and 13 more",
    ),
    "a missing label": ("x,y,label\n1,2,a\n3,4,\n5,6,b\n", "got none in row 3, column label"),
    "cut off within a row": ("x,y,label\n1,2,a\n3,4,b\n5,6", "got none in row 4, column label"),
    "a row too long": ("x,y,label\n1,2,a\n3,4,b,5\n", "Row 3: expected 3 values, .* got 4"),
    "rows too long": ("x,y\n1,2,a,b\n3,4,b,c\n", "Row 2: expected 2 values, .* got 4"),
    "a row too long for all the others are padded": (
        "x,y,label\n1,2,a,\n3,4,b,\n5,6,a,7\n",
        "Row 4: expected 3 values, .* got 4",
    ),
    "a quote that stays open": (
        'x,y,label\n1,2,a\n3,4,"b\n5,6,a\n7,8,b\n',
        "Row 3: expected a second quote",
    ),
    "a million columns": (",".join("1" * 1_000_000) + "\n", "about 1,000,000 columns"),
    "2,000 columns": (
        "\n".join([",".join(f"c{k}" for k in range(2000)), ",".join(["1"] * 2000)]),
        "at most 1,024 columns of numbers and one label, got 2,000",
    ),
    "2,000 columns without a quote": (" ".join(["1"] * 2000) + "\n", "got 2,000 in the first row"),
    "50,001 rows": (
        "x,y,label\n" + "1,2,a\n1,3,b\n" * 25_000 + "1,2,a\n",
        "at most 50,000 rows, got about 50,001",
    ),
    "100,000 rows, most of them empty": (
        "x,y,label\n" + "1,2,a\n\n,,\n,,\n1,3,b\n" * 20_000,
        "at most 50,000 rows, got about 100,000",
    ),
    "a class name of 200 letters": (f"x,y,label\n1,2,{'a' * 200}\n3,4,b\n", "got 200 characters"),
    "more than 64 MiB": (b"1,2,a\n" * 11_200_000, "at most 64 MiB, got 64.1 MiB"),
    "bytes": (bytes(range(256)) * 20, "a binary file"),
    "bytes within": (SMALL.encode() + b"\0\0\0" + SMALL.encode(), "a binary file"),
    "utf-16 without a mark": (SMALL.encode("utf-16-le"), "a binary file"),
    "other bytes": (b"x,y,label\n\x81\x8d\x8f,2,a\n", "UTF-8, UTF-16 or Windows-1252"),
    "a PNG image": (b"\x89PNG\r\n\x1a\n" + bytes(50), "got a PNG image"),
    "a JPEG image": (b"\xff\xd8\xff\xe0" + bytes(50), "got a JPEG image"),
    "a PDF document": (b"%PDF-1.7\n", "got a PDF document"),
    "gzip": (gzip.compress(SMALL.encode()), "got a gzip archive. Unpack it"),
    "a zip archive": (zipped(data_DOT_csv=SMALL.encode()), "got a zip archive. Unpack it"),
    "a zip archive cut off": (zipped(data_DOT_csv=SMALL.encode())[:40], "cut off or damaged"),
    "an empty zip archive": (zipped(), "got a zip archive"),
    "an Excel workbook": (
        zipped(xl__workbook_DOT_xml=b"<x/>"),
        "an Excel workbook. Save it as CSV",
    ),
    "an OpenDocument file": (zipped(content_DOT_xml=b"<x/>"), "an OpenDocument file. Save it"),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Office"),
    "a PyTorch file": (zipped(archive__data_DOT_pkl=b"\x80\x02."), "got a PyTorch file"),
    "a pickle": (b"\x80\x04\x95\x05\0\0\0\0\0\0\0K\x01.", "got a Python pickle"),
    "JSON": ('{"x": [[1, 2]], "y": [0]}', "got JSON. Save it as CSV"),
    "a list of JSON": ("[[1, 2], [3, 4]]", "got JSON"),
    "a web page": ("<!DOCTYPE html>\n<html><body>404</body></html>", "got a web page"),
    "an ARFF file": ("% a comment\n@RELATION iris\n", "got an ARFF file"),
    "a numpy array": (b"\x93NUMPY\x01\0" + bytes(100), "got a single numpy array"),
    "npz without y": (npz(x=np.zeros((3, 2))), "got a numpy archive of x. It needs"),
    "npz cut off": (npz(x=np.zeros((30, 2)), y=np.arange(30) % 2)[:-60], "cut off or damaged"),
    "npz of objects": (npz(x=np.array([[1, "a"]], object), y=np.array([1])), "Python objects"),
    "npz of texts": (
        npz(x=np.array([["1", "2"]] * 2), y=np.arange(2)),
        "x: expected a table of num",
    ),
    "npz of a row of numbers": (npz(x=np.zeros(3), y=np.arange(3)), r"got float64 of shape \(3,\)"),
    "npz of different lengths": (npz(x=np.zeros((3, 2)), y=np.arange(4)), "for each of 3 points"),
    "npz of one class": (npz(x=np.zeros((3, 2)), y=np.zeros(3)), "at least 2 classes"),
    "npz of 300 classes": (npz(x=np.zeros((300, 2)), y=np.arange(300)), "at most 26 classes"),
    "npz with NaN": (
        npz(x=np.array([[np.nan, 1], [2, 3]]), y=[0, 1]),
        "got none in row 1, column x1",
    ),
    "npz with names for others": (
        npz(x=np.zeros((3, 2)), y=[0, 1, 0], feature_names=["a"]),
        "expected 2 names",
    ),
    "npz of complex numbers": (npz(x=np.zeros((3, 2), complex), y=[0, 1, 0]), "got complex128"),
    "npz of many rows": (npz(x=np.zeros((50_001, 1)), y=np.zeros(50_001)), "50,000 rows"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_with_the_place_and_what_arrived(name: str) -> None:
    data, expected = REFUSED[name]
    with pytest.raises(ConfigError, match=expected) as refused:
        rows_of(data)
    for sentence in refused.value.problems.values():
        assert sentence.endswith(".")
        assert len(sentence) < 400


def test_twenty_six_classes_and_fifty_thousand_rows_are_fine() -> None:
    assert len(rows_of(lines("x,y,label", *TWENTY_SEVEN.split("\n")[1:27])).class_names) == 26
    rows = rows_of("x,y,label\n" + "1,2,a\n1,3,b\n" * 25_000 + ",,\n" * 90_000)
    assert rows.x.shape == (50_000, 2)
    rows = rows_of("x,y,label\n" + "1,2,a\n\n1,3,b\n" * 25_000)
    assert rows.x.shape == (50_000, 2)
    wide = [",".join(f"c{k}" for k in range(1024)) + ",label"]
    wide += [",".join(["1.5"] * 1024) + f",{label}" for label in "ab"]
    assert rows_of("\n".join(wide)).x.shape == (2, 1024)


def test_rows_with_an_empty_cell_can_be_left_out() -> None:
    table = read_table(GAPS.encode())
    assert table.found().missing_rows == 3
    rows = table.rows(missing="leave out")
    assert rows.x.shape == (37, 2)
    assert 6.5 not in rows.x[:, 0]
    # Only the columns that are used count.
    assert len(table.rows(columns=["v"], missing="leave out").x) == 39
    with pytest.raises(ConfigError, match=r"row 8, column v\. Fill"):
        table.rows(columns=["v"])
    with pytest.raises(ConfigError, match="expected one of refuse, leave out, got 'maybe'"):
        table.rows(missing="maybe")  # type: ignore[arg-type]


def test_label_and_columns_can_be_chosen() -> None:
    table = read_table(b"a,b,c,label,kind\n1,2,3,p,4\n5,6,7,q,9\n8,9,1,p,4\n")
    assert table.rows().feature_names == ("a", "b", "c", "kind")
    rows = table.rows(label="kind", columns=["c", "a"])
    assert (rows.class_names, rows.feature_names) == (("4", "9"), ("c", "a"))
    assert rows.x.tolist() == [[3, 1], [7, 5], [1, 8]]
    for choices, expected in [
        ({"label": "d"}, "label: expected one of the columns a, b, c, label, kind, got 'd'"),
        ({"columns": ["a", "d"]}, "columns: expected one of the columns a, b"),
        ({"columns": ["a", "a"]}, "each column once"),
        ({"columns": ["a", "label"]}, "got 'label' as both"),
        ({"columns": []}, "columns of numbers, got 0"),
        (
            {"columns": ["label"], "label": "kind"},
            "Row 2, column label: .* number, got 'p'; so in 2",
        ),
    ]:
        with pytest.raises(ConfigError, match=expected):
            table.rows(**choices)  # type: ignore[arg-type]


def test_what_was_found_is_plain_and_says_why() -> None:
    text = ",x,empty,name,label\n1,2.5,,anna,a\n2,NA,,bert,b\n3,4.5,,carl,a\n"
    found = read_table(text.encode()).found()
    assert json.loads(json.dumps(found.as_json())) == {
        "rows": 3,
        "columns": [
            {"name": "column 1", "kind": "number", "distinct": 3, "missing": 0},
            {"name": "x", "kind": "number", "distinct": 2, "missing": 1},
            {"name": "empty", "kind": "empty", "distinct": 0, "missing": 3},
            {"name": "name", "kind": "text", "distinct": 3, "missing": 0},
            {"name": "label", "kind": "text", "distinct": 2, "missing": 0},
        ],
        "format": "CSV",
        "delimiter": "comma",
        "decimal": ".",
        "encoding": "UTF-8",
        "header": True,
        "label": "label",
        "why": "by its name",
        "classes": [["a", 2], ["b", 1]],
        "features": ["x"],
        "left_out": [["column 1", "a running number"], ["empty", "empty"], ["name", "text"]],
        "missing_rows": 1,
        "notes": [],
    }
    chosen = read_table(text.encode()).found("name")
    assert chosen.classes == (("anna", 1), ("bert", 1), ("carl", 1))
    assert ("label", "text") in chosen.left_out


def test_a_file_is_named_in_what_is_said_of_it(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(zipped(data_DOT_csv=b"x"))
    with pytest.raises(ConfigError, match=r"^points\.csv: expected a table as CSV.*a zip archive"):
        read_table(path)
    with pytest.raises(ConfigError, match=r"^mine\.csv: expected"):
        read_table(b"", "mine.csv")
    for missing, expected in [
        (tmp_path / "none.csv", "can be read: No such file"),
        (tmp_path, "got a folder or a device"),
        (Path("/dev/zero"), "got a folder or a device"),
        (Path("a\0b"), "can be read"),
    ]:
        with pytest.raises(ConfigError, match=expected):
            read_table(missing)
    path.write_text(SMALL)
    assert read_table(path).rows().digest == rows_of(SMALL).digest


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ConfigError, match=r"at most 64 MiB, got 1048576.0 MiB"):
        read_table(path)


def test_pandas_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **more: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    with pytest.raises(ConfigError, match=r'pip install "spiral-dash\[data\]"'):
        read_table(SMALL.encode())
    arrays = npz(x=np.array(X), y=np.array(["a", "b", "a"]), feature_names=["x", "y"])
    assert rows_of(arrays).digest == Rows.of(X, ["a", "b", "a"], feature_names=["x", "y"]).digest


def test_archives_keep_names_their_order_and_images() -> None:
    arrays = npz(x=np.array(X), y=np.array([1, 0, 1]), class_names=["no", "ab"])
    rows = rows_of(arrays)
    assert (rows.class_names, rows.y.tolist()) == (("no", "ab"), [1, 0, 1])
    images = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
    rows = rows_of(npz(x=images, y=np.array([True, False, True, True])))
    assert (rows.image, rows.class_names) == ((2, 3), ("False", "True"))
    np.testing.assert_array_equal(rows.x, images.reshape(4, 6))
    assert Table.unpack(read_table(npz(x=images, y=[4, 5, 4, 4])).pack()).rows().image == (2, 3)


def test_an_archive_that_swells_is_refused_before_it_is_unpacked() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, x=np.zeros((40_000, 400), np.float64), y=np.arange(40_000) % 2)
    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(ConfigError, match="x: expected at most 64 MiB unpacked"):
        read_table(file.getvalue())
    head = io.BytesIO()
    about = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**6)}
    np.lib.format.write_array_header_1_0(head, about)
    lying = zipped(x_DOT_npy=head.getvalue() + bytes(64), y_DOT_npy=head.getvalue())
    with pytest.raises(ConfigError, match="x: expected at most 64 MiB"):
        read_table(lying)


@pytest.mark.parametrize("name", ["plain", "an empty column", "running number", "quoted"])
def test_a_table_comes_back_from_bytes(name: str) -> None:
    data = GOOD[name]
    table = read_table(data if isinstance(data, bytes) else data.encode())
    again = Table.unpack(table.pack())
    assert again.found() == table.found()
    assert again.rows().digest == table.rows().digest


@pytest.mark.parametrize(
    "blob",
    [b"", b"x" * 50, read_table(SMALL.encode()).pack()[:-3], rows_of(SMALL).pack()],
    ids=range(4),
)
def test_other_bytes_are_no_table(blob: bytes) -> None:
    with pytest.raises(ConfigError, match="Expected a table that was read"):
        Table.unpack(blob)


@pytest.mark.parametrize(
    "data",
    [GOOD["quoted"], GOOD["semicolon and decimal comma"], GOOD["utf-16"], npz(x=X, y=[0, 1, 0])],
    ids=range(4),
)
def test_wherever_a_file_is_cut_off_it_is_read_or_refused(data: str | bytes) -> None:
    for end in range(0, len(data), max(1, len(data) // 60)):
        assert read_or_refused(data[:end])[-1:] in {"", "."}


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_pasted_is_read_or_refused(seed: int) -> None:
    generator = np.random.default_rng(seed)
    alphabet = list('01.5-e,;\t| \n\r"#aNé=')
    text = "".join(generator.choice(alphabet, size=int(generator.integers(1, 400))))
    assert read_or_refused(text)[-1:] in {"", "."}


@pytest.mark.parametrize("seed", range(20))
def test_bytes_at_random_within_a_file_are_read_or_refused(seed: int) -> None:
    generator = np.random.default_rng(seed)
    for data in (SMALL.encode() * 3, npz(x=X, y=[0, 1, 0])):
        spoiled = bytearray(data)
        for place in generator.integers(0, len(data), 5):
            spoiled[place] = generator.integers(256)
        assert read_or_refused(bytes(spoiled))[-1:] in {"", "."}
