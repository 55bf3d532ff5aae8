"""What may import what, and what no file of the package may do."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "spiral_dash"
FILES = sorted(PACKAGE.rglob("*.py"))

WEB = {"dash", "dash_bootstrap_components", "plotly", "fastapi", "starlette", "uvicorn"}
# layer -> what none of its files may import; modules of the package with their full name.
FORBIDDEN = {
    "core": {
        *WEB,
        "websockets",
        "scipy",
        "threading",
        "multiprocessing",
        "asyncio",
        "spiral_dash.live",
        "spiral_dash.rooms",
        "spiral_dash.web",
        "spiral_dash.experiments",
    },
    "live": {*WEB, "spiral_dash.rooms", "spiral_dash.web", "spiral_dash.experiments"},
    "rooms": {*WEB, "spiral_dash.web", "spiral_dash.experiments"},
    "experiments": {*WEB, "spiral_dash.live", "spiral_dash.rooms", "spiral_dash.web"},
}
# Modules whose loading runs code that the loaded file names.
UNPICKLERS = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}


def loaded_by(*modules: str) -> set[str]:
    """The modules present in a fresh interpreter after importing `modules`."""
    code = f"import {', '.join(modules)}, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("imported", "absent"),
    [
        (("spiral_dash", "spiral_dash.core"), {*WEB, "multiprocessing.forkserver"}),
        (("spiral_dash.live",), {"dash", "dash_bootstrap_components", "plotly"}),
    ],
)
def test_importing_a_layer_loads_none_of_the_later_ones(
    imported: tuple[str, ...], absent: set[str]
) -> None:
    assert not loaded_by(*imported) & absent


def imports(tree: ast.AST, package: str) -> Iterator[str]:
    """The full name of every module or name that a file of `package` imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -(node.level - 1) or None] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def within(name: str, forbidden: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in forbidden)


def package_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).parent.parts)


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_imports_run_one_way(layer: str) -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in FILES
        if file.is_relative_to(PACKAGE / layer)
        for name in imports(ast.parse(file.read_text()), package_of(file))
        if within(name, FORBIDDEN[layer])
    ]
    assert not wrong


def test_only_the_web_layer_imports_dash_and_plotly() -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in FILES
        if not file.is_relative_to(PACKAGE / "web")
        for name in imports(ast.parse(file.read_text()), package_of(file))
        if within(name, {"dash", "dash_bootstrap_components", "plotly"})
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import dash.html", "dash.html"),
        ("from dash import html", "dash"),
        ("from ..web import ids", "spiral_dash.web.ids"),
        ("from .. import web", "spiral_dash.web"),
        ("from .network import MLP", "spiral_dash.core.network"),
    ],
)
def test_an_import_is_seen_by_its_full_name(line: str, expected: str) -> None:
    assert expected in set(imports(ast.parse(line), "spiral_dash.core"))


def dangers(tree: ast.AST) -> Iterator[str]:
    """Each place where text or bytes from outside could become running code."""
    for name in imports(tree, "spiral_dash"):
        if within(name, UNPICKLERS):
            yield f"imports {name}"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        if called in {"eval", "exec", "compile", "builtins.eval", "builtins.exec"}:
            yield f"line {node.lineno} calls {called}"
        if called == "torch.load" and given.get("weights_only") != "True":
            yield f"line {node.lineno} calls torch.load without weights_only=True"
        if given.get("allow_pickle", "False") != "False":
            yield f"line {node.lineno} allows pickles"


@pytest.mark.parametrize(
    "line",
    [
        "eval(text)",
        "exec(text)",
        "import pickle",
        "from pickle import loads",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "numpy.load(path, allow_pickle=True)",
    ],
)
def test_a_danger_is_seen(line: str) -> None:
    assert list(dangers(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        "network.eval()",
        "torch.load(path, weights_only=True)",
        "numpy.load(path, allow_pickle=False)",
        "re.compile(pattern)",
    ],
)
def test_what_is_harmless_passes(line: str) -> None:
    assert not list(dangers(ast.parse(line)))


def test_nothing_in_the_package_can_run_outside_data() -> None:
    assert FILES
    found = [
        f"{file.relative_to(ROOT)}: {danger}"
        for file in FILES
        for danger in dangers(ast.parse(file.read_text()))
    ]
    assert not found
