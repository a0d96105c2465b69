"""Paths through the Brillouin zone in a configuration: which points a lattice has is said before any work."""

import pytest

from bdg import setup
from bdg.config import ConfigSource, dump_resolved
from bdg.errors import ConfigError
from bdg.lattice.symmetry_points import zone_path

INFINITE = """\
lattice: {{kind: {kind}, size: {size}, boundary: {{bloch: 4}}}}
hamiltonian: {{chemical_potential: 0}}
observables:
  bands: {{path: {path}}}
"""


def checked(kind, path, size="[1, 1]"):
    source = ConfigSource(INFINITE.format(kind=kind, path=path, size=size), "run.yaml")
    config = source.parse()
    sample = setup.sample_of(config, source)
    model = setup.model_of(config, source, sample)
    return sample, dict(setup.observable_parameters(config, source, model))["bands"]["path"], config


@pytest.mark.parametrize("name", ["Gamma", "G", "Γ"])
def test_gamma_by_any_name(name):
    sample, path, config = checked("honeycomb", f"[{name}, K, [0.5, 0]]")
    assert zone_path(sample, path).tolist() == [[0, 0], [2 / 3, 1 / 3], [0.5, 0]]
    assert ConfigSource(dump_resolved(config), "again.yaml").parse() == config


@pytest.mark.parametrize(
    ("kind", "path", "size", "place", "words"),
    [
        (
            "square",
            "[Γ, K]",
            1,
            "21: observables.bands.path[1]",
            "has no point 'K'; use Gamma, X, Y, M or coordinates",
        ),
        ("kagome", "[gamma, K]", 1, "18: observables.bands.path[0]", "use Gamma, K, M or coordinates"),
        ("square", "[Γ, M]", 2, "21: observables.bands.path[1]", "'M' names a point of one cell"),
        ("square", "[3, X]", 1, "18: observables.bands.path[0]", "or the name of a point"),
        ("square", "[Γ, G]", 1, "17: observables.bands.path", "no length"),
    ],
)
def test_other_points_are_refused_with_those_there_are(kind, path, size, place, words):
    with pytest.raises(ConfigError) as caught:
        checked(kind, path, f"[{size}, 1]")
    assert str(caught.value).startswith(f"run.yaml:4:{place}: ")
    assert words in str(caught.value)
