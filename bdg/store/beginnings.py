"""How results begin: the axes and the sample, which are the same in all results of a sample.

Half of the objects of a small result describe its sample. Where one sample has several results, as in a
sweep, this half is made once, and the others begin with a copy of its bytes.
"""

from __future__ import annotations

import io
import weakref
from typing import Any

from bdg.lattice import Sample
from bdg.result import Units
from bdg.store.files import empty_hdf5
from bdg.store.groups.objects import new_group
from bdg.store.groups.samples import SHARED, write_sample, write_shared_scales

LARGEST = 100_000
"""Sites and bonds of a sample up to which its beginning is kept."""

_last: tuple[Any, Units | None, bytes] = (lambda: None, None, b"")
"""The sample of the last result, by a weak reference, its units, and how results of it begin."""


def beginning(sample: Sample, units: Units | None) -> bytes:
    """The bytes of a result up to its sample; empty for the first result of a sample."""
    global _last
    known, known_units, image = _last
    if known() is not sample or known_units != units:
        image = b""
    elif not image and sample.n_sites + sample.n_bonds <= LARGEST:
        made = io.BytesIO()
        with empty_hdf5(made, "result") as file:
            begin(file, sample, units)
        image = made.getvalue()
    _last = weakref.ref(sample), units, image
    return image


def begin(file: Any, sample: Sample, units: Units | None) -> dict[str, Any]:
    """Write the axes and the sample into a file that does not have them yet; the axes."""
    if "sample" in file:
        return {name: file[name] for name in SHARED}
    shared = write_shared_scales(file, sample)
    write_sample(new_group(file, "sample"), sample, shared, units)
    return shared
