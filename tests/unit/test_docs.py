"""The documents speak of everything there is, and what they show runs."""

from __future__ import annotations

import doctest
import re

import pytest

import spiral_dash
from scripts import measurements
from scripts.server import ROOT
from spiral_dash.core import run
from spiral_dash.core.config import RunConfig, Settings
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


@pytest.mark.parametrize("module", [spiral_dash, run])
def test_examples_in_docstrings_run(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0 and result.failed == 0


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")))
def test_links_between_documents_lead_somewhere(page: object) -> None:
    path = ROOT / str(page)
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
