"""Keys of a configuration fitted to what a microscope measured.

::

    fit = bdg.fit("fesi.yaml", biases, didv, vary=["interaction.onsite", "observables.stm.broadening"])
    print(fit)  # interaction.onsite = 2.51 ± 0.02, …

The model is solved again at each trial, from the state of the last one; ``stm`` is measured alone where a key
does not touch the state.
"""

from bdg.fitting.configuration import fit
from bdg.fitting.keys import varied
from bdg.fitting.table import write_fit

__all__ = ["fit", "varied", "write_fit"]
