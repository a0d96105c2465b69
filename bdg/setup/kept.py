"""What runs that follow each other in a process share: the sample, and what a solver knows of its pattern."""

from __future__ import annotations

from typing import Any

from bdg.config.schema.config import Config
from bdg.config.source import ConfigSource
from bdg.lattice import Sample, UnitCell
from bdg.lattice.hoppings import BondName
from bdg.model import Model
from bdg.setup.bonds import bonds_needed, shells_needed
from bdg.setup.numerics import require_room_for, solver_of
from bdg.setup.samples import cell_of, cut
from bdg.solvers import Solver


class Kept:
    """The sample and the solver of the last run, for the next one if it differs in values only.

    The points of a sweep seldom have a sample of their own. One that is the same object brings along all
    that was derived from it, and a solver that stays has ordered the elimination of its matrices already: it
    knows patterns by what they hold. Results are the same to the last bit.

    Not for two runs at the same time.
    """

    def __init__(self) -> None:
        self._description: Any = None
        self._sample: Sample | None = None
        self._solver: Solver | None = None

    def sample(self, config: Config, source: ConfigSource) -> Sample:
        """The sample of a configuration: the last one, where it is described by the same words.

        Raises
        ------
        ConfigError, ResourceError
            As :func:`bdg.setup.sample_of`.
        """
        cell = cell_of(config, source)
        needed = bonds_needed(config, source, cell)
        description = _description(config, cell, needed)
        require_room_for(config, source, cell.n_orbitals)
        if self._sample is None or description is None or description != self._description:
            self._sample, self._solver = cut(config, source, cell, needed), None
            self._description = description
        return self._sample

    def solver(self, config: Config, model: Model) -> Solver:
        """The solver that a configuration asks for: the last one, where it is of that kind."""
        asked = solver_of(config, model)
        last = self._solver
        if last is None or _kind(last) != _kind(asked):
            self._solver = last = asked
        return last


def _kind(solver: Solver) -> tuple[Any, ...]:
    """What solvers differ by that are not equally good for a configuration."""
    return type(solver), *(vars(solver).get(option) for option in ("threads", "locality"))


def _description(config: Config, cell: UnitCell, needed: list[BondName]) -> Any:
    """All that a sample depends on; ``None`` where that is in files."""
    lattice = config.lattice
    if lattice.wannier90 is not None or (lattice.region is not None and lattice.region.reads_a_file):
        return None
    return lattice, config.hamiltonian.bonds, shells_needed(config), needed
