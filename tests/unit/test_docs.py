"""The documents speak of everything there is, and what they show runs."""

from __future__ import annotations

import doctest
import re
import textwrap

import pytest

import spiral_dash
from scripts import data_pictures, measurements
from scripts.server import ROOT
from spiral_dash.core import run
from spiral_dash.core.config import DataConfig, RunConfig, Settings
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.probes import PROBES


def test_the_page_of_measurements_is_what_the_code_says() -> None:
    written = measurements.PAGE.read_text(encoding="utf-8")
    assert written == measurements.page(), "run `python -m scripts.measurements`"


@pytest.mark.parametrize("name", sorted(PROBES))
def test_every_measurement_documents_its_arrays_with_shapes(name: str) -> None:
    probe = PROBES[name]
    assert probe.measure.__doc__ and probe.source
    assert probe.returns
    for array, text in probe.returns.items():
        assert text.startswith("("), f"{array}: say its shape first"
    assert set(probe.unit_interval) | set(probe.summary) <= set(probe.returns)


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for kind in KINDS.values():
        for field in kind.model_fields:
            assert f"`data.{field}`" in page
    for name, value in RunConfig().__dict__.items():
        if not isinstance(value, Settings):
            assert f"`{name}`" in page
            continue
        for field in type(value).model_fields:
            assert f"`{name}.{field}`" in page


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_of_data_has_its_section_picture_fields_and_source(name: str) -> None:
    page = (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8")
    kind = KINDS[name]
    [section] = re.findall(rf"^## {name}\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL)
    for field in kind.model_fields.keys() - DataConfig.model_fields.keys():
        assert f"| `data.{field}` |" in section
    for field in DataConfig.model_fields.keys() - {"kind"}:
        assert f"| `data.{field}` |" in page
    assert "Source: " in section
    picture = ROOT / "docs" / "images" / f"data-{name}.png"
    assert f"(images/{picture.name})" in section
    assert picture.stat().st_size < 40_000


def test_the_kind_that_the_page_adds_is_that_of_the_tests() -> None:
    page = (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n@register\n(.*?)```", page, re.DOTALL)
    tests = (ROOT / "tests" / "unit" / "data" / "test_kinds.py").read_text(encoding="utf-8")
    assert textwrap.indent(example, "    ") in tests


def test_the_pictures_of_the_data_are_drawn_from_it() -> None:
    for name in ("moons", "digits"):
        drawn = data_pictures.png(data_pictures.draw(data_pictures.dataset(name)))
        assert drawn == data_pictures.path_of(name).read_bytes(), (
            "run `python -m scripts.data_pictures`"
        )


@pytest.mark.parametrize("module", [spiral_dash, run])
def test_examples_in_docstrings_run(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0 and result.failed == 0


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")))
def test_links_between_documents_lead_somewhere(page: object) -> None:
    path = ROOT / str(page)
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
