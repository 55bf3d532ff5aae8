"""The speed limit and the measured rates, on a clock of the test's own."""

from __future__ import annotations

import pytest

from spiral_dash.live.pace import CATCH_UP_SECONDS, Pace, Rates


def epochs_in(pace: Pace, seconds: float, cost: float) -> int:
    """How many epochs of `cost` seconds each fit into `seconds` under the limit."""
    now, epochs = 0.0, 0
    while (now := max(now, pace.due())) + cost <= seconds:
        now += cost
        epochs += 1
        pace.epoch_finished(now)
    return epochs


@pytest.mark.parametrize(
    ("limit", "cost", "expected"),
    [(None, 0.01, 100), (10.0, 0.001, 10), (10.0, 0.05, 10), (2.0, 0.25, 2), (50.0, 0.1, 10)],
)
def test_no_more_epochs_than_the_limit_and_the_machine_allow(
    limit: float | None, cost: float, expected: int
) -> None:
    pace = Pace()
    pace.set_limit(limit, 0.0)
    assert abs(epochs_in(pace, 1.0, cost) - expected) <= 1


def test_a_short_delay_is_caught_up_with_and_a_long_one_is_not() -> None:
    pace = Pace()
    pace.set_limit(10.0, 0.0)
    pace.epoch_finished(0.15)
    assert pace.due() == pytest.approx(0.1)
    pace.epoch_finished(100.0)
    assert pace.due() == pytest.approx(100.0 - CATCH_UP_SECONDS)


def test_a_new_limit_holds_at_once() -> None:
    pace = Pace()
    pace.set_limit(0.01, 0.0)
    pace.epoch_finished(1.0)
    assert pace.due() == pytest.approx(100.0)
    pace.set_limit(10.0, 2.0)
    assert pace.due() == 2.0
    pace.set_limit(None, 3.0)
    assert pace.due() == 0.0


def test_rates_are_those_of_the_last_seconds() -> None:
    rates = Rates()
    assert rates.rates() == (0.0, 0.0)
    for tick in range(100):
        now = tick / 20
        speed = 1.0 if now < 2.5 else 3.0
        passed = now if now < 2.5 else 2.5 + 3.0 * (now - 2.5)
        rates.add(now, passed, int(1000 * passed))
    epochs, steps = rates.rates()
    assert epochs == pytest.approx(speed, rel=0.05)
    assert steps == pytest.approx(1000 * speed, rel=0.05)
    rates.clear()
    assert rates.rates() == (0.0, 0.0)
