"""Studies: a run for every combination of values of some keys, in parallel, kept and collected."""

from bdg.studies.collected.branches import best, coexistence, transition
from bdg.studies.collected.collection import Collection, collect
from bdg.studies.study import Study, open_study, study_of
from bdg.studies.sweeping import sweep

__all__ = [
    "Collection",
    "Study",
    "best",
    "coexistence",
    "collect",
    "open_study",
    "study_of",
    "sweep",
    "transition",
]
