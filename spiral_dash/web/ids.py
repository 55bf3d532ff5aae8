"""Every component id of the page, in one place.

The scripts in `assets/` find those that are texts in `assets/shell/ids.mjs`, which
`make typedefs` makes of this file.
"""

from __future__ import annotations

from dash.dependencies import Wildcard

Name = str | Wildcard
Number = int | Wildcard

# What the page knows of itself.
CONFIG = "config"
PRESETS = "presets"
PRESETS_OPEN = "presets-open"
PRESETS_CLOSE = "presets-close"
PROJECTOR = "projector"
LINK_OPEN = "link-open"
LINK_DIALOG = "link-dialog"
LINK_CLOSE = "link-close"
LINK_TEXT = "link-text"
LINK_COPY = "link-copy"
LINK_SAID = "link-said"
LINK_QR = "link-qr"
LINK_DIALS = "link-dials"
ROOM = "room"
ROOM_OPEN = "room-open"
ROOM_DIALOG = "room-dialog"
ROOM_BOARD = "room-board"

# Transport.
PLAY = "play"
STEP = "step"
STEP_BATCH = "step-batch"
STOP_MENU = "stop-menu"
STOP_SHOWN = "stop-shown"
STOP_AT = "stop-at"
STOP_FIELD = "stop-field"
STOP_VALUE = "stop-value"
STOP_SET = "stop-set"
STOP_CLEAR = "stop-clear"
STOP_MESSAGE = "stop-message"
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
TIMELINE_TRACK = "timeline-track"
TIMELINE_SHOWN = "timeline-shown"
TIMELINE_MARKS = "timeline-marks"
LIVE = "live"
BRANCH = "branch"

# Two runs compared.
COMPARE = "compare"
COMPARE_OPEN = "compare-open"

# The notebook.
NOTEBOOK = "notebook"
NOTEBOOK_OPEN = "notebook-open"
NOTEBOOK_CLOSE = "notebook-close"
NOTEBOOK_COMPARE = "notebook-compare"
NOTEBOOK_CSV = "notebook-csv"
NOTEBOOK_EPSILON = "notebook-epsilon"
NOTEBOOK_NORM = "notebook-norm"
NOTEBOOK_WRONG = "notebook-wrong"

# The shell.
NOTICES = "notices"
CONNECTION = "connection"
THEME = "theme"
DIALS = "dials"
DIALS_TOGGLE = "dials-toggle"
KEYBOARD = "keyboard"
KEYBOARD_OPEN = "keyboard-open"
KEYBOARD_CLOSE = "keyboard-close"
KEYBOARD_SWITCH = "keyboard-switch"
MAIN = "main"
HINT = "hint"
PANELS = "panels"
OPEN_PANELS = "open-panels"
OPENING = "opening"
LATER = "later"
CARDS = "cards"
PANEL_OPTIONS = "panel-options"
GALLERY = "gallery"
GALLERY_OPEN = "gallery-open"
GALLERY_CLOSE = "gallery-close"
GALLERY_SHOWN = "gallery-shown"
GALLERY_HIDDEN = "gallery-hidden"
GALLERY_STATUS = "gallery-status"
NO_PANELS = "no-panels"
NO_PANELS_OPEN = "no-panels-open"
RUN_MENU = "run-menu"
EXPORT_OPEN = "export-open"
EXPORT_DIALOG = "export-dialog"
RUN_DOWNLOAD = "run-download"
RUN_REPORT = "run-report"
RUN_OPEN = "run-open"
RUN_FILE = "run-file"
RUN_MESSAGE = "run-message"
RUN_CHANGES = "run-changes"
BUSY = "busy"
RUN_END = "run-end"
SEAT = "seat"
SEAT_TITLE = "seat-title"
SEAT_TEXT = "seat-text"
SEAT_CHOICES = "seat-choices"
DROP = "drop"
LINK_NOTE = "link-note"
DATA_OPEN = "data-open"
DATA_DIALOG = "data-dialog"
DATA_CLOSE = "data-close"
DATA_CHOOSE = "data-choose"
DATA_FILE = "data-file"
DATA_PASTED = "data-pasted"
DATA_READ = "data-read"
DATA_PROGRESS = "data-progress"
DATA_STATUS = "data-status"
DATA_ERROR = "data-error"
DATA_FOUND = "data-found"
DATA_NOTES = "data-notes"
DATA_LABEL = "data-label"
DATA_WHY = "data-why"
DATA_FILTER = "data-filter"
DATA_ALL = "data-all"
DATA_NONE = "data-none"
DATA_COUNT = "data-count"
DATA_COLUMNS = "data-columns"
DATA_OPTIONS = "data-options"
DATA_SEEN = "data-seen"
DATA_AGAIN = "data-again"
DATA_START = "data-start"

# The dials.
LAYERS = "layers"
FEWER_LAYERS = "layers-fewer"
MORE_LAYERS = "layers-more"
UNITS = "units"
LEARNING_RATES = "learning-rates"
FACTS = "facts"
FACT_NOTES = "fact-notes"
KIND_DIALS = "kind-dials"
KIND_MAIN = "kind-main"
MAIN_DIALS = "main-dials"
HEADLINE = "headline"
HEADLINE_TEXT = "headline-text"
HEADLINE_CLOSE = "headline-close"
KINDS = "kinds"


def field(group: Name, name: Name) -> dict[str, Name]:
    """Return the id of the control of one configuration field."""
    return {"type": "field", "group": group, "name": name}


def problem(group: Name, name: Name) -> dict[str, Name]:
    """Return the id of the place beside a control where its problem is said."""
    return {"type": "problem", "group": group, "name": name}


def units(layer: Number) -> dict[str, Name | int]:
    """Return the id of the control of one hidden layer's units."""
    return {"type": "units", "layer": layer}


def arrangement(name: Name) -> dict[str, Name]:
    """Return the id of the button of a ready-made choice of panels."""
    return {"type": "arrangement", "name": name}


def panel(name: Name) -> dict[str, Name]:
    """Return the id of a panel's card."""
    return {"type": "panel", "panel": name}


def panel_graph(name: str, graph: str) -> dict[str, str]:
    """Return the id of one of a panel's graphs."""
    return {"type": "panel-graph", "panel": name, "graph": graph}


def panel_option(name: Name, option: Name) -> dict[str, Name]:
    """Return the id of one of a panel's options."""
    return {"type": "panel-option", "panel": name, "option": option}


def panel_button(name: str, action: str) -> dict[str, str]:
    """Return the id of a panel's button: info, enlarge, close, csv, png or svg."""
    return {"type": "panel-button", "panel": name, "action": action}
