"""The ground state among several starts: each is run to self-consistency, then energies decide."""

from bdg.ground_state.ranking import Candidate, energy_of, ranked, same_state
from bdg.ground_state.search import Attempt, GroundState, Progress, Start, Watch, search

__all__ = [
    "Attempt",
    "Candidate",
    "GroundState",
    "Progress",
    "Start",
    "Watch",
    "energy_of",
    "ranked",
    "same_state",
    "search",
]
