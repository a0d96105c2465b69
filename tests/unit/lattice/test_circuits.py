"""Circuits of planar samples against the cycle space of their graph, and bonds that cross others."""

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.csgraph

from bdg.errors import InputError
from bdg.lattice import build_sample, disk
from bdg.lattice.plaquettes.circuits import circuits
from bdg.lattice.plaquettes.detours import along_edges
from bdg.lattice.plaquettes.faces import planar_kinds

SAMPLES = {
    "open": ("square", (6, 5), "open", {}),
    "a vacancy": ("square", (6, 5), "open", {"vacancies": [[2, 2]]}),
    "a slit, and a dangling bond in it": (
        "square", (7, 7), "open", {"vacancies": [[2, 2], [2, 3], [2, 4], [3, 4], [4, 4], [4, 2]]},
    ),
    "slab": ("square", (6, 5), ["open", "periodic"], {}),
    "slab one cell wide": ("square", (6, 1), ["open", "periodic"], {"shells": 2}),
    "slab with a hole": ("square", (6, 5), ["open", "periodic"], {"vacancies": [[2, 0]]}),
    "torus": ("square", (4, 5), "periodic", {}),
    "torus with a hole": ("square", (6, 5), "periodic", {"vacancies": [[2, 2]]}),
    "honeycomb": ("honeycomb", (5, 5), "open", {}),
    "kagome": ("kagome", (4, 4), "open", {"vacancies": [[1, 1, 0]]}),
    "triangular": ("triangular", (6, 6), "open", {"shells": 2}),
    "lieb": ("lieb", (4, 4), "periodic", {}),
    "disk": ("square", (9, 9), "open", {"region": disk(4.2, (4, 4)), "vacancies": [[4, 4]]}),
    "third neighbours past a vacancy": ("square", (6, 6), "open", {"shells": 3, "vacancies": [[2, 2]]}),
}  # fmt: skip


@pytest.fixture(params=SAMPLES.values(), ids=SAMPLES)
def sample(request):
    lattice, size, boundary, more = request.param
    return build_sample(lattice, size, boundary, **more)


def edges_of(sample):
    return np.isin(sample.bonds.kind, planar_kinds(sample.cell, sample.bonds.kinds))


def test_faces_and_closed_directions_span_all_closed_walks(sample):
    """As many independent ones as the graph of edges has cycles, E − V + components."""
    found, edges, n = circuits(sample), edges_of(sample), sample.n_sites
    bonds = sample.bonds
    links = (np.ones(edges.sum()), (bonds.source[edges], bonds.target[edges]))
    pieces, _ = scipy.sparse.csgraph.connected_components(scipy.sparse.coo_array(links, shape=(n, n)))
    every = np.vstack([found.curl.toarray(), found.closed * edges])
    assert np.linalg.matrix_rank(every) == edges.sum() - n + pieces


def test_a_uniform_field_gives_each_face_its_area(sample):
    found = circuits(sample)
    if found.closed.size:
        pytest.skip("no uniform field without a magnetic cell")
    bonds = sample.bonds
    middle = sample.positions[bonds.source] + 0.5 * bonds.displacement
    landau = middle[:, 0] * bonds.displacement[:, 1]
    np.testing.assert_allclose(found.curl @ landau, found.area, atol=1e-12)


def test_no_flux_of_a_gradient(sample):
    angle = np.random.default_rng(1).normal(size=sample.n_sites)
    gradient = angle[sample.bonds.target] - angle[sample.bonds.source]
    np.testing.assert_allclose(circuits(sample).curl @ gradient, 0, atol=1e-12)


def test_crossing_bonds_follow_edges(sample):
    """What is a gradient or uniform along edges is the same along all bonds."""
    bonds, edges, follow = sample.bonds, edges_of(sample), along_edges(sample)
    angle = np.random.default_rng(2).normal(size=sample.n_sites)
    uniform = bonds.displacement @ np.array([0.3, -0.7])
    for line in (uniform, angle[bonds.target] - angle[bonds.source]):
        np.testing.assert_allclose(follow @ np.where(edges, line, 0.0), line, atol=1e-12)


def test_a_diagonal_halves_the_flux_of_its_plaquette():
    sample = build_sample("square", (2, 2), shells=2)
    line = along_edges(sample) @ np.where(
        edges_of(sample) & (sample.positions[sample.bonds.source][:, 0] == 1), 1.0, 0.0
    )  # one flux quantum on the right edge
    diagonals = line[sample.bonds.shell == 2]
    np.testing.assert_allclose(np.abs(diagonals), 0.5)


def test_pieces_are_refused():
    sample = build_sample("square", (5, 3), region=lambda r: r[:, 0] != 2)
    with pytest.raises(InputError, match="in 2 pieces"):
        circuits(sample)
    with pytest.raises(InputError, match="3 dimensions"):
        circuits(build_sample("cubic", (2, 2, 2)))
