"""Starts the dashboard: `python app.py --help` explains the options."""

import sys

if __name__ == "__main__":
    # Imported here alone: the processes of the sessions import this file again.
    from spiral_dash.web.serve import main

    sys.exit(main())
