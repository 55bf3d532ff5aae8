"""The colours of the first ten classes stay apart, whatever the eye sees of red, green and blue."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

THEME = Path(__file__).resolve().parents[3] / "assets" / "theme.css"
APART = {"light": 0.075, "dark": 0.09}
"""The least distance in OKLab between two classes; a step that is just seen is about 0.02."""
CONTRAST_LEAST = {"light": 2.0, "dark": 3.0}

# Machado, Oliveira and Fernandes 2009, at full severity, in linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# Ottosson 2020: linear RGB to the cones, and their cube roots to OKLab.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
Array = npt.NDArray[Any]


def linear(colours: list[str]) -> Array:
    rgb = np.array([[int(text[k : k + 2], 16) for k in (1, 3, 5)] for text in colours]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb: Array) -> Array:
    return np.asarray(np.cbrt(np.clip(rgb, 0, 1) @ TO_CONES.T) @ TO_LAB.T)


def colours(theme: str) -> dict[str, str]:
    """The variables of a theme: those of the first block, or of the dark one."""
    text = THEME.read_text(encoding="utf-8")
    light, dark = text.split('[data-bs-theme="dark"] {', 1)
    block = light if theme == "light" else dark.split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", APART)
def test_every_two_of_the_first_ten_classes_differ_in_colour(theme: str, eye: str) -> None:
    known = colours(theme)
    seen = oklab(linear([known[f"class-{k}"] for k in range(10)]) @ EYES[eye].T)
    for one, other in itertools.combinations(range(10), 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= APART[theme], (one, other)


@pytest.mark.parametrize("theme", APART)
def test_every_class_stands_out_from_the_card(theme: str) -> None:
    known = colours(theme)
    light = linear([known["card"], *(known[f"class-{k}"] for k in range(10))])
    bright = light @ np.array([0.2126, 0.7152, 0.0722])
    ratio = (np.maximum(bright[1:], bright[0]) + 0.05) / (np.minimum(bright[1:], bright[0]) + 0.05)
    assert (ratio >= CONTRAST_LEAST[theme]).all()


def test_the_panels_own_colours_are_those_of_the_light_theme() -> None:
    own = (THEME.parent / "panels.css").read_text(encoding="utf-8")
    found = dict(re.findall(r"--(class-\d+): (#[0-9a-f]{6});", own))
    assert found == {name: colours("light")[name] for name in (f"class-{k}" for k in range(10))}
