"""The contract of a mean field."""

from __future__ import annotations

from typing import Any, Protocol

from bdg.model.fields import Fields
from bdg.model.model import Model


class Correlators(Protocol):
    """Expectation values by name: ``anomalous_density``, ``spin_density``, ``spin_flip`` of the sites,
    ``anomalous`` and ``normal`` of the bonds, with the shapes of the fields that are made of them.
    """

    def __getitem__(self, name: str, /) -> Any: ...


class MeanField(Protocol):
    """A kind of mean field: from correlators to the field, and to what Ω counts twice.

    Attributes
    ----------
    field
        Its row in the table of fields.
    part
        The part of Ω that its constant belongs to, ``pairing``, ``hartree``, …
    meaning
        What that part is called.
    """

    field: str
    part: str
    meaning: str

    def acts(self, model: Model) -> bool:
        """Whether the field is self-consistent in a model."""

    def made(self, model: Model, correlators: Correlators) -> Any:
        """The field that the interactions make."""

    def gain(self, model: Model) -> float:
        """The most that the field changes by with an entry of f(H), in t."""

    def constant(self, model: Model, fields: Fields, correlators: Correlators) -> float:
        """What Ω has besides the quasiparticles: E_int − ⟨H_mf⟩, in t."""
