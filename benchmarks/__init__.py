"""The figures the laboratory promises, each measured against a baseline in the same run.

Every other file here is a benchmark of its own name: it defines `measure()`, which returns a list
of `Result`. `python -m benchmarks` runs them.
"""
