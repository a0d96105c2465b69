"""Results side by side: in what they differ, and tables of many.

============================== =======================================================
:mod:`bdg.records.differences` in what two results differ
:mod:`bdg.records.sweeps`      in what two studies differ, point by point
:mod:`bdg.records.citations`   the papers behind what a result used
:mod:`bdg.records.alignment`   one state in the gauge and the spin axes of another
============================== =======================================================
"""

from bdg.records.differences import Diff, diff
from bdg.records.sweeps import StudyDiff, diff_studies

__all__ = ["Diff", "StudyDiff", "diff", "diff_studies"]
