"""The commands of `python -m spiral_dash`, one a file."""
