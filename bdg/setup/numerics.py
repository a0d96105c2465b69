"""Solvers and the options of the self-consistency loop."""

from __future__ import annotations

import math

from bdg.config.schema.config import Config
from bdg.config.source import ConfigSource
from bdg.model import Model
from bdg.scf import ScfOptions
from bdg.setup.placing import placed
from bdg.solvers import Solver, choose, require_room


def solver_of(config: Config, model: Model) -> Solver:
    """The solver a configuration asks for, or the best for the model."""
    rows, temperature = model.dofs * model.sample.n_sites, model.temperature
    chosen = config.solver
    return choose(
        chosen.method, rows=rows, temperature=temperature, threads=chosen.threads, locality=chosen.locality
    )


def require_room_for(config: Config, source: ConfigSource, n_orbitals: int) -> None:
    """Refuse from its size alone a sample that no memory here can hold the solution of.

    Raises
    ------
    ResourceError
        If it cannot.
    """
    if config.lattice.region is None:  # else the sample is built first, and its solver sees to it
        sites = math.prod(config.lattice.size) * n_orbitals - len(config.lattice.vacancies)
        with placed(source, "lattice.size"):
            require_room(config.solver.method, 2 * sites)


def scf_options_of(config: Config) -> ScfOptions:
    """How the self-consistency loop runs."""
    scf = config.scf
    return ScfOptions(
        scf.tolerance, scf.max_iterations, scf.mixer, scf.damping, scf.history, scf.leave_saddles
    )
