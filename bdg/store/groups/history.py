"""The record of the loop and the config ⇄ their groups: parts that results and checkpoints have in common."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from bdg.scf.history import Iteration, columns
from bdg.store.groups.arrays import read_array, read_text, write_array, write_scale

LONG_NAMES = {
    "iteration": ("1", "iteration, from 1"),
    "residual_delta": ("t", "largest change of the order parameter"),
    "residual_hartree": ("t", "largest change of the Hartree potential"),
    "residual_bond": ("t", "largest change of a field on bonds"),
    "residual_field": ("hbar/e", "largest change of a line integral of the vector potential"),
    "filling_error": ("1", "deviation of the electrons per site from the filling"),
    "mean_delta": ("t", "mean modulus of the order parameter"),
    "mu": ("t", "chemical potential"),
    "delta_error": ("t", "error of a small order parameter close to the critical temperature, else 0"),
    "saddle": ("1", "eigenvalue above 1 of the linearised map at a saddle, else 0"),
    "solver_error": ("t", "error of the fields by the estimate of the solver"),
    "pair_growth": ("1", "share of the order parameter that comes out of it"),
    "compressibility": ("1/t", "dn/dmu at fixed fields where the loop finds mu at them, else 0"),
}


ALWAYS = frozenset(one.name for one in fields(Iteration) if one.default is MISSING)
"""Columns that every iteration has something in; the others are of special cases, zero in most runs."""


def write_history(group: Any, history: tuple[Iteration, ...]) -> None:
    """Write one column a dataset, along the axis ``iteration``; those left out have zeros throughout."""
    table = {name: values for name, values in columns(history).items() if name in ALWAYS or values.any()}
    described = {name: dict(zip(("units", "long_name"), LONG_NAMES[name], strict=True)) for name in table}
    axis = write_scale(group, "iteration", table.pop("iteration"), described["iteration"], compact=False)
    for name, values in table.items():
        write_array(group, name, values, [axis], described[name])


def read_history(group: Any) -> tuple[Iteration, ...]:
    """The iterations of the loop."""
    table = {name: read_array(group[name]).tolist() for name in LONG_NAMES if name in group}
    return tuple(
        Iteration(**dict(zip(table, iteration, strict=True)))
        for iteration in zip(*table.values(), strict=True)
    )


def write_config(group: Any, source: str, resolved: str) -> None:
    """Write the YAML as it was given and with every default."""
    for name, text, long_name in (
        ("source", source, "configuration as written"),
        ("resolved", resolved, "configuration with every default"),
    ):
        write_array(group, name, text, (), {"long_name": long_name})


def read_config(group: Any) -> tuple[str, str]:
    """The YAML as it was given, and with every default."""
    return read_text(group["source"]), read_text(group["resolved"])
