"""What users call says what it computes, in which units, what it refuses and where it comes from."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bdg

COMMANDS = Path(bdg.__file__).parent / "cli" / "theory"

SOURCE = re.compile(r"\((?:1[89]|20)\d\d\)")
FORMULA = re.compile(r"[=∝≈≤≥Σ∫√²∇→/]")
UNITS = re.compile(
    r"\bin (t\b|ħ|units|1/|T_c|λ|ξ|Δ|k_B|meV|SI|radians|lattice constants|nm|K\b|e\b|Hz)|units?\b|[Rr]educed"
    r"|ratio|fraction|share|number|over\b|the same units"
)
REFUSALS = re.compile(r"\braise \w*(Error|Refused)|\b(require_\w+|positive)\(")

NO_PAPER = {"constant_dos", "tabulated_dos", "lattice_band", "merged", "uniform_field", "material"}
"""Inputs and data, which follow from no paper."""


def of_the_package() -> dict[str, Callable[..., Any]]:
    """Functions and public methods that ``bdg.__all__`` leads to."""
    found: dict[str, Callable[..., Any]] = {}
    for name in bdg.__all__:
        thing = getattr(bdg, name)
        if inspect.isfunction(thing):
            found[name] = inspect.unwrap(thing)
        elif inspect.isclass(thing):
            own = (item for item in vars(thing).items() if not item[0].startswith("_"))
            methods = {key: getattr(value, "__func__", value) for key, value in own}
            named = {key: one for key, one in methods.items() if getattr(one, "__name__", "") == key}
            found |= {f"{name}.{key}": one for key, one in named.items() if inspect.isfunction(one)}
    return found


def of_the_theory() -> dict[str, Callable[..., Any]]:
    """Functions of ``bdg.theory`` that the commands ``bdg theory …`` call."""
    found: dict[str, Callable[..., Any]] = {}
    for path in sorted(COMMANDS.glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for name, thing in _imported(tree):
            if inspect.ismodule(thing):
                used = (
                    node.attr
                    for node in ast.walk(tree)
                    if isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == name
                )
                things = [getattr(thing, attribute, None) for attribute in used]
            else:
                things = [thing]
            for one in things:
                is_ours = inspect.isfunction(one) and one.__module__.startswith("bdg.theory")
                if is_ours and not re.match("require_|positive", one.__name__):
                    found[f"{one.__module__}.{one.__name__}"] = one
    return found


def _imported(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bdg.theory"):
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                if not hasattr(module, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")
                yield alias.asname or alias.name, getattr(module, alias.name)


PACKAGE, THEORY = of_the_package(), of_the_theory()
ALL = PACKAGE | THEORY


def text(one: Callable[..., Any]) -> str:
    """Its docstring and that of its module, where a module says for all its functions what they share."""
    return f"{inspect.getdoc(one)}\n{sys.modules[one.__module__].__doc__}"


def lacking(some: dict[str, Callable[..., Any]], has: Callable[[Callable[..., Any]], bool]) -> list[str]:
    return [name for name, one in some.items() if not has(one)]


def test_the_lists_are_not_empty():
    assert len(PACKAGE) > 60
    assert len(THEORY) > 60
    assert {"build_model", "solve", "measure", "disk", "Result.state"} <= {*PACKAGE}


def test_what_users_need_is_exported():
    regions = {"rectangle", "disk", "ring", "half_plane", "polygon", "picture"}
    assert regions | {"union", "intersection", "difference"} <= {*bdg.__all__}
    assert {"measure", "Hooks", "Given", "SpinHopping", "OrbitalInteraction", "Potential"} <= {*bdg.__all__}
    assert {*dir(bdg)} == {*bdg.__all__}
    assert all(getattr(bdg, name) is not None for name in bdg.__all__)


def test_every_public_function_begins_with_a_sentence():
    def has(one):
        return bool(re.match(r"\S[^\n]*(\n[^\n]+)*[.:]", inspect.getdoc(one) or ""))

    assert lacking(ALL, has) == []


def test_what_refuses_says_when():
    def has(one):
        doc = inspect.getdoc(one) or ""
        return not REFUSALS.search(inspect.getsource(one)) or "Raises" in doc or "may raise" in doc

    assert lacking(ALL, has) == []


def test_arrays_have_a_shape():
    def has(one):
        returned = str(inspect.signature(one).return_annotation)
        return "NDArray" not in returned or "shape" in text(one) or "each" in text(one)

    assert lacking(PACKAGE, has) == []


@pytest.mark.parametrize(("what", "pattern"), [("formula", FORMULA), ("units", UNITS)])
def test_theory_says_what_it_computes_in_which_units(what, pattern):
    assert lacking(THEORY, lambda one: bool(pattern.search(text(one)))) == []


def test_theory_names_its_source():
    theory = {name: one for name, one in THEORY.items() if one.__name__ not in NO_PAPER}
    assert lacking(theory, lambda one: bool(SOURCE.search(text(one)))) == []
