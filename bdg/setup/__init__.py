"""From a checked configuration to the objects of the physics."""

from bdg.setup.kept import Kept
from bdg.setup.measurements import observable_parameters
from bdg.setup.models import fields_of, model_of
from bdg.setup.numerics import scf_options_of, solver_of
from bdg.setup.placing import placed
from bdg.setup.recorded import settings_of
from bdg.setup.regions import region_of, sites_in
from bdg.setup.samples import cell_of, sample_of
from bdg.setup.values import real_values_of, values_of

__all__ = [
    "Kept",
    "cell_of",
    "fields_of",
    "model_of",
    "observable_parameters",
    "placed",
    "real_values_of",
    "region_of",
    "sample_of",
    "scf_options_of",
    "settings_of",
    "sites_in",
    "solver_of",
    "values_of",
]
