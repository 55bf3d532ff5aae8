"""Questions put to many runs: designs, workers, results, statistics, figures and verdicts.

>>> from spiral_dash.experiments import factor
>>> factor("data.entanglement", 2, 4).labels
('2', '4')
"""

from spiral_dash.experiments.design import Experiment, Factor, Level, Measurement, factor
from spiral_dash.experiments.results import Results
from spiral_dash.experiments.runner import run_experiment, run_experiments
from spiral_dash.experiments.store import Store, StoreError

__all__ = [
    "Experiment",
    "Factor",
    "Level",
    "Measurement",
    "Results",
    "Store",
    "StoreError",
    "factor",
    "run_experiment",
    "run_experiments",
]
