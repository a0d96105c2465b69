"""Studies: a run for every combination of values of some keys, in parallel, kept and collected."""

from bdg.studies.collection import Collection, collect
from bdg.studies.study import Study, open_study, study_of
from bdg.studies.sweeping import sweep

__all__ = ["Collection", "Study", "collect", "open_study", "study_of", "sweep"]
