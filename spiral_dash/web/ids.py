"""Every component id of the page, in one place."""

from __future__ import annotations

# What the page knows of itself.
URL = "url"
SESSION = "session"
CONFIG = "config"
VIEW = "view"

# Transport.
PLAY = "play"
STEP = "step"
RESET = "reset"
NEW_SEED = "new-seed"
SPEED = "speed"
EPOCH = "readout-epoch"
EPOCHS_PER_SECOND = "readout-epochs-per-second"
TRAIN_LOSS = "readout-train-loss"
TEST_LOSS = "readout-test-loss"
TRAIN_ACCURACY = "readout-train-accuracy"
TEST_ACCURACY = "readout-test-accuracy"
STATE = "readout-state"
TIMELINE = "timeline"
BRANCH = "branch"

# The shell.
NOTICES = "notices"
THEME = "theme"
PANELS = "panels"
GALLERY = "gallery"
RESTART_DIALOG = "restart-dialog"
RESTART_CONFIRM = "restart-confirm"
RESTART_CANCEL = "restart-cancel"

ALL_FIELDS = ("data", "network", "training", "run")


def field(group: str, name: str) -> dict[str, str]:
    """Return the id of the control of one configuration field."""
    return {"type": "field", "group": group, "name": name}


def problem(group: str, name: str) -> dict[str, str]:
    """Return the id of the place beside a control where its problem is said."""
    return {"type": "problem", "group": group, "name": name}


def units(layer: int) -> dict[str, str | int]:
    """Return the id of the control of one hidden layer's units."""
    return {"type": "units", "layer": layer}


def panel(name: str) -> dict[str, str]:
    """Return the id of a panel's card."""
    return {"type": "panel", "panel": name}


def panel_graph(name: str, graph: str) -> dict[str, str]:
    """Return the id of one of a panel's graphs."""
    return {"type": "panel-graph", "panel": name, "graph": graph}


def panel_option(name: str, option: str) -> dict[str, str]:
    """Return the id of one of a panel's options."""
    return {"type": "panel-option", "panel": name, "option": option}


def panel_button(name: str, action: str) -> dict[str, str]:
    """Return the id of a panel's button: info, enlarge, close, csv, png or svg."""
    return {"type": "panel-button", "panel": name, "action": action}
