"""∂Ω/∂(strength of an interaction) at self-consistency: the energy of that interaction of strength 1.

There Ω is stationary in all mean fields, so that its derivative is the same along every path of fields. The
path is that of the fields which the interaction makes of correlators that change anyhow:

    Ω(s) = Ω[interaction + s·direction, the fields it makes of C + s·C′],

dΩ/ds = ⟨direction⟩ by Wick's theorem, in the channels that are on.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.expectations import anomalous, anomalous_density, normal, spin_density, spin_flip
from bdg.model.interactions import acting, mean_field
from bdg.nambu import NambuAssembler
from tests import reference as ref
from tests.adversary.case import state_of
from tests.adversary.dense import is_reproduced
from tests.adversary.derivatives import CLEAR, FINEST, TooCloseToALevel, slope, step_for
from tests.adversary.measured import values
from tests.adversary.moves import DoesNotApply
from tests.adversary.twin import Twin
from tests.adversary.value import Value

SAFE = 0.3
"""Share of the step over which Ω is smooth."""


def strengths(case, fields, found):
    """∂Ω/∂U of each kind of site, ∂Ω/∂V and ∂Ω/∂J of each shell, and those by U′, J_H and J′ of orbitals."""
    kinds = _kinds(case.spec.get("interaction", {}))
    if not kinds:
        raise DoesNotApply("no interaction")
    judge = Twin(case)
    solution = ref.solve_quadratic_4n(*judge.matrices(fields), case.spec["temperature"])
    if not is_reproduced(judge, judge.made(solution)[0], fields):
        raise DoesNotApply("these fields are not self-consistent")
    rng = case.rng(9)
    weights = {kind: float(rng.uniform(0.5, 1)) for kind in kinds}
    together = _missing(case, fields, judge, solution, weights)
    if together < CLEAR:
        return {"all": together}
    return {_name(kind): _missing(case, fields, judge, solution, {kind: 1.0}) for kind in kinds}


def _missing(case, fields, judge, solution, weights):
    """dΩ/ds less the energy of Wick's theorem, along a direction of strengths."""
    path = Path(case, fields, weights)
    judge.interaction = _changed(case.spec["interaction"], weights, alone=True)
    expected = sum(judge.made(solution)[1].values())
    return abs(slope(path.omega, path.step()) - expected) / max(1.0, abs(expected))


class Path:
    """Fields and interactions along s, of a model at self-consistent fields; strengths grow by weights."""

    def __init__(self, case, fields, weights):
        changed = case.spec | {"interaction": _changed(case.spec["interaction"], weights)}
        self.model, self.other, self.fields = case.model, type(case).of(changed).model, fields
        state, sample, rng = state_of(case.model, fields), case.sample, case.rng(10)
        self.correlators = {
            "delta": anomalous_density(state.on_sites),
            "hartree": spin_density(state.on_sites),
            "exchange": spin_flip(state.on_sites),
            "bond_delta": anomalous(state.on_bonds).swapaxes(1, 2),
            "fock": normal(sample, state.on_bonds),
        }
        self.others = {name: _random_like(each, rng) for name, each in self.correlators.items()}

    def at(self, s):
        """The model of the changed interaction and the fields that it makes."""
        onsite, bonds = self.model.attraction, self.model.bond_attraction
        model = replace(
            self.model,
            attraction=_on_the_line(onsite, self.other.attraction, s),
            bond_attraction=None if bonds is None else _on_the_line(bonds, self.other.bond_attraction, s),
        )
        return model, self._made(model, s)

    def _made(self, model, s):
        made = {
            name: mean_field(model, name, each + s * self.others[name])
            for name, each in self.correlators.items()
            if acting(model, name) and self.fields[name] is not None
        }
        return self.fields.having(made)

    def omega(self, s):
        """Ω, with its constants."""
        return float(values(state_of(*self.at(s)), "grand_potential")["grand_potential"])

    def step(self):
        """A step over which Ω is smooth along the path."""
        probe = 1e-3
        one, two = (self._hamiltonian(s) for s in (-probe, probe))
        speed = max(np.linalg.norm(a - b, 2) for a, b in zip(one, two, strict=True)) / (2 * probe)
        step = SAFE * step_for(self.model, self.fields) / max(1.0, speed)
        if step < FINEST:
            raise TooCloseToALevel(f"a step of {step:.1e}")
        return step

    def _hamiltonian(self, s):
        model, fields = self.at(s)
        matrix = NambuAssembler(model).matrix(fields)
        return [matrix.dense(k) for k in range(len(matrix.momenta))]


def _on_the_line(one, other, s):
    """The interaction whose strengths are those of one and s times what they are more in the other."""
    names = [
        name for name in ("strength", "spin_exchange", "pair_hopping") if getattr(one, name, None) is not None
    ]
    before, after = ([getattr(each, name) for name in names] for each in (one, other))
    return replace(one, **{name: a + s * (b - a) for name, a, b in zip(names, before, after, strict=True)})


def _random_like(values, rng):
    changes = rng.uniform(-1, 1, np.shape(values))
    return changes + 1j * rng.uniform(-1, 1, np.shape(values)) if np.iscomplexobj(values) else changes


def _kinds(interaction):
    """Where a strength stands: the keys that lead to it, a list of several orbitals by their numbers."""
    kinds = [("onsite",)] if "onsite" in interaction else []
    if isinstance(interaction.get("onsite"), list):
        kinds = [("onsite", orbital) for orbital in range(len(interaction["onsite"]))]
    for number, entry in enumerate(interaction.get("bonds", [])):
        kinds += [("bonds", number, name) for name in ("value", "exchange") if name in entry]
    return kinds + [("orbitals", name) for name in interaction.get("orbitals", {})]


def _name(kind):
    return " ".join(map(str, kind))


def _changed(interaction, by, alone=False):
    """The interaction with numbers added to its strengths; ``alone``, the numbers in their place."""
    for kind in _kinds(interaction) if alone else ():
        interaction = _with(interaction, kind, lambda _: 0.0)
    for kind, number in by.items():
        interaction = _with(interaction, kind, lambda value, number=number: _added(value, number))
    return interaction


def _with(part, keys, change):
    """The nested part with what stands at the end of the keys changed."""
    if not keys:
        return change(part)
    copy = dict(part) if isinstance(part, dict) else list(part)
    copy[keys[0]] = _with(part[keys[0]], keys[1:], change)
    return copy


def _added(value, number):
    return replace(value, mean=value.mean + number) if isinstance(value, Value) else value + number
