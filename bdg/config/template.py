"""The configuration that ``bdg init`` writes: every key with its meaning, ready to run."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bdg.observables.contract import Contract

WIDTH = 110
"""Characters of a line."""

SHOWN = ("order_parameter", "density", "spectral_gap", "ldos", "stm")
"""Observables that the template spells out."""

_ASCII = str.maketrans(
    {
        "Δ": "Delta", "Ω": "Omega", "λ": "lambda", "η": "eta", "σ": "sigma", "ω": "omega", "π": "pi",
        "φ": "phi", "μ": "mu", "Φ": "Phi", "ħ": "hbar", "⟨": "<", "⟩": ">", "↑": "_up", "↓": "_down",
        "²": "^2", "−": "-", "–": "-", "†": "^dagger", "·": "*", "×": "x", "∂": "d", "Σ": "sum", "ρ": "rho",
    }
)  # fmt: skip


def template() -> str:
    """YAML with comments, a line for each observable there is; reads as a configuration as it stands."""
    from bdg.observables import contracts  # late: it takes NumPy and Numba to import

    others = (one for name, one in contracts().items() if not (name in SHOWN or one.has_own_section))
    return _TEMPLATE.replace("{others}", "\n".join(line for one in others for line in _lines(one)))


def _lines(contract: Contract) -> list[str]:
    """An observable, off by default, and what it is: behind it where there is room, else below."""
    key = f"  # {contract.name}: {contract.example or _defaults(contract)}"
    title = contract.title.rstrip(".").translate(_ASCII).encode("ascii", "replace").decode()
    if max(len(key) + 2, 30) + len(title) + 3 <= WIDTH:
        return [f"{key:30} # {title}" if len(key) <= 30 else f"{key}   # {title}"]
    indent = " " * 31 + "# "
    return [key, *textwrap.wrap(title, WIDTH, initial_indent=indent, subsequent_indent=indent)]


def _defaults(contract: Contract) -> str:
    """The parameters of an observable as YAML: defaults, and an ellipsis for what has none."""
    examples = {name: form.example for name, form in contract.forms.items()}
    values = {name: _written(value) for name, value in contract.defaults.items() if value is not None}
    parts = (f"{name}: {examples[name] or value}" for name, value in values.items())
    return "{" + ", ".join(parts) + "}"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    return f"{value:g}" if isinstance(value, float) else "..." if value is ... else str(value)


_TEMPLATE = """\
# A configuration of bdg. Energies are in units of the hopping t, lengths in lattice constants,
# and hbar = k_B = e = 1. Keys behind a single '#' are alternatives or off by default. A VALUE is a number, a
# formula of the site's position such as 0.3*cos(pi*x) or 2.5 if 4 <= x < 12 else 0, or a list
# [{region: ..., value: ...}], 0 outside of all regions; or a list with a number for each orbital of the
# cell, or for each site; or {file: values.npy}, {file: values.h5, dataset: name}.

title: An impurity in an s-wave superconductor   # for figures and file listings

# units:                       # what t and a are in the laboratory: outputs gain SI axes, and any number may
                               # carry a unit: -50 meV, 10 K, 150 mV, 4 nm, 1 T, 20 T nm (vector potential)
#   energy: 100 meV            # the unit of energy: eV, meV, ueV, K or J
#   length: 0.4 nm             # the lattice constant: m, nm, um or angstrom
#   layer: 1.2 nm              # spacing of the layers of a stacked 2D lattice

lattice:
  kind: square                 # chain, square, triangular, honeycomb, kagome, lieb or cubic; or a cell:
  # cell:                      # its own vectors, orbitals, and hoppings t in -t c^dagger_to c_from
  #   vectors: [[1, 0], [0, 1]]
  #   basis: [[0, 0], [0.5, 0.5]]   # places of the orbitals; with several, a site is [x, y, orbital]
  #   hoppings: [{from: 0, to: 1, offset: [0, 0], amplitude: 1.0}]   # each bond once; [re, im] if complex
  #   onsite: [0, 0]           # energies of the orbitals
  # wannier90: {file: seedname_hr.dat, vectors: [...], centres: [...], cutoff: 0, energy_unit: 1}   # in eV
  #   # or seedname_tb.dat, which has vectors and centres. wsvec: auto (the seedname_wsvec.dat beside it)
  #   # Functions with spin: spinors: interleaved (up, down, up, ...), blocks or none; or down: a second file
  size: [16, 16]               # unit cells along each direction
  boundary: periodic           # open, periodic or {twist: phase}; or a list, one for each direction;
                               # {bloch: 32, shift: 0.5}: infinite, 32 momenta shifted by half a step.
                               # Check their number by doubling it or by the other shift: too few make the
                               # DOS wiggle, and shift Delta where T is below the spacing of the levels
  # region: {disk: {radius: 7}}   # keep only the sites inside. Shapes, in the plane for example:
  #   {rectangle: {center: [x, y], size: [w, h]}}
  #   {disk: {center: [x, y], radius: r}}        (centre: the middle of the sample by default)
  #   {ring: {center: [x, y], inner: r1, outer: r2}}
  #   {polygon: {points: [[x, y], ...]}}
  #   {half_plane: {point: [x, y], normal: [x, y]}}   (where the normal points away from)
  #   {picture: {file: island.png, inside: dark}}   (its dark pixels; center and size: the whole block)
  #   {union: [...]}, {intersection: [...]}, {difference: [first, minus, ...]}
  vacancies: []                # cells without a site, such as [[3, 4]]; coordinates count from 0

hamiltonian:
  hopping: 1.0                 # t in -t c^dagger c; a list by shell of neighbours; or bonds as in a cell
  chemical_potential: -0.5     # mu; or give filling, never both
  # filling: 0.875             # electrons per site, between 0 and 2; mu is found
  onsite: 0.0                  # VALUE of the on-site energy
  impurities:                  # sites that differ; moment adds a classical spin, +m sigma
    - {site: [8, 8], potential: 4.0, moment: [0, 0, 0]}
  # disorder:                  # random on-site energies
  #   distribution: uniform    # uniform on [-width/2, width/2], normal or binary (+-width/2)
  #   width: 2.0               # the standard deviation if normal
  #   seed: 0                  # of the random numbers
  #   region: {disk: {radius: 5}}   # where; by default everywhere
  zeeman: [0, 0, 0]            # h in -h sigma, each component a VALUE
  rashba: 0                    # VALUE of alpha in alpha (sigma x sin k)_z, between nearest neighbours
  dresselhaus: 0               # VALUE of beta in beta (sigma_x sin k_x - sigma_y sin k_y), likewise
  intrinsic_soc: 0             # VALUE of the Kane-Mele coupling of second neighbours on a honeycomb
  # spin_hopping:              # an altermagnet: hopping t + m for spins along the axis, t - m against it
  #   d_x2_y2: 0.2             # VALUE of m along x, -m along y; or d_xy (with shell: 2), s_extended
  #   axis: [0, 0, 1]          # direction of the spins
  # terms: {wave: {amplitude: 0.3}}   # terms of installed packages by name, with their parameters

interaction:
  onsite: 2.5                  # VALUE of the attraction U > 0 in -U n_up n_down; U < 0 repels
  # bonds: [{shell: 1, value: 1.0, exchange: 0.4}]   # VALUEs of V > 0 in -V n_i n_j and J in J S_i S_j;
                               # shell: within is between orbitals that share a place. In place of a shell
                               # one bond of each cell, {from: 0, to: 0, offset: [1, 0], value: 1.0}, or a
                               # table of lines R i j V: {file: V.dat, factor: 1}. All entries add up
  # orbitals: {value: 0, hund: 0, pair_hopping: 0}   # VALUEs between orbitals that share a place: U' as U,
                               # Hund's J_H > 0, and J' of pairs that hop between them (J' > 0 favours
                               # Delta of opposite signs on the two, J' < 0 of equal ones)
  # channels: [singlet]        # of pairs on bonds: singlet, triplet, triplet_z (d along z), or a symmetry to
                               # start from, named as under given
  fields: [pairing]            # self-consistent fields: pairing, hartree, fock (of bonds)
  # bond_fields: [pairing]     # those of the interactions between neighbours, where they are others
  magnetism: auto              # may arise by itself: off, collinear (along z), noncollinear, or auto
  # given: {onsite: 0.3}       # VALUE of a fixed order parameter instead of an attraction; may be complex
  # On bonds it has a symmetry: {s_extended: VALUE}, {d_x2_y2: VALUE}, {d_xy: VALUE}, {d_id: VALUE} (d + id),
  #   {p_x: VALUE}, {p_y: VALUE}, {p_z: VALUE}, {chiral_p: VALUE}. Beside these there may be
  #   shell: 1 (of the bonds; or within), d_vector: [0, 0, 1] (of triplets), phase: VALUE, region: SHAPE

# field:
#   vector_potential: [0.1, 0] # in hbar/(e a), numbers or expressions in x, y, z, one for each direction
#   uniform: 0.01              # B along z in hbar/(e a^2); gauge: landau or symmetric
#   flux: [{through: [3.5, 3.5], value: 3.14159}]   # in hbar/e, 2 pi is one h/e; with radius: 2 a solenoid
#   dipoles: [{position: [4, 4, 2], moment: [0, 0, 1]}]
#   applied: 0.01              # B along z that the currents of the sample screen, with
#   screening: {mu0: 0.03, geometry: cylinder}      # or slab, film; mu0: physical is that of units
#   vortex_lattice: {vortices: 2, geometry: triangular}   # in a periodic or infinite sample; or square

temperature: 0.05              # k_B T; 0 without this key

solver:
  method: auto                 # auto, diagonalization or selected_inversion
  tolerance: 1e-10             # largest error of an entry of the density matrix
  threads: auto                # a number, or auto: the cores, or fewer by OMP_NUM_THREADS
  locality: true               # large samples patch by patch, as far as f(H) decays; false: in one piece

scf:
  tolerance: 1e-8              # largest change of a field at which the loop ends
  max_iterations: 200          # before it gives up
  checkpoint: 60               # seconds between checkpoints while it runs; 0: after every iteration
  mixer: anderson              # anderson, pulay or linear
  damping: 1.0                 # share of the new fields that is mixed in, up to 1
  history: 10                  # iterations that anderson and pulay remember
  initial: uniform             # uniform, random, normal (Delta = 0), vortex, {delta: VALUE}, {d_id: VALUE}
                               # (pairs on bonds, by symmetry) or a result's FILE.h5; or a list: every start
                               # is run, and the best state measured
  # A first magnetisation, where magnetism may arise, alone or beside these: {magnetisation: staggered}, or
  #   random, a VALUE along z, or [VALUE, VALUE, VALUE]; a first density likewise, {density: staggered}
  leave_saddles: true          # continue where the energy still falls, as from Delta = 0 below T_c
  seed: 0                      # of the random starts

observables:                   # what to compute; without this key order_parameter, density,
                               # and of pairs on bonds bond_order
  order_parameter: {}          # Delta of each site
  density: {}                  # electrons on each site
  spectral_gap: {}             # lowest quasiparticle energy
  ldos:                        # local density of states
    energies: {start: -2, stop: 2, num: 201}   # or an ascending list
    broadening: 0.05           # Lorentzian half width
    sites: [[8, 8], [0, 0]]    # all, or a list of cells
    # spin_axis: [0, 0, 1]     # along which up and down are distinguished
    # tip: [0, 0, 0.5]         # polarisation of a spin-polarised tip
  # stm: {biases: {start: -1, stop: 1, num: 101}, broadening: 0.01 + 0.1*abs(E), accuracy: 1e-6}
                               # dI/dV and I of a scanning tunnelling microscope. Of the lock-in amplifier the
                               # key modulation: {rms: 0.01} or {peak: 0.014}; a feedback loop's
                               # key set_point: {bias: 1.0, current: 0.1, decay: 2.0}; and the
                               # key tip: {delta: 0.2, broadening: 0.01, temperature: 0.02}, superconducting,
                               # or {dos: {file: tip.txt, unit: 1 meV}}, polarisation: [0, 0, 0.5], and of one
                               # at a height: 1.0 the decay: 2.0, shape: d_x2_y2, orbitals: [1]; or the
                               # tails: [[0, 0, 0, 1.0], [0, 1, 0, 0.3]] of Wannier functions (orbital, x, y,
                               # amplitude at the tip; or a file), interference: true
{others}

# dynamics: {until: 100, every: 0.5, tolerance: 1e-6}   # the state in time, from the self-consistent one on:
                               # the last time, the time between two records, in hbar/t, and the error of the
                               # orbitals per unit of time. What changes with time are the
                               # key interaction: 2/3, a factor of all interactions, a formula in t;
                               # key potential: 0.5*exp(-(x - 0.1*t)**2), an energy on each site;
                               # key vector_potential: [0, 0.1*sin(t)], A(t) of each direction, in hbar/(e a);
                               # key pulse: {amplitude: 0.1, frequency: 1, center: 20, width: 5,
                               # direction: [1, 0], phase: 0}, a uniform pulse of A; and the
                               # key voltage: {value: 0.1, amplitude: 0, frequency: 1, axis: 0, at: 7.5}, in
                               # t/e, across a cut: a constant and an alternating part

# sweep:                       # bdg sweep: a run for every combination of the values of these keys
  # temperature: {start: 0.02, stop: 0.2, num: 10, spacing: linear}   # or log; both ends included
  # interaction.onsite: [2, 2.5, 3]   # any dotted key
  # hamiltonian.disorder.seed: {count: 20, first: 0}
  # zip: [[temperature, interaction.onsite]]   # keys that advance together
  # derived: {hamiltonian.chemical_potential: 0.1 * onsite - 1}   # formulas in the swept keys
  # where: temperature < onsite / 10   # points that are left out do not fulfil this
  # follow: temperature        # start each point from the fields of the one before along this key
  # direction: forward         # or backward, or both: two branches of every point
  # starts: [uniform, normal]  # branches, starts as in scf.initial; or {name: start}
  # refine:                    # points are added where a quantity changes fast; or find, spread, until
    # keys: [temperature]      # one key, or two for a map
    # quantity: largest_delta  # a single number of the results, or a formula with several
    # tolerance: 0.05          # the largest difference between neighbours
    # halvings: 4              # of an interval of the grid
    # at_most: 1000            # points
  # find:                      # where along a key something happens, for each point of the others
    # key: hamiltonian.chemical_potential
    # between: [-1, 0]
    # quantity: spectral_gap
    # at: value                # or onset (of an order parameter), maximum, minimum, crossing of branches
    # value: 0.2
    # tolerance: 1e-3
    # over: hamiltonian.disorder.seed   # of the mean over these
    # at_most: 40
  # spread:                    # states of neighbours are tried at every point until no energy falls
    # keys: [temperature, interaction.onsite]
    # at_most: 20              # trials at one point
  # until:                     # seeds are added until the standard error of a mean is small enough
    # quantity: spectral_gap
    # error: 2e-3
    # at_most: 100
    # over: hamiltonian.disorder.seed   # by default the only key with a count

# output: results/impurity.h5  # by default results/ and the name of this file
"""
