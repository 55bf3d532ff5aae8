"""The metrics probe against torch's loss and counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from spiral_dash.core.probes import PROBES, ProbeError
from tests.unit.probes.subjects import diverged, subject, subject_of, without_class

metrics = PROBES["metrics"]


@pytest.mark.parametrize("codimension", [1, 2])
@pytest.mark.parametrize("arms", [2, 3, 6])
@pytest.mark.parametrize("hidden", [(), (1,), (8, 8)])
def test_every_figure_by_hand(hidden: tuple[int, ...], arms: int, codimension: int) -> None:
    measured = subject(hidden, arms=arms, codimension=codimension, scale=2.0)
    data = measured.data
    arrays = metrics(measured)
    for part, x, y in (
        ("train", data.x_train, data.y_train),
        ("test", data.x_test, data.y_test),
    ):
        with torch.no_grad():
            logits = measured.network(x.double())
        losses = torch.nn.functional.cross_entropy(logits, y, reduction="none").numpy()
        given, truth = logits.argmax(dim=1).numpy(), y.numpy()
        assert arrays[f"{part}_loss"] == pytest.approx(losses.mean())
        assert arrays[f"{part}_accuracy"] == pytest.approx((given == truth).mean())
        for row in range(arms):
            own = truth == row
            assert arrays[f"{part}_class_loss"][row] == pytest.approx(losses[own].mean())
            share = (given[own] == row).mean()
            assert arrays[f"{part}_class_accuracy"][row] == pytest.approx(share)
            for column in range(arms):
                count = int((own & (given == column)).sum())
                assert arrays[f"{part}_confusion"][row, column] == count


def test_a_class_without_points_has_no_metrics() -> None:
    measured = subject(arms=3)
    arrays = metrics(subject_of(measured.network, without_class(measured.data, 1)))
    assert np.isnan(arrays["train_class_loss"][1])
    assert np.isnan(arrays["train_class_accuracy"][1])
    assert not arrays["train_confusion"][1].any()
    assert np.isfinite(arrays["train_loss"])


def test_weights_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        metrics(diverged())
