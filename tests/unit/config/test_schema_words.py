"""The words that the schema writes out, so that it need not import the physics, are those of the physics."""

from typing import get_args

import pytest

from bdg.config.schema.field import ExternalField, Screening, VortexLattice
from bdg.config.schema.hamiltonian import Disorder
from bdg.config.schema.interaction import Channel, Interaction
from bdg.config.schema.lattice import DIMENSIONS
from bdg.config.schema.numerics import PATTERNS, STARTS, Scf, Solver
from bdg.config.schema.pairs import SYMMETRIES, PairsBySymmetry
from bdg.fixed_point import MIXERS
from bdg.gauge.screening import GEOMETRIES
from bdg.gauge.uniform import GaugeName
from bdg.gauge.vortex_lattice import Geometry
from bdg.lattice import presets
from bdg.model import Disorder as ModelDisorder
from bdg.model import pairs
from bdg.model.magnetism import CHOICES
from bdg.scf import PATTERNS as FIRST_MAGNETISATIONS
from bdg.scf import InitialKind
from bdg.solvers.choose import METHODS


def words(section, key):
    """The words of a literal, None aside."""
    annotation = section.model_fields[key].annotation
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return {word for part in parts for word in (get_args(part) or [part])}


@pytest.mark.parametrize(
    ("in_the_schema", "of_the_physics"),
    [
        (words(Solver, "method"), METHODS),
        (words(Scf, "mixer"), MIXERS),
        (STARTS, get_args(InitialKind)),
        (PATTERNS, FIRST_MAGNETISATIONS),
        (SYMMETRIES, pairs.SYMMETRIES),
        (PairsBySymmetry.model_fields, pairs.SYMMETRIES),
        (get_args(Channel), (*pairs.CHANNELS, *pairs.SYMMETRIES)),
        (words(Interaction, "magnetism"), CHOICES),
        (words(Screening, "geometry"), GEOMETRIES),
        (words(VortexLattice, "geometry"), get_args(Geometry)),
        (words(ExternalField, "gauge"), get_args(GaugeName)),
        (DIMENSIONS, presets()),
    ],
)
def test_the_schema_knows_the_words_of_the_physics(in_the_schema, of_the_physics):
    assert sorted(in_the_schema) == sorted(of_the_physics)


def test_distributions():
    """Every distribution of the schema is one the model draws from."""
    from bdg.lattice import build_sample

    sample = build_sample("chain", [4])
    for name in words(Disorder, "distribution"):
        assert ModelDisorder(1.0, distribution=name).energies(sample).shape == (4,)
