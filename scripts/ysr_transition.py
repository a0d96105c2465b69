"""The bound state of a magnetic impurity against its coupling J, with Δ self-consistent: the 0-π transition.

Run it with no argument for a figure, ``ysr_transition.png``, and a table. For each J the loop starts from a
uniform Δ and from the state of the J before, upwards and then downwards: where the two differ both are
self-consistent, and the one of lower Ω is the ground state.
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import bdg

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 else 25
COUPLINGS = np.round(np.arange(0.0, 4.01, 0.25), 2)

sample = bdg.build_sample("square", [SIZE, SIZE], "periodic")
centre = sample.site_at([SIZE // 2, SIZE // 2])
measured = {"states": {"count": 1}, "grand_potential": {}, "magnetisation": {}}


def solve(coupling, before):
    impurity = bdg.Impurity((SIZE // 2, SIZE // 2), moment=(0, 0, coupling))
    model = bdg.build_model(
        sample, chemical_potential=-0.5, impurities=[impurity], attraction=2.5, temperature=0.02
    )
    starts = ["uniform"] if before is None else ["uniform", before]
    return bdg.solve(model, initial=starts, observables=measured)


found, last = {}, None
for coupling in [*COUPLINGS, *COUPLINGS[::-1]]:
    last = solve(coupling, last)
    known = found.get(coupling)
    if known is None or last["grand_potential"].values < known["grand_potential"].values:
        found[coupling] = last

print("    J   E of the bound state   spin   Δ at the impurity   moment of the sample")
rows = []
for coupling in COUPLINGS:
    result = found[coupling]
    # A level whose quasiparticle has spin up has crossed zero: it goes on below.
    spin = np.sign(round(float(result["state_spin_z"].values[0].sum()), 6))
    energy = float(result["states"].values[0])
    delta = float(result.fields.delta[centre].real)
    rows.append((coupling, -spin * energy if coupling else energy, delta))
    moment = float(result["magnetisation_z"].values.sum())
    print(f"{coupling:5.2f}   {energy:20.6f}   {spin:+4.0f}   {delta:17.6f}   {moment:20.6f}")

couplings, levels, deltas = np.array(rows).T
figure = Figure(figsize=(6.4, 6.0), layout="constrained")
upper, lower = figure.subplots(2, 1, sharex=True)
for sign in (1, -1):
    upper.plot(couplings, sign * levels, "o-", markersize=3, label="spin down" if sign > 0 else "spin up")
upper.axhline(0, color="#888888", linewidth=0.8)
upper.set(ylabel="Level (t)", title="Bound state of a magnetic impurity")
upper.legend()
lower.plot(couplings, deltas, "o-", markersize=3)
lower.axhline(0, color="#888888", linewidth=0.8)
lower.set(xlabel="Coupling J (t)", ylabel="Δ at the impurity (t)")
bdg.plot.save_figure(figure, Path("ysr_transition.png"))
