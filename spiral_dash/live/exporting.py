"""A run made into a file of another tool, in a process of its own that ends with the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from spiral_dash.core.export import ExportOptions, exported, file_name
from spiral_dash.core.run import Run
from spiral_dash.core.validation import ConfigError, ProbeError, validated
from spiral_dash.live.log import LOG


class ExportingTask(BaseModel):
    """Write the run recorded in `source` to `out`, as it was at the kept epoch nearest to `epoch`.

    -1 is the last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Path
    out: Path
    format: str
    epoch: int = Field(-1, ge=-1)
    options: ExportOptions = ExportOptions()


def answer(task: object) -> dict[str, Any]:
    """Carry out a task: the file's `name` and its `epoch`, or the sentence of an `error`."""
    try:
        return _answer(validated(ExportingTask, task))
    except (ConfigError, ProbeError) as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "The file takes more memory to make than is allowed here."}
    except OSError as error:
        return {"error": f"The file cannot be written here: {error.strerror or error}."}
    except Exception as error:
        LOG.exception("a run could not be exported")
        return {"error": f"The file cannot be made here: {type(error).__name__}: {error}."}


def _answer(task: ExportingTask) -> dict[str, Any]:
    run = Run.unpack(task.source)
    epoch = run.nearest_epoch(task.epoch)
    task.out.write_bytes(exported(run, task.format, epoch, task.options))
    return {"name": file_name(run, task.format, epoch), "epoch": epoch}
