"""Which browser the tests take, and what they say when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import browser


def executable(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without a browser; the folder returned is its PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "APPLICATIONS", ())
    return tmp_path


def test_without_a_browser_it_says_what_to_install(bare_machine: Path) -> None:
    with pytest.raises(browser.BrowserNotFoundError, match="Install Chromium or Chrome"):
        browser.find_browser()


@pytest.mark.parametrize("command", browser.COMMANDS)
def test_each_name_is_found(bare_machine: Path, command: str) -> None:
    installed = executable(bare_machine / command)
    assert browser.find_browser() == installed


def test_the_variable_goes_before_the_installed_one(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(bare_machine / "chromium")
    mine = executable(bare_machine / "my-browser")
    monkeypatch.setenv(browser.VARIABLE, str(mine))
    assert browser.find_browser() == mine


def test_a_wrong_variable_is_an_error_though_a_browser_is_installed(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(bare_machine / "chromium")
    monkeypatch.setenv(browser.VARIABLE, "/nowhere/chrome")
    with pytest.raises(browser.BrowserNotFoundError, match="/nowhere/chrome"):
        browser.find_browser()
