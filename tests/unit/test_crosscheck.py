"""What two solvers found, and one state seen otherwise, is compared within what the errors allow."""

import importlib
from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.cli import main
from bdg.config import ConfigSource
from bdg.crosscheck import Run, differences, run_all, slopes, state_of, views_compared


def test_what_is_no_number_for_both_differs_by_nothing_and_for_one_by_everything():
    model = bdg.build_model(bdg.build_sample("chain", 4), fields=(), given_delta=0.3)
    one = bdg.solve(model, observables=["density"])

    def found(**values):
        made = {name: bdg.Quantity(np.array(value), ("n",), "t", name) for name, value in values.items()}
        return replace(one, observables={"made": made})

    first = found(entry=[np.nan, 2.0], gone=[1.0, np.nan], short=[1.0, 2.0], missing=[1.0], near=[1.0])
    other = found(entry=[np.nan, 2.0], gone=[1.0, 3.0], short=[1.0], near=[1.5])
    rows = {row.quantity: row for row in differences([Run("a", first, 0.0), Run("b", other, 0.0)])}
    expected = {"entry": 0.0, "gone": np.inf, "short": np.inf, "missing": np.inf, "near": 0.5, "delta": 0.0}
    assert {name: rows[name].largest for name in expected} == expected
    assert (rows["entry"].scale, rows["gone"].scale) == (2.0, 1.0)


CASES = {
    "strip of momenta, twisted, spins mixed": """
lattice: {kind: square, size: [3, 2], boundary: [{bloch: 4, twist: 0.7}, {twist: 0.4}]}
hamiltonian: {filling: 0.8, rashba: 0.2, zeeman: [0.1, 0.05, 0.2], disorder: {width: 0.5}}
interaction:
  onsite: 2.2
  fields: [pairing, hartree, fock]
  bonds: [{shell: 1, value: 0.8, exchange: 0.2}]
  channels: [singlet, triplet]
temperature: 0.07
""",
    "given p wave on a twisted honeycomb": """
lattice: {kind: honeycomb, size: [2, 3], boundary: [{twist: 2.0}, {bloch: 2, shift: 0.5}]}
hamiltonian: {chemical_potential: 0.3, intrinsic_soc: 0.1}
interaction: {given: {chiral_p: 0.3, onsite: 0.2, phase: 0.3}}
temperature: 0.1
""",
    "field on a torus": """
lattice: {kind: triangular, size: [3, 4], boundary: periodic}
hamiltonian: {chemical_potential: -0.5, impurities: [{site: [1, 2], potential: 2, moment: [0, 0, 0.5]}]}
interaction: {onsite: 3, fields: [pairing, hartree]}
field: {vortex_lattice: {vortices: 2}}
temperature: 0.1
""",
    "open, at T = 0": """
lattice: {kind: lieb, size: [2, 2]}
hamiltonian: {chemical_potential: 0.4}
interaction: {onsite: 2}
""",
}


def looked_at(text):
    source = ConfigSource(text)
    config = source.parse()
    runs = run_all(config, source)
    state = state_of(config, source, runs[0].result)
    return differences(runs) + views_compared(state, ["selected_inversion"]) + slopes(state)


@pytest.mark.parametrize("name", CASES)
def test_a_state_is_the_same_in_every_view_and_omega_has_its_slopes(name):
    rows = looked_at(CASES[name])
    views = {row.method for row in rows}
    assert {"another gauge", "another order", "-d omega/d mu", "moments, same"} <= views
    assert ("another origin" in views) == ("boundary" in CASES[name])
    assert ("a supercell" in views) == ("bloch" in CASES[name])
    assert ("-d omega/d T" in views) == ("temperature" in CASES[name])
    strict = [row for row in rows if row.method not in ("selected_inversion", "-d omega/d T")]
    assert max(row.allowed for row in strict) < 1e-7
    assert [row for row in rows if not row.agrees] == []


FAULTS = {
    "moments, same": (
        "bdg.observables.spectra.ldos.local_spectra",
        lambda found, *given: (found[0] * (1 + 1e-6), *found[1:]),
    ),
    "another gauge": (
        "bdg.observables.currents.currents.bond_current",
        lambda found, model, f: found + 1e-6 * np.cos(model.phase),
    ),
    "another order": (
        "bdg.observables.local.density.spin_density",
        lambda found, f: found + 1e-6 * np.arange(found.shape[1]),
    ),
    "-d omega/d mu": (
        "bdg.observables.thermodynamics.grand_potential.spin_density",
        lambda found, f: found + 1e-6,
    ),
    "-d omega/d T": (
        "bdg.observables.thermodynamics.entropy._from_levels",
        lambda found, *given: (found[0] * (1 + 1e-3), found[1]),
    ),
}


def spoil(monkeypatch, place, spoilt):
    """Let a function of the package give something else."""
    module, name = place.rsplit(".", 1)
    home = importlib.import_module(module)
    right = getattr(home, name)
    monkeypatch.setattr(home, name, lambda *given: spoilt(right(*given), *given))


@pytest.mark.parametrize("view", FAULTS)
def test_a_fault_is_seen_where_it_shows(view, monkeypatch):
    place, spoilt = FAULTS[view]
    spoil(monkeypatch, place, spoilt)
    rows = looked_at(CASES["field on a torus"])
    assert view in {row.method for row in rows if not row.agrees}


@pytest.mark.parametrize("spoilt", [0.0, 1e-4])
def test_a_disagreement_is_marked_and_is_a_numerical_failure(spoilt, tmp_path, monkeypatch, capsys):
    (tmp_path / "a.yaml").write_text(CASES["open, at T = 0"])
    monkeypatch.setattr("sys.argv", ["bdg", "crosscheck", str(tmp_path / "a.yaml")])
    place = "bdg.observables.currents.currents.bond_current"
    spoil(monkeypatch, place, lambda found, model, f: found + spoilt * np.cos(model.phase))
    with pytest.raises(SystemExit) as left:
        main()
    printed = capsys.readouterr()
    assert (left.value.code or 0) == (4 if spoilt else 0)
    assert ("<- disagrees" in printed.out) == bool(spoilt)
    assert printed.out.splitlines()[-1].startswith("all") == (not spoilt)
    assert ("comparisons disagree: bond_current (another gauge)" in printed.err) == bool(spoilt)
