"""What selected inversion says that it needs, and what it takes."""

import tracemalloc

import pytest

from bdg import resources
from bdg.errors import ResourceError
from bdg.expectations import site_and_bond_pattern
from bdg.lattice import build_sample
from bdg.model import build_model
from bdg.nambu import NambuAssembler
from bdg.scf.starts.initial import initial_fields
from bdg.solvers import choose
from bdg.solvers.selected_inversion import SelectedInversion, memory

CASES = {
    "square": ("square", (60, 60), "open", {}),
    "torus": ("square", (40, 40), "periodic", {}),
    "cubic": ("cubic", (10, 10, 10), "open", {}),
    "four components": ("square", (30, 30), "open", {"zeeman": [0.1, 0.0, 0.1]}),
    "collinear": ("square", (50, 50), "open", {"zeeman": 0.1}),
}


def prepared(kind, size, boundary, terms):
    sample = build_sample(kind, size, boundary)
    model = build_model(sample, chemical_potential=-0.5, attraction=2.0, temperature=0.1, **terms)
    return NambuAssembler(model).matrix(initial_fields(model, "uniform")), site_and_bond_pattern(sample)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_estimate_is_what_is_taken(case, monkeypatch):
    hamiltonian, pattern = prepared(*case)
    seen, estimate = [], memory.bytes_of_inverses

    def spy(plan, threads):
        seen.append((estimate(plan, threads), tracemalloc.get_traced_memory()[0]))
        return seen[-1][0]

    monkeypatch.setattr(memory, "bytes_of_inverses", spy)
    from bdg.solvers.selected_inversion import factorisation

    factorisation._held.__dict__.clear()  # workspaces of other tests
    tracemalloc.start()
    try:
        SelectedInversion(threads=1).correlations(hamiltonian, 0.1, pattern, tolerance=1e-9)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    ((expected, before),) = seen
    assert 0.75 < expected / (peak - before) < 1.25


def test_workspaces_that_do_not_fit_are_refused_before_they_are_made(monkeypatch):
    hamiltonian, pattern = prepared(*CASES["square"])
    monkeypatch.setattr(resources, "available_memory", lambda: 1e5)
    with pytest.raises(ResourceError, match=r"selected inversion of 3600 rows needs .* fewer threads"):
        SelectedInversion(threads=1).correlations(hamiltonian, 0.1, pattern)


@pytest.mark.parametrize("method", ["auto", "diagonalization", "selected_inversion"])
def test_sizes_alone_refuse_what_cannot_fit(method, tmp_path):
    from bdg import setup
    from bdg.config import load_config

    path = tmp_path / "huge.yaml"
    path.write_text(
        "lattice: {kind: square, size: [100000, 100000]}\n"
        "hamiltonian: {chemical_potential: 0}\n"
        f"interaction: {{onsite: 1.0}}\nsolver: {{method: {method}}}\n"
    )
    with pytest.raises(ResourceError, match="rows or more needs"):
        setup.sample_of(*load_config(path, []))
    assert choose(method, rows=1000, temperature=0.1).name in ("diagonalization", "selected_inversion")
