"""What an installation has and lacks, and whether it computes right."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bdg._version import __version__
from bdg.lattice import Boundary, build_sample
from bdg.model import Model, build_model
from bdg.observables import State, measure
from bdg.resources import GIB, THREAD_VARIABLES, available_memory, default_threads, usable_cores
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers import Solver, choose
from bdg.theory.uniform.gap import solve
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from bdg.theory.uniform.thermodynamics import grand_potential

REQUIRED = ("numpy", "scipy", "numba", "h5py", "matplotlib", "pydantic", "typer", "threadpoolctl")
OPTIONAL = ("xarray", "dask", "mpi4py", "pymetis")
"""Packages of the core, and of extras."""

LITTLE_MEMORY, LITTLE_DISK = 2 * GIB, 1 * GIB
"""Below these a run of some size may end early."""

EXACT = 1e-8
"""Largest difference from uniform theory, in t."""


@dataclass(frozen=True)
class Finding:
    """One line of a diagnosis.

    Parameters
    ----------
    topic, text
        What was looked at, and what was found.
    advice
        What would do; empty where all is well.
    is_wrong
        Whether results cannot be trusted.
    """

    topic: str
    text: str
    advice: str = ""
    is_wrong: bool = False


def examine() -> Iterator[Finding]:
    """Look at versions, threads, cache, memory and disk, then solve what theory knows, a finding each."""
    yield Finding(
        "bdg", f"{__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    )
    yield from _packages()
    yield from _threads()
    yield _kernels()
    yield from _room()
    yield from _numbers()


def _packages() -> Iterator[Finding]:
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in REQUIRED)
    yield Finding("packages", found)
    there = [name for name in OPTIONAL if importlib.util.find_spec(name) is not None]
    lacking = ", ".join(name for name in OPTIONAL if name not in there)
    yield Finding("extras", f"{', '.join(there) or 'none'}{lacking and f'; not installed: {lacking}'}")


def _threads() -> Iterator[Finding]:
    import scipy.linalg  # noqa: F401  (its BLAS is then among the libraries listed)
    from threadpoolctl import threadpool_info

    blas = [entry for entry in threadpool_info() if entry["user_api"] == "blas"]
    names = {f"{entry['internal_api']} {entry['version']} ({entry['num_threads']} threads)" for entry in blas}
    yield Finding("BLAS", "; ".join(sorted(names)) or "unknown")
    said = [f"{name}={os.environ[name]}" for name in THREAD_VARIABLES if os.environ.get(name)]
    text = f"{default_threads()} of {usable_cores()} usable cores{f' ({chr(44).join(said)})' if said else ''}"
    few = default_threads() < usable_cores()
    yield Finding(
        "threads", text, "the environment limits them; unset it for the speed of all cores" if few else ""
    )


def _kernels() -> Finding:
    import bdg.kernels

    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(bdg.kernels.__file__).parent)
    places = [folder, *folder.rglob("__pycache__")] if folder.exists() else [folder.parent]
    if not all(os.access(place, os.W_OK) for place in places):
        advice = "set NUMBA_CACHE_DIR to a folder that can be written to, or every start compiles for a while"
        return Finding("compiled kernels", f"{folder} cannot be written to", advice)
    kept = [file.stat().st_size for file in folder.rglob("*.nbc")]
    return Finding("compiled kernels", f"{len(kept)} kept, {sum(kept) / 2**20:.0f} MiB")


def _room() -> Iterator[Finding]:
    memory = available_memory()
    tight = memory < LITTLE_MEMORY
    yield Finding("memory", f"{memory / GIB:.1f} GiB available", "close what else runs" if tight else "")
    for name, folder in (("disk", os.getcwd()), ("temporary files", tempfile.gettempdir())):
        free = shutil.disk_usage(folder).free
        advice = "free some space" if free < LITTLE_DISK else ""
        yield Finding(name, f"{free / GIB:.1f} GiB free{'' if name == 'disk' else f' in {folder}'}", advice)
    encoding = sys.stdout.encoding or "unknown"
    yield Finding("terminal", f"prints in {encoding}")


def _numbers() -> Iterator[Finding]:
    """A uniform superconductor on a torus, by every solver, beside the gap equation in k space."""
    size, mu, attraction, temperature = (12, 10), -0.4, 2.5, 0.1
    exact = solve(lattice_band(Dispersion("square", (1.0,)), size, "s"), attraction, temperature, mu=mu)
    expected = {
        "delta": exact.delta,
        "density": exact.density,
        "grand_potential": grand_potential(exact) * float(np.prod(size)),
    }
    sample = build_sample("square", size, "periodic")
    strip = build_sample("square", (size[0], 1), ["periodic", Boundary("bloch", n_k=size[1])])
    for method in ("diagonalization", "selected_inversion"):
        for where, cells in ((sample, 1), (strip, size[1])):
            model = build_model(where, chemical_potential=mu, attraction=attraction, temperature=temperature)
            solver = choose(method, rows=2 * where.n_sites, temperature=temperature)
            largest = _deviation(
                model, solver, {**expected, "grand_potential": expected["grand_potential"] / cells}
            )
            wrong = not largest < EXACT
            yield Finding(
                f"{method.replace('_', ' ')}{', Bloch momenta' if cells > 1 else ''}",
                f"differs from uniform theory by {largest:.0e} t",
                "install numpy, scipy and numba anew, and report it" if wrong else "",
                wrong,
            )


def _deviation(model: Model, solver: Solver, expected: dict[str, float]) -> float:
    """Largest difference of what a self-consistent state has from what is expected, in t."""
    outcome = self_consistency(model, solver, ScfOptions(tolerance=1e-10))
    state = State(model, outcome.fields, outcome.hamiltonian, solver)
    found = {
        "delta": np.abs(outcome.fields.delta),
        "density": measure(state, "density")["density"].values,
        "grand_potential": measure(state, "grand_potential")["grand_potential"].values,
    }
    return max(float(np.abs(found[name] - value).max()) for name, value in expected.items())
