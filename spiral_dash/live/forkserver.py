"""A process that has everything loaded, and forks a session whenever it is handed a socket.

`python -m spiral_dash.live.forkserver FD` listens on the socket FD: each message is one byte
with a session's socket attached, and is answered by the child's process id (int32). It ends
when the other side does. Nothing here depends on the script that started the server, so its
children never import that script again.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import struct
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from spiral_dash.core.config import RunConfig
from spiral_dash.core.run import Run
from spiral_dash.live.frames import Points
from spiral_dash.live.opening import Opening
from spiral_dash.live.session import Session
from spiral_dash.live.wire import Wire
from spiral_dash.live.worker import serve_process

REQUEST = b"f"
PID = struct.Struct("<i")


def warm_up() -> None:
    """Touch what a session needs first, so that its process starts with it in place.

    Nothing here goes backward through autograd: a process that did can no longer be forked.
    """
    with TemporaryDirectory() as folder:
        config = RunConfig()
        config.model_dump_json()
        Session(Opening(config=config, folder=Path(folder)), bytes.__len__)
        run = Run(config, snapshot_path=Path(folder) / "snapshots")
        run.advance(0.01)
        run.measure("boundary", resolution=10)
        Points(run)
        run.checkpoint()


def listen(control: socket.socket) -> None:
    """Fork a child for every socket that arrives on `control`, until its other side closes."""
    while True:
        try:
            request, sockets, _, _ = socket.recv_fds(control, 1, 1)
        except ConnectionError:
            return
        if not request:
            return
        (session,) = sockets
        child = os.fork()
        if child == 0:
            control.close()
            serve_child(session)
        os.close(session)
        control.sendall(PID.pack(child))


def serve_child(session: int) -> NoReturn:
    """Serve the session whose socket this is with this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    serve_process(Wire.between(session, session))
    raise AssertionError("a session's process ends by itself")


def main() -> None:
    """Load everything, then listen."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Children that ended are cleared away by the system.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    warm_up()
    # What is here stays for ever: the collector need not touch it, and so copy it, in a child.
    gc.collect()
    gc.freeze()
    listen(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
