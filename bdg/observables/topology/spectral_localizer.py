"""Chern numbers at chosen places of samples of any size."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from bdg.observables.needs import finite_plane, room
from bdg.observables.parameters import ALL, Positive, PositiveLength, Sites
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.resources import blas_threads
from bdg.topology.chern import CLOSED
from bdg.topology.localizer import localizer_index, window
from bdg.topology.places import steps_from


@observable(
    title="Chern number at chosen sites of a sample in two dimensions, of any size.",
    group="topology",
    needs=(finite_plane("a spectral localizer"), room),
    example="{sites: [[8, 8]], radius: 6, kappa: 0.2}",
)
def spectral_localizer(
    state: State,
    sites: Sites = ALL,
    radius: Annotated[PositiveLength, "Radius of the window about each site, in lattice constants."] = 6.0,
    kappa: Annotated[Positive, "Energy by which a lattice constant counts, about gap over size."] = 0.2,
) -> dict[str, Quantity]:
    """Chern number at each site from a window about it, both spins; see :mod:`bdg.topology.localizer`.

    The cost is that of the window, whatever the size of the sample: with a radius of 6 a few hundredths of a
    second a site.

    Parameters
    ----------
    state
        A state of a finite sample in two dimensions.
    sites
        Site indices, or cells; ``None`` for all.
    radius
        Of the window, in lattice constants; several coherence lengths.
    kappa
        Energy by which a lattice constant counts, in t/a: of the order of the gap over the coherence length.

    Returns
    -------
    dict
        ``localizer_index``, an integer that is the Chern number where the gap is open (NaN where the
        localizer has a level at zero), and ``localizer_gap`` in t, how large a change of H it withstands; a
        small gap, or an index that changes with the radius, is no answer.

    Raises
    ------
    InputError
        If the sample is infinite or not two-dimensional, a site is not in it, a number is not positive, or
        the window is wider than a torus.
    """
    sample, hamiltonian = state.model.sample, state.hamiltonian
    which = np.arange(sample.n_sites) if sites is None else sites
    matrix = hamiltonian.sparse().tocsr()
    index, gap = np.empty(len(which)), np.empty(len(which))
    for place, site in enumerate(which):
        steps = steps_from(sample, int(site), radius)
        near = np.flatnonzero((steps**2).sum(axis=1) <= radius**2)
        h, rows = window(matrix, near, hamiltonian.dofs)
        with blas_threads(None if len(h) > 256 else 1):
            index[place], gap[place] = localizer_index(h, steps[rows, 0], steps[rows, 1], kappa)
    index[gap <= CLOSED * hamiltonian.norm_bound()] = np.nan
    axis, dims = {}, ("site",)
    if sites is not None:
        dims = ("localizer_site",)
        axis["localizer_site"] = Quantity(which, dims, "1", "index of the site")
    notes = {"radius": float(radius), "kappa": float(kappa)}
    name = "Chern number by the spectral localizer"
    return {
        "localizer_index": Quantity(index * (4 // hamiltonian.dofs), dims, "1", name, axis, attributes=notes),
        "localizer_gap": Quantity(gap, dims, "t", "gap of the spectral localizer", axis, attributes=notes),
    }
