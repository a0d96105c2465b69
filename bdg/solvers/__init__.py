"""Solvers: selected entries of functions of H. The contract stands in :mod:`bdg.solvers.contract`."""

from bdg.solvers.choose import advice, choose
from bdg.solvers.contract import Correlations, Estimate, Greens, Pattern, Solver, SolvesStates

__all__ = ["Correlations", "Estimate", "Greens", "Pattern", "Solver", "SolvesStates", "advice", "choose"]
