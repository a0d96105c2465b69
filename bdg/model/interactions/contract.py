"""The contract of a mean field.

Wick's theorem replaces an interaction by fields f = W y, linear in the correlators y conjugate to them, of
which H_f has the expectation value ⟨H_f⟩ = −w Re Σ f* y (:meth:`bdg.model.fields.Row.expectation`). Its
energy is bilinear, E = ½⟨H_f⟩ at f = W y, and Ω has the constant E − ⟨H_f⟩ besides the quasiparticles, which
makes it stationary in f at self-consistency: (M3), (M10), (M11) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.model.fields import TABLE, Row
from bdg.model.model import Model

Order = Literal["pairs", "magnetism", "charge"]
"""What may arise by itself: pairs; moments; a density, bonds or currents that differ from cell to cell."""


class Correlators(Protocol):
    """Expectation values by name: ``anomalous_density``, ``spin_density``, ``spin_flip`` of the sites,
    ``anomalous`` and ``normal`` of the bonds, with the shapes of the fields that are made of them.
    """

    def __getitem__(self, name: str, /) -> Any: ...


class MeanField(ABC):
    """A kind of mean field: one interaction in one channel of Wick's theorem.

    Attributes
    ----------
    field
        Its row in the table of fields; several kinds may add to one field.
    """

    field: ClassVar[str]

    @property
    def row(self) -> Row:
        """Its row in the table of fields."""
        return TABLE[self.field]

    @property
    def correlator(self) -> str:
        """Name of the correlator y that the field is made of."""
        assert self.row.conjugate is not None
        return self.row.conjugate[1]

    @abstractmethod
    def acts(self, model: Model) -> bool:
        """Whether the kind is on in a model: its field is self-consistent then."""

    @abstractmethod
    def made(self, model: Model, correlator: Any) -> Any:
        """The field W y that the interaction makes of its correlator, of the shape of its row."""

    @abstractmethod
    def gain(self, model: Model) -> float:
        """The most that the field changes by with an entry of f(H), in t."""

    def energy(self, model: Model, correlator: Any) -> float:
        """E = ½⟨H_f⟩ at f = W y, in t."""
        return 0.5 * self.row.expectation(self.made(model, correlator), correlator)

    def constant(self, model: Model, field: Any) -> float | None:
        """½ w Re Σ f* W⁻¹ f, what Ω has besides the quasiparticles, as a function of the field alone, in t.

        ``None`` where it is E − ⟨H_f⟩ in the state that the fields make, which is the same at
        self-consistency.
        """
        return None

    def newton(self, model: Model) -> scipy.sparse.csr_array | None:
        """Its block of the local Newton step: W_ij between sites, spins alike, ``(n_sites, n_sites)``.

        ``None`` where the step knows nothing of the field.
        """
        return None

    def favours(self, model: Model) -> frozenset[Order]:
        """Orders that the kind may make by itself, where nothing in H asks for them."""
        return frozenset()


class Pairing(MeanField):
    """A kind that makes pairs."""

    @abstractmethod
    def attracts(self, model: Model) -> NDArray[np.bool_]:
        """Sites or bonds where its pairs can hold themselves up."""

    def weighed(self, model: Model, one: Any, other: Any) -> Any:
        """Σ_g κ_g g* g′ of each site or bond, g and g′ its numbers in two fields, κ of the constant Σ κ|g|².

        ``None`` where the constant is no such sum.
        """
        return None

    def constant(self, model: Model, field: Any) -> float | None:
        """Σ_g κ_g |g|², where it is of that form."""
        sizes = self.weighed(model, field, field)
        return None if sizes is None else float(np.sum(np.real(sizes)))

    def favours(self, model: Model) -> frozenset[Order]:
        """Pairs, where it attracts any."""
        return frozenset({"pairs"} if self.attracts(model).any() else ())
