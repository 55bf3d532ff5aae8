"""How a command ends: exit codes, and sentences on the error stream."""

from __future__ import annotations

import sys

from spiral_dash.core.config import ConfigError

OK, DIVERGED, USAGE = 0, 1, 2


def refuse(error: Exception) -> int:
    """Say what is wrong, a line a problem, and return the exit code of bad usage."""
    sentences = error.problems.values() if isinstance(error, ConfigError) else [error]
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    return USAGE
