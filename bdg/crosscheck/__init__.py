"""The same problem on every solver, and seen in other ways that must change nothing.

=============================== =====================================================================
:mod:`bdg.crosscheck.runs`      the whole run on every solver that can do it
:mod:`bdg.crosscheck.views`     the state found, in another gauge, order, origin or with more sites
:mod:`bdg.crosscheck.states`    the observables of the state and of its views
:mod:`bdg.crosscheck.slopes`    −∂Ω/∂μ and −∂Ω/∂T against the density and the entropy
=============================== =====================================================================
"""

from bdg.crosscheck.difference import Difference
from bdg.crosscheck.runs import Run, differences, results_compared, run_all
from bdg.crosscheck.slopes import slopes
from bdg.crosscheck.states import state_of, views_compared

__all__ = [
    "Difference",
    "Run",
    "differences",
    "results_compared",
    "run_all",
    "slopes",
    "state_of",
    "views_compared",
]
