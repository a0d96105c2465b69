"""Self-consistent Bogoliubov-de Gennes simulations on a lattice, in real space.

From Python::

    import bdg

    sample = bdg.build_sample("square", [24, 24], "periodic")
    model = bdg.build_model(sample, chemical_potential=-0.5, attraction=2.5, temperature=0.05)
    result = bdg.solve(model, observables=("order_parameter", "spectral_gap"))
    print(result)
    figure = bdg.plot.plot(result, "order_parameter")

from a configuration, ``bdg.run_file("configs/chain.yaml")``; from a file, ``bdg.load("results/chain.h5")``.

Names are imported when first used, so that ``import bdg`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from bdg._version import __version__

if TYPE_CHECKING:
    from bdg import measured, plot, view
    from bdg.exported import export
    from bdg.expressions import Expression
    from bdg.fitting import fit
    from bdg.gauge import Dipole, FluxTube, FluxTubes, Potential, UniformField, VortexLattice
    from bdg.lattice import (
        Boundary,
        Sample,
        UnitCell,
        build_sample,
        difference,
        disk,
        half_plane,
        intersection,
        picture,
        polygon,
        rectangle,
        ring,
        sample_of_matrix,
        sample_of_positions,
        sample_of_system,
        union,
    )
    from bdg.model import (
        Disorder,
        Fields,
        Given,
        Impurity,
        Model,
        OrbitalInteraction,
        SpinHopping,
        Term,
        build_model,
    )
    from bdg.observables import Quantity, State, register
    from bdg.plot.overlay import overlay
    from bdg.records import diff
    from bdg.result import Result, Units
    from bdg.scf import ScfOptions
    from bdg.simulation.afterwards import measure, measure_file
    from bdg.simulation.files import resume_file, run_file
    from bdg.simulation.hooks import Hooks
    from bdg.simulation.run import solve
    from bdg.solvers.selected_inversion import selected_inverse
    from bdg.store import load, save, to_xarray
    from bdg.studies import Study, collect, open_study, sweep
    from bdg.wannier90 import read_interaction, read_wannier90

_HOMES = {
    "bdg.simulation.afterwards": ("measure", "measure_file"),
    "bdg.expressions": ("Expression",),
    "bdg.exported": ("export",),
    "bdg.fitting": ("fit",),
    "bdg.gauge": ("Dipole", "FluxTube", "FluxTubes", "Potential", "UniformField", "VortexLattice"),
    "bdg.simulation.hooks": ("Hooks",),
    "bdg.lattice": (
        "Boundary",
        "Sample",
        "UnitCell",
        "build_sample",
        "difference",
        "disk",
        "half_plane",
        "intersection",
        "picture",
        "polygon",
        "rectangle",
        "ring",
        "union",
        "sample_of_matrix",
        "sample_of_positions",
        "sample_of_system",
    ),
    "bdg.model": (
        "Disorder",
        "Fields",
        "Given",
        "Impurity",
        "Model",
        "OrbitalInteraction",
        "SpinHopping",
        "Term",
        "build_model",
    ),
    "bdg.observables": ("Quantity", "State", "register"),
    "bdg.plot.overlay": ("overlay",),
    "bdg.records": ("diff",),
    "bdg.result": ("Result", "Units"),
    "bdg.simulation.files": ("resume_file", "run_file"),
    "bdg.simulation.run": ("solve",),
    "bdg.scf": ("ScfOptions",),
    "bdg.solvers.selected_inversion": ("selected_inverse",),
    "bdg.studies": ("Study", "collect", "open_study", "sweep"),
    "bdg.store": ("load", "save", "to_xarray"),
    "bdg.wannier90": ("read_interaction", "read_wannier90"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in ("measured", "plot", "view"):
        return importlib.import_module(f"bdg.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'bdg' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*_HOME_OF, "measured", "plot", "view", "__version__"])


__all__ = [
    "Boundary",
    "Dipole",
    "Disorder",
    "Expression",
    "Fields",
    "FluxTube",
    "FluxTubes",
    "Given",
    "Hooks",
    "Impurity",
    "Model",
    "OrbitalInteraction",
    "Potential",
    "Quantity",
    "Result",
    "Sample",
    "ScfOptions",
    "SpinHopping",
    "State",
    "Study",
    "Term",
    "UniformField",
    "UnitCell",
    "Units",
    "VortexLattice",
    "__version__",
    "build_model",
    "build_sample",
    "collect",
    "diff",
    "difference",
    "disk",
    "export",
    "fit",
    "half_plane",
    "intersection",
    "load",
    "measure",
    "measure_file",
    "measured",
    "open_study",
    "overlay",
    "picture",
    "plot",
    "polygon",
    "read_interaction",
    "read_wannier90",
    "rectangle",
    "register",
    "resume_file",
    "ring",
    "run_file",
    "sample_of_matrix",
    "sample_of_positions",
    "sample_of_system",
    "save",
    "selected_inverse",
    "solve",
    "sweep",
    "to_xarray",
    "union",
    "view",
]
