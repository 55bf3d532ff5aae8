"""What the people in a room answer to the questions of a lesson."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

ANSWER_MAX = 200
STEPS_MAX = 40
BARS_MAX = 12
"""Different answers that are shown; there are rarely more to choose from."""


def kept(answers: Mapping[int, str]) -> dict[int, str]:
    """Return the answers of one person by their step, none too long, and none without a word."""
    texts = {step: " ".join(text.split())[:ANSWER_MAX] for step, text in answers.items()}
    return {step: text for step, text in sorted(texts.items())[:STEPS_MAX] if text}


def tally(everyones: Iterable[Mapping[int, str]], step: int) -> dict[str, int]:
    """Return how often each answer to the question of a step was given, the most frequent first."""
    counted = Counter(answers[step] for answers in everyones if step in answers)
    ordered = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    return dict(ordered[:BARS_MAX])
