"""Hopping that distinguishes spins without a net moment: altermagnets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample, SiteValue
from bdg.model.pairs import NO_WEIGHT, form_factor
from bdg.model.terms.shells import bonds_of_shell
from bdg.model.terms.spin_orbit import bond_values
from bdg.model.terms.term import Term

FORMS = ("s_extended", "d_x2_y2", "d_xy")
"""Even form factors that are real."""


@dataclass(frozen=True)
class SpinHopping(Term):
    r"""−Σ m_ij c†_i (n·σ) c_j on the bonds of a shell, m_ij = Σ m · form factor.

    Spins along n hop by t + m, those against it by t − m.

    On the nearest neighbours of a square lattice d_x2_y2 makes h_k = −2m (cos k_x − cos k_y) n·σ, and on
    second ones d_xy 4m sin k_x sin k_y n·σ: a d-wave altermagnet (Šmejkal, Sinova, Jungwirth, Phys. Rev. X
    12, 031042 (2022)).

    Parameters
    ----------
    given
        m in t by form factor, of :data:`FORMS`: values over sites, of which a bond takes the mean of its
        ends.
    axis
        n, a vector of any length.
    shell
        Which shell of neighbours, from 1; or ``"within"``, between orbitals that share a place.
    """

    given: Mapping[str, SiteValue]
    axis: Sequence[float] = (0.0, 0.0, 1.0)
    shell: int | str = 1

    def spin_hopping(self, sample: Sample) -> NDArray[np.float64]:
        """Coefficients of σ_x, σ_y, σ_z, shape ``(n_bonds, 3)``, in t.

        Raises
        ------
        InputError
            If there is no such form factor, it vanishes on these bonds, or n has no direction.
        """
        axis = np.asarray(self.axis, dtype=np.float64)
        if axis.shape != (3,) or not (np.isfinite(axis).all() and axis.any()):
            raise InputError(f"the axis {list(self.axis)} has no direction; give [0, 0, 1], for example")
        chosen, total = bonds_of_shell(sample, self.shell), np.zeros(sample.n_bonds)
        for name, value in self.given.items():
            total += bond_values(sample, value, name) * chosen * self._form(name, sample, chosen)
        return -total[:, None] * axis / np.linalg.norm(axis)

    def _form(self, name: str, sample: Sample, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        if name not in FORMS:
            raise InputError(f"spin_hopping has no form {name!r}; use {', '.join(FORMS)}, or axis and shell")
        form: NDArray[np.float64] = np.real(form_factor(name, sample.bonds.displacement))
        if not (np.abs(form[chosen]) > NO_WEIGHT).any():
            raise InputError(
                f"{name} vanishes on all bonds of shell {self.shell}; give spin_hopping another form or shell"
            )
        return form


def spin_hopping_of(given: SpinHopping | Mapping[str, Any] | None) -> list[Term]:
    """The term that is asked for: m by form factor, with ``axis`` and ``shell``; none for ``None``."""
    if given is None:
        return []
    if isinstance(given, SpinHopping):
        return [given]
    if not isinstance(given, Mapping):
        raise InputError(f"spin_hopping {given!r} names no form; give {{'d_x2_y2': 0.2}}, for example")
    options = {name: value for name, value in given.items() if name in ("axis", "shell")}
    return [SpinHopping({name: value for name, value in given.items() if name not in options}, **options)]
