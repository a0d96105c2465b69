"""From a model to its Nambu matrix: the pattern and the hopping once, the on-site values at every refresh."""

from __future__ import annotations

import numpy as np

from bdg.kernels.assembly import add_collinear_hopping, add_collinear_sites, block_pattern, block_slots
from bdg.model import Fields, Model
from bdg.nambu.matrix import Momentum, NambuMatrix, Symmetry


class NambuAssembler:
    """Builds H from fields, in the spin-collinear Nambu space Ψ_i = (c_i↑, c†_i↓).

    The block of sites (i, j) is [[h_ij↑, Δ_ij], [Δ*_ji, −(h_ij↓)*]]. The pattern and the hopping blocks are
    made here, once; :meth:`matrix` adds what the fields change.

    Parameters
    ----------
    model
        The model; its sample decides the pattern.
    """

    def __init__(self, model: Model) -> None:
        bonds = model.sample.bonds
        self.model = model
        self._indptr, self._indices = block_pattern(model.sample.n_sites, bonds.source, bonds.target)
        sites = np.arange(model.sample.n_sites, dtype=np.int32)
        self._diagonal = block_slots(self._indptr, self._indices, sites, sites)
        amplitude = model.amplitude
        self._hopping = np.zeros((len(self._indices), 2, 2), amplitude.dtype)
        forward = block_slots(self._indptr, self._indices, bonds.target, bonds.source)
        backward = block_slots(self._indptr, self._indices, bonds.source, bonds.target)
        add_collinear_hopping(self._hopping, forward, backward, amplitude)

    def matrix(self, fields: Fields) -> NambuMatrix:
        """H at the given fields; real where hopping and Δ are.

        Parameters
        ----------
        fields
            Order parameter, Hartree potentials and chemical potential; see :class:`bdg.model.Fields`.
        """
        model = self.model
        values = self._hopping.astype(np.result_type(self._hopping, fields.delta), copy=True)
        level = model.onsite - fields.mu
        up = level + fields.hartree[0] - model.zeeman
        down = level + fields.hartree[1] + model.zeeman
        add_collinear_sites(values, self._diagonal, up, down, fields.delta)
        symmetry: Symmetry = "singlet" if np.array_equal(up, down) else "collinear"
        momentum = Momentum(1.0, np.zeros(model.sample.cell.n_directions), values)
        return NambuMatrix(self._indptr, self._indices, model.sample.positions, 2, (momentum,), symmetry)
