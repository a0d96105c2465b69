"""Configurations that the tests of this folder share."""

MINIMAL = """\
lattice: {kind: square, size: [4, 6]}
hamiltonian: {chemical_potential: 0}
"""

BONDS = (
    "[{from: 0, to: 1, offset: [0, 0], amplitude: 1},"
    " {from: 1, to: 1, offset: [-1, 1], amplitude: [0.3, -0.1]}]"
)
CUSTOM = f"""\
title: two orbitals
lattice:
  size: [3, 4]
  boundary: {{twist: 0.3}}
  cell:
    vectors: [[1, 0], [0, 2]]
    basis: [[0, 0], [0, 0]]
    hoppings: {BONDS}
    onsite: [0.5, -0.5]
  vacancies: [[2, 3, 1], [2, 3, 0]]
hamiltonian: {{filling: 1, impurities: [{{site: [0, 0, 1], potential: 2}}]}}
observables: {{ldos: {{energies: [0], sites: [[1, 1, 0]]}}}}
"""

FULL = """\
title: "Everything: at once"
units: {energy: 100 meV, length: 0.4nm, layer: 12 angstrom}
lattice:
  kind: square
  size: [24, 20]
  boundary: [periodic, {twist: 0.3}]
  region:
    difference:
      - union: [{disk: {radius: 10}}, {rectangle: {size: [4, 4.5], center: [1, 2]}}]
      - intersection:
          - {ring: {inner: 0, outer: 2}}
          - {half_plane: {point: [0, 0], normal: [1, -1]}}
          - {polygon: {points: [[0, 0], [5, 0], [0, 5]]}}
  vacancies: [[3, 4]]
hamiltonian:
  hopping: [1, -0.3]
  filling: 0.875
  onsite: .5
  impurities:
    - {site: [12, 12], potential: 4, moment: [0, -0.5, 1]}
    - {site: [0, 0]}
  disorder: {distribution: binary, width: 2, seed: 0x1f}
  zeeman: [0.2*x, 0, [{region: {disk: {radius: 5}}, value: 0.1}]]
  rashba: 0.3*x
  dresselhaus: [{region: {disk: {radius: 5}}, value: 0.1}]
  intrinsic_soc: 0.02
interaction:
  onsite: [{region: {disk: {radius: 5}}, value: 2.5}]
  bonds: [{shell: 1, value: 1.5}, {shell: 2, value: [{region: {disk: {radius: 5}}, value: 0.1*x}]}]
  channels: [d_x2_y2, triplet]
  fields: [pairing, hartree, fock]
field:
  vector_potential: [0.1, 0.2*sin(y)]
  uniform: 0.01
  gauge: symmetric
  flux: [{through: [6.5, 6.5], value: 3.14159}, {through: [2, 2], value: 1, radius: 2}]
  dipoles: [{position: [4, 4, 2], moment: [0, 0, 1]}]
temperature: 5e-2
solver: {method: diagonalization, tolerance: 1e-8, threads: 2, locality: false}
scf:
  {tolerance: 1.e-7, max_iterations: 50, mixer: pulay, history: 3, initial: [random, r.h5], seed: 7}
observables:
  order_parameter: {}
  anomalous_density: {}
  bond_order: {}
  density: {}
  magnetisation: {}
  spectral_gap:
  states: {count: 3}
  ldos: {energies: {start: -2, stop: 2, num: 11}, broadening: 0.1, sites: [[12, 12]],
    spin_axis: [1, 0, 0], tip: [0, 0.6, 0.8]}
  dos: {energies: [-1, 0, 1.5]}
  bands: {path: [[0, 0], [0, 0.5]], num: 11}
  spectral_function: {path: [Gamma, [0, 0.5]], num: 5, energies: [0, 0.5], broadening: 0.1}
  currents: {}
  current_spectrum: {energies: [0, 0.5]}
  loop_currents: {}
  flux: {}
  vortices: {}
  meissner: {surface: 3}
  magnetisation_curve: {stop: 0.2, num: 5}
  superfluid_weight: {method: exact, relax: true}
  superflow: {stop: 0.2, num: 5, axis: 1}
  persistent_current: {num: 5, axis: 1}
  bkt_temperature: {}
  vortex_energy: {along: [[2, 6], [6, 6]], winding: -1}
  impurity_energy: {potential: 1, sites: [[1, 1]], hold_vortices: true}
  phase_slip: {winding: -1, images: 15, axis: 0}
  xy_model: {copies: [1, 2, 4], sweeps: 4000, num: 5, window: 0.06, follow: true, seed: 0}
  critical_temperature: {lowest: 0.01, tolerance: 1e-6, count: 2}
  conductivity: {energies: [0, 0.5]}
  susceptibility: {channel: spin, wave_vectors: [[0, 0]], sources: [[12, 12]], axis: x}
  collective_modes: {channel: phase, pattern: order_parameter, energies: [0, 0.5], broadening: 0.1,
    wave_vectors: [[0, 0]], map_energies: [0.5], accuracy: 1e-3}
  dynamical_conductivity: {energies: [0, 0.5], broadening: 0.1, wave_vectors: [[0, 0]], accuracy: 1e-3}
  nmr: {broadening: 0.1}
  field_distribution: {num: 11, resolution: 0.2}
  current_phase: {stop: 3.14, num: 5, axis: 1, at: 8.5, leads: 2, levels: 3}
  fraunhofer: {stop: 2, num: 5, phases: 8, axis: 1, at: 8.5, leads: 2}
  squid: {stop: 2, num: 5, phases: 8, leads: semi_infinite}
  conductance: {energies: [0, 0.5], axis: 1}
  grand_potential: {}
  entropy: {}
  internal_energy: {}
  specific_heat: {}
  condensation_energy: {}
  stability: {count: 2}
  pfaffian: {}
  chern: {mesh: 8}
  bott: {}
  local_chern_marker: {}
  spectral_localizer: {sites: [[12, 12]], radius: 5, kappa: 0.1}
  zero_modes: {count: 4, below: 1e-6}
  majorana_polarisation: {count: 3}
output: results/full.h5
"""
