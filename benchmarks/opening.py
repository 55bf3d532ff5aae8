"""A person's file, opened: from its bytes to the first frame that shows its points."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import uvicorn

from benchmarks.framework import Result, at_most
from spiral_dash.core.config import RunConfig
from spiral_dash.core.frame import decode
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import HostSettings
from spiral_dash.web.app import create_app, server_config
from spiral_dash.web.datafiles import READ, USE
from spiral_dash.web.serve import listen, running_host
from spiral_dash.web.uploads import TOKEN_HEADER

ROWS, COLUMNS, CLASSES = 50_000, 16, 3
ROUNDS = 5
SECONDS = 60.0
# What anyone would do with the file in a shell.
LIBRARY = "import sys, pandas; pandas.read_csv(sys.argv[1])"


def write(path: Path) -> None:
    """Write a CSV file of blobs, six digits a number."""
    generator = np.random.default_rng(1)
    labels = np.arange(ROWS) % CLASSES
    x = generator.normal(labels[:, None], 1.0, (ROWS, COLUMNS))
    lines = [",".join([*(f"column {k}" for k in range(COLUMNS)), "label"])]
    lines += [
        ",".join([*(f"{value:.6g}" for value in row), f"class {label}"])
        for row, label in zip(x, labels, strict=True)
    ]
    path.write_text("\n".join(lines))


def library(path: Path) -> float:
    """Seconds in which the library alone reads the file, in a fresh process."""
    begun = perf_counter()
    subprocess.run([sys.executable, "-c", LIBRARY, str(path)], check=True)
    return perf_counter() - begun


async def first_frame(handle: SessionHandle, points: int) -> None:
    """Wait for a frame with this many points."""
    viewer = handle.attach()
    viewer.credit(0)
    async for message in viewer:
        if isinstance(message, bytes):
            texts = decode(message)[1]
            counts = json.loads(texts["data"])["counts"] if "data" in texts else []
            if sum(train + test for train, test in counts) == points:
                break
            viewer.credit(0)
    viewer.detach()


def post(port: int, path: str, token: str, body: bytes) -> Any:
    """Send a body as the page does; the server's answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request("POST", path, body, {TOKEN_HEADER: token})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    assert response.status == 200, answer
    return answer


async def opening(port: int, handle: SessionHandle, body: bytes) -> tuple[float, float]:
    """Seconds until the file is read, and until the first frame shows its points."""
    begun = perf_counter()
    read = await asyncio.to_thread(post, port, READ, handle.token, body)
    known = perf_counter() - begun
    choice = json.dumps({"table": read["table"]}).encode()
    await asyncio.to_thread(post, port, USE, handle.token, choice)
    await first_frame(handle, ROWS)
    return known, perf_counter() - begun


async def rounds(path: Path, body: bytes) -> list[tuple[float, float, float]]:
    """Read the file with the library alone and open it in a session, in turn."""
    measured = []
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        async with running_host(HostSettings()) as host:
            server = uvicorn.Server(server_config(create_app(host)))
            serving = asyncio.create_task(server.serve([listener]))
            for _ in range(ROUNDS):
                handle = host.find(await host.open(RunConfig()))
                assert handle is not None
                alone = await asyncio.to_thread(library, path)
                measured.append((alone, *(await opening(port, handle, body))))
                await handle.end("Measured.")
            server.should_exit = True
            await serving
    return measured


def measure() -> list[Result]:
    """Opening a large file against reading it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        write(path)
        measured = asyncio.run(rounds(path, path.read_bytes()))
    return [
        Result(
            f"{ROWS:,} rows × {COLUMNS} columns, file to first frame, over the library alone",
            median(total / alone for alone, _, total in measured),
            "×",
            at_most(2.5),
            {
                "the library in a fresh process, s": median(alone for alone, _, _ in measured),
                "until what was found can be shown, s": median(known for _, known, _ in measured),
                "until the first frame, s": median(total for _, _, total in measured),
            },
        )
    ]
