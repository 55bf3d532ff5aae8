"""A folder of results, looked into while it is written."""

from __future__ import annotations

from pathlib import Path

from spiral_dash.experiments import Store, StoreError


def done_in(folder: Path) -> int:
    """Return how many results there are."""
    try:
        with Store(folder) as store:
            return len(store.keys())
    except StoreError:
        return 0
