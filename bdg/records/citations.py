"""The papers behind a result: those that the docstrings of what it used name.

No paper is listed here. A result used its solver, its mixer, terms and fields of its configuration, and its
observables; the docstrings of the modules that implement these name their sources, in the form ``Kitaev,
Phys. Usp. 44, 131 (2001)``. The configuration itself names some in the comment at its beginning.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from itertools import takewhile
from types import ModuleType

from bdg.observables import contracts
from bdg.result import Result

NAME = r"(?:[A-Z]\. ?)*(?:(?:de|van|von|der|Das) )*[A-ZÀ-Ž][\w’-]+(?:'(?!s\b)[\w-]+)?"
JOURNAL = r"(?:[A-Z][\w.:]*\.?(?: of| of the)? ?){1,7}"
PAPER = re.compile(
    rf"({NAME}(?:(?:, | and | & |, and ){NAME})*(?: et al\.)?)(?:'s)?(?:, | \()"
    rf"({JOURNAL}[A-Z]?\d+(?:\(\d+\))?, [A-Z]?\w+ \((?:1[89]|20)\d\d\))"
)
"""Authors; journal, volume, page and year."""

METHODS = {
    "selected_inversion": ("bdg.solvers.selected_inversion", "bdg.rational", "bdg.kernels.ordering"),
    "anderson": ("bdg.fixed_point.anderson", "bdg.fixed_point.least_squares"),
    "pulay": ("bdg.fixed_point.pulay",),
}
"""The modules, or packages, of solvers and mixers."""

KEYS = {
    "hamiltonian.spin_hopping": "bdg.model.terms.spin_hopping",
    "hamiltonian.intrinsic_soc": "bdg.model.terms.spin_orbit",
    "interaction.orbitals": "bdg.model.couplings.orbitals",
    "field.uniform": "bdg.gauge.uniform",
    "field.vortex_lattice": "bdg.gauge.vortex_lattice",
}
"""The modules of keys of a configuration."""

HELPERS = (
    "bdg.topology",
    "bdg.tunnelling",
    "bdg.leads",
    "bdg.experiments",
    "bdg.theory",
    "bdg.scf.stability",
)
"""Packages whose functions observables call and name papers for."""


def papers(text: str) -> list[str]:
    """The papers that a text names, each once."""
    found = PAPER.findall(" ".join(text.split()))
    return list(dict.fromkeys(f"{authors}, {journal}" for authors, journal in found))


def citations(result: Result) -> dict[str, list[str]]:
    """The papers behind what a result used, by what it is; without those that a line before names."""
    seen: set[str] = set()
    found: dict[str, list[str]] = {}
    for what, text in _used(result):
        new = [paper for paper in papers(text) if paper not in seen]
        seen.update(new)
        if new:
            found[what] = new
    return found


def _used(result: Result) -> Iterator[tuple[str, str]]:
    """What a result used, and the text that names its sources."""
    source = result.provenance.config_source.splitlines()
    header = takewhile(lambda line: line.startswith("#"), source)
    yield "configuration", " ".join(line.lstrip("# ") for line in header)
    scf = result.provenance.scf
    for name in (result.provenance.solver, scf.mixer if scf is not None and len(result.history) > 1 else ""):
        modules = (module for root in METHODS.get(name, ()) for module in _modules(root))
        yield name.replace("_", " "), " ".join(map(_of_module, modules))
    given = tuple(result.config.given())
    for key, module in KEYS.items():
        if any(one == key or one.startswith((f"{key}.", f"{key}[")) for one in given):
            yield key, _of_module(importlib.import_module(module))
    known = contracts()
    for name in result.observables:
        if name in known:
            yield name, _of_observable(importlib.import_module(known[name].function.__module__))


def _modules(root: str) -> Iterator[ModuleType]:
    """A module, and those in it if it is a package."""
    module = importlib.import_module(root)
    yield module
    for inner in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield importlib.import_module(f"{root}.{inner.name}")


def _of_module(module: ModuleType) -> str:
    """The docstrings of a module and of what it defines."""
    own = (one for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__)
    return " ".join([module.__doc__ or "", *(inspect.getdoc(one) or "" for one in own)])


def _of_observable(module: ModuleType) -> str:
    """The same, and the docstrings of those functions it calls that name papers."""
    homes = (getattr(one, "__module__", None) or "" for one in vars(module).values())
    called = dict.fromkeys(home for home in homes if home.startswith(HELPERS) and home != module.__name__)
    return " ".join([_of_module(module), *(_of_module(importlib.import_module(home)) for home in called)])
