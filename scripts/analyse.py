"""Read a result and look into it: a starting point for an analysis of your own.

usage: python scripts/analyse.py results/quickstart.h5
"""

import sys
from pathlib import Path

import numpy as np

import bdg

path = Path(sys.argv[1] if len(sys.argv) > 1 else "results/quickstart.h5")
result = bdg.load(path)
delta = np.abs(result.fields.delta)

print(f"{result.title}: {result.sample.n_sites} sites, T = {result.temperature} t, {result.status}")
print(f"order parameter: mean {delta.mean():.6f} t, from {delta.min():.6f} to {delta.max():.6f} t")
weakest, strongest = int(delta.argmin()), int(delta.argmax())
print(f"weakest at cell {result.sample.cells[weakest]}, strongest at {result.sample.cells[strongest]}")

names = result.quantities()
if "spectral_gap" in names:
    gap = float(names["spectral_gap"].values)
    print(f"spectral gap: {gap:.6f} t" + (f", {gap / delta.mean():.3f} of the mean Δ" if delta.any() else ""))
if "ldos" in names and "site" in names["ldos"].dims:
    ldos = names["ldos"]
    energies = ldos.coords["energy"].values
    for label, site in (("weakest", weakest), ("strongest", strongest)):
        peak = energies[np.argmax(ldos.values[:, site])]
        print(
            f"LDOS at the {label} site: {np.trapezoid(ldos.values[:, site], energies):.4f} states,"
            f" peak at {peak:.3f} t"
        )

figure = bdg.plot.plot(result, "delta")
bdg.plot.save_figure(figure, path.with_name(f"{path.stem}_order_parameter.png"))
