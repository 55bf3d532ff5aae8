"""What the package declares: what its code imports, in ranges that admit what is tested."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.server import ROOT
from spiral_dash.cli.serve import NEEDED

PACKAGE = ROOT / "spiral_dash"
EXPERIMENTS = PACKAGE / "experiments"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
BUILD: list[str] = PROJECT["build-system"]["requires"]
PROVIDERS = packages_distributions()
# Imported beside the one that says which release of it there is.
SAID_BY = {"pydantic-core": "pydantic", "starlette": "fastapi", "anyio": "fastapi"}
OPTIONAL = ("dash", "dash_bootstrap_components", "plotly", "fastapi", "starlette", "uvicorn")
OF_EXTRAS = ("flask", "onnx", "pandas", "scipy", "matplotlib", "pyarrow", "ray")
TRAINS = f"""
import json, sys, tempfile
from pathlib import Path
from spiral_dash import Run, RunConfig
from spiral_dash.__main__ import main
run = Run(RunConfig(data={{"samples_per_arm": 50}}, network={{"hidden": [4]}}, seed=1))
run.train(2)
run.measure("boundary", resolution=10)
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "run.spiral.zip"
    run.save(file)
    Run.load(file).train(1)
    main(["train", "--set", "network.hidden=4", "--epochs", "1", "--quiet", "--out", folder])
    main(["sweep", "--set", "network.hidden=4", "--set", "data.samples_per_arm=50", "--epochs", "1",
          "--seeds", "1", "--measure", "norms", "--quiet", "--out", folder + "/s",
          "--export", folder + "/s.csv"])
print(json.dumps([name for name in {[*OPTIONAL, *OF_EXTRAS]!r} if name in sys.modules]))
"""


def declared(extra: str = "") -> Iterator[Requirement]:
    """What `extra` asks for, or the project itself; an extra of its own stands for what it has."""
    for line in EXTRAS[extra] if extra else PROJECT["project"]["dependencies"]:
        one = Requirement(line)
        if one.name == PROJECT["project"]["name"]:
            for inner in sorted(one.extras):
                yield from declared(inner)
        else:
            yield one


def names(*extras: str) -> set[str]:
    """The distributions that the project and some of its extras ask for."""
    return {canonicalize_name(one.name) for extra in ("", *extras) for one in declared(extra)}


def pins(*files: str) -> dict[str, str]:
    """Distribution -> release, of files that name one release of each."""
    found: dict[str, str] = {}
    for file in files:
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith(("#", "-r")):
                continue
            one = Requirement(line)
            (specifier,) = one.specifier
            assert specifier.operator == "==" and "*" not in specifier.version, line
            found[canonicalize_name(one.name)] = specifier.version
    return found


RANGES = [
    *declared(),
    *declared("data"),
    *declared("web"),
    *declared("experiments"),
    *declared("onnx"),
    *declared("cluster"),
    *map(Requirement, BUILD),
]


def test_a_run_loads_nothing_of_what_is_optional() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRAINS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


@pytest.mark.parametrize("one", RANGES, ids=str)
def test_every_range_has_two_ends_and_admits_the_release_that_is_tested(one: Requirement) -> None:
    files = "requirements.txt", "requirements-dev.txt", "requirements-cluster.txt"
    release = pins(*files)[canonicalize_name(one.name)]
    assert one.specifier.contains(release)
    assert any(part.operator == ">=" for part in one.specifier)
    assert str(one) in BUILD or any(part.operator == "<" for part in one.specifier)


def test_the_laboratory_installs_what_the_package_declares_and_no_more() -> None:
    assert set(pins("requirements.txt")) == names("web", "experiments", "onnx")
    assert names("data") < names("web")


def test_the_dashboard_asks_for_what_its_extra_brings() -> None:
    brought = {one for name in NEEDED for one in PROVIDERS[name]}
    assert set(map(canonicalize_name, brought)) == names("web") - names("data")


def imported(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """The first part of each foreign module's name, and whether loading the file imports it."""
    for node in ast.walk(tree):
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found = [str(node.module)]
        for name in found:
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and top != "spiral_dash":
                yield top, node in tree.body


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=str)
def test_what_a_file_imports_is_declared(file: Path) -> None:
    web = any(file.is_relative_to(PACKAGE / folder) for folder in ("web", "lessons"))
    for name, at_once in imported(ast.parse(file.read_text(encoding="utf-8"))):
        allowed = names("web") if web else names() if at_once else names("data", "onnx", "cluster")
        if EXPERIMENTS in file.parents:  # what `sweep` alone loads, the first test here looks at
            allowed = names("experiments", "cluster")
        found = {canonicalize_name(provider) for provider in PROVIDERS.get(name, [name])}
        assert {SAID_BY.get(one, one) for one in found} & allowed, f"{name} is not declared"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import pandas.io", [("pandas", True)]),
        ("from scipy.stats import norm", [("scipy", True)]),
        ("def read():\n    import pandas", [("pandas", False)]),
        ("import json, spiral_dash.core", []),
        ("from . import run", []),
    ],
)
def test_an_import_is_seen(line: str, expected: list[tuple[str, bool]]) -> None:
    assert list(imported(ast.parse(line))) == expected


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()
