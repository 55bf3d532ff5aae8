"""The speed limit and the measured rates, on a clock of the test's own."""

from __future__ import annotations

import pytest

from spiral_dash.core.validation import ConfigError
from spiral_dash.live.commands import Speed
from spiral_dash.live.pace import CATCH_UP_SECONDS, FULL_SPEED, Pace, Rates, read_speed


def finished_in(pace: Pace, seconds: float, cost: float) -> int:
    """How many epochs or batches of `cost` seconds each fit into `seconds` under the limit."""
    now, count = 0.0, 0
    while (now := max(now, pace.due())) + cost <= seconds:
        now += cost
        count += 1
        pace.finished(now)
    return count


@pytest.mark.parametrize(
    ("limit", "cost", "expected"),
    [(None, 0.01, 100), (10.0, 0.001, 10), (10.0, 0.05, 10), (2.0, 0.25, 2), (50.0, 0.1, 10)],
)
@pytest.mark.parametrize("unit", ["epochs_per_second", "steps_per_second"])
def test_no_more_than_the_limit_and_the_machine_allow(
    unit: str, limit: float | None, cost: float, expected: int
) -> None:
    pace = Pace(Speed.model_validate({unit: limit}))
    assert pace.by_batches is (limit is not None and unit == "steps_per_second")
    assert abs(finished_in(pace, 1.0, cost) - expected) <= 1


def test_a_short_delay_is_caught_up_with_and_a_long_one_is_not() -> None:
    pace = Pace(Speed(epochs_per_second=10.0))
    pace.finished(0.15)
    assert pace.due() == pytest.approx(0.1)
    pace.finished(100.0)
    assert pace.due() == pytest.approx(100.0 - CATCH_UP_SECONDS)


def test_a_new_limit_holds_at_once() -> None:
    pace = Pace(Speed(epochs_per_second=0.01))
    pace.finished(1.0)
    assert pace.due() == pytest.approx(100.0)
    pace.set(Speed(steps_per_second=10.0), 2.0)
    assert pace.due() == 2.0
    pace.set(FULL_SPEED, 3.0)
    assert pace.due() == 0.0


TEXTS = {
    "full": FULL_SPEED,
    "20": Speed(epochs_per_second=20.0),
    "0.5": Speed(epochs_per_second=0.5),
    "1000000": Speed(epochs_per_second=1e6),
    "1batch": Speed(steps_per_second=1.0),
    "2.5batches": Speed(steps_per_second=2.5),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_speed_is_read_as_it_is_written(text: str) -> None:
    assert read_speed(text) == TEXTS[text]
    assert TEXTS[text].text == text


@pytest.mark.parametrize(
    "text", ["", "fast", "-1", "0", "0batches", "1e3", "2 batches", "nan", "12345678", "2epochs"]
)
def test_what_is_no_speed_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match=r"expected|per_second"):
        read_speed(text)


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


@pytest.mark.parametrize("limit", [0.5, 1.0, 20.0, 59.0, 60.0, 500.0])
@pytest.mark.parametrize("batches", [1, 27, 1340])
def test_below_full_speed_an_epoch_is_spread_over_its_time(limit: float, batches: int) -> None:
    pace = Pace(Speed(epochs_per_second=limit))
    portion = pace.portion(batches)
    assert portion is not None
    now, left, longest = 0.0, batches, 0.0
    while left > 0:
        taken = min(portion, left)
        left -= taken
        pace.finished(now, taken / batches)
        longest = max(longest, pace.due() - now)
        now = pace.due()
    # The whole takes as long as ever, and no pause is longer than that of a batch or a picture.
    assert now == pytest.approx(1.0 / limit)
    assert longest <= max(1.0 / 60.0, 1.0 / limit / batches) * (1 + 1e-9) + 1.0 / limit / batches


def test_at_full_speed_nothing_waits() -> None:
    assert Pace(FULL_SPEED).portion(27) is None
