"""The macroscopic wave function Ψ = √n_s e^{iθ}: its evolution, its density, velocity and current, and its
loops.

iħ ∂Ψ/∂t = (1/2m)(−iħ∇ − qA)²Ψ + qφΨ, with one Ψ for all superelectrons, Ψ*Ψ = n_s.
"""

from bdg.theory.macroscopic.wave.evolution import Evolution, evolve
from bdg.theory.macroscopic.wave.expansion import expanded_kinetic_terms
from bdg.theory.macroscopic.wave.fluxoid import Fluxoid, loop_fluxoid, rectangle
from bdg.theory.macroscopic.wave.hamiltonian import hamiltonian
from bdg.theory.macroscopic.wave.josephson import (
    driven_current,
    josephson_current,
    josephson_frequency,
    shapiro_current,
    two_waves,
)
from bdg.theory.macroscopic.wave.madelung import (
    density,
    london_current,
    phase,
    supercurrent,
    velocity,
    wave_function,
)
from bdg.theory.macroscopic.wave.packets import mean_momentum, mean_position, wave_packet
from bdg.theory.macroscopic.wave.residuals import continuity_residual, energy_phase_residual
from bdg.theory.macroscopic.wave.ring import ring_current, ring_energy, ring_state

__all__ = [
    "Evolution",
    "Fluxoid",
    "continuity_residual",
    "density",
    "driven_current",
    "energy_phase_residual",
    "evolve",
    "expanded_kinetic_terms",
    "hamiltonian",
    "josephson_current",
    "josephson_frequency",
    "london_current",
    "loop_fluxoid",
    "mean_momentum",
    "mean_position",
    "phase",
    "rectangle",
    "ring_current",
    "ring_energy",
    "ring_state",
    "shapiro_current",
    "supercurrent",
    "two_waves",
    "velocity",
    "wave_function",
    "wave_packet",
]
