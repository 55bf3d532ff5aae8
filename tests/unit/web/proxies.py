"""Proxies in front of a server: a small one of our own, and those that people use."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

SECONDS = 60.0


def free_port() -> int:
    """A port that nothing listened on a moment ago."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def own_proxy(
    port: int, strip: str = "", headers: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Pass connections on to `port`, a prefix taken off and headers set; yields its own port."""
    replaced = {name.lower(): value for name, value in (headers or {}).items()}
    listener = socket.create_server(("127.0.0.1", 0))
    begun: list[asyncio.AbstractEventLoop] = []
    stop = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            writer.close()
            return
        first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        method, path, version = first.split(" ")
        path = path.removeprefix(strip) if path.startswith(f"{strip}/") else path
        kept = [line for line in lines if line.partition(":")[0].lower() not in replaced]
        kept += [f"{name}: {value}" for name, value in replaced.items()]
        there, away = await asyncio.open_connection("127.0.0.1", port)
        away.write("\r\n".join([f"{method} {path} {version}", *kept, "", ""]).encode("latin-1"))
        await asyncio.gather(_pour(reader, away), _pour(there, writer))

    async def run() -> None:
        async with await asyncio.start_server(serve, sock=listener):
            begun.append(asyncio.get_running_loop())
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=[run()])
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        while not begun:
            time.sleep(0.01)
        begun[0].call_soon_threadsafe(stop.set)
        thread.join(SECONDS)
    assert not thread.is_alive()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  map $http_upgrade $connection_upgrade {{ default upgrade; "" close; }}
  server {{
    listen 127.0.0.1:{own};
    location /spiral/ {{
      proxy_pass http://127.0.0.1:{port}{target};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }}
  }}
}}
"""
CADDY = """
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{own} {{
  {how} /spiral/* {{
    reverse_proxy 127.0.0.1:{port}
  }}
}}
"""


@contextmanager
def nginx(port: int, folder: Path, *, strip: bool) -> Iterator[int]:
    """nginx in front, below /spiral/."""
    own = free_port()
    text = NGINX.format(folder=folder, own=own, port=port, target="/" if strip else "")
    config = folder / "nginx.conf"
    config.write_text(text)
    with _program("nginx", ["-c", str(config)], own, folder):
        yield own


@contextmanager
def caddy(port: int, folder: Path, *, strip: bool) -> Iterator[int]:
    """Caddy in front, below /spiral/."""
    own = free_port()
    config = folder / "Caddyfile"
    config.write_text(CADDY.format(own=own, port=port, how="handle_path" if strip else "handle"))
    arguments = ["run", "--adapter", "caddyfile", "--config", str(config)]
    with _program("caddy", arguments, own, folder):
        yield own


@contextmanager
def _program(name: str, arguments: list[str], port: int, folder: Path) -> Iterator[None]:
    program = shutil.which(name) or shutil.which(f"/usr/sbin/{name}")
    if program is None:
        pytest.skip(f"{name} is not installed: apt-get install {name}")
    with (folder / "log").open("wb") as log:
        environment = {"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin"}
        process = subprocess.Popen(
            [program, *arguments], stdout=log, stderr=log, env=environment, cwd=folder
        )
        try:
            _wait_for(lambda: _listens(port), process, folder)
            yield
        finally:
            process.terminate()
            process.wait(SECONDS)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _wait_for(ready: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not ready():
        assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.02)
