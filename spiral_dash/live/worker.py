"""A session's process: one thread listens to the server, one trains.

`python -m spiral_dash.live.worker` serves one session over its standard input and output.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from spiral_dash.core.validation import validated
from spiral_dash.live import exporting, reading
from spiral_dash.live.beside import Beside, possible
from spiral_dash.live.log import LOG
from spiral_dash.live.machine import kill_first, lower_priority
from spiral_dash.live.opening import Opening
from spiral_dash.live.remote import Dial, Remote, dialled
from spiral_dash.live.session import Session
from spiral_dash.live.wire import Wire, pack_json

CRASHED = 70
PATIENCE_SECONDS = 0.2
SWITCH_SECONDS = 0.001
"""How long a measurement in the background may keep the interpreter from making a frame."""
# Read by the libraries when they are first imported: one session, one core.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

ERRANDS: dict[str, Callable[[object], dict[str, Any]]] = {
    "reading": reading.answer,
    "exporting": exporting.answer,
}
"""What a process can be asked for in place of a session: it ends with the answer."""


def serve(
    wire: Wire,
    leave: Callable[[int], None],
    on_ready: Callable[[], object],
    patience: float | None,
    on_errand: Callable[[], object] = lambda: None,
) -> None:
    """Serve the session that the server opens over `wire`, until either side ends it.

    Where the server asks for one of `ERRANDS` instead, do it after a call of `on_errand`.
    `leave` is called with an exit code when the session is over, `on_ready` on the training
    thread before it trains; when the server is gone, training gets `patience` seconds to end. A
    session that ends takes its folder with it; one that sleeps or crashes leaves it to its
    successor.
    """
    first = wire.receive()
    if first is None:
        return leave(0)
    assert isinstance(first, dict), "what begins a session is no frame and no file"
    for name, answer in ERRANDS.items():
        if name in first:
            on_ready()
            on_errand()
            wire.send(pack_json(answer(first[name])))
            return leave(0)
    if "dial" in first:
        return _serve_remote(validated(Dial, first["dial"]), leave, on_ready, patience)
    return _serve_session(wire, validated(Opening, first), leave, on_ready, patience)


def _serve_remote(
    dial: Dial,
    leave: Callable[[int], None],
    on_ready: Callable[[], object],
    patience: float | None,
) -> None:
    """Serve the session that a server on another machine opens once it is called."""
    try:
        wire = Remote(dialled(dial), dial.folder)
    except OSError as error:
        LOG.warning("a session cannot reach its server: %s", error)
        return leave(CRASHED)
    first = wire.receive()
    if first is None:
        return leave(0)
    opening = wire.home(validated(Opening, first))
    return _serve_session(wire, opening, leave, on_ready, patience)


def _serve_session(
    wire: Wire | Remote,
    opening: Opening,
    leave: Callable[[int], None],
    on_ready: Callable[[], object],
    patience: float | None,
) -> None:
    beside = Beside() if opening.beside and possible() else None
    session = Session(opening, wire.send, beside)
    if isinstance(wire, Remote):
        wire.follow(session)

    def clear() -> None:
        if not (session.asleep or opening.keep):
            shutil.rmtree(opening.folder, ignore_errors=True)

    def train() -> None:
        try:
            session.run(on_ready)
        except Exception:
            LOG.exception("a session crashed")
            leave(CRASHED)
        else:
            clear()
            leave(0)

    thread = threading.Thread(target=train, name="training", daemon=True)
    thread.start()
    while (message := wire.receive()) is not None:
        assert isinstance(message, dict), "frames go one way"
        session.post(message.get("command"), message.get("id"))
    session.close()
    thread.join(patience)
    clear()
    return leave(0)


def serve_process(wire: Wire) -> None:
    """Serve a session with the whole process, which ends with it and with the server."""
    # Ctrl-C in a terminal reaches every process; the server alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kill_first()
    logging.basicConfig(format="%(levelname)s %(message)s")
    sys.setswitchinterval(SWITCH_SECONDS)
    # Returning would wait for whatever the training thread is at.
    serve(wire, os._exit, lower_priority, PATIENCE_SECONDS, reading.confine)


def main() -> None:
    """Serve one session over standard input and output."""
    read_fd, write_fd = os.dup(sys.stdin.fileno()), os.dup(sys.stdout.fileno())
    # What a library prints must not get between the messages.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve_process(Wire.between(read_fd, write_fd))


if __name__ == "__main__":
    main()
