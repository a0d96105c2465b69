r"""Units, signs and the Nambu order, in one place.

Units
    ħ = k_B = e = a = 1; energies in units of the hopping t.

Charge
    Electrons carry q = −e. The flux quantum of pairs is Φ₀ = h/2e = π; a single electron
    sees h/e = 2π as a period.

Kinetic energy
    H₀ = −Σ t_ij e^{iφ_ij} c†_iσ c_jσ + Σ (ε_i − μ) n_iσ, the phase φ_ij = (q/ħ) ∫_{r_j}^{r_i} A·dl
    belonging to the hop j → i.

Gauge
    c_i → e^{iχ_i} c_i, φ_ij → φ_ij + χ_i − χ_j, Δ_i → e^{2iχ_i} Δ_i. With q = −e the pair phase
    winds −1 for each +h/2e of flux.

Twist
    A twist φ is ψ(r + L) = e^{iφ} ψ(r), Δ(r + L) = e^{2iφ} Δ(r): a uniform vector potential φ/L up to the
    gauge, for every Δ, given, started from or found, whose phase grows evenly by 2φ less whole 2π along L.

Interaction
    H_int = −Σ U_i n_i↑ n_i↓ − Σ_bonds V_ij n_i n_j, each bond once, with U, V > 0 attractive.

Pairing
    H_Δ = Σ_i Δ_i c†_i↑ c†_i↓ + h.c., Δ_i = −U_i ⟨c_i↓ c_i↑⟩ = U_i ⟨c_i↑ c_i↓⟩. On bonds i → j
    H_Δ = Σ_bonds Σ_σσ' Δ_iσ,jσ' c†_iσ c†_jσ' + h.c., Δ_iσ,jσ' = −V_ij ⟨c_jσ' c_iσ⟩.

Hartree
    −U_i ⟨n_i,−σ⟩ acts on n_iσ; where spins mix, +U_i ⟨c†_i↓ c_i↑⟩ on c†_i↑ c_i↓.
    Bonds: −V_ij ⟨n_j⟩ on n_i; the Fock field +V_ij ⟨c†_jσ' c_iσ⟩ on c†_iσ c_jσ'.

Spin
    Zeeman H_Z = −Σ h_i · σ_i, classical spin H_S = +J S_i · σ_i; Rashba α (σ × sin k)_z, which is
    (iα/2)(σ_x D_y − σ_y D_x) for the hop j → i along D.

Nambu order
    Spin-collinear: Ψ_i = (c_i↑, c†_i↓), two degrees of freedom (dofs) an orbital. General:
    (c_i↑, c_i↓, c†_i↓, −c†_i↑), four, so that a singlet Δ is Δ·1. In both
    ⟨Ψ†_b Ψ_a⟩ = f(H)_ab, with f(0) = ½ at T = 0.

Grand potential
    Collinear: Ω = ½(tr h_↑ + tr h_↓) − Σ_n T ln 2cosh(E_n/2T) + constants, n over all 2N levels.
    General: Ω = ½ tr h − ½ Σ_n T ln 2cosh(E_n/2T) + constants, n over all 4N levels.
    F = Ω + μN.

Currents
    J = −∂Ω/∂A_ij for a bond oriented i → j, A_ij = ∫_i^j A·dl: the charge flowing i → j, in e t/ħ.

Topology
    C = (1/2π) ∫ d²k Ω, Ω = −2 Im Σ ⟨∂_x u|∂_y u⟩ over the states below zero of the general Nambu space; with
    C > 0, C Majorana modes run clockwise along an outer edge. Pfaffians are positive where the ground state
    has an even number of electrons.
"""

ELECTRON_CHARGE = -1.0
"""Charge q of an electron in units of e."""

# The SI defines e and k_B exactly, and h, of which ħ is rounded.
ELEMENTARY_CHARGE = 1.602176634e-19
"""e in C."""

BOLTZMANN = 1.380649e-23
"""k_B in J/K."""

PLANCK = 6.62607015e-34
"""h in J s."""

HBAR = 1.054571817e-34
"""ħ in J s."""

ELECTRON_MASS = 9.1093837e-31
"""m of an electron in kg."""
