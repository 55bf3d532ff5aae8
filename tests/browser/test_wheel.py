"""The wheel with its extra `web`, in a fresh environment: it starts, the page opens and trains."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from scripts import fresh
from scripts.server import running_server
from tests.browser.probing import train, visit, wait_until_measured
from tests.conftest import fresh as fresh_visit


def test_the_installed_program_serves_a_page_that_trains(
    visitor: BrowserContext,
    tmp_path: Path,
    problems: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    environment = fresh.create(tmp_path / "environment")
    environment.install(fresh.build(tmp_path / "wheel"))
    environment.add("web")
    outside = tmp_path / "outside"
    outside.mkdir()
    program = [str(environment.program), "serve"]
    with (
        running_server(tmp_path / "server.log", program=program, folder=outside) as server,
        fresh_visit(visitor, server.url, problems),
    ):
        page = visit(visitor, server.url)
        assert train(page, 3) >= 3
        wait_until_measured(page)
    assert server.process.returncode == 0
    assert server.log_text() == f"Spiral Dash is at {server.url} (Ctrl-C stops it)\n"
    assert not list(outside.iterdir())
