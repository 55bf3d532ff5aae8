"""Data of known geometry: one kind a file, found here and registered under its name."""

from __future__ import annotations

import importlib
import pkgutil

from spiral_dash.core.data.registry import KIND_USUAL, KINDS

OWN = "points"


def _discover() -> None:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    # The spiral comes first wherever kinds are listed, a person's own points last.
    between = [name for name in KINDS if name not in {KIND_USUAL, OWN}]
    for name in (*between, OWN):
        KINDS[name] = KINDS.pop(name)


_discover()
