"""Figures of London's theory, the macroscopic wave function, Ginzburg and Landau's, and the bridge."""

from bdg.plot.macroscopic.bridge import london_beside_bdg
from bdg.plot.macroscopic.ginzburg_landau import critical_fields, film_state, slab_in_field, vortex_profiles
from bdg.plot.macroscopic.london import cross_section, screening
from bdg.plot.macroscopic.loops import josephson_steps, ring_states
from bdg.plot.macroscopic.wave import wave_frames

__all__ = [
    "critical_fields",
    "cross_section",
    "film_state",
    "josephson_steps",
    "london_beside_bdg",
    "ring_states",
    "screening",
    "slab_in_field",
    "vortex_profiles",
    "wave_frames",
]
