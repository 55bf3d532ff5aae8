"""A run as a PyTorch program of its own, made of `script.txt`: what the run lacks is left out."""

from __future__ import annotations

import base64
import textwrap
import zlib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.activations import LEAKY_SLOPE
from spiral_dash.core.config import RunConfig
from spiral_dash.core.edits import BiasEdit, LayerEdit, UnitEdit, WeightEdit
from spiral_dash.core.export.formats import ExportOptions
from spiral_dash.core.export.template import filled
from spiral_dash.core.inputs import FeatureName, InputMap
from spiral_dash.core.run import Run
from spiral_dash.core.schedule import Change, Entry, marks
from spiral_dash.core.validation import ConfigError

Array = npt.NDArray[Any]
POINT_BYTES_MAX = 32 * 2**20
EPOCHS = 100
"""What a script trains of a run that has not been trained."""
LINE = 96
FILE = "this_script.py"

CALLS = {
    "tanh": "torch.tanh(layer(x))",
    "relu": "torch.relu(layer(x))",
    "sigmoid": "torch.sigmoid(layer(x))",
    "linear": "layer(x)",
    "leaky_relu": f"nn.functional.leaky_relu(layer(x), {LEAKY_SLOPE})",
    "elu": "nn.functional.elu(layer(x))",
    "gelu": "nn.functional.gelu(layer(x))",
    "silu": "nn.functional.silu(layer(x))",
    "softplus": "nn.functional.softplus(layer(x))",
    "sine": "torch.sin(layer(x))",
}
FEATURE_TEXTS: dict[FeatureName, str] = {
    "x1": "p", "x2": "q", "x1^2": "p * p", "x2^2": "q * q", "x1x2": "p * q",
    "sin_x1": "torch.sin(p)", "sin_x2": "torch.sin(q)",
}  # fmt: skip
MEMORY = {
    "sgd": ("momentum_buffer",),
    "adam": ("exp_avg", "exp_avg_sq"),
    "adamw": ("exp_avg", "exp_avg_sq"),
    "rmsprop": ("square_avg",),
}
"""What torch's optimisers call what they remember, in the order of our slots."""


def write(run: Run, epoch: int | None, options: ExportOptions) -> bytes:
    """Return the program; it trains to `epoch`, from the beginning of the run.

    Raises `ProbeError` for an epoch that is not kept, and `ConfigError` for more points than a
    program should hold.
    """
    data = run.data
    size = data.x_train.nbytes + data.x_test.nbytes * data.has_test
    if size > POINT_BYTES_MAX:
        raise ConfigError(
            {
                "format": "format: expected points of at most "
                f"{POINT_BYTES_MAX // 2**20} MiB for a script, which holds them, got "
                f"{size / 2**20:.0f} MiB. Take fewer, or export data and weights."
            }
        )
    at = run.subject(epoch).epoch
    inputs = run.network.inputs
    template = files(__package__).joinpath("script.txt").read_text(encoding="utf-8")
    text = filled(template, _parts(run.config, inputs), _values(run, at, inputs))
    return text.encode()


def _values(run: Run, at: int, inputs: InputMap) -> dict[str, str]:
    config, sizes = run.config, run.network.sizes
    features = inputs.features or ()
    return {
        "TITLE": f"{config.data.title or config.data.kind}, {config.network.activation} network",
        "FILE": FILE,
        "EPOCHS": str(at or EPOCHS),
        "AS_THE_RUN": ", as the run did" if at else "",
        "FOUND": _found(run, at),
        "ADDRESS": config.to_query(),
        "SETTINGS": _settings(config),
        "CLASSES": repr(list(run.data.class_names)),
        "SHAPE": f"A network of {'-'.join(map(str, sizes))} units",
        "SIZES": repr(list(sizes)),
        "DIMENSION": str(run.data.dimension),
        "OUTPUTS": str(sizes[-1]),
        "FEATURES": ", ".join(FEATURE_TEXTS[name] for name in features),
        "ACTIVATION": CALLS[config.network.activation],
        "INITIALIZER": config.network.initializer,
        "PENALTIES": "".join(
            f",\n    plus {words}"
            for name, words in (
                ("l1", "l1 times the sum of |w|"),
                ("l2", "l2 / 2 times that of w^2"),
            )
            if name in _penalties(config)
        ),
        "MEMORY": repr(MEMORY[config.training.optimizer]),
        "SCHEDULE": "\n".join(_lines_of_schedule(config)),
        "BATCH_SEED": str(config.seeds.batches),
        "NUMBERS": "\n".join(_numbers(run, inputs)),
    }


def _parts(config: RunConfig, inputs: InputMap) -> set[str]:
    """Return which parts of the template a run needs."""
    optimizer = config.training.optimizer
    edits = {entry.change for entry in config.schedule if not isinstance(entry, Change)}
    adversaries = _over_time(config, "adversary") - {"none"}
    momenta = _over_time(config, "momentum")
    parts = {
        optimizer: True,
        "steps": optimizer != "sgd",
        "penalised": _penalties(config),
        "plain": not _penalties(config),
        "scaled": inputs.is_scaled,
        "features": inputs.features is not None,
        "adversary": adversaries,
        "starts": "pgd" in adversaries,
        "schedule": config.schedule,
        "changes": any(isinstance(entry, Change) for entry in config.schedule),
        "hold": edits & {"layer", "unit"},
        "momentum": optimizer == "sgd" and 0.0 in momenta and len(momenta) > 1,
        **dict.fromkeys(edits | _penalties(config), True),
    }
    return {name for name, holds in parts.items() if holds}


def _over_time(config: RunConfig, name: str) -> set[Any]:
    """Return every value that a setting of the training has in the course of the run."""
    changes = (e.settings for e in config.schedule if isinstance(e, Change))
    later = {settings[name] for settings in changes if name in settings}
    return {getattr(config.training, name)} | later


def _penalties(config: RunConfig) -> set[str]:
    """Return which penalties are part of the loss; AdamW's decay is not."""
    decoupled = config.training.optimizer == "adamw"
    used = {name for name in ("l1", "l2") if any(_over_time(config, name))}
    return used - {"l2"} if decoupled else used


def _settings(config: RunConfig) -> str:
    """Return the settings that matter to this run, a line each."""
    optimizer = config.training.optimizer
    adversaries = _over_time(config, "adversary") - {"none"}
    matters = {
        "learning_rate": True,
        "momentum": optimizer == "sgd",
        "batch_size": True,
        "l1": "l1" in _penalties(config),
        "l2": "l2" in _penalties(config) or optimizer == "adamw",
        "adversary": adversaries,
        "adversary_epsilon": adversaries,
        "adversary_share": adversaries,
        "adversary_steps": "pgd" in adversaries,
    }
    begin = config.training.model_dump()
    return "\n".join(f'    "{name}": {begin[name]!r},' for name, does in matters.items() if does)


def _found(run: Run, at: int) -> str:
    """Return what the run had come to, as a paragraph."""
    row = {name: float(values[at]) for name, values in run.trainer.history.arrays().items()
           if values.ndim == 1}  # fmt: skip
    if not at or not np.isfinite(row["train_loss"]):  # it diverged, or was not evaluated here
        return ""
    words = (
        f"In Spiral Dash, epoch {at} had loss {row['train_loss']:.6f} (train) and "
        f"{row['test_loss']:.6f} (test), accuracy {row['train_accuracy']:.2%} and "
        f"{row['test_accuracy']:.2%}."
    )
    return "\n" + textwrap.fill(words, LINE) + "\n"


def _lines_of_schedule(config: RunConfig) -> Iterable[str]:
    for entry, mark in zip(config.schedule, marks(config.training, config.schedule), strict=True):
        name, arguments = _call(entry)
        yield f"    ({entry.epoch}, {entry.step}, {name}, {arguments!r}),  # {mark.text}"


def _call(entry: Entry) -> tuple[str, dict[str, Any]]:
    """Return the script's function that does what an entry says, and its arguments."""
    if isinstance(entry, Change):
        return "change", entry.settings
    arguments = {name: getattr(entry, name) for name in entry.names}
    match entry:
        case WeightEdit():
            return "set_weight", {**arguments, "value": entry.value}
        case BiasEdit():
            return "set_bias", {**arguments, "value": entry.value}
        case LayerEdit():
            return "freeze" if entry.value == "frozen" else "unfreeze", arguments
        case UnitEdit():
            return "silence" if entry.value == "silent" else "bring_back", arguments


def _numbers(run: Run, inputs: InputMap) -> Iterable[str]:
    data = run.data
    first = run.trainer.initial
    yield _embedded("FIRST_WEIGHTS", first.flat.numpy())
    if inputs.is_scaled:
        yield _embedded("SHIFT", inputs.shift.astype(np.float32))
        yield _embedded("SCALE", inputs.scale.astype(np.float32))
    yield _embedded("X_TRAIN", data.x_train.numpy())
    yield _embedded("Y_TRAIN", data.y_train.numpy())
    if data.has_test:
        yield _embedded("X_TEST", data.x_test.numpy())
        yield _embedded("Y_TEST", data.y_test.numpy())
    else:
        yield "X_TEST, Y_TEST = X_TRAIN, Y_TRAIN  # nothing is held out"


def _embedded(name: str, values: Array) -> str:
    """Return an assignment whose value is a tensor, exactly."""
    is_label = values.dtype.kind == "i"
    stored = values.astype("u1" if is_label else "<f4")
    content = base64.b64encode(zlib.compress(stored.tobytes(), 9)).decode()
    lines = "\n".join(textwrap.wrap(content, LINE)) if len(content) > LINE else content
    end = ", torch.uint8).long()" if is_label else ")"
    shape = f".view{values.shape}" if values.ndim > 1 else ""
    return f'{name} = unpacked("""\n{lines}\n"""{end}{shape}'
