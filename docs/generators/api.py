"""API pages: every name of ``bdg.__all__`` and the public modules, by autodoc."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType

import bdg
from docs.generators.markdown import toctree

ROOMS = {
    "Samples": ("bdg.lattice", "bdg.wannier90"),
    "Models": ("bdg.model", "bdg.gauge", "bdg.expressions"),
    "Running": ("bdg.simulation", "bdg.scf", "bdg.experiments"),
    "Results": ("bdg.result", "bdg.observables", "bdg.store", "bdg.records", "bdg.plot"),
    "Studies": ("bdg.studies",),
    "Numerics": ("bdg.",),
}
"""Where the names of the package come from, by page; the last one has all others."""

MODULES = {
    "conventions": "Conventions",
    "errors": "Errors",
    "lattice": "Lattices",
    "experiments": "Experiments",
    "plot": "Figures",
    "measured": "Measured files",
    "view": "Pages to look at results",
    "solvers": "Solvers",
}
"""Public modules with a page of their own."""

PACKAGES = {"theory.uniform": "Uniform theory", "theory.macroscopic": "Macroscopic theory"}
"""Packages with a page for each of their modules."""


def pages() -> dict[str, str]:
    """An index, a page for each group of names, and one for each public module."""
    found = {f"api/{room.lower()}": _room(room) for room in ROOMS}
    found |= {f"api/{name}": _module(title, f"bdg.{name}") for name, title in MODULES.items()}
    for name, title in PACKAGES.items():
        found |= _package(title, name)
    names = [path.partition("/")[2] for path in found if "theory" not in path or path.count(".") == 1]
    introduction = "# Python\n\nEverything in `bdg.__all__`, and the public modules behind it.\n\n"
    return {"api/index": introduction + toctree(names)} | found


def room_of(name: str) -> str:
    """The page of a name of the package."""
    home = getattr(getattr(bdg, name), "__module__", "")
    return next(room for room, homes in ROOMS.items() if home.startswith(homes))


def names() -> list[str]:
    """Names of the package that are neither modules nor its version."""
    return [
        name for name in bdg.__all__ if not name.startswith("_") and not inspect.ismodule(getattr(bdg, name))
    ]


def _room(room: str) -> str:
    parts = [_documented("bdg", name) for name in names() if room_of(name) == room]
    return f"# {room}\n\n```{{eval-rst}}\n.. module:: bdg\n   :no-index:\n\n" + "\n".join(parts) + "```\n"


def _documented(module: str, name: str) -> str:
    one = getattr(importlib.import_module(module), name)
    if inspect.isclass(one):
        return f".. autoclass:: {module}.{name}\n   :members:\n"
    return f".. autofunction:: {module}.{name}\n" if callable(one) else f".. autodata:: {module}.{name}\n"


def _package(title: str, name: str) -> dict[str, str]:
    """A page for a package and one for each module in it, of what it defines itself."""
    package = importlib.import_module(f"bdg.{name}")
    found, inner = {}, []
    for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(one.name)
        defined = [key for key in _public(module) if getattr(module, key).__module__ == one.name]
        if defined:
            short = one.name.removeprefix("bdg.")
            found[f"api/{short}"] = _page(short.removeprefix(f"{name}."), one.name, defined)
            inner.append(short)
    text = f"# {title}\n\n```{{eval-rst}}\n.. automodule:: bdg.{name}\n   :no-members:\n```\n\n"
    return {f"api/{name}": text + toctree(inner)} | found


def _module(title: str, name: str) -> str:
    return _page(title, name, _public(importlib.import_module(name)))


def _page(title: str, name: str, public: list[str]) -> str:
    members = "".join(_documented(name, one) + "\n" for one in public)
    return f"# {title}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :no-members:\n\n{members}```\n"


def _public(module: ModuleType) -> list[str]:
    """Functions and classes that a module offers and that have no page among the names of the package."""
    listed = getattr(module, "__all__", None) or [
        name for name, one in vars(module).items() if getattr(one, "__module__", "") == module.__name__
    ]
    shown = {getattr(bdg, name) for name in names() if _is_hashable(getattr(bdg, name))}
    found = [name for name in listed if not name.startswith("_")]
    return [name for name in found if _is_ours(getattr(module, name)) and getattr(module, name) not in shown]


def _is_hashable(one: object) -> bool:
    return getattr(one, "__hash__", None) is not None


def _is_ours(one: object) -> bool:
    return (inspect.isclass(one) or inspect.isfunction(one)) and one.__module__.startswith("bdg")
