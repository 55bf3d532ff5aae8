"""Draw the pictures of `docs/datasets.md` again: the points of every kind, as it is at first.

`python -m scripts.data_pictures` writes `docs/images/data-KIND.png`.
"""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from scripts.server import ROOT
from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.dataset import Dataset, make_dataset
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.data.rows import Rows

Array = npt.NDArray[Any]
PICTURES = ROOT / "docs" / "images"
SIDE, FINER, DOT = 320, 2, 2.2
"""Side and radius of a point in pixels, and how many steps there are to one."""
SEED = 1
FRAME = (217, 222, 227)
IMAGES = (10, 6, 4)
"""Of data that are images: columns, rows, and pixels to a pixel."""


def path_of(kind: str) -> Path:
    """Return where the picture of a kind is."""
    return PICTURES / f"data-{kind}.png"


def colours() -> Array:
    """Return the colours of the classes (N, 3), as the page has them in the light."""
    text = (ROOT / "assets" / "theme.css").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for name, colour in re.findall(r"--(class-\d+): #(\w{6});", text):
        found.setdefault(name, colour)  # the dark ones come second
    return np.array([[*bytes.fromhex(colour)] for colour in found.values()])


def example() -> tuple[PointsData, Rows]:
    """Return points such as a person draws: two strokes and a spot, sprayed."""
    generator = np.random.default_rng(SEED)
    t = np.linspace(-1, 1, 160)
    wave = np.stack([4 * t, 2 * np.sin(3 * t) - 1], axis=1)
    arch = np.stack([4 * t, 3.6 - 2 * t**2], axis=1)
    spot = np.tile([[1.2, -2.4]], (80, 1))
    x = np.concatenate([wave, arch, spot]) + 0.22 * generator.standard_normal((400, 2))
    rows = Rows.of(x, np.repeat(["wave", "arch", "spot"], [160, 160, 80]))
    return PointsData.of(rows), rows


def dataset(kind: str) -> Dataset:
    """Return the data that a kind's picture shows."""
    if kind == "points":
        config, rows = example()
        return make_dataset(config, SEED, rows)
    return make_dataset(RunConfig.parse({"data": {"kind": kind}}).data, SEED)


def draw(data: Dataset) -> Array:
    """Return a picture (H, W, 3) uint8: images side by side, or every point in the plane."""
    if data.image is not None:
        return _draw_images(data, *data.image)
    side, radius = SIDE * FINER, DOT * FINER
    x = torch.cat([data.x_train, data.x_test] if data.has_test else [data.x_train])
    y = torch.cat([data.y_train, data.y_test] if data.has_test else [data.y_train])
    places = (data.project(x.double()).numpy() - data.centre) / data.extent
    picture = np.full((side, side, 3), 255.0)
    palette = colours()
    reach = int(radius) + 1
    across, down = np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
    # In an order of its own, so that no class covers the others.
    for index in np.random.default_rng(SEED).permutation(len(y)):
        column, row = (places[index] * [1, -1] + 1) / 2 * (side - 1)
        c, r = round(column), round(row)
        dot = (c + across - column) ** 2 + (r + down - row) ** 2 <= radius**2
        columns, rows = (c + across)[dot], (r + down)[dot]
        inside = (columns >= 0) & (columns < side) & (rows >= 0) & (rows < side)
        picture[rows[inside], columns[inside]] = palette[int(y[index]) % len(palette)]
    picture = picture.reshape(SIDE, FINER, SIDE, FINER, 3).mean(axis=(1, 3))
    picture[[0, -1]] = picture[:, [0, -1]] = FRAME
    drawn: Array = picture.astype(np.uint8)
    return drawn


def _draw_images(data: Dataset, height: int, width: int) -> Array:
    columns, rows, scale = IMAGES
    y = data.y_train.numpy()
    shown = [np.flatnonzero(y == k % data.classes)[:rows] for k in range(columns)]
    images = data.x_train.numpy()[np.stack(shown, axis=1)].reshape(rows, columns, height, width)
    white = np.pad(1 - images, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=1.0)
    sheet = white.transpose(0, 2, 1, 3).reshape(rows * (height + 2), columns * (width + 2))
    grey = np.kron(np.clip(sheet, 0, 1), np.ones((scale, scale)))
    return np.repeat((255 * grey).astype(np.uint8)[:, :, None], 3, axis=2)


def png(picture: Array) -> bytes:
    """Return a picture (H, W, 3) uint8 as a PNG file."""
    height, width, _ = picture.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), picture.reshape(height, -1)], axis=1)

    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(lines.tobytes(), 9))
        + chunk(b"IEND", b"")
    )


def main() -> None:
    """Write every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        path_of(kind).write_bytes(png(draw(dataset(kind))))
        print(path_of(kind).relative_to(ROOT), path_of(kind).stat().st_size)


if __name__ == "__main__":
    main()
