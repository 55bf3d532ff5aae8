"""The wheel in a fresh environment outside the repository, without any of its extras."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from scripts import fresh
from scripts.server import ROOT


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> fresh.Environment:
    """Python, the wheel, and what the wheel requires."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    created = fresh.create(tmp_path / "environment")
    created.install(fresh.build(tmp_path / "wheel"))
    return created


def test_the_core_trains_and_measures_with_what_it_declares_alone(
    environment: fresh.Environment, tmp_path: Path
) -> None:
    def spiral_dash(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(environment.program), *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    for name in ("dash", "plotly", "fastapi", "uvicorn", "flask_bootstrap", "pandas"):
        assert not (environment.packages / name).exists()
    settings = ["--set", "network.hidden=4", "--set", "data.samples_per_arm=60"]
    trained = spiral_dash("train", *settings, "--epochs", "2", "--out", "results", "--quiet")
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout.startswith("2 epochs, test accuracy ")
    recorded = ["--run", "results/run.spiral.zip", "--epsilons", "0.1", "--quiet"]
    attacked = spiral_dash("robustness", *recorded)
    assert attacked.returncode == 0, attacked.stderr
    assert "exact_lower" in attacked.stdout
    refused = spiral_dash("train", "--epochs", "none")
    assert refused.stderr.startswith("usage: spiral-dash train ")
    served = spiral_dash("serve", "--no-browser")
    assert served.returncode == 2
    assert served.stderr.startswith("The dashboard needs argon2, dash, ")
    assert served.stderr.endswith('pip install "spiral-dash[web]".\n')
    assert served.stderr.count("\n") == 1


def test_the_wheel_holds_every_file_of_the_package_and_of_the_page(tmp_path: Path) -> None:
    places = {"spiral_dash": "spiral_dash", "assets": "spiral_dash/web/assets"}
    expected = {
        f"{inside}/{file.relative_to(ROOT / folder).as_posix()}": file.read_bytes()
        for folder, inside in places.items()
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    with zipfile.ZipFile(fresh.build(tmp_path)) as wheel:
        held = {name for name in wheel.namelist() if name.startswith("spiral_dash/")}
        assert {name: wheel.read(name) for name in held} == expected


def test_what_is_installed_outside_its_range_is_told() -> None:
    with pytest.raises(fresh.UndeclaredError, match=r"numpy<2 is required, and installed here is"):
        fresh.required(["numpy<2"])
    with pytest.raises(fresh.UndeclaredError, match="no-such-thing is required and not installed"):
        fresh.required(["no-such-thing"])


def test_an_extra_brings_what_its_own_requirements_need() -> None:
    lines = ["numpy", 'fastapi; extra == "web"', 'no-such-thing; python_version < "3"']
    assert {found.name for found in fresh.required(lines)} == {"numpy"}
    assert {"numpy", "fastapi", "starlette", "anyio"} <= {
        found.name for found in fresh.required(lines, "web")
    }
