"""What the experiments of the thesis share: their networks, and the numbers they look at."""

from __future__ import annotations

from pydantic import JsonValue

from spiral_dash.experiments.claims import Side
from spiral_dash.experiments.design import Factor, factor
from spiral_dash.experiments.quantities import Quantity

ACTIVATION = "network.activation"
ENTANGLEMENT = "data.entanglement"
BATCH = "training.batch_size"

LARGE: dict[str, JsonValue] = {"network.hidden": [50, 50, 50, 50, 50]}
"""The thesis' network of chapter 4: five hidden layers of 50 units."""
SMALL: dict[str, JsonValue] = {"data.entanglement": 5, "network.hidden": [2]}
"""Its network of one hidden layer of 2 units, and the data it can learn (4.2.1)."""
WEIGHTS_DATA: dict[str, JsonValue] = {"data.phi_min": 2}
"""The spiral of the experiments on weights begins at 2."""

HIDDEN = (1, 2, 3, 4)
"""The four 50 x 50 matrices among the six of the network, counted from 0."""
TEST_ACCURACY = Quantity(
    name="accuracy", label="Test accuracy", unit="%", source="metrics.test_accuracy", scale=100
)


def activations() -> Factor:
    """Return the two activations that the thesis compares."""
    return factor(ACTIVATION, "tanh", "relu", label="Activation")


def entanglements(*values: float) -> Factor:
    """Return levels of the entanglement, in radians."""
    return factor(ENTANGLEMENT, *values, label="Entanglement (rad)")


def side(quantity: str, activation: str | None = None, **more: object) -> Side:
    """Return one side of a claim, of one activation or of both."""
    where = dict(more.pop("where", {}))  # type: ignore[call-overload]
    if activation is not None:
        where[ACTIVATION] = activation
    return Side(quantity=quantity, where=where, **more)
