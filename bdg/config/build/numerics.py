"""Solvers and the options of the self-consistency loop."""

from __future__ import annotations

from bdg.config.schema import Config
from bdg.model import Model
from bdg.scf import ScfOptions
from bdg.solvers import Solver, choose


def solver_of(config: Config, model: Model) -> Solver:
    """The solver a configuration asks for, or the best for the model."""
    threads = None if config.solver.threads == "auto" else config.solver.threads
    rows, temperature = model.dofs * model.sample.n_sites, model.temperature
    return choose(config.solver.method, rows=rows, temperature=temperature, threads=threads)


def scf_options_of(config: Config) -> ScfOptions:
    """How the self-consistency loop runs."""
    scf = config.scf
    return ScfOptions(
        scf.tolerance, scf.max_iterations, scf.mixer, scf.damping, scf.history, scf.leave_saddles
    )
