"""Files of Nanonis: read with the package xarray-nanonis, grids of spectra (.3ds) written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.measured.measured import Channel, Measured

PARAMETERS = (
    "X (m)",
    "Y (m)",
    "Z (m)",
    "Z offset (m)",
    "Settling time (s)",
    "Integration time (s)",
    "Z-Ctrl hold",
    "Final Z (m)",
)
"""What stands before the spectra of each point, after the ends of the sweep."""


def read_nanonis(path: Path) -> Measured:
    """The channels of a .3ds, .sxm or .dat, in the file's own units.

    Raises
    ------
    InputError
        If the package is missing or can't read it.
    """
    try:
        from xarray_nanonis import Read_NanonisFile
    except ImportError:
        raise InputError(f"{path}: files of Nanonis need xarray-nanonis; pip install 'bdg[stm]'") from None
    try:
        dataset = Read_NanonisFile(path).dataset
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise InputError(f"{path}: can't be read as a file of Nanonis: {error!r}") from None
    axes = {
        str(name).lower() if str(name).lower() == "bias" else str(name): (
            np.asarray(one.values, float),
            _unit(one),
        )
        for name, one in dataset.coords.items()
        if one.ndim == 1 and one.dtype.kind in "fiu"
    }
    channels = {
        str(name): Channel(
            np.asarray(one.values),
            tuple("bias" if d.lower() == "bias" else d for d in map(str, one.dims)),
            _unit(one),
        )
        for name, one in dataset.data_vars.items()
    }
    return Measured(path.name, channels, axes, dict(dataset.attrs))


def _unit(variable: Any) -> str:
    return str(variable.attrs.get("units") or "")


def write_3ds(path: Path, grid: Measured) -> None:
    """Write the spectra of a grid, all channels over bias, y and x, in single precision.

    Raises
    ------
    InputError
        If the biases or places are not evenly spaced, in V and m.
    """
    spectra = {name: one for name, one in grid.channels.items() if set(one.dims) == {"bias", "y", "x"}}
    bias, x, y = (_even(grid, name, unit) for name, unit in (("bias", "V"), ("x", "m"), ("y", "m")))
    if len(spectra) < 2:
        raise InputError("a .3ds holds two channels at least over bias, y and x: the current and dI/dV")
    values = [
        np.moveaxis(one.values, [one.dims.index(d) for d in ("y", "x", "bias")], (0, 1, 2))
        for one in spectra.values()
    ]
    fixed = np.zeros((len(y), len(x), 2 + len(PARAMETERS)))
    fixed[..., 0], fixed[..., 1], fixed[..., 2], fixed[..., 3] = bias[0], bias[-1], x, y[:, None]
    ends = (0.5 * (x[0] + x[-1]), 0.5 * (y[0] + y[-1]), x[-1] - x[0], y[-1] - y[0], 0.0)
    header = {
        "Grid dim": f'"{len(x)} x {len(y)}"',
        "Grid settings": ";".join(f"{one:.9e}" for one in ends),
        "Filetype": "Linear",
        "Sweep Signal": '"Bias (V)"',
        "Fixed parameters": '"Sweep Start;Sweep End"',
        "Experiment parameters": f'"{";".join(PARAMETERS)}"',
        "# Parameters (4 byte)": fixed.shape[-1],
        "Experiment size (bytes)": 4 * len(bias) * len(spectra),
        "Points": len(bias),
        "Channels": f'"{";".join(f"{name} ({one.unit})" for name, one in spectra.items())}"',
        "Experiment": '"simulated"',
        "Comment": f'"{grid.notes.get("comment", "")}"',
        "Bias Spectroscopy>Sweep Start (V)": f"{bias[0]:.9e}",
        "Bias Spectroscopy>Sweep End (V)": f"{bias[-1]:.9e}",
    }
    text = "".join(f"{key}={value}\r\n" for key, value in header.items()) + ":HEADER_END:\r\n"
    path.write_bytes(text.encode() + np.concatenate([fixed, *values], axis=-1).astype(">f4").tobytes())


def _even(grid: Measured, name: str, unit: str) -> Any:
    values, given = grid.axes.get(name, (np.zeros(0), ""))
    if given != unit or len(values) < 2 or np.ptp(np.diff(values)) > 1e-6 * np.ptp(values):
        raise InputError(f"a .3ds has an evenly spaced axis {name} in {unit}, two points at least")
    return values
