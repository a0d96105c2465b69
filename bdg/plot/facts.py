"""The parameters of a run and its numbers, in words."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.observables import Quantity, contracts
from bdg.observables.state import PER_BLOCK
from bdg.plot.canvas.labels import capital, number, pretty, spelled, value_of
from bdg.plot.figures.runs.convergence import has_iterations, why_nothing
from bdg.plot.terms import terms
from bdg.result import Result
from bdg.words import counted

LONGEST = 38
"""Characters of a value."""

ZERO_MODE = 1e-9
"""A level below this, in t, is at zero energy."""

MOST_LINES = 15
"""Lines of a column."""

Facts = dict[str, str]


def shown_numbers() -> dict[str, str]:
    """The numbers that stand beside the figures, by name of the quantity, and how they are called."""
    return {name: called for one in contracts().values() for name, called in one.numbers.items()}


def header(result: Result) -> str:
    """One line: lattice, size, temperature, chemical potential."""
    parts = [
        _lattice(result),
        counted(result.sample.n_sites, "site"),
        f"T = {number(result.temperature, 't', None)}{_kelvin(result)}",
        f"μ = {number(result.fields.mu, 't', None)}",
    ]
    return "   ·   ".join(parts)


def parameters(result: Result) -> Facts:
    """What was asked for: the sample, and the terms of the model that are not zero."""
    facts = {
        "Lattice": _lattice(result),
        "Boundary": _boundaries(result),
        "Sites, bonds": f"{result.sample.n_sites}, {result.sample.n_bonds}",
        "Temperature": number(result.temperature, "t", None) + _kelvin(result),
    }
    with suppress(InputError):  # of a file that keeps neither model nor configuration
        facts |= {name: _shortened(value) for name, value in terms(result.model, result.units)}
    return facts


def numbers(result: Result) -> Facts:
    """What came out: how the loop ended, the fields, every quantity that is one number."""
    known, si = result.quantities(), result.units
    modulus = result.fields.moduli
    low, high = float(modulus.min()), float(modulus.max())
    iterates = has_iterations(result)
    turns = f"{len(result.history)}, residual {result.residual:.1e} t"
    facts = {
        "Self-consistency": result.status.replace("_", " ") if iterates else why_nothing(result),
        "Iterations": turns if iterates else "",
        "Solver": result.provenance.solver.replace("_", " "),
        "Chemical potential": number(result.fields.mu, "t", si),
        "Mean |Δ|": number(float(modulus.mean()), "t", si),
        "|Δ| from, to": "" if high - low <= 1e-9 * high else f"{low:.5g}, {high:.5g} t",
    }
    for name, called in shown_numbers().items():
        if name in known and not known[name].dims:
            each = " per block" if PER_BLOCK in known[name].long_name else ""
            facts[called] = value_of(known[name], si) + each
    for name in ("superfluid_weight", "relaxed_weight"):
        if name in known:
            facts[capital(name.replace("_", " "))] = _along_axes(known[name])
    if "states" in known:
        facts["Lowest levels"] = _levels(known["states"].values)
    return {name: value for name, value in facts.items() if value}


def _along_axes(weight: Quantity) -> str:
    """The diagonal of a tensor, axis by axis."""
    values = [f"{value:.6g}".replace("-", "−") for value in np.diag(weight.values)]
    return f"{', '.join(values)} {spelled(weight.units)}"


def _levels(energies: NDArray[np.float64]) -> str:
    """The first few energies, and how many states each has."""
    rounded = [f"{energy + 0.0:.4g}" if energy > ZERO_MODE else "0" for energy in energies]
    named = [f"{text} (×{rounded.count(text)})" if rounded.count(text) > 1 else text for text in rounded]
    return f"{', '.join(list(dict.fromkeys(named))[:4])} t"


def draw_facts(axes: Any, result: Result, *, columns: int) -> None:
    """Write parameters and numbers into a panel, beside one another or one below the other."""
    groups = [("Parameters, energies in t", parameters(result)), ("Numbers", numbers(result))]
    if columns == 1:
        groups = [("Parameters and numbers", groups[0][1] | groups[1][1])]
    axes.set_axis_off()
    for column, (title, facts) in enumerate(groups):
        left = 0.52 * column
        middle = left + (0.37 if columns == 1 else 0.18)
        axes.text(left, 1.02, title, transform=axes.transAxes, fontsize=10.5)
        lines = list(facts.items())[: MOST_LINES * (3 - columns)]
        step = min(0.085, 0.98 / len(lines))
        for n, (name, value) in enumerate(lines):
            height = 0.97 - n * step
            style = {"transform": axes.transAxes, "va": "top", "fontsize": 8.5}
            axes.text(left, height, name, color="#555555", **style)
            axes.text(middle, height, pretty(value), **style)


def _lattice(result: Result) -> str:
    return f"{result.sample.cell.name} {' × '.join(map(str, result.sample.size))}"


def _boundaries(result: Result) -> str:
    ends = result.sample.boundary
    if len({(each.kind, each.twist, each.shift) for each in ends}) == 1:
        return _boundary(ends[0], [each.n_k for each in ends])
    return ", ".join(_boundary(each, [each.n_k]) for each in ends)


def _boundary(ends: Any, n_k: list[int]) -> str:
    several = "s" * (max(n_k) > 1)
    points = f" ({' × '.join(map(str, n_k))} k point{several})" if ends.is_infinite else ""
    named = {"twist": ends.twist, "shift": ends.shift}
    return f"{ends.kind}{points}" + "".join(f" ({n} {v:.4g})" for n, v in named.items() if v)


def _kelvin(result: Result) -> str:
    kelvin = result.units.si("t/k_B") if result.units is not None else None
    return "" if kelvin is None else f" = {result.temperature * kelvin[0]:.4g} K"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
