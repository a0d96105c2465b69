"""Signs of Pfaffians: the invariant of class D, and the parity of the ground state."""

from __future__ import annotations

import numpy as np

from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.topology import PfaffianSigns, closed_directions, closed_matrix, is_own_conjugate, pfaffian_signs


@observable(
    title="Signs of Pfaffians at invariant momenta, their product, parity of the ground state.",
    group="topology",
    numbers={
        "pfaffian_invariant": "Pfaffian invariant",
        "pfaffian_invariant_per_spin": "Pfaffian invariant per spin",
    },
    uses_places=False,
)
def pfaffian(state: State) -> dict[str, Quantity]:
    """Signs of Pf(−iH_k) in the Majorana basis at momenta that are their own opposites, and their product.

    Along every closed direction k is 0 or π: of an infinite sample the phase of one repetition; of a
    periodic one 0 is the sample as it is, and π the one closed with a minus sign (a flux h/2e through it).
    The product over all of them is −1 in a chain that ends in Majorana modes, whatever its disorder, and
    (−1)^C in two dimensions.

    Parameters
    ----------
    state
        The state to measure.

    Returns
    -------
    dict
        ``pfaffian_invariant``, the product, and ``pfaffian_signs``, each, where there is a closed
        direction; in finite samples ``fermion_parity``, the sign at k = 0: +1 for an even number of
        electrons in the ground state, −1 for an odd one. 0 says that a level lies at zero energy, so that
        there is no sign. Names that end in ``_per_spin``: the same of one block where the model is two
        equal copies of electrons without spin (spin along z conserved, triplet pairs with d along z); the
        copies' signs multiply to +1.
    """
    model, closed = state.model, closed_directions(state.model.sample)
    block = closed_matrix(model, state.fields)
    if is_own_conjugate(block):
        signs = pfaffian_signs(block, closed)
        whole = PfaffianSigns(signs.k, signs.signs**2, signs.gaps)
        finite = not model.sample.is_infinite
        return _quantities(whole, closed, finite) | _quantities(signs, closed, finite, "_per_spin")
    whole = pfaffian_signs(closed_matrix(model, state.fields, 4), closed, block)
    return _quantities(whole, closed, not model.sample.is_infinite)


def _quantities(
    signs: PfaffianSigns, closed: list[int], is_finite: bool, suffix: str = ""
) -> dict[str, Quantity]:
    found, of = {}, " of one spin's copy" if suffix else ""
    if closed:
        name = f"Pfaffian invariant{of}"
        labels = ", ".join(f"({' '.join('π' if k else '0' for k in one[closed])})" for one in signs.k)
        gap = {"smallest_energy": float(signs.gaps.min())}
        found["pfaffian_signs"] = Quantity(
            signs.signs,
            ("invariant_momentum",),
            "1",
            f"sign of the Pfaffian{of}",
            attributes={"momenta": labels, **gap},
        )
        found["pfaffian_invariant"] = Quantity(np.array(signs.product), (), "1", name, attributes=gap)
    if is_finite:
        gap = {"smallest_energy": float(signs.gaps[0])}
        name = f"parity of the electrons in the ground state{of}"
        found["fermion_parity"] = Quantity(np.array(int(signs.signs[0])), (), "1", name, attributes=gap)
    return {key + suffix: quantity for key, quantity in found.items()}
