"""The table of self-consistent fields: one row each, and all that is done with a field follows from its row.

Packing, changes of gauge, comparison, transfer to another sample, files and checkpoints are loops over
:data:`TABLE`. A new field is one row; its values are ``fields["name"]``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.gauge import Screening
from bdg.lattice import Bonds, Sample
from bdg.model.fields.spins import BOND_PAIRS, EXCHANGE, HOPS, POTENTIALS, SINGLETS, InSpin

Residual = Literal["residual_delta", "residual_hartree", "residual_bond", "residual_field", "filling_error"]


class _Fixed(Protocol):
    """What a model says of the fields that no interaction makes."""

    @property
    def chemical_potential(self) -> float | None: ...

    @property
    def screening(self) -> Screening | None: ...


@dataclass(frozen=True)
class Row:
    """One self-consistent field.

    Parameters
    ----------
    name
        Of the field, and of its dataset in ``/scf`` of a file.
    long_name, units
        What it is.
    dims
        Axes in the file: ``()``, ``("site",)``, ``("spin", "site")``, ``("bond",)`` or ``("bond",
        "spin_pair")``, where the pair of spins stands for two axes of the array.
    free
        Whether the field is an unknown of a model; ``None`` of one that interactions make, free where one of
        them acts, see :func:`bdg.model.interactions.is_free`.
    may_be_complex
        Whether it may have an imaginary part.
    charges
        (a, b) of a field that gains e^{i(aχ_i + bχ_j)} after c_i → e^{iχ_i} c_i; i and j are source and
        target of a bond, or the same site. (1, 1) of pairs, (−1, 1) of what hops.
    conjugate
        (w, correlator) of −∂Ω₀/∂f = w · correlator, a name of :data:`bdg.expectations.CORRELATORS`; on
        bonds for each of its spin components. ``None`` for 0: nothing is linear in it.
    double_counting
        Part of Ω that its constant belongs to, and what that part is called; ``None`` where it has none.
    spin
        How it stands in H; ``None`` of one that enters it otherwise, as μ and the vector potential do.
    given
        Name of the value that a model may fix in its place; empty where it has none.
    residual
        Column of the history in which its change counts.
    starts_anew
        Whether a state of another sample tells nothing of it.
    is_optional
        Whether a state may lack it; else it is there, if only as zeros.
    """

    name: str
    long_name: str
    dims: tuple[str, ...]
    free: Callable[[_Fixed], bool] | None = None
    may_be_complex: bool = False
    charges: tuple[int, int] = (0, 0)
    conjugate: tuple[float, str] | None = None
    double_counting: tuple[str, str] | None = None
    spin: InSpin | None = None
    given: str = ""
    residual: Residual = "residual_hartree"
    units: str = "t"
    starts_anew: bool = False
    is_optional: bool = True

    @property
    def on_bonds(self) -> bool:
        """Whether it has a value for each bond."""
        return "bond" in self.dims

    @property
    def has_spin_matrices(self) -> bool:
        """Whether a value is a matrix of two spins."""
        return "spin_pair" in self.dims

    @property
    def is_of_pairs(self) -> bool:
        """Whether it turns as Δ does with a global phase."""
        return sum(self.charges) != 0

    def shape(self, sample: Sample) -> tuple[int, ...]:
        """Shape of the field on a sample."""
        return self.shape_of(sample.n_sites, sample.n_bonds)

    def shape_of(self, n_sites: int, n_bonds: int) -> tuple[int, ...]:
        """Shape of the field on so many sites and bonds."""
        lengths = {"site": (n_sites,), "bond": (n_bonds,), "spin": (2,), "spin_pair": (2, 2)}
        return tuple(length for dim in self.dims for length in lengths[dim])

    @property
    def axis(self) -> int:
        """Axis of the array that counts sites or bonds."""
        return self.dims.index("bond" if self.on_bonds else "site")

    def expectation(self, values: Any, correlator: Any) -> float:
        """⟨H_f⟩ = −w Re Σ f* y of the part of H that the field makes, y its correlator, in t.

        Of matrices w counts each spin component, tr S Sᵀ = 2, and so half of it every entry.
        """
        if self.conjugate is None:
            return 0.0
        weight = self.conjugate[0] / (2.0 if self.has_spin_matrices else 1.0)
        return -weight * float(np.sum(np.real(np.conj(values) * correlator)))

    def taken(self, values: Any, sites: NDArray[np.intp], bonds: NDArray[np.intp]) -> Any:
        """The values of some sites or bonds, in their order."""
        for place, which in (("site", sites), ("bond", bonds)):
            if place in self.dims:
                return np.take(values, which, axis=self.dims.index(place))
        return values

    def transformed(self, values: Any, angle: NDArray[np.float64], bonds: Bonds | None) -> Any:
        """The field after c_i → e^{iχ_i} c_i."""
        if not any(self.charges):
            return values
        first = second = angle
        if self.on_bonds:
            if bonds is None:
                raise InputError(f"{self.name} lies on bonds; give those of its sample")
            first, second = angle[bonds.source], angle[bonds.target]
        return self.turned(values, first, second)

    def turned(self, values: Any, first: NDArray[np.float64], second: NDArray[np.float64]) -> Any:
        """The field after c → e^{iχ} c, χ at the source and target of a bond, or at a site twice."""
        if not any(self.charges):
            return values
        at_first, at_second = self.charges
        factor = np.exp(1j * (at_first * first + at_second * second))
        return (factor[:, None, None] if self.has_spin_matrices else factor) * values

    def reversed(self, values: Numbers) -> Numbers:
        """Values on bonds that are read from target to source: pairs −Dᵀ, hops F†, other matrices Fᵀ.

        A number of a bond changes its sign, as a line integral does.
        """
        if not self.has_spin_matrices:
            return -values
        across: Numbers = values.swapaxes(1, 2)
        if self.is_of_pairs:
            return -across
        return across.conj() if any(self.charges) else across


PAIRS = ("pairing", "the pairing field")
"""What pairs on sites and on bonds count twice."""


def _rows(*rows: Row) -> dict[str, Row]:
    return {row.name: row for row in rows}


TABLE: dict[str, Row] = _rows(
    Row(
        "delta",
        "order parameter",
        ("site",),
        may_be_complex=True,
        charges=(1, 1),
        conjugate=(2.0, "anomalous_density"),
        double_counting=PAIRS,
        spin=SINGLETS,
        given="given_delta",
        residual="residual_delta",
        is_optional=False,
    ),
    Row(
        "hartree",
        "Hartree potential",
        ("spin", "site"),
        conjugate=(-1.0, "spin_density"),
        double_counting=("hartree", "the Hartree field"),
        spin=POTENTIALS,
        is_optional=False,
    ),
    Row(
        "mu",
        "chemical potential",
        (),
        lambda model: model.chemical_potential is None,
        given="chemical_potential",
        residual="filling_error",
        is_optional=False,
    ),
    Row(
        "exchange",
        "exchange field between the spins",
        ("site",),
        may_be_complex=True,
        conjugate=(-2.0, "spin_flip"),
        double_counting=("exchange", "the exchange field"),
        spin=EXCHANGE,
    ),
    Row(
        "bond_delta",
        "order parameter on bonds, spins of source and target",
        ("bond", "spin_pair"),
        may_be_complex=True,
        charges=(1, 1),
        conjugate=(4.0, "anomalous"),
        double_counting=PAIRS,
        spin=BOND_PAIRS,
        given="given_bonds",
        residual="residual_bond",
    ),
    Row(
        "fock",
        "Fock field on bonds, spins of target and source",
        ("bond", "spin_pair"),
        may_be_complex=True,
        charges=(-1, 1),
        conjugate=(-4.0, "normal"),
        double_counting=("fock", "the Fock field"),
        spin=HOPS,
        residual="residual_bond",
    ),
    Row(
        "vector_potential",
        "line integral of the induced vector potential",
        ("bond",),
        lambda model: model.screening is not None,
        units="hbar/e",
        residual="residual_field",
        starts_anew=True,
    ),
)
