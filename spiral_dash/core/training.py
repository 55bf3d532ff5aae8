"""How a network is trained: the optimiser, the batches, what is minimised, the adversary."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from spiral_dash.core.optimizers import OPTIMIZERS
from spiral_dash.core.settings import Settings, one_of
from spiral_dash.core.validation import plain_number

LearningRate = Annotated[float, Field(gt=0.0, le=100.0), BeforeValidator(plain_number)]
Momentum = Annotated[float, Field(ge=0.0, lt=1.0), BeforeValidator(plain_number)]
BatchSize = Annotated[int, Field(ge=1, le=10_000), BeforeValidator(plain_number)]
Penalty = Annotated[float, Field(ge=0.0, le=10.0), BeforeValidator(plain_number)]
AdversaryName = Literal["none", "fgsm", "pgd"]
AdversaryEpsilon = Annotated[float, Field(gt=0.0, le=100.0), BeforeValidator(plain_number)]
AdversaryShare = Annotated[float, Field(gt=0.0, le=1.0), BeforeValidator(plain_number)]
AdversarySteps = Annotated[int, Field(ge=1, le=50), BeforeValidator(plain_number)]


class TrainingConfig(Settings):
    """The optimiser and what it minimises: cross-entropy + l1 sum|w| + l2/2 sum w^2.

    With an adversary, `adversary_share` of every batch is replaced by examples that an attack
    finds within `adversary_epsilon` (L-infinity, plane units) of them (thesis 6.4).
    """

    optimizer: Annotated[str, one_of(OPTIMIZERS)] = "adam"
    learning_rate: LearningRate = 1e-3
    momentum: Momentum = 0.9
    batch_size: BatchSize = 50
    l1: Penalty = 0.0
    l2: Penalty = 0.0
    adversary: AdversaryName = "none"
    adversary_epsilon: AdversaryEpsilon = 0.5
    adversary_share: AdversaryShare = 1.0
    adversary_steps: AdversarySteps = 5
