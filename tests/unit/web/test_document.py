"""The document names all that its first picture needs, and keeps Dash's scripts in their order."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.request import urlopen

import plotly
import pytest

from spiral_dash.web.document import ASSETS, FIRST, PLOTLY, imported
from tests.unit.web.conftest import Served


@pytest.fixture
def document(served: Served) -> str:
    with urlopen(f"http://127.0.0.1:{served.port}/") as answer:
        text: str = answer.read().decode()
    return text


def test_every_script_that_the_first_picture_needs_is_told_at_once(document: str) -> None:
    told = set(re.findall(r'rel="modulepreload" href="/assets/([^"]+)"', document))
    assert told == set(imported(FIRST))
    for script in [FIRST, *told]:
        source = (ASSETS / script).read_text()
        for address in re.findall(r'^(?:import|export) .*from "(\.[^"]+)";', source, re.MULTILINE):
            needed = (ASSETS / script).parent.joinpath(address).resolve()
            assert needed.relative_to(ASSETS.resolve()).as_posix() in {FIRST, *told}


def test_all_scripts_of_dash_are_loaded_early_and_run_later(document: str) -> None:
    later = document[document.index('<template id="later">') :]
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', later)
    early = re.findall(r'rel="preload" href="([^"]+)" as="script"', document)
    assert scripts == early
    assert any("dash_renderer" in script for script in scripts)
    assert later.index("_dash-config") < later.index("new DashRenderer()")


def test_the_part_of_plotly_is_of_the_version_that_dash_brings() -> None:
    assert plotly.__file__ is not None
    whole = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    versions = set()
    for path in (whole, ASSETS / PLOTLY):
        found = re.search(r"plotly\.js .*v([\d.]+)", path.read_text(encoding="utf-8")[:500])
        assert found is not None, path
        versions.add(found[1])
    assert len(versions) == 1, versions
    assert (ASSETS / PLOTLY).with_name("LICENSE").is_file()
