"""A new interaction is a kind and a row: all that is done with the others is done with it as well.

Its field is a Hartree field of its own, which takes half of U from the other: together they are the one of U.
"""

from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.crosscheck import views_compared
from bdg.ground_state.ranking import Candidate, ranked
from bdg.model import TABLE, Fields, Row, interactions
from bdg.model.fields.spins import POTENTIALS
from bdg.model.interactions import MEAN_FIELDS, free_rows
from bdg.model.interactions.onsite_hartree import OnsiteHartree
from bdg.observables.quantity import Quantity
from bdg.scf import FixedPoint, ScfOptions, self_consistency
from bdg.scf.starts.transfer import transferred
from bdg.simulation.hooks import Hooks
from bdg.solvers import choose
from bdg.solvers.selected_inversion import SelectedInversion

ROW = Row(
    "half",
    "half of a Hartree potential",
    ("spin", "site"),
    conjugate=(-1.0, "spin_density"),
    double_counting=("half", "half of the Hartree field"),
    spin=POTENTIALS,
)


class Half(OnsiteHartree):
    """Half of U, in the field of a name."""

    def __init__(self, field):
        self.field = field

    def made(self, model, correlator):
        return 0.5 * super().made(model, correlator)

    def newton(self, model):
        return 0.5 * super().newton(model)


def half(monkeypatch):
    """Take half of U from the Hartree field and give it a kind of its own."""
    others = tuple(kind for kind in MEAN_FIELDS if not isinstance(kind, OnsiteHartree))
    monkeypatch.setitem(TABLE, "half", ROW)
    monkeypatch.setattr(interactions, "MEAN_FIELDS", (*others, Half("hartree"), Half("half")))


def model_of(size=4, **terms):
    given = {
        "attraction": 2.0,
        "fields": ["pairing", "hartree"],
        "filling": 0.8,
        "temperature": 0.1,
        "disorder": bdg.Disorder(1.0, 3),
    }
    return bdg.build_model(bdg.build_sample("square", [size, size]), **(given | terms))


def solver_of(model):
    return choose("auto", rows=model.dofs * model.sample.n_sites, temperature=model.temperature)


TIGHT = ScfOptions(tolerance=1e-10)
CASES = {"spins alike": {}, "spins apart": {"zeeman": 0.2}, "any spin": {"zeeman": [0.1, 0, 0.2]}}


@pytest.mark.parametrize("terms", CASES.values(), ids=CASES)
def test_the_two_halves_make_the_state_of_the_whole(terms, monkeypatch):
    wanted = ["grand_potential", "stability"]
    whole = bdg.solve(model_of(**terms), scf=TIGHT, observables=wanted)
    half(monkeypatch)
    model = model_of(**terms)
    assert ROW in free_rows(model)
    halves = bdg.solve(model, scf=TIGHT, observables=wanted)
    assert halves.status == "converged"
    assert abs(len(halves.history) - len(whole.history)) <= 2
    np.testing.assert_allclose(halves.fields["half"] + halves.fields.hartree, whole.fields.hartree, atol=1e-8)
    np.testing.assert_allclose(np.abs(halves.fields.delta), np.abs(whole.fields.delta), atol=1e-8)
    one, two = (result.observables["grand_potential"] for result in (whole, halves))
    assert float(two["grand_potential"]) == pytest.approx(float(one["grand_potential"]), abs=1e-9)
    parts = float(two["half_constant"]) + float(two["hartree_constant"])
    assert parts == pytest.approx(float(one["hartree_constant"]), abs=1e-8)
    one, two = (float(result.observables["stability"]["largest_eigenvalue"]) for result in (whole, halves))
    assert two == pytest.approx(one, abs=1e-7)


@pytest.mark.parametrize("size", [1, 2])
def test_it_is_part_of_the_newton_step(size, monkeypatch):
    half(monkeypatch)
    model = bdg.build_model(
        bdg.build_sample("chain", size),
        attraction=lambda x: 2.0 + 0.3 * x,
        fields=["pairing", "hartree"],
        filling=0.8,
        temperature=0.1,
    )
    start = Fields(0.4 + 0.1 * np.arange(size), np.full((2, size), -0.2), -0.4)
    start = start.having({"half": np.full((2, size), -0.3)})
    fixed_point = FixedPoint(model, SelectedInversion(threads=1), start, 1e-11)
    layout, unit, step = fixed_point.layout, np.eye(3 * size + 1), 1e-4

    def out(vector):
        return layout.pack(fixed_point(layout.unpack(vector, start))[0])

    vector = layout.pack(start)
    columns = [(out(vector + step * e) - out(vector - step * e)) / (2 * step) for e in unit]
    out(vector)
    residual = np.linspace(1.0, 2.0, len(vector))
    expected = np.linalg.solve(unit - np.stack(columns, axis=1), residual)
    np.testing.assert_allclose(fixed_point.preconditioner()(residual.copy()), expected, rtol=1e-5)


def test_its_residual_is_in_the_history_and_a_loop_waits_for_it(monkeypatch):
    half(monkeypatch)
    model = model_of(chemical_potential=-0.5, filling=None)
    found = self_consistency(model, solver_of(model), TIGHT)
    off = found.fields.having({"half": 1.1 * found.fields["half"]})
    again = self_consistency(model, solver_of(model), TIGHT, initial=off)
    largest = np.abs(found.fields["half"]).max()
    assert again.history[0].residual_hartree == pytest.approx(0.1 * largest, rel=0.5)
    assert again.status == "converged"
    assert max(again.fields.changes(found.fields).values()) < 1e-8


def test_it_is_the_same_in_every_view(monkeypatch):
    half(monkeypatch)
    model = model_of()
    found = self_consistency(model, solver_of(model), TIGHT)
    state = bdg.State(model, found.fields, found.hamiltonian, solver_of(model), 1e-12)
    rows = views_compared(state, ["selected_inversion"])
    assert {"another gauge", "another order"} <= {row.method for row in rows}
    assert [row for row in rows if not row.agrees] == []


def test_states_that_differ_in_it_are_two(monkeypatch):
    half(monkeypatch)
    model, energy = model_of(), Quantity(np.array(-1.0), (), "t", "free energy", error=1e-9)
    found = self_consistency(model, solver_of(model), TIGHT)
    one = Candidate("one", "converged", energy, found.fields, found.history)
    turned = found.fields.with_pairs(-1)
    assert ranked([one, replace(one, name="other", fields=turned)])[1].same_as == "one"
    off = turned.having({"half": turned["half"] + 0.1})
    assert ranked([one, replace(one, name="other", fields=off)])[1].same_as == ""


def test_a_state_with_it_starts_a_larger_sample(monkeypatch):
    half(monkeypatch)
    model, larger = model_of(disorder=None), model_of(5, disorder=None)
    found = self_consistency(model, solver_of(model), TIGHT).fields
    moved = transferred(model.sample, found, larger)
    assert moved["half"].shape == (2, 25)
    assert moved["half"].any()
    assert self_consistency(larger, solver_of(larger), TIGHT, initial=moved).status == "converged"


YAML = """
lattice: {kind: square, size: [4, 4], boundary: open}
hamiltonian: {filling: 0.8, disorder: {width: 1.0, seed: 3}}
interaction: {onsite: 2.0, fields: [pairing, hartree]}
temperature: 0.1
observables: {grand_potential: {}}
output: out.h5
"""


def test_a_run_with_it_is_stopped_resumed_and_measured_again(tmp_path, monkeypatch):
    half(monkeypatch)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(YAML)
    with pytest.raises(KeyboardInterrupt):
        bdg.run_file("a.yaml", hooks=Hooks(after_iteration=interrupted_at_the_third))
    resumed, whole = bdg.resume_file("out.h5"), bdg.run_file("a.yaml", ["output=whole.h5"])
    assert resumed.status == "converged"
    assert resumed.fields["half"].any()
    assert max(resumed.fields.changes(whole.fields).values()) < 1e-7
    read = bdg.load("out.h5")
    np.testing.assert_array_equal(read.fields["half"], resumed.fields["half"])
    again = bdg.measure(read, "grand_potential")["grand_potential"]
    assert float(again) == float(resumed.observables["grand_potential"]["grand_potential"])


def interrupted_at_the_third(iteration):
    if iteration.iteration == 3:
        raise KeyboardInterrupt
