"""London's theory: closed forms for simple bodies, and solvers for any λ(r)."""

from bdg.theory.macroscopic.london.cylinder import (
    cylinder_current,
    cylinder_field,
    cylinder_magnetisation,
    wire_current,
    wire_field,
)
from bdg.theory.macroscopic.london.depth import (
    complex_conductivity,
    kinetic_inductance,
    london_depth,
    london_parameter,
    pearl_length,
    skin_depth,
    superfluid_density,
    two_fluid_depth,
    two_fluid_fraction,
)
from bdg.theory.macroscopic.london.equations import first_equation, second_equation
from bdg.theory.macroscopic.london.radial import Screened, solve_cylinder, solve_slab, solve_sphere
from bdg.theory.macroscopic.london.section import Section, solve_section
from bdg.theory.macroscopic.london.slab import (
    half_space_field,
    slab_current,
    slab_field,
    slab_magnetisation,
    slab_transport_current,
)
from bdg.theory.macroscopic.london.sphere import (
    sphere_current,
    sphere_field,
    sphere_moment,
    sphere_vector_potential,
)
from bdg.theory.macroscopic.london.strip import solve_strip, strip_current
from bdg.theory.macroscopic.london.vortex import (
    pearl_field_by_momentum,
    pearl_vortex_current,
    pearl_vortex_field,
    vortex_current,
    vortex_field,
)

__all__ = [
    "Screened",
    "Section",
    "complex_conductivity",
    "cylinder_current",
    "cylinder_field",
    "cylinder_magnetisation",
    "first_equation",
    "half_space_field",
    "kinetic_inductance",
    "london_depth",
    "london_parameter",
    "pearl_field_by_momentum",
    "pearl_length",
    "pearl_vortex_current",
    "pearl_vortex_field",
    "second_equation",
    "skin_depth",
    "slab_current",
    "slab_field",
    "slab_magnetisation",
    "slab_transport_current",
    "solve_cylinder",
    "solve_section",
    "solve_slab",
    "solve_sphere",
    "solve_strip",
    "sphere_current",
    "sphere_field",
    "sphere_moment",
    "sphere_vector_potential",
    "strip_current",
    "superfluid_density",
    "two_fluid_depth",
    "two_fluid_fraction",
    "vortex_current",
    "vortex_field",
    "wire_current",
    "wire_field",
]
