"""What a person does to a network: sets a number, freezes a layer, silences a unit.

Layers count from 1 to L, whose units are the outputs; units and inputs count from 1. `Hold` says
what of a network stays as it is, `apply` does an edit to a training state.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field

from spiral_dash.core.settings import Settings, Whole
from spiral_dash.core.validation import ConfigError, plain_number, shown, validated

PLACE_MAX = 10**9
VALUE_MAX = 1e6

Array = npt.NDArray[Any]
Place = tuple[int, int]
BEGINNING: Place = (0, 0)
Count = Annotated[int, Field(ge=1, le=PLACE_MAX), BeforeValidator(plain_number)]
Value = Annotated[float, Field(ge=-VALUE_MAX, le=VALUE_MAX), BeforeValidator(plain_number)]


class Placed(Settings):
    """What happens at a place of a run: after `epoch` epochs and `step` batches of the next."""

    epoch: Whole = Field(0, ge=0, le=PLACE_MAX)
    step: Whole = Field(0, ge=0, le=PLACE_MAX)

    @property
    def place(self) -> Place:
        """Where it takes effect."""
        return self.epoch, self.step


class WeightEdit(Placed):
    """Sets the weight from an input of a layer to one of its units."""

    names: ClassVar = ("layer", "unit", "input")

    change: Literal["weight"] = "weight"
    layer: Count
    unit: Count
    input: Count
    value: Value

    @property
    def words(self) -> str:
        """The edit in words."""
        return f"weight {self.input} → {self.unit} of layer {self.layer} set to {self.value:g}"


class BiasEdit(Placed):
    """Sets the bias of a unit."""

    names: ClassVar = ("layer", "unit")

    change: Literal["bias"] = "bias"
    layer: Count
    unit: Count
    value: Value

    @property
    def words(self) -> str:
        """The edit in words."""
        return f"bias of unit {self.unit} of layer {self.layer} set to {self.value:g}"


class LayerEdit(Placed):
    """Freezes a layer, or lets it train again.

    Its weights and biases keep their values bit for bit, and the optimiser what it remembers of
    them.
    """

    names: ClassVar = ("layer",)

    change: Literal["layer"] = "layer"
    layer: Count
    value: Literal["frozen", "free"]

    @property
    def words(self) -> str:
        """The edit in words."""
        return f"layer {self.layer} {'frozen' if self.value == 'frozen' else 'trains again'}"


class UnitEdit(Placed):
    """Silences a hidden unit, or brings it back as it was.

    The output of a silent unit counts as 0: the weights that go out of it are 0. It does not learn:
    these, the weights that come in and its bias keep their values, and come back with it. What the
    optimiser remembered first of the weights that go out (momentum, mean of gradients or of their
    squares) begins anew.
    """

    names: ClassVar = ("layer", "unit")

    change: Literal["unit"] = "unit"
    layer: Count
    unit: Count
    value: Literal["silent", "active"]

    @property
    def words(self) -> str:
        """The edit in words."""
        done = "silenced" if self.value == "silent" else "brought back"
        return f"unit {self.unit} of layer {self.layer} {done}"


Edit = WeightEdit | BiasEdit | LayerEdit | UnitEdit
EDITS: dict[str, type[Edit]] = {
    "weight": WeightEdit, "bias": BiasEdit, "layer": LayerEdit, "unit": UnitEdit
}  # fmt: skip


def read_edit(values: object) -> Edit:
    """Validate a mapping such as {"change": "bias", "layer": 1, "unit": 2, "value": 0.5}.

    Raises `ConfigError`.
    """
    if isinstance(values, Edit):
        return values
    kind = values.get("change") if isinstance(values, dict) else None
    if not isinstance(kind, str) or kind not in EDITS:
        got = shown(kind if isinstance(values, dict) else values)
        raise ConfigError({"change": f"change: expected one of {', '.join(EDITS)}, got {got}."})
    return validated(EDITS[kind], values)


def target(edit: Edit) -> tuple[str | int, ...]:
    """What an edit changes: such as ("weight", layer, unit, input)."""
    return (edit.change, *(getattr(edit, name) for name in edit.names))


def check(edit: Edit, sizes: Sequence[int | None]) -> None:
    """Raise `ConfigError` where a network has no such place; units that are None are not known.

    `sizes` counts what goes into the first layer, and the units of every layer.
    """
    last = len(sizes) - 1
    if isinstance(edit, UnitEdit):
        last -= 1
        if edit.layer == last + 1 > 0:
            raise _refused("layer", "outputs cannot be silenced", 1, last, edit.layer, "layers")
    if edit.layer > last:
        raise _refused("layer", "there is no such layer", 1, last, edit.layer, "layers")
    places = {"unit": edit.layer, "input": edit.layer - 1}
    for name in edit.names[1:]:
        count, number = sizes[places[name]], getattr(edit, name)
        if count is not None and number > count:
            where = f"layer {edit.layer} has no such {name}"
            raise _refused(name, where, 1, count, number, f"{name}s")


def _refused(name: str, reason: str, least: int, most: int, got: int, plural: str) -> ConfigError:
    expected = f"expected {least} to {most}" if most >= least else f"it has no hidden {plural}"
    return ConfigError({name: f"{name}: {reason}: {expected}, got {got}."})


@dataclass(frozen=True)
class Hold:
    """What stays as it is while a network trains: frozen layers, silent units (layer, unit)."""

    frozen: frozenset[int] = frozenset()
    silent: frozenset[tuple[int, int]] = frozenset()

    def after(self, edits: Iterable[Edit]) -> Hold:
        """Return what stays after further edits."""
        frozen, silent = set(self.frozen), set(self.silent)
        for edit in edits:
            if isinstance(edit, LayerEdit):
                (frozen.add if edit.value == "frozen" else frozen.discard)(edit.layer)
            elif isinstance(edit, UnitEdit):
                place = edit.layer, edit.unit
                (silent.add if edit.value == "silent" else silent.discard)(place)
        return Hold(frozenset(frozen), frozenset(silent))

    def positions(self, sizes: Sequence[int]) -> Array:
        """Return which entries of the flat parameter vector stay, ascending (K,) int64."""
        blocks = _blocks(sizes)
        held = [blocks[layer - 1].ravel() for layer in self.frozen]
        for layer, unit in self.silent:
            held += [blocks[layer - 1][unit - 1], blocks[layer][:, unit - 1]]
        return np.unique(np.concatenate(held)) if held else np.empty(0, np.int64)


NOTHING_HELD = Hold()


def apply(edit: Edit, parameters: Array, memory: Array, sizes: Sequence[int], hold: Hold) -> None:
    """Do an edit to flat parameters (P,) of a network that holds `hold`.

    Of a silent unit's outgoing weights the optimiser remembers nothing meanwhile: their place in
    its first `memory` (P,) keeps what they come back as.
    """
    blocks = _blocks(sizes)
    match edit:
        case WeightEdit():
            position = blocks[edit.layer - 1][edit.unit - 1, edit.input - 1]
            is_silent = (edit.layer - 1, edit.input) in hold.silent
            (memory if is_silent else parameters)[position] = edit.value
        case BiasEdit():
            parameters[blocks[edit.layer - 1][edit.unit - 1, -1]] = edit.value
        case UnitEdit():
            outgoing = blocks[edit.layer][:, edit.unit - 1]
            was_silent = (edit.layer, edit.unit) in hold.silent
            if edit.value == "active":
                if was_silent:
                    parameters[outgoing] = memory[outgoing]
                memory[outgoing] = 0
            elif not was_silent:
                memory[outgoing] = parameters[outgoing]
                parameters[outgoing] = 0


def _blocks(sizes: Sequence[int]) -> list[Array]:
    """Number the flat parameters: one (out, in + 1) block a layer, the bias in the last column."""
    blocks, start = [], 0
    for fan_in, fan_out in itertools.pairwise(sizes):
        stop = start + (fan_in + 1) * fan_out
        blocks.append(np.arange(start, stop).reshape(fan_out, fan_in + 1))
        start = stop
    return blocks
