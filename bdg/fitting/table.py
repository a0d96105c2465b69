"""A fit as a file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from bdg.measured import CurveFit


def write_fit(path: str | os.PathLike[str], fit: CurveFit, *, unit: str = "t/e") -> None:
    """Write a fit as a table: remarks with the parameters, then bias, measured, fitted and residual.

    Parameters
    ----------
    path
        A .csv, which :func:`bdg.measured.read` reads.
    fit
        The fit.
    unit
        Of the biases.
    """
    lines = ["parameter, value, half width of the 95 % interval"]
    lines += [f"{name}, {value:.10g}, {_width(fit, name)}" for name, value in fit.values.items()]
    names = list(fit.intervals)
    lines += ["correlation, " + ", ".join(names)]
    lines += [
        f"{name}, " + ", ".join(f"{one:.4f}" for one in row)
        for name, row in zip(names, fit.correlation, strict=True)
    ]
    lines += [
        f"residual (root mean square), {fit.residual:.6g}",
        *(f"warning: {one}" for one in fit.warnings),
    ]
    head = "".join(f"# {line}\n" for line in lines)
    columns = np.column_stack([fit.biases, fit.measured, fit.curve, fit.residuals])
    rows = "".join(",".join(f"{one:.10g}" for one in row) + "\n" for row in columns)
    Path(path).write_text(f"{head}bias ({unit}),measured,fitted,residual\n{rows}", "utf-8")


def _width(fit: CurveFit, name: str) -> str:
    return f"{fit.intervals[name]:.4g}" if name in fit.intervals else "fixed"
