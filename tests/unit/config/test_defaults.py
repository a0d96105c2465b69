"""What is not given has one default, from a file and from Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest

import bdg
from bdg.config import Config, config_type, parse_config, template
from bdg.gauge import screening_of
from bdg.model import OrbitalInteraction, SpinHopping, build_model
from bdg.model.couplings.strengths import FIELDS
from bdg.model.couplings.words import BondInteraction
from bdg.observables import DEFAULT_OBSERVABLES, contracts
from bdg.parameters.base import Section
from bdg.parameters.defaults import default_of
from bdg.scf import initial_fields
from bdg.setup import scf_options_of, solver_of
from bdg.solvers import choose

IN_PYTHON = {
    "Config": {"title": bdg.solve, "temperature": build_model},
    "Units": {"length": bdg.Units, "layer": bdg.Units},
    "Wannier90": dict.fromkeys(
        ("down", "spinors", "wsvec", "vectors", "centres", "cutoff", "energy_unit"), bdg.read_wannier90
    ),
    "CustomCell": dict.fromkeys(("hoppings", "onsite"), bdg.UnitCell.build),
    "Lattice": dict.fromkeys(("boundary", "region", "vacancies"), bdg.build_sample),
    "Ends": {"shift": bdg.Boundary},
    "Rectangle": {"center": bdg.rectangle},
    "Disk": {"center": bdg.disk},
    "Ring": {"center": bdg.ring},
    "Hamiltonian": dict.fromkeys(
        [
            "hopping",
            "chemical_potential",
            "filling",
            "onsite",
            "impurities",
            "disorder",
            "zeeman",
            "rashba",
            "dresselhaus",
            "intrinsic_soc",
            "spin_hopping",
        ],
        build_model,
    ),
    "Impurity": dict.fromkeys(("potential", "moment"), bdg.Impurity),
    "Disorder": dict.fromkeys(("distribution", "seed", "region"), bdg.Disorder),
    "SpinHopping": dict.fromkeys(("axis", "shell"), SpinHopping),
    "Interaction": dict.fromkeys(("channels", "bond_fields", "magnetism", "given"), build_model)
    | {"onsite": (build_model, "attraction")},
    "BondAttraction": {"factor": BondInteraction},
    "Given": dict.fromkeys(("onsite", "shell", "d_vector", "phase", "region"), bdg.Given),
    "Orbitals": dict.fromkeys(("hund", "pair_hopping"), OrbitalInteraction)
    | {"value": (OrbitalInteraction, "attraction")},
    "ExternalField": dict.fromkeys(("vector_potential", "screening"), build_model),
    "Screening": {"geometry": screening_of},
    "Flux": {"radius": bdg.FluxTube},
    "VortexLattice": dict.fromkeys(("vortices", "geometry"), bdg.VortexLattice),
    "Solver": dict.fromkeys(("method", "locality"), choose)
    | {"threads": bdg.solve, "tolerance": (bdg.solve, "solver_tolerance")},
    "Scf": dict.fromkeys(
        ("tolerance", "max_iterations", "mixer", "damping", "history", "leave_saddles"), bdg.ScfOptions
    )
    | dict.fromkeys(("initial", "seed"), bdg.solve),
}
"""Where Python has the default of a key: the callable, and the parameter where its name is another."""

OF_FILES = {
    "Config": {
        "units",
        "interaction",
        "field",
        "solver",
        "scf",
        "observables",
        "output",
    },  # sections, the file
    "Scf": {"checkpoint"},
    "Picture": {"center", "size", "inside"},
    "FileValue": {"dataset"},
    "Sweep": {"direction"},  # bdg.sweep reads this very section, and those in it
    "Refine": {"halvings", "at_most"},
    "Find": {"at", "quantity", "value", "at_most"},
    "Spread": {"at_most"},
}
"""Keys that Python has no use for."""

IN_WORDS = {"Interaction": {"fields": FIELDS}}
"""Defaults that Python has as constants, ``None`` standing for them in a call."""

ABSENT = (None, (), {})


def default_of_key(field: Any) -> Any:
    return field.get_default(call_default_factory=True)


def sections(annotation: Any) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for part in get_args(annotation):
        yield from sections(part)


def all_sections() -> set[type[Section]]:
    found, waiting = set(), [Config]
    while waiting:
        one = waiting.pop()
        found.add(one)
        inside = (part for field in one.model_fields.values() for part in sections(field.annotation))
        waiting += [part for part in inside if part not in found]
    return found


def test_every_default_of_a_configuration_is_that_of_python():
    compared = 0
    for section in all_sections():
        for key, field in section.model_fields.items():
            in_python = IN_PYTHON.get(section.__name__, {}).get(key)
            if in_python is not None:
                owner, name = in_python if isinstance(in_python, tuple) else (in_python, key)
                default = default_of_key(field)
                if key == "boundary":  # one for all directions
                    (default,) = default
                assert default == default_of(owner, name) or default in ABSENT, (section, key)
                assert (default in ABSENT) == (default_of(owner, name) in ABSENT), (section, key)
                compared += 1
            elif key in IN_WORDS.get(section.__name__, {}):
                assert field.default == IN_WORDS[section.__name__][key]
            elif not field.is_required() and key not in OF_FILES.get(section.__name__, ()):
                assert default_of_key(field) in ABSENT, f"{section.__name__}.{key} has a default of its own"
    assert compared == sum(map(len, IN_PYTHON.values()))


def test_parameters_of_observables_have_the_defaults_of_their_functions():
    for contract in contracts().values():
        for name, default in contract.defaults.items():
            field = contract.section.model_fields[name]
            assert field.is_required() if default is ... else field.default == default


MINIMAL = "lattice: {kind: square, size: [3, 3]}\nhamiltonian: {chemical_potential: -0.5}\n"


def test_a_run_measures_the_same_where_nothing_is_named(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(f"{MINIMAL}interaction: {{onsite: 2.0}}\noutput: {tmp_path / 'run.h5'}\n")
    sample = bdg.build_sample("square", (3, 3))
    model = build_model(sample, chemical_potential=-0.5, attraction=2.0)
    from_file, from_python = bdg.run_file(path), bdg.solve(model, hooks=bdg.Hooks())
    assert {*from_file.observables} == {*from_python.observables} == {*DEFAULT_OBSERVABLES}
    for name in from_python:
        assert from_file[name].values == pytest.approx(from_python[name].values, abs=1e-14)
    assert from_file.tolerance == from_python.tolerance
    assert from_file.provenance.solver_tolerance == from_python.provenance.solver_tolerance
    assert len(from_file.history) == len(from_python.history)


PAIRS = {
    "on sites": ("interaction: {onsite: 2.0}", False),
    "none": ("", False),
    "of V": ("interaction: {bonds: [{shell: 1, value: 1.5}]}", True),
    "of J": ("interaction: {bonds: [{shell: 1, exchange: 4}], channels: [d_x2_y2]}", True),
    "Hartree alone": ("interaction: {bonds: [{shell: 1, value: 1.5}], fields: [hartree]}", False),
    "on sites, V without": (
        "interaction: {onsite: 2.0, bonds: [{shell: 1, value: 0.5}], bond_fields: [hartree]}",
        False,
    ),
    "given d wave": ("interaction: {given: {d_x2_y2: 0.2}}", True),
    "given s wave": ("interaction: {given: {onsite: 0.2}}", False),
}


@pytest.mark.parametrize(("interaction", "on_bonds"), PAIRS.values(), ids=PAIRS)
def test_pairs_on_bonds_are_measured_where_nothing_is_named(tmp_path, interaction, on_bonds):
    path = tmp_path / "run.yaml"
    path.write_text(f"{MINIMAL}{interaction}\ntemperature: 0.1\noutput: {tmp_path / 'run.h5'}\n")
    result = bdg.run_file(path)
    names = {*DEFAULT_OBSERVABLES, "bond_order"} if on_bonds else {*DEFAULT_OBSERVABLES}
    assert {*result.observables} == names == {*bdg.observables.usual(result.model)}
    assert {*result.config["observables"]} == names  # written down, for rerun and measure
    if on_bonds:
        assert np.abs(result["bond_singlet"].values).max() > 0.01


@pytest.mark.parametrize(
    ("given", "names"),
    [("", {*DEFAULT_OBSERVABLES}), ("observables: {}", set()), ("observables: {entropy: {}}", {"entropy"})],
)
def test_what_is_named_takes_the_place_of_the_usual_observables(given, names):
    assert {*parse_config(MINIMAL + given).observables.requested()} == names


def test_the_template_writes_the_defaults_out():
    written, plain = parse_config(template()), parse_config(MINIMAL)
    assert written.scf == plain.scf
    assert written.solver == plain.solver
    assert written.interaction.model_copy(update={"onsite": 0.0}) == plain.interaction


def test_options_of_a_bare_configuration_are_those_of_a_bare_call():
    config = parse_config(MINIMAL)
    model = build_model(bdg.build_sample("square", (3, 3)), chemical_potential=-0.5)
    assert scf_options_of(config) == bdg.ScfOptions()
    chosen = choose(rows=model.dofs * 9, temperature=model.temperature)
    assert type(solver_of(config, model)) is type(chosen)
    assert default_of(initial_fields, "kind") == default_of(bdg.solve, "initial")
    assert config_type().model_fields["observables"].get_default().requested().keys() == {
        *DEFAULT_OBSERVABLES
    }
