"""Starts the dashboard: `python app.py --help` explains the options."""

import sys

from spiral_dash.web.serve import main

if __name__ == "__main__":
    sys.exit(main())
