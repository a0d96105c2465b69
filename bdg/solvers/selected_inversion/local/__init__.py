"""f(H) of large samples patch by patch.

From the bottom up: `cores` and `patches` (a sample cut into pieces with buffers around them), `decay` (how
far the inverse at a pole reaches), `division` (which poles share which patches), `territory` (the inverses of
all patches, and their differences where two have an entry), `determinants` (ln det core by core), `locality`
(the sum over poles, and its error).
"""

from bdg.solvers.selected_inversion.local.locality import Locality

__all__ = ["Locality"]
