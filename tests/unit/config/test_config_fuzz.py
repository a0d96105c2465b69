"""Nothing but ConfigError, one line long, comes out of wrong input."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdg.config import Config, load_config, parse_config
from bdg.errors import ConfigError
from tests.unit.config.examples import CUSTOM, FULL, MINIMAL

SCALARS = [
    "1",
    "-1",
    "x",
    "null",
    "[]",
    "{}",
    "[1, 2]",
    "{a: 1}",
    ".nan",
    "true",
    "''",
    "1e400",
    "*a",
    "!!x 1",
    "|",
    "- 1",
]


def survives(text: str, overrides: tuple[str, ...] = ()) -> None:
    outcome = outcome_of(lambda: parse_config(text, "run.yaml", overrides))
    assert isinstance(outcome, Config) or is_one_line(outcome)


def outcome_of(action):
    """What ``action`` returns, or the ConfigError it raises."""
    try:
        return action()
    except ConfigError as error:
        return error


def is_one_line(error) -> bool:
    return "\n" not in str(error) and bool(str(error).encode())


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text(text):
    survives(text)
    survives(MINIMAL + text)


@given(st.text(alphabet="ab:-?[]{},#&*!|>'\"%@` \n\t0.e\\", max_size=60))
@settings(max_examples=300, deadline=None)
def test_yaml_like_text(text):
    survives(MINIMAL + text)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_mutations(data):
    text = FULL
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(st.text(max_size=4) | st.sampled_from(SCALARS)) + text[stop:]
    survives(text)


PATHS = [
    "title",
    "units",
    "units.energy",
    "lattice",
    "lattice.kind",
    "lattice.size",
    "lattice.size[0]",
    "lattice.boundary",
    "lattice.boundary[1]",
    "lattice.region",
    "lattice.region.difference",
    "lattice.vacancies",
    "lattice.vacancies[0]",
    "hamiltonian",
    "hamiltonian.hopping",
    "hamiltonian.filling",
    "hamiltonian.impurities",
    "hamiltonian.impurities[0]",
    "hamiltonian.impurities[0].site",
    "hamiltonian.disorder",
    "hamiltonian.onsite",
    "hamiltonian.zeeman",
    "hamiltonian.zeeman[2]",
    "hamiltonian.rashba",
    "hamiltonian.intrinsic_soc",
    "interaction",
    "interaction.onsite",
    "interaction.onsite[0].region",
    "interaction.onsite[0].value",
    "interaction.fields",
    "interaction.given",
    "field",
    "field.vector_potential",
    "temperature",
    "solver",
    "solver.threads",
    "scf",
    "scf.seed",
    "scf.initial",
    "scf.initial.delta",
    "observables",
    "observables.ldos",
    "observables.ldos.energies",
    "observables.ldos.sites",
    "observables.currents",
    "output",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_key_with_every_kind_of_value(path):
    for value in [*SCALARS, "[[]]", "[{}]", "[null]", "[[1, 2], x]", "9" * 30, "0x10", "[true, 1.5]"]:
        survives(FULL, (f"{path}={value}",))


@pytest.mark.parametrize(
    "path",
    [
        "lattice.cell",
        "lattice.wannier90",
        "lattice.kind",
        "lattice.cell.vectors",
        "lattice.cell.vectors[0]",
        "lattice.cell.basis",
        "lattice.cell.onsite",
        "lattice.cell.hoppings",
        "lattice.cell.hoppings[0]",
        "lattice.cell.hoppings[0].from",
        "lattice.cell.hoppings[0].offset",
        "lattice.cell.hoppings[1].amplitude",
        "hamiltonian.hopping",
        "lattice.vacancies[0]",
    ],
)
def test_every_key_of_a_cell_with_every_kind_of_value(path):
    for value in [
        *SCALARS,
        "[[]]",
        "[{}]",
        "[null]",
        "[[1, 2], x]",
        "[[1e999, 1]]",
        "[true, 1.5]",
        "[[0, 0]]",
    ]:
        survives(CUSTOM, (f"{path}={value}",))


@given(st.text(max_size=40), st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_any_override(path, value):
    survives(FULL, (f"{path}={value}",))
    survives(FULL, (path,))
    survives(FULL, (f"scf.{path}={value}",))
    survives(FULL, (f"title={value}",))


def test_any_bytes(tmp_path):
    path = tmp_path / "run.yaml"

    @given(st.binary(max_size=60))
    @settings(max_examples=50, deadline=None)
    def check(data):
        path.write_bytes(MINIMAL.encode() + data)
        outcome = outcome_of(lambda: load_config(path))
        assert isinstance(outcome, tuple) or is_one_line(outcome)

    check()
