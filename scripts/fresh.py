"""A fresh environment: this project's wheel, and of all else only what the wheel declares.

What it declares is taken from the environment this runs in, by links: installing torch anew takes
minutes. A distribution that nothing declares is not there, and importing it fails.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.server import ROOT

NAME = "spiral-dash"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")


class UndeclaredError(RuntimeError):
    """What is declared is not what is installed; the message says where they part."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment of its own, in `folder`."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def program(self) -> Path:
        """The program that the wheel installs."""
        return self.folder / "bin" / NAME

    @property
    def packages(self) -> Path:
        """Where its packages lie."""
        places = {"base": str(self.folder), "platbase": str(self.folder)}
        return Path(sysconfig.get_path("purelib", "venv", places))

    def install(self, wheel: Path) -> None:
        """Install the wheel, and link what it requires without any extra."""
        _pip("--python", str(self.python), "install", "--no-deps", "--quiet", str(wheel))
        self.add()
        _pip("--python", str(self.python), "check")

    def add(self, extra: str = "") -> None:
        """Link what the wheel requires for its `extra`, and what that requires in turn.

        Raises `UndeclaredError` where something is not installed here, or not in its range.
        """
        (wheel,) = distributions(name=NAME, path=[str(self.packages)])
        for found in required(wheel.requires or (), extra):
            for top in _tops(found):
                link = self.packages / top
                if not link.exists():
                    link.symlink_to(str(found.locate_file(top)))


def build(folder: Path) -> Path:
    """Build the wheel of this repository into `folder`; return its path."""
    _pip("wheel", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder), ".")
    (wheel,) = folder.glob("*.whl")
    return wheel


def create(folder: Path) -> Environment:
    """Create an environment with nothing but Python."""
    venv.create(folder, with_pip=False)
    return Environment(folder)


def required(lines: Iterable[str], extra: str = "") -> list[Distribution]:
    """Return the installed distributions that requirements need, directly or in turn.

    Raises `UndeclaredError` where one is missing here, or its release is not in the range.
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = list(_needed(lines, extra))
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        try:
            has = found[name] = distribution(name)
        except PackageNotFoundError as error:
            raise UndeclaredError(f"{one} is required and not installed here.") from error
        if not one.specifier.contains(has.version, prereleases=True):
            raise UndeclaredError(f"{one} is required, and installed here is {has.version}.")
        for wish in {"", *one.extras}:
            if (name, wish) not in seen:
                seen.add((name, wish))
                waiting.extend(_needed(has.requires or (), wish))
    return list(found.values())


def _needed(lines: Iterable[str], extra: str) -> Iterator[Requirement]:
    for line in lines:
        one = Requirement(line)
        if one.marker is None or one.marker.evaluate({"extra": extra}):
            yield one


def _tops(found: Distribution) -> set[str]:
    """The files and folders of a distribution that lie directly among the packages."""
    files = found.files
    if files is None:
        raise UndeclaredError(f"{found.name} does not say which files it has: install it by pip.")
    return {file.parts[0] for file in files} - {"..", "__pycache__"}


def _pip(*arguments: str) -> None:
    done = subprocess.run([*PIP, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pip {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
