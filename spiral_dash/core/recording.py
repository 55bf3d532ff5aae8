"""A recorded run as one file: a zip of safetensors blobs, of which nothing is executed."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.frame import decode, encode_exact
from spiral_dash.core.validation import ConfigError, shown

Array = npt.NDArray[Any]
RUN, SNAPSHOTS, CONFIG = "run.safetensors", "snapshots.safetensors", "config.json"
SUFFIX = ".spiral.zip"
BYTES_MAX = 256 * 2**20


class RecordingError(ConfigError):
    """A file that is not a recorded run; the message says what was expected and what arrived."""

    def __init__(self, message: str) -> None:
        super().__init__({"recording": message})


@dataclass(frozen=True)
class Recording:
    """A checkpoint, and the states (K, S) float32 kept at epochs (K,) int64."""

    checkpoint: bytes
    epochs: Array
    states: Array


def pack(recording: Recording, config_json: str) -> bytes:
    """Return the file's bytes; the configuration lies beside for people to read."""
    snapshots = encode_exact({"epochs": recording.epochs, "states": recording.states}, {})
    parts = {RUN: recording.checkpoint, SNAPSHOTS: snapshots, CONFIG: config_json.encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def unpack(source: bytes | Path) -> Recording:
    """Read a recorded run; raise `RecordingError` for anything else, however it is broken."""
    if not isinstance(source, bytes | Path):
        raise RecordingError(f"Expected the bytes of a file or its path, got {shown(source)}.")
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > BYTES_MAX:
            raise RecordingError(f"Expected a file of at most {_mib(BYTES_MAX)}, got {_mib(size)}.")
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        with zipfile.ZipFile(file) as archive:
            checkpoint, blob = (_member(archive, name) for name in (RUN, SNAPSHOTS))
        arrays, _ = decode(blob)
        epochs, states = arrays["epochs"], arrays["states"]
    except OSError as error:
        raise RecordingError(f"The file cannot be read: {error.strerror or error}.") from error
    except KeyError as error:
        raise RecordingError(
            f"Expected the snapshots to hold {error}, which is missing."
        ) from error
    except RecordingError:
        raise
    except (
        zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, EOFError
    ) as error:  # fmt: skip
        raise RecordingError(
            f"Expected a recorded run, got a file that is not one or is cut off: {error}."
        ) from error
    if (
        epochs.dtype != np.int64
        or states.dtype != np.float32
        or epochs.ndim != 1
        or states.ndim != 2
        or not len(epochs) == len(states) > 0
        or not (np.diff(epochs) > 0).all()
        or (epochs < 0).any()
    ):
        raise RecordingError(
            "Expected ascending int64 epochs and one float32 state for each, got "
            f"{epochs.dtype} {epochs.shape} and {states.dtype} {states.shape}."
        )
    return Recording(checkpoint, epochs, states)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise RecordingError(
            f"Expected a recorded run, got a zip without {name}: it is another kind of file."
        ) from None
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise RecordingError(f"Expected {name} to be stored or deflated, got another compression.")
    # No more than what it declares is ever read, even where that is a lie.
    if info.file_size > BYTES_MAX:
        raise RecordingError(
            f"Expected {name} to be at most {_mib(BYTES_MAX)}, got {_mib(info.file_size)}."
        )
    return archive.read(info)


def _mib(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"
