"""The log of the live layer."""

from __future__ import annotations

import logging

LOG = logging.getLogger("spiral_dash.live")
